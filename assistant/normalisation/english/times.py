"""English times of day, durations and dates.

A date whose order cannot be known, such as 05/06/2026, is read as its numbers; where one
of the first two is over 12, the other one is the month. Dots put the day first, as the
countries that write them do. No century is added to a year of two digits.
"""

from __future__ import annotations

import re

from assistant.normalisation.english.numbers import cardinal, ordinal, year
from assistant.normalisation.rules import DASH, Rule

_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_MONTH = {name[:3].lower(): name for name in _MONTHS}
_MONTH_NAME = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_DAY_NAME = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?:days?|nesday|urday)?"
_HALF = r"(?: ?([ap])(?:\.m\.|\.?m\b))"


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    half = f" {match[4].lower()} m" if match[4] else ""
    said = cardinal(str(hour))
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(str(minute))}"
    elif second:
        said += " hundred"
    elif not half:
        said += " o'clock" if 0 < hour <= 12 else " hundred"
    if second:
        said += f" and {_plural(int(second), 'second')}"
    return said + half


def _plural(count: int, thing: str) -> str:
    return f"{cardinal(str(count))} {thing}{'' if count == 1 else 's'}"


def _date(month: str | int, day: str, when: str | None) -> str:
    name = _MONTHS[month - 1] if isinstance(month, int) else _MONTH[month[:3].lower()]
    said = f"{name} {ordinal(int(day))}"
    return f"{said}, {_year(when)}" if when else said


def _year(written: str) -> str:
    if len(written) == 4:
        return year(int(written))
    return f"{'oh ' if written[0] == '0' and written != '00' else ''}{cardinal(str(int(written)))}"


def _slashes(match: re.Match[str]) -> str:
    first, second = int(match[1]), int(match[2])
    month, day = (second, first) if first > 12 else (first, second)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return f"{cardinal(match[1])} slash {cardinal(match[2])} slash {_year(match[3])}"
    if max(first, second) <= 12 and first != second:
        return f"{cardinal(match[1])} slash {cardinal(match[2])} slash {_year(match[3])}"
    return _date(month, str(day), match[3])


def _ordered(match: re.Match[str], *, year_first: bool) -> str:
    """2026-11-25 or 25.11.2026."""
    parts = match.groups()
    when, month, day = parts if year_first else reversed(parts)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return _date(int(month), day, when)


def _day(name: str) -> str:
    return _DAYS[name[:3].lower()] + ("s" if name.endswith("days") else "")


TIMES: list[Rule] = [
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?:T(?=\d\d:)|\b)(?!-)"),
     lambda m: _ordered(m, year_first=True) + (" " if m[0][-1] == "T" else "")),
    (re.compile(r"(?<![\d.])(\d{4})\.(\d{1,2})\.(\d{1,2})(?![\d.]\d|\d)"),
     lambda m: _ordered(m, year_first=True)),
    (re.compile(r"(?<![\d.])(\d{4})/(\d{1,2})/(\d{1,2})(?![\d/])"),
     lambda m: _ordered(m, year_first=True)),
    (re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.]\d|\d)"),
     lambda m: _ordered(m, year_first=False)),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])"), _slashes),
    (re.compile(r"(?<![\d/.])(0?[1-9]|1[0-2])/(20\d\d)\b(?!/)"),
     lambda m: f"{_MONTHS[int(m[1]) - 1]} {year(int(m[2]))}"),
    (re.compile(r"(?<=[Ee][Xx][Pp] )(20\d\d)-(0[1-9]|1[0-2])\b"),
     lambda m: f"{_MONTHS[int(m[2]) - 1]} {year(int(m[1]))}"),
    (re.compile(rf"\b({_MONTH_NAME}) (\d{{1,2}})(?:st|nd|rd|th)? ?{DASH} ?(\d{{1,2}})"
                r"(?:st|nd|rd|th)?(?:,? (\d{4}))?\b(?!:)"),
     lambda m: f"{_date(m[1], m[2], None)} to {ordinal(int(m[3]))}"
     + (f", {year(int(m[4]))}" if m[4] else "")),
    (re.compile(rf"\b({_MONTH_NAME}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?"
                r"\b(?!:|\.\d)", re.I),
     lambda m: _date(m[1], m[2], m[3])),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? of ({_MONTH_NAME})(?:,? (\d{{4}}))?(?<!\.)\b"),
     lambda m: f"{ordinal(int(m[1]))} of {_MONTH[m[2][:3].lower()]}"
     + (f", {year(int(m[3]))}" if m[3] else "")),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH_NAME})(?:,? (\d{{4}}))?"
                r"(?<!\.)\b"), lambda m: _date(m[2], m[1], m[3])),
    (re.compile(rf"\b({_DAY_NAME})\.? ?[-–—] ?({_DAY_NAME})\b"),
     lambda m: f"{_day(m[1])} to {_day(m[2])}"),
    (re.compile(r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?(?=,? \d)"), lambda m: _day(m[1])),
    (re.compile(rf"((?:\d:\d\d|\d{_HALF})) ?{DASH} ?(?=\d{{1,2}}(?::\d\d|{_HALF}))", re.I),
     lambda m: f"{m[1]} to "),
    (re.compile(rf"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![:\d]){_HALF}?", re.I),
     _clock),
    (re.compile(rf"(?<![\d.])(1[0-2]|0?[1-9])\.([0-5]\d)(){_HALF}", re.I), _clock),
    (re.compile(rf"(?<![\d.,])(1[0-2]|[1-9]){_HALF}(?!\w)", re.I),
     lambda m: f"{cardinal(m[1])} {m[2].lower()} m"),
    (re.compile(r"(?<![\d:.])(\d+):(\d+)(?![\d:])"), lambda m: f"{m[1]} to {m[2]}"),
    (re.compile(r"\b(\d{1,2}) ?h(?:rs?)? ?([0-5]?\d)(?: ?m(?:in)?)?(?!\w)"),
     lambda m: f"{_plural(int(m[1]), 'hour')} {_plural(int(m[2]), 'minute')}"),
]  # fmt: skip
