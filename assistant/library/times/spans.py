"""Spans of the calendar: days, weeks, months, seasons, and which one "last" means.

Weeks begin on Monday (ISO 8601). Seasons are the meteorological ones of three whole months,
of the northern hemisphere unless said otherwise; a winter belongs to the year of its first month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

Span = tuple[datetime, datetime]
"""Half-open; as the clock showed where the photo was taken."""

FIRST: Final = datetime.min
LAST: Final = datetime.max
_LEAP = 8  # years back in which February 29 has to come up
_AROUND: Final = timedelta(days=3)  # what "around Christmas" adds before and after
_LONGEST_WIDENED: Final = timedelta(days=14)

UNITS = ("hour", "day", "week", "weekend", "month", "year")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
DAY_PARTS: dict[str, tuple[int, int]] = {
    "morning": (5, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 30),
    "dawn": (0, 6),
}
"""Hours, from and to; a night ends on the next day."""


class ImpossibleError(ValueError):
    """A date that no calendar has: month, and day where the month exists; year where given."""

    def __init__(self, month: int, day: int | None = None, year: int | None = None) -> None:
        super().__init__(month, day, year)
        self.month, self.day, self.year = month, day, year


@dataclass(frozen=True, kw_only=True)
class Period:
    """A time that comes up every year, or once.

    `at` gives its span in a year; `year` is the one that was named, if any.
    """

    at: Callable[[int], Span]
    year: int | None = None
    yearly: bool = True  # False: `at` gives the same span for every year

    def span(self, now: datetime) -> Span:
        """In the year that was named, else the latest that has begun.

        Raises:
            ImpossibleError: no such day.
        """
        return self.at(self.year) if self.year is not None else self.at(_begun(self.at, now))

    def in_year(self, year: int) -> Period:
        """The same in a year, unless another one was named."""
        return self if self.year is not None or not self.yearly else Period(at=self.at, year=year)


def once(span: Span) -> Period:
    """A period that is what it is in any year."""
    return Period(at=lambda _: span, year=span[0].year, yearly=False)


def around(period: Period) -> Period:
    """Three days more on either side of a time of up to two weeks; longer ones stay as they are."""

    def at(year: int) -> Span:
        start, end = period.at(year)
        if end - start > _LONGEST_WIDENED or start - FIRST < _AROUND or LAST - end < _AROUND:
            return start, end
        return start - _AROUND, end + _AROUND

    return Period(at=at, year=period.year, yearly=period.yearly)


def _begun(at: Callable[[int], Span], now: datetime) -> int:
    """The latest year in which a yearly period had begun."""
    for year in range(now.year, now.year - _LEAP, -1):
        try:
            if at(year)[0] <= now:
                return year
        except ImpossibleError:
            continue
    at(now.year)  # says why
    return now.year


def ended(at: Callable[[int], Span], now: datetime, back: int = 1) -> Period:
    """The last of a yearly period that is over; `back` 2 is the one before it."""
    year = next(y for y in range(now.year, now.year - _LEAP, -1) if at(y)[1] <= now)
    return Period(at=at, year=year - back + 1)


def present(at: Callable[[int], Span], now: datetime) -> Period:
    """The one that is now, else this calendar year's; a coming winter is taken as the past one."""
    for year in (now.year, now.year - 1):
        start, end = at(year)
        if start <= now < end:
            return Period(at=at, year=year)
    crosses = at(now.year)[1].year > now.year and at(now.year)[0] > now
    return Period(at=at, year=now.year - crosses)


def day(year: int, month: int, number: int) -> Span:
    """One day.

    Raises:
        ImpossibleError: no such day.
    """
    if not 1 <= month <= 12:
        raise ImpossibleError(month)
    try:
        start = datetime(year, month, number)
    except ValueError:
        possible = 1 <= number <= 29 and month == 2
        raise ImpossibleError(month, number, year if possible else None) from None
    return start, start + timedelta(days=1)


def days(year: int, month: int, number: int, length: int, before: int = 0) -> Span:
    """So many days from a date on, and so many before it."""
    start = day(year, month, number)[0]
    return start - timedelta(days=before), start + timedelta(days=length)


def month(year: int, number: int, length: int = 1) -> Span:
    """So many whole months.

    Raises:
        ImpossibleError: no such month.
    """
    if not 1 <= number <= 12:
        raise ImpossibleError(number)
    return datetime(year, number, 1), shifted(datetime(year, number, 1), months=length)


def year(number: int, length: int = 1) -> Span:
    """So many whole years."""
    return datetime(number, 1, 1), datetime(min(number + length, 9999), 1, 1)


def season(number: int, name: str, southern: bool) -> Span:
    """A season by its English name."""
    first = SEASONS[name] + (6 if southern else 0)
    return month(number, first - 12 if first > 12 else first, 3)


def shifted(moment: datetime, *, months: int) -> datetime:
    """So many months later, the day no later than the month has."""
    index = moment.year * 12 + moment.month - 1 + months
    if not 12 <= index < 9999 * 12:
        return FIRST if index < 12 else LAST
    first = moment.replace(year=index // 12, month=index % 12 + 1, day=1)
    after = first + timedelta(days=31)
    return first.replace(day=min(moment.day, (after - timedelta(days=after.day)).day))


def unit(now: datetime, name: str, back: int) -> Span:
    """The hour, day, week, weekend, month or year that was so many of them ago; 0 is this one."""
    midnight = datetime(now.year, now.month, now.day)
    if name == "hour":
        start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back)
        return start, start + timedelta(hours=1)
    if name == "day":
        start = midnight - timedelta(days=back)
        return start, start + timedelta(days=1)
    if name in ("week", "weekend"):
        monday = midnight - timedelta(days=midnight.weekday() + 7 * back)
        return monday + timedelta(days=5 if name == "weekend" else 0), monday + timedelta(days=7)
    if name == "month":
        start = shifted(midnight.replace(day=1), months=-back)
        return start, shifted(start, months=1)
    return year(max(1, now.year - back))


def rolling(now: datetime, name: str, length: int) -> Span:
    """From so many units ago, at midnight, until now."""
    midnight = datetime(now.year, now.month, now.day)
    if name in ("month", "year"):
        return shifted(midnight, months=-length * (12 if name == "year" else 1)), now
    if name == "hour":
        return now - timedelta(hours=length), now
    return midnight - timedelta(days=length * (1 if name == "day" else 7)), now


def weekday(now: datetime, number: int, week: int | None = None) -> Span:
    """A day of the week (Monday is 0): of the week so many ago, else the latest up to today."""
    if week is not None:
        start = unit(now, "week", week)[0] + timedelta(days=number)
    else:
        start = unit(now, "day", (now.weekday() - number) % 7)[0]
    return start, start + timedelta(days=1)


def part_of_day(span: Span, name: str) -> Span:
    """The morning, evening ... of a span's first day."""
    first, last = DAY_PARTS[name]
    return span[0] + timedelta(hours=first), span[0] + timedelta(hours=last)


def share(span: Span, which: int, of: int = 3) -> Span:
    """One of so many equal shares of a span, in whole days; the first is 0."""
    length = (span[1] - span[0]).days
    return (
        span[0] + timedelta(days=round(length * which / of)),
        span[0] + timedelta(days=round(length * (which + 1) / of)),
    )


def half(number: int, which: int) -> Span:
    """The first or second half (0, 1) of a year."""
    return month(number, 1 + 6 * which, 6)
