"""When a request says its photos were taken, by rules, in English and Chinese.

Own rules rather than dateparser: of 34 plain phrases, dateparser 1.5.0 read 17 (no seasons, no
weekends, no festivals, no ranges, no 三周前), read "the 1990s" as today and "2019年" as the year
7, and in running text took "we" for Wednesday. A span is needed besides, not a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.library.times import chinese, english
from assistant.library.times.found import Clock, Found
from assistant.library.times.spans import FIRST, ImpossibleError, Period, Span

__all__ = ["Times", "find"]


@dataclass(frozen=True, kw_only=True)
class Times:
    """What a text says of time."""

    parts: tuple[tuple[int, int], ...] = ()  # where in the text
    span: Span | None = None
    fault: ImpossibleError | None = None  # a date that does not exist
    future: bool = False  # it has not begun


def find(text: str, *, now: datetime, southern: bool = False) -> Times:
    """The time that a text names; several are one where they meet ("in March ... 2019").

    Where they do not meet, the first one counts.
    """
    clock = Clock(now=now.replace(tzinfo=None), southern=southern)
    found = _apart([*chinese.find(text, clock), *english.find(text, clock)])
    parts = tuple((f.start, f.end) for f in found)
    fault = next((f.fault for f in found if f.fault is not None), None)
    if fault is not None:
        return Times(parts=parts, fault=fault)
    periods = [f.period for f in found if f.period is not None]
    try:
        span = _met([p.span(clock.now) for p in _dated(periods)])
    except ImpossibleError as impossible:
        return Times(parts=parts, fault=impossible)
    if span is None:
        return Times()
    return Times(parts=parts, span=span, future=span[0] > clock.now or span[1] == FIRST)


def _apart(found: Sequence[Found]) -> list[Found]:
    """From left to right; of those that overlap, the longer one."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start - f.end, f.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start)


def _dated(periods: Sequence[Period]) -> list[Period]:
    """Periods without a year take it from the only one that names a year."""
    years = {p.year for p in periods if p.year is not None and p.yearly}
    return [p.in_year(next(iter(years))) if len(years) == 1 else p for p in periods]


def _met(spans: Sequence[Span]) -> Span | None:
    if not spans:
        return None
    start, end = max(s[0] for s in spans), min(s[1] for s in spans)
    return (start, end) if start < end else spans[0]
