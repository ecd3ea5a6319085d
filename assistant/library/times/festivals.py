"""Festivals: when they are in a year, and what they are called in English and Chinese.

Lunar dates come from `lunar.tsv` (1970 to 2060), computed with lunardate 0.3.0 and zhdate 0.1,
which agree on all but one: the Mid-Autumn Festival of 1978, where zhdate (after the Hong Kong
Observatory's tables) has September 17. Public holidays that last have their usual length: three
days at Christmas, seven from October 1, five from May 1, New Year's Eve to the seventh day in
spring. Which days are really off differs by year, and is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from assistant.library.times.spans import Span, day, days

At = Callable[[int], Span]


@cache
def _lunar() -> dict[int, dict[str, tuple[int, int]]]:
    """Month and day of lunar festivals, by year and name."""
    text = resources.files("assistant.library.times").joinpath("lunar.tsv").read_text("utf-8")
    header, *rows = [line.split("\t") for line in text.splitlines()]
    return {
        int(row[0]): {
            name: (int(date[:2]), int(date[3:]))
            for name, date in zip(header[1:], row[1:], strict=True)
        }
        for row in rows
    }


def _by_moon(name: str, length: int = 1, before: int = 0, after: int = 0) -> At:
    def at(year: int) -> Span:
        known = _lunar()
        month, number = known[min(max(year, min(known)), max(known))][name]
        start, end = days(year, month, number, length, before)
        return start + timedelta(days=after), end + timedelta(days=after)

    return at


def _fixed(month: int, number: int, length: int = 1, before: int = 0) -> At:
    return lambda year: days(year, month, number, length, before)


def _nth(month: int, weekday: int, nth: int) -> At:
    """The nth such weekday (Monday is 0) of a month."""

    def at(year: int) -> Span:
        first = datetime(year, month, 1).weekday()
        return day(year, month, 1 + (weekday - first) % 7 + 7 * (nth - 1))

    return at


def _easter(year: int) -> datetime:
    """Easter Sunday: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    left = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * left) // 451
    month, number = divmod(h + left - 7 * m + 114, 31)
    return datetime(year, month, number + 1)


def _by_easter(first: int, length: int) -> At:
    def at(year: int) -> Span:
        start = _easter(year) + timedelta(days=first)
        return start, start + timedelta(days=length)

    return at


def _qingming(year: int) -> Span:
    """The solar term, April 4 or 5; the usual formula for 2000 to 2099 (1900s: 5.59)."""
    constant = 4.81 if year >= 2000 else 5.59
    rest = year % 100
    return day(year, 4, int(rest * 0.2422 + constant) - rest // 4)


def spring(year: int) -> datetime:
    """The first day of the lunar year, clamped to the table's years."""
    return _by_moon("spring")(year)[0]


_CHRISTMAS = _fixed(12, 24, 3)
_CHRISTMAS_EVE = _fixed(12, 24)
_SPRING_FESTIVAL = _by_moon("spring", length=7, before=1)
_NEW_YEAR = _fixed(1, 1)
_NEW_YEARS_EVE = _fixed(12, 31)
_THANKSGIVING = _nth(11, 3, 4)

ENGLISH: tuple[tuple[str, At], ...] = (
    (r"christmas eve", _CHRISTMAS_EVE),
    (r"(?:christmas day|boxing day eve)", _fixed(12, 25)),
    (r"boxing day", _fixed(12, 26)),
    (r"(?:christmas(?:time|es| holidays?)?|xmas)", _CHRISTMAS),
    (r"(?:chinese|lunar) new year'?s eve", _by_moon("spring", after=-1)),
    (r"(?:chinese new year|lunar new year|(?:the )?spring festival)", _SPRING_FESTIVAL),
    (r"new year'?s? eve", _NEW_YEARS_EVE),
    (r"new year'?s?(?: day)?", _NEW_YEAR),
    (r"lantern festival", _by_moon("spring", after=14)),
    (r"(?:mid-?autumn|moon)(?: festival| day)", _by_moon("mid-autumn")),
    (r"dragon boat(?: festival| day)", _by_moon("dragon-boat")),
    (r"good friday", _by_easter(-2, 1)),
    (r"easter sunday", _by_easter(0, 1)),
    (r"easter monday", _by_easter(1, 1)),
    (r"easter(?: weekend| holidays?)?", _by_easter(-2, 4)),
    (r"thanksgiving(?: day)?", _THANKSGIVING),
    (r"halloween", _fixed(10, 31)),
    (r"valentine'?s?(?: day)?", _fixed(2, 14)),
    (r"(?:st\.? |saint )patrick'?s day", _fixed(3, 17)),
    (r"(?:labou?r day|may day)", _fixed(5, 1)),
    (r"(?:chinese )?national day", _fixed(10, 1, 7)),
    (r"mother'?s day", _nth(5, 6, 2)),
    (r"father'?s day", _nth(6, 6, 3)),
)
"""Patterns of names in lower case, longer ones first. Labour Day is May 1, mothers' the second
Sunday of May: the American and British ones that differ are not told apart."""

CHINESE: tuple[tuple[str, At], ...] = (
    (r"平安夜", _CHRISTMAS_EVE),
    (r"圣诞节?(?!树|老人|帽|礼|卡|市|歌|袜|装|花|快)", _CHRISTMAS),
    (r"元旦", _NEW_YEAR),
    (r"跨年(?:夜|晚会)?", _NEW_YEARS_EVE),
    (r"除夕夜?|大年三十|年三十", _by_moon("spring", after=-1)),
    (r"春节(?:假期|期间)?|农历新年|过年(?:期间|的时候)?", _SPRING_FESTIVAL),
    (r"元宵节?", _by_moon("spring", after=14)),
    (r"端午节?", _by_moon("dragon-boat")),
    (r"七夕节?", _by_moon("qixi")),
    (r"中秋节?", _by_moon("mid-autumn")),
    (r"重阳节?", _by_moon("double-ninth")),
    (r"清明节?(?!上河)", _qingming),
    (r"国庆(?:节|假期|长假|黄金周)*", _fixed(10, 1, 7)),
    (r"(?:十一|11)(?:假期|长假|黄金周|期间)", _fixed(10, 1, 7)),
    (r"(?:五一|51|劳动节)(?:劳动节|假期|长假|黄金周|节)*", _fixed(5, 1, 5)),
    (r"六一(?:儿童节)?|儿童节", _fixed(6, 1)),
    (r"情人节", _fixed(2, 14)),
    (r"妇女节|三八节", _fixed(3, 8)),
    (r"万圣节前?夜?", _fixed(10, 31)),
    (r"感恩节", _THANKSGIVING),
    (r"复活节", _by_easter(-2, 4)),
    (r"母亲节", _nth(5, 6, 2)),
    (r"父亲节", _nth(6, 6, 3)),
    (r"教师节", _fixed(9, 10)),
    (r"双十一|光棍节", _fixed(11, 11)),
)
