"""Times counted from now in English: "last week", "three years ago", "on Monday"."""

from __future__ import annotations

import re

from assistant.library.times import spans
from assistant.library.times.english_named import (
    FESTIVAL,
    MONTH,
    OWNED,
    SEASON,
    UNIT,
    WEEKDAY,
    WEEKDAYS,
    Rule,
    yearly,
)
from assistant.library.times.found import Clock
from assistant.library.times.numerals import ENGLISH as COUNT
from assistant.library.times.numerals import english
from assistant.library.times.spans import FIRST, Period, Span, once

_NOT_OF_A_THING = (
    rf"(?!last (?:day|hour) of\b)(?!(?:{OWNED})(?:last|next|previous) "
    rf"(?:{UNIT}|{WEEKDAY}|{SEASON}|{FESTIVAL}|night|evening) of\b)"
)
"""The last day of school is the school's; "last week of my dog", without "the", is a week ago."""
_DAYS_BACK = {"today": 0, "yesterday": 1, "day before yesterday": 2, "tomorrow": -1}


def _last(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    name, which, now = match["name"], match["which"], clock.now
    back = 2 if match["more"] else {"this": 0, "next": -1, "coming": -1}.get(which, 1)
    if re.fullmatch(UNIT, name):
        return once(spans.unit(now, name, back)), False
    if re.fullmatch(WEEKDAY, name):
        return once(_last_weekday(name, back, clock)), False
    at = yearly(name, clock)
    if back == 0:
        return spans.present(at, now), False
    if back < 0:
        return Period(at=at, year=now.year + (at(now.year)[0] <= now)), False
    return spans.ended(at, now, back), False


def _last_weekday(name: str, back: int, clock: Clock) -> Span:
    number = WEEKDAYS.index(name.removesuffix("day"))
    if back <= 0:
        return spans.weekday(clock.now, number, back)
    yesterday = spans.unit(clock.now, "day", 1)[0]
    return spans.weekday(spans.shifted(yesterday, months=0), number)


def _ago(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    name = match["unit"]
    most = english(match["most"]) if match["most"] else 4  # "a few"
    least = english(match["least"]) if match["least"] else (most if match["most"] else 2)
    if match["about"]:
        least, most = max(0, least - 1), most + 1
    if re.fullmatch(UNIT, name):
        return once(_units_back(clock, name, least, most)), False
    at = yearly("christmas" if name == "christmase" else name, clock)
    return spans.ended(at, clock.now, most), False


def _units_back(clock: Clock, name: str, least: int, most: int) -> Span:
    try:
        return spans.unit(clock.now, name, most)[0], spans.unit(clock.now, name, least)[1]
    except OverflowError:
        return FIRST, FIRST


def _past(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    count = match["count"]
    length = (3 if "few" in count else english(count)) if count else 1
    return once(spans.rolling(clock.now, match["unit"], length)), False


def _relative_day(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    return once(
        spans.unit(clock.now, "day", _DAYS_BACK.get(match[0].removeprefix("the "), -2))
    ), False


def _this_part(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    words = match[0]
    day = spans.unit(clock.now, "day", 1 if words.startswith("last") else 0)
    part = "evening" if words == "tonight" else words.split()[-1]
    return once(spans.part_of_day(day, part)), False


def _weekday(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    number = WEEKDAYS.index(match[0].removesuffix("day"))
    return once(spans.weekday(clock.now, number)), True


def _so_far(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    return once((spans.unit(clock.now, match["unit"], 0)[0], clock.now)), False


def _weekend(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """The latest that has begun."""
    this = spans.unit(clock.now, "weekend", 0)
    return once(this if this[0] <= clock.now else spans.unit(clock.now, "weekend", 1)), True


def _bare_day(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    """The 5th: of the month named, else of the latest month that has come so far."""
    number = english(match["day"])
    back = {"last": 1, "this": 0}.get(match["which"] or "", int(number > clock.now.day))
    first = spans.unit(clock.now, "month", back)[0]
    return once(spans.day(first.year, first.month, number)), match["which"] is None


def _recently(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    return once(spans.rolling(clock.now, "day", 30)), False


def _half(match: re.Match[str], clock: Clock) -> tuple[Period, bool]:
    return once(spans.unit(clock.now, "month", 6)), False


RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (
            rf"{_NOT_OF_A_THING}(?P<which>this past|last|this|next|past|previous|coming|current) "
            rf"(?P<name>{UNIT}\b|{WEEKDAY}|{MONTH}|{SEASON}|{FESTIVAL})(?P<more>(?!))?",
            _last,
        ),
        (
            rf"(?:the )?(?P<name>{UNIT}\b|{MONTH}|{SEASON}|{FESTIVAL}) (?P<more>before last)"
            r"(?P<which>(?!))?",
            _last,
        ),
        (
            rf"(?P<about>(?:about|around|roughly|approximately|some) )?"
            rf"(?:(?:(?P<least>{COUNT}) (?:or|to) )?(?P<most>{COUNT})|(?:a )?few|several) ?"
            rf"(?P<unit>{UNIT}|spring|summer|autumn|fall|winter|christmase?|easter)s? "
            r"(?:ago|back)",
            _ago,
        ),
        (
            rf"(?:the )?(?:last|past) (?:(?P<count>{COUNT}|few|several|couple of) )?"
            rf"(?P<unit>hour|day|week|month|year)(?:(?<=past ....)|(?<=past .....)|s)\b",
            _past,
        ),
        (
            r"today|yesterday|(?:the )?day before yesterday|the day after tomorrow|tomorrow",
            _relative_day,
        ),
        (
            rf"{_NOT_OF_A_THING}(?:this (?:morning|afternoon|evening|noon)|tonight|last night|"
            r"last evening)",
            _this_part,
        ),
        (WEEKDAY, _weekday),
        (r"recently|lately|recent(?= )|the last few days", _recently),
        (r"half a year ago", _half),
        (r"(?:earlier|so far) this (?P<unit>day|week|month|year)", _so_far),
        (r"(?:the )?weekend\b", _weekend),
        (
            r"(?:the )?(?P<day>\d{1,2}(?:st|nd|rd|th))(?: of (?P<which>last|this) month)?",
            _bare_day,
        ),
    )
)
