"""Chapters: neighbouring moments that belong together, with a title from the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from assistant.interfaces import TextEncoder
from assistant.languages import length
from assistant.safety.sentences import shortened
from assistant.types import Chapter, Evidence
from assistant.video import wording
from assistant.video.moments import Moment
from assistant.video.moments import joined as together
from assistant.video.salience import vectors
from assistant.video.statements import Statement, numbers

_MOST: Final = 12
_SHORTEST: Final = 25.0  # s, and a twelfth of the video
_TITLE: Final = {"en": 10, "zh": 20}  # words or characters of a title


def chapters(
    moments: Sequence[Moment],
    scored: dict[Statement, float],
    measured: Sequence[Evidence],
    *,
    end: float,
    language: str,
    encoder: TextEncoder | None = None,
) -> list[Chapter]:
    """The chapters from 0 to `end`, without gaps; neighbours most alike are joined first."""
    if not moments:
        if not measured:
            return []
        first = measured[0]
        return [Chapter(start=0.0, end=end, title=first.text, evidence=(first.number,))]
    parts = list(moments)
    rows = [vectors([_text(part) for part in parts], encoder)]
    shortest = max(_SHORTEST, end / _MOST)
    alike = [float(a @ b) for a, b in zip(rows[0], rows[0][1:], strict=False)]
    while len(parts) > 1 and (len(parts) > _MOST or min(_lengths(parts, end)) < shortest):
        place = _weakest(parts, alike, shortest, end)
        parts[place : place + 2] = [together(parts[place], parts[place + 1])]
        del alike[place]
    starts = [0.0, *(part.start for part in parts[1:])]
    return [
        _chapter(part, start, after, scored, language)
        for part, start, after in zip(parts, starts, [*starts[1:], end], strict=True)
    ]


def _lengths(parts: Sequence[Moment], end: float) -> list[float]:
    starts = [0.0, *(part.start for part in parts[1:]), max(end, parts[-1].end)]
    return [after - start for start, after in pairwise(starts)]


def _weakest(parts: Sequence[Moment], alike: Sequence[float], shortest: float, end: float) -> int:
    """The border that goes first: beside a part that is too short, the one least of a change."""
    lengths = _lengths(parts, end)
    short = [n for n in range(len(alike)) if min(lengths[n], lengths[n + 1]) < shortest]
    return max(short or range(len(alike)), key=lambda n: alike[n])


def _text(part: Moment) -> str:
    return " ".join(one.text for one in part.statements)[:1000] or "-"


def _chapter(
    part: Moment, start: float, end: float, scored: dict[Statement, float], language: str
) -> Chapter:
    """A part with its title: what is written first, else what tells most, else what is seen."""
    speech = sorted(part.of("speech"), key=lambda one: -scored.get(one, 0.0))
    found = next(iter((*part.of("text"), *speech, *part.of("scene"), *part.of("action"))))
    own = "zh" if wording.chinese(found.language) else "en"
    title = " ".join(found.text.split())
    if length(title, own) > _TITLE[own]:
        title = shortened(title, own, _TITLE[own])[0].rstrip(".。") + " …"
    return Chapter(start=start, end=max(end, start), title=title, evidence=numbers([found]))
