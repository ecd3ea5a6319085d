"""What a search for times in a text finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.library.times.spans import ImpossibleError, Period, Span


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When a request is made, and on which half of the earth its seasons are."""

    now: datetime  # no zone
    southern: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """A time at `text[start:end]`, its prepositions included."""

    start: int
    end: int
    period: Period | None = None  # None: `fault` says why
    fault: ImpossibleError | None = None


def lowered(text: str) -> str:
    """In lower case and plain apostrophes and digits, character for character."""
    table = {ord("’"): "'", ord("‘"): "'", ord("–"): "-", ord("—"): "-", ord("～"): "~"}
    return "".join(c.lower() if c.isascii() else c for c in text.translate(table))


def adjacent(first: Period, second: Period, now: datetime) -> bool:
    """Whether no time lies between two periods (May and June), so that both are one span."""
    start, end = between(first, second, now)
    spans = (first.span(now), second.span(now))
    return sum((last - begin for begin, last in spans), start=timedelta()) >= end - start


def between(first: Period, second: Period, now: datetime) -> Span:
    """From the beginning of one period to the end of another.

    Where only one of them names a year, it holds for both; the first is never after the second.

    Raises:
        ImpossibleError: no such day.
    """
    if first.yearly and second.yearly:
        end_year = second.span(now)[0].year if first.year is None else first.year
        second = second.in_year(end_year)
        first = first.in_year(second.year or end_year)
        start, end = first.span(now), second.span(now)
        if start[0] > end[0]:  # from November to February
            if first.year == second.year and first.year is not None:
                start = first.at(first.year - 1)
            else:
                start, end = end, start
        return start[0], end[1]
    start, end = sorted((first.span(now), second.span(now)))
    return start[0], end[1]
