"""Times with a name in English: dates, months, seasons, festivals, years, decades."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from assistant.library.times import spans
from assistant.library.times.festivals import ENGLISH as FESTIVALS
from assistant.library.times.found import Clock
from assistant.library.times.numerals import ENGLISH as COUNT
from assistant.library.times.numerals import ORDINAL, english
from assistant.library.times.spans import Period, Span, once

MONTHS = re.findall(
    r"\S+",
    "jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? sept?(?:ember)? "
    "oct(?:ober)? nov(?:ember)? dec(?:ember)?",
)
MONTH = rf"(?:{'|'.join(MONTHS)})\b\.?"
SEASON = r"(?:spring|summer|autumn|fall|winter)(?:time)?\b(?: (?:holidays?|vacation|break)\b)?"
UNIT = r"(?:hour|day|week|weekend|month|year)"
WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})day\b"
OWNED = "|".join(rf"(?<=\b{word} )" for word in ("the", "my", "our", "his", "her", "their"))
"""Pattern of a place behind one of these: "the last week of school" is the school's last."""
FESTIVAL = rf"(?:{'|'.join(pattern for pattern, _ in FESTIVALS)})\b"
_YEARS_AGO = rf"{COUNT} years? ago"
YEAR = (
    rf"(?:(?:18|19|20|21)\d\d\b(?!')|last year|this year|next year|"
    rf"(?:the )?year before last|{_YEARS_AGO})"
)
_OF_YEAR = rf"(?:,? ?(?:of |in |from )?(?P<year>{YEAR}))?"
PART = r"(?:morning|noon|afternoon|evening|night)"
_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90,
}  # fmt: skip

Rule = Callable[["re.Match[str]", Clock], tuple[Period, bool]]
"""A period, and whether it is weak: a time only after a preposition."""
_SHARES = {
    "early": (0, 3), "mid": (1, 3), "middle": (1, 3), "late": (2, 3), "first half": (0, 2),
    "second half": (1, 2), "beginning": (0, 6), "start": (0, 6), "end": (5, 6),
}  # fmt: skip


def _year_number(words: str, clock: Clock) -> int:
    if words[0].isdigit() and words[:4].isdigit():
        return int(words[:4])
    ago = re.match(rf"({COUNT}) years? ago", words)
    if ago is not None:
        return max(1, clock.now.year - english(ago[1]))
    back = {"last year": 1, "this year": 0, "next year": -1}.get(words, 2)
    return clock.now.year - back


def _in_year(match: re.Match[str], at: Callable[[int], Span], clock: Clock) -> tuple[Period, bool]:
    year = match["year"]
    named = _year_number(year, clock) if year else None
    return Period(at=at, year=named), named is None


def yearly(name: str, clock: Clock) -> Callable[[int], Span]:
    """The span in each year of a month, season or festival."""
    for number, pattern in enumerate(MONTHS, 1):
        if re.fullmatch(rf"{pattern}\.?", name):
            return lambda year: spans.month(year, number)
    season = re.fullmatch(SEASON, name)
    if season is not None:
        plain = name.split()[0].removesuffix("time").replace("fall", "autumn")
        return lambda year: spans.season(year, plain, clock.southern)
    return next(at for pattern, at in FESTIVALS if re.fullmatch(pattern, name))


