"""Cuts a video into moments: stretches in which one thing is shown or talked about.

A moment begins where something new is seen, happens or is written on screen. Where nothing
changes for long, or more is said than can be told at once, it begins with a sentence after the
longest pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from assistant.languages import base
from assistant.types import EvidenceKind
from assistant.video.statements import Statement

_TOGETHER: Final = 1.0  # s between changes that are one: a slide's lines appear with its scene
_AT_ONCE: Final = 0.3  # s; another picture soon after something happened is another moment
_SHORTEST: Final = 2.0  # s of a moment in which nothing happens; else it is the one before's
_LONGEST: Final = 30.0  # s of one picture, before it is cut at a pause in speech
_PART: Final = 6.0  # s that such a part has at least
SPOKEN: Final = {"en": 40, "zh": 80}  # words or characters of speech, before it is cut
_EARLY: Final = 0.7  # s by which a sentence may begin before the picture that it belongs to
_WATERMARK: Final = 0.6  # of the whole; a line that stays so long says nothing of a moment
_MOMENTS: Final = 3  # of fewer moments no line is a watermark


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stretch of a video and what is said, written and seen in it."""

    start: float  # s
    end: float  # s
    statements: tuple[Statement, ...]  # those that begin in it, in order of time

    def of(self, kind: EvidenceKind) -> tuple[Statement, ...]:
        """The statements of one kind."""
        return tuple(one for one in self.statements if one.kind == kind)

    @property
    def told(self) -> bool:
        """Whether there is anything to tell of it."""
        return any(one.kind != "measure" for one in self.statements)


def moments(statements: Sequence[Statement], *, end: float, most: int) -> list[Moment]:
    """The moments of a stretch of video, at most `most`, in order and without gaps.

    Args:
        statements: in order of time.
        end: of the stretch, s.
    """
    useful = [one for one in _without_watermarks(statements, end) if one.kind != "measure"]
    if not useful:
        return []
    begin = min(0.0 if useful[0].start < _TOGETHER else useful[0].start, useful[0].start)
    starts = _changes(useful, begin)
    starts = _cut_long(starts, useful, end)
    found = _filled(starts, useful, max(end, max(one.start for one in useful)))
    return _fewer(found, most)


def _changes(useful: Sequence[Statement], begin: float) -> list[float]:
    """When something new is seen, happens or is written."""
    starts = [begin]
    happened = False  # the last start is that of an action
    shown: dict[str, Statement] = {}
    for one in useful:
        if one.kind == "speech":
            continue
        before, shown[one.kind] = shown.get(one.kind), one
        apart = _AT_ONCE if happened and one.kind != "action" else _TOGETHER
        if not goes_on(before, one) and one.start - starts[-1] > apart:
            starts.append(one.start)
            happened = one.kind == "action"
    return starts


def goes_on(before: Statement | None, one: Statement) -> bool:
    """Whether what was seen or written before is still there, with nothing between."""
    return before is not None and before.text == one.text and one.start - before.end <= _TOGETHER


def _cut_long(starts: Sequence[float], useful: Sequence[Statement], end: float) -> list[float]:
    """The same, and sentences after the longest pauses where one picture stays for long.

    What is said over it is long, too, where it is more than can be told of one moment.
    """
    speech = [one for one in useful if one.kind == "speech"]
    found: list[float] = []
    waiting = list(zip(starts, [*starts[1:], end], strict=True))
    while waiting:
        start, after = waiting.pop(0)
        inside = [one for one in speech if start <= one.start < after]
        long = after - start > _LONGEST or spoken(inside) > 1
        cut = _cut(start, after, inside) if long else None
        if cut is None:
            found.append(start)
        else:
            waiting[:0] = [(start, cut), (cut, after)]
    return found


def spoken(speech: Sequence[Statement]) -> float:
    """How much is said, as a share of what can be told of one moment."""
    return sum(one.length / SPOKEN["zh" if base(one.language) == "zh" else "en"] for one in speech)


def _cut(start: float, after: float, inside: Sequence[Statement]) -> float | None:
    """Where a long stretch is cut: the longest pause, rather in the middle than at the ends."""
    best: tuple[float, float] | None = None
    for before, one in pairwise(inside):
        if not start + _PART <= one.start <= after - _PART:
            continue
        middle = 1 - abs(2 * (one.start - start) / (after - start) - 1)
        worth = (max(0.0, one.start - before.end) + 0.3) * (0.3 + middle)
        if best is None or worth > best[0]:
            best = worth, one.start
    return best[1] if best else None


def _filled(starts: Sequence[float], useful: Sequence[Statement], end: float) -> list[Moment]:
    """Moments at these starts; those too short or with nothing to tell join the one before."""
    found: list[Moment] = []
    for start, after in zip(starts, [*starts[1:], end], strict=True):
        last = after >= end
        inside = tuple(
            one
            for one in useful
            if start <= _begins(one, starts) and (last or _begins(one, starts) < after)
        )
        moment = Moment(start=start, end=max(after, start), statements=inside)
        short = moment.end - moment.start < _SHORTEST and not moment.of("action")
        if found and (not inside or short):
            found[-1] = joined(found[-1], moment)
        else:
            found.append(moment)
    return found


def _begins(one: Statement, starts: Sequence[float]) -> float:
    """When a statement begins; what is said just before a picture belongs to the picture."""
    if one.kind != "speech":
        return next((s for s in reversed(starts) if s <= one.start), starts[0])
    return next(
        (s for s in starts if one.start < s <= one.start + _EARLY), max(one.start, starts[0])
    )


def _fewer(found: list[Moment], most: int) -> list[Moment]:
    """At most so many: the shortest pair of neighbours is joined until it is so."""
    found = list(found)
    while len(found) > max(1, most):
        place = min(
            range(len(found) - 1), key=lambda place: found[place + 1].end - found[place].start
        )
        found[place : place + 2] = [joined(found[place], found[place + 1])]
    return found


def joined(first: Moment, second: Moment) -> Moment:
    """Two neighbours as one moment."""
    return Moment(
        start=first.start,
        end=second.end,
        statements=tuple(
            sorted((*first.statements, *second.statements), key=lambda one: one.start)
        ),
    )


def _without_watermarks(statements: Sequence[Statement], end: float) -> list[Statement]:
    """Without lines that stay on screen nearly all the time, where the pictures change."""
    changes = {round(one.start) for one in statements if one.kind in ("text", "scene")}
    if len(changes) < _MOMENTS:
        return list(statements)
    return [
        one
        for one in statements
        if one.kind != "text" or one.end - one.start < _WATERMARK * max(end, 1.0)
    ]
