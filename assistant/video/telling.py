"""Tells what happens in a video from its evidence: parts of three minutes, then the whole.

Every claim names the evidence that carries it. What a language model writes is checked against
that evidence (`citing`) and dropped where it says more; the extractive result stands in for
whatever is missing, part by part, so that there is always an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.errors import InputError
from assistant.events import Progress
from assistant.interfaces import Cancel, ChatModel, TextEncoder
from assistant.types import Claim, Evidence, VideoEvent, VideoSummary
from assistant.video import extractive
from assistant.video.chapters import chapters
from assistant.video.composing import Composer
from assistant.video.drafts import Cache, Draft, Writer, drafted
from assistant.video.measures import Facts
from assistant.video.moments import Moment, moments
from assistant.video.statements import Statement, statements

_PART: Final = 180.0  # s that are told at once
_REST: Final = 60.0  # s; a shorter last part belongs to the one before
_EVENTS: Final = 75  # of a whole video
_MOST, _LEAST = 15, 3  # events of a part


def tell(
    evidence: Sequence[Evidence],
    facts: Facts,
    *,
    language: str,
    chat: ChatModel | None = None,
    encoder: TextEncoder | None = None,
    cache: Cache | None = None,
    cancel: Cancel | None = None,
    most_condensed: int | None = None,
) -> Iterator[Progress | VideoSummary]:
    """Yield how far it is, at last the summary: topic, three sentences, timeline, chapters.

    Args:
        evidence: of the whole video, measures (`measures.measures`) among it.
        language: of the result; what was said in another one is quoted in that.
        chat: condenses what is too long to be quoted; without it the result is extractive.
        encoder: compares sentences; without it their words are compared.
        cache: of this evidence, language and model, and of nothing else.
        most_condensed: events whose speech the model condenses: those of which the quotes leave
            out most; None for all. A number and no time, so that each machine tells the same.

    Raises:
        InputError: the evidence does not give three sentences.
        Cancelled
    """
    end = max((one.end for one in evidence), default=facts.duration or 0.0)
    measured = [one for one in evidence if one.kind == "measure"]
    every: list[Moment] = []
    drafts: list[Draft] = []
    for found, until, most in _parts(statements(evidence), end):
        if cancel is not None:
            cancel.check()
        cut = moments(found, end=until, most=most)
        every += cut
        drafts += drafted(cut, extractive.scored(cut, encoder))
    composer = Composer(model=chat, language=language, cancel=cancel) if chat else None
    writer = Writer(evidence=evidence, language=language, composer=composer, cache=cache)
    events: list[VideoEvent] = []
    condensed = _longest(drafts, most_condensed if composer is not None else 0)
    for place, draft in enumerate(drafts):
        if cancel is not None:
            cancel.check()
        yield Progress(message="telling", fraction=_share(condensed, place, len(drafts)))
        events.append(writer.event(draft, condense=place in condensed))
    if not events and measured:
        events = [_nothing_else(measured, end)]
    kept = _chosen(every, events)
    worth = extractive.scored(kept, encoder)
    subject = extractive.topic(every, worth, end)
    yield VideoSummary(
        topic=extractive.topic_claim(subject, language) if subject else _only(measured),
        sentences=extractive.three(kept, subject, worth, measured, language, end),
        timeline=tuple(events),
        chapters=tuple(
            chapters(kept, worth, measured, end=end, language=language, encoder=encoder)
        ),
        language=language,
        engine=composer.name if composer is not None and writer.written else "extractive",
    )


def _parts(found: Sequence[Statement], end: float) -> Iterator[tuple[list[Statement], float, int]]:
    """The statements of each part, where it ends, s, and how many events it may have."""
    useful = [one for one in found if one.kind != "measure"]
    count = max(1, int(end // _PART) + (end % _PART >= _REST))
    parts: list[list[Statement]] = [[] for _ in range(count)]
    for one in useful:
        parts[min(count - 1, int(one.start // _PART))].append(one)
    ends = [*((n + 1) * _PART for n in range(count - 1)), end]
    most = max(_LEAST, min(_MOST, _EVENTS // count))
    yield from ((part, until, most) for part, until in zip(parts, ends, strict=True) if part)


def _longest(drafts: Sequence[Draft], most: int | None) -> frozenset[int]:
    """Places of the drafts whose quotes leave out most of what is said."""
    left = {place: draft.left_out for place, draft in enumerate(drafts) if draft.left_out > 0}
    return frozenset(sorted(left, key=lambda place: (-left[place], place))[:most])


def _share(condensed: frozenset[int], place: int, count: int) -> float:
    """How far telling is at a draft: what a language model condenses takes nearly all of it."""
    if not condensed:
        return place / (count + 1)
    return sum(one < place for one in condensed) / (len(condensed) + 1)


def _chosen(every: Sequence[Moment], events: Sequence[VideoEvent]) -> list[Moment]:
    """Moments with only the statements that events quote, so that a long video costs little."""
    kept = {number for event in events for number in event.evidence}
    shorter = [
        Moment(
            start=moment.start,
            end=moment.end,
            statements=tuple(one for one in moment.statements if kept.issuperset(one.evidence)),
        )
        for moment in every
    ]
    return [moment for moment in shorter if moment.statements]


def _only(measured: Sequence[Evidence]) -> Claim:
    if not measured:
        raise InputError(
            "too little is known of this video to tell of it", fix="add what is measured of it"
        )
    return Claim(text=measured[0].text, evidence=(measured[0].number,))


def _nothing_else(measured: Sequence[Evidence], end: float) -> VideoEvent:
    """The only event of a video that shows and says nothing that could be told."""
    told = measured[1:] or measured
    return VideoEvent(
        start=0.0,
        end=end,
        text=" ".join(one.text for one in told),
        evidence=tuple(one.number for one in told),
    )
