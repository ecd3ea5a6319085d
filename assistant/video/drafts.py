"""Events: what is seen, written and said in a moment, quoted or condensed.

What is seen and written is told as it is. Speech that is short enough is quoted; of more than
that, the best is quoted, or a language model condenses it into a sentence, where every word of
that sentence is carried by what was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from assistant.types import Claim, Evidence, VideoEvent
from assistant.video import wording
from assistant.video.composing import Composer
from assistant.video.moments import Moment, goes_on, spoken
from assistant.video.orders import gives_order
from assistant.video.salience import empty
from assistant.video.statements import Statement, numbers

_LITTLE: Final = 3  # words or characters on screen that do not stand for what is seen
_LINES: Final = 6  # on screen that an event quotes
_ACTIONS: Final = 3  # that an event tells
_SHOWN: Final = 14  # lines of speech that a language model is shown


class Cache(Protocol):
    """Keeps what was written, so that nothing is written again after an interruption."""

    def get(self, key: str) -> Any | None:
        """The JSON value that was kept under a key, or None."""

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event before it is worded."""

    moment: Moment
    scenes: tuple[Statement, ...]
    actions: tuple[Statement, ...]
    lines: tuple[Statement, ...]
    speech: tuple[Statement, ...]  # what is quoted
    left_out: float  # how much more is said than is quoted, as a share of what can be told

    def event(self, language: str, condensed: Claim | None = None) -> VideoEvent:
        """The event; with `condensed` in the place of what is said."""
        shown = (*self.scenes, *self.actions)
        parts = [wording.seen(one, language) for one in shown]
        carried = set(numbers((*shown, *self.lines)))
        if self.lines:
            parts.append(wording.written(self.lines, language))
        if condensed is not None:
            parts.append(condensed.text)
            carried |= set(condensed.evidence)
        elif self.speech:
            parts.append(wording.said(self.speech, language))
            carried |= set(numbers(self.speech))
        return VideoEvent(
            start=self.moment.start,
            end=self.moment.end,
            text=wording.sentence_of(parts, language),
            evidence=tuple(sorted(carried)),
        )


@dataclass
class Writer:
    """Words drafts, with a language model where there is one."""

    evidence: Sequence[Evidence]
    language: str
    composer: Composer | None = None
    cache: Cache | None = None
    written: int = 0  # events that the language model condensed
    _by: Mapping[int, Evidence] = field(init=False)

    def __post_init__(self) -> None:
        self._by = {one.number: one for one in self.evidence}

    def event(self, draft: Draft, *, condense: bool) -> VideoEvent:
        """The event of a draft, its speech condensed where that is wanted and succeeds.

        Raises:
            Cancelled
        """
        condensed = self._condensed(draft) if condense else None
        self.written += condensed is not None
        return draft.event(self.language, condensed)

    def _condensed(self, draft: Draft) -> Claim | None:
        if self.composer is None:
            return None
        key = f"event at {draft.moment.start:.3f}"
        known = self.cache.get(key) if self.cache is not None else None
        if known is None:
            lines = self._shown(draft)
            claim = self.composer.sentence(lines) if lines else None
            known = {"text": claim.text, "evidence": claim.evidence} if claim is not None else {}
            if self.cache is not None:
                self.cache.put(key, known)
        if not known:
            return None
        return Claim(text=known["text"], evidence=tuple(known["evidence"]))

    def _shown(self, draft: Draft) -> list[Evidence]:
        """The lines of speech that a language model may condense; orders to it are not among."""
        speech = [one for one in draft.moment.of("speech") if not empty(one)]
        ordering = set(numbers(one for one in speech if gives_order(one.text)))
        spoken = [number for number in numbers(speech) if number not in ordering]
        return [self._by[number] for number in spoken][:_SHOWN]


def drafted(cut: Sequence[Moment], scored: Mapping[Statement, float]) -> Iterator[Draft]:
    """Drafts of the moments of which there is something to tell.

    Args:
        scored: how much each spoken statement tells.
    """
    before: Statement | None = None
    for moment in cut:
        scenes = tuple(one for one in moment.of("scene") if not goes_on(before, one))[:1]
        before = next(reversed(moment.of("scene")), before)
        actions = moment.of("action")[:_ACTIONS]
        lines = moment.of("text")[:_LINES]
        useful = [one for one in moment.of("speech") if not empty(one)]
        speech = _best(moment.of("speech"), scored)
        if sum(one.length for one in lines) > _LITTLE and (speech or len(lines) > 1):
            scenes = ()
        if scenes or actions or lines or speech:
            yield Draft(
                moment=moment,
                scenes=scenes,
                actions=actions,
                lines=lines,
                speech=tuple(speech),
                left_out=spoken(useful) - spoken(speech) if len(useful) > len(speech) else 0.0,
            )


def _best(speech: Sequence[Statement], scored: Mapping[Statement, float]) -> list[Statement]:
    """The statements that tell most and fit together, in order of time."""
    chosen: list[Statement] = []
    room: float = 1.0
    for one in sorted(speech, key=lambda one: -scored.get(one, 0.0)):
        share = spoken([one])
        if empty(one) and (chosen or len(speech) > 1):
            continue
        if share <= room or not chosen:
            chosen.append(one)
            room -= share
    return sorted(chosen, key=lambda one: one.start)