def _named(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    return _in_year(match, yearly(match["name"], clock), clock)


def _named_day(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    month, number = yearly(match["name"], clock)(2000)[0].month, english(match["day"])
    period, _ = _in_year(match, lambda year: spans.day(year, month, number), clock)
    period.span(clock.now)  # a day that does not exist is told at once
    return period, False


def _year_first(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    year = _year_number(match["year"], clock)
    at = yearly(match["name"], clock)
    if match["day"]:
        month, number = at(2000)[0].month, english(match["day"])
        return Period(at=lambda y: spans.day(y, month, number), year=year), False
    return Period(at=at, year=year), False


def _bare_year(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    number = _year_number(match["year"], clock)
    return Period(at=lambda year: spans.year(year), year=number), number < 1900


def _numeric(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    if match["y"]:
        numbers = int(match["y"]), int(match["m"]), int(match["d"])
    else:
        first, second, year = int(match["a"]), int(match["b"]), int(match["c"])
        numbers = (year, second, first) if first > 12 else (year, first, second)
    return once(spans.day(*numbers)), False


def _decade(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    if match["word"]:
        first = 1900 + _DECADES[match["word"]]
    else:
        digits = match["digits"]
        first = int(digits) if len(digits) == 4 else 1900 + int(digits)
    if first + 100 <= clock.now.year and not match["digits"]:
        first += 100  # the twenties are ours
    which = match["which"]
    span = spans.year(first, 10)
    return once(_part(span, which) if which else span), False


def _part(span: Span, which: str) -> Span:
    if "half" in which and (span[1] - span[0]).days > 360:
        return spans.half(span[0].year, _SHARES[which][0])
    return spans.share(span, *_SHARES[which])


def _parted(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """Early, mid, late; the beginning of, the first half of."""
    which = match["which"]
    period = _whole(match, clock)
    at = period.at
    parted = Period(at=lambda year: _part(at(year), which), year=period.year, yearly=period.yearly)
    return parted, False


def _whole(match: re.Match[str], clock: Clock) -> Period:
    """The year, month or season of which a part is named."""
    if re.fullmatch(YEAR, match["name"]):
        return Period(at=spans.year, year=_year_number(match["name"], clock))
    return _named(match, clock)[0]


def _short_year(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    number = 2000 + int(match["short"])
    return Period(at=spans.year, year=number - 100 * (number > clock.now.year)), True


_THING = rf"(?P<name>{MONTH}|{SEASON}|{FESTIVAL})"


def _days(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """From 3 to 7 July, May 12-15, 2024."""
    month = yearly(match["name"], clock)(2000)[0].month
    first, last = sorted((english(match["first"]), english(match["second"])))
    at = _between_days(month, first, last)
    period, _ = _in_year(match, at, clock)
    period.span(clock.now)
    return period, False


def _between_days(month: int, first: int, last: int) -> Callable[[int], Span]:
    return lambda year: (spans.day(year, month, first)[0], spans.day(year, month, last)[1])


def _week_of(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """The first week of May: days 1 to 7; the last one: its last seven days."""
    which = ("first", "second", "third", "fourth").index(match["which"].replace("last", "fourth"))
    period, _ = _named(match, clock)
    start, end = period.span(clock.now)
    if match["which"] == "last":
        return once((end - timedelta(days=7), end)), False
    return once((start + timedelta(days=7 * which), start + timedelta(days=7 * which + 7))), False


def _day_of(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """The last day of 2019, the second Sunday of May, the first weekend in July."""
    which = ("first", "second", "third", "last").index(match["which"])
    unit = match["unit"]
    weekday = 5 if unit == "weekend" else _weekday_number(unit)
    length = timedelta(days=2 if unit == "weekend" else 1)
    whole = _whole(match, clock)

    def at(year: int) -> Span:
        start, end = whole.at(year)
        days = [start + timedelta(days=n) for n in range((end - start).days)]
        chosen = [day for day in days if weekday is None or day.weekday() == weekday]
        first = chosen[-1 if which == 3 else which]
        return first, first + length

    return Period(at=at, year=whole.year, yearly=whole.yearly), False


def _weekday_number(unit: str) -> int | None:
    return None if unit == "day" else WEEKDAYS.index(unit.removesuffix("day"))


RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (
            r"(?:(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
            r"|(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<c>(?:19|20)\d\d))(?!\d)",
            _numeric,
        ),
        (rf"(?P<name>{MONTH}) (?:the )?(?P<day>{ORDINAL})(?!\d){_OF_YEAR}", _named_day),
        (rf"(?P<day>{ORDINAL}) (?:day )?(?:of )?(?P<name>{MONTH}){_OF_YEAR}", _named_day),
        (rf"{_THING}{_OF_YEAR}", _named),
        (
            rf"(?P<first>{ORDINAL}) ?(?:to|until|through|and|-) ?(?:the )?(?P<second>{ORDINAL}) "
            rf"(?:of )?(?P<name>{MONTH}){_OF_YEAR}",
            _days,
        ),
        (
            rf"(?P<name>{MONTH}) (?:the )?(?P<first>{ORDINAL}) ?(?:to|until|through|and|-) ?"
            rf"(?:the )?(?P<second>{ORDINAL})(?!\d){_OF_YEAR}",
            _days,
        ),
        (
            rf"(?:the )?(?P<which>first|second|third|last) week (?:of|in) "
            rf"(?P<name>{MONTH}){_OF_YEAR}",
            _week_of,
        ),
        (
            rf"(?P<year>{YEAR})(?:'s)?,? (?:in |on |at |during )?(?:the )?{_THING}"
            rf"(?: (?:the )?(?P<day>{ORDINAL})(?!\d))?",
            _year_first,
        ),
        (
            rf"(?:the )?(?P<which>first|second|third|last) (?P<unit>day|weekend|{WEEKDAY}) "
            rf"(?:of|in) (?:the )?(?P<name>{YEAR}|{MONTH}|{SEASON}){_OF_YEAR}",
            _day_of,
        ),
        (rf"(?!(?:{OWNED})last year of\b)(?P<year>{YEAR})(?:'s)?", _bare_year),
        (
            r"(?:the )?(?:(?P<which>early|mid|late)[- ])?"
            rf"(?:(?P<digits>(?:(?:19|20)\d|[2-9])0)'?s|(?P<word>{'|'.join(_DECADES)}))\b",
            _decade,
        ),
        (
            r"(?:the )?(?P<which>early|mid|late|beginning|start|middle|end|first half|second half)"
            rf"[- ](?:of |in )?(?:the )?(?P<name>{YEAR}|{MONTH}|{SEASON}){_OF_YEAR}",
            _parted,
        ),
        (r"'(?P<short>\d\d)\b", _short_year),
    )
)
