"""Times with a name in Chinese: dates, months, seasons, festivals, years, decades."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from assistant.library.times import spans
from assistant.library.times.festivals import CHINESE as FESTIVALS
from assistant.library.times.festivals import spring
from assistant.library.times.found import Clock
from assistant.library.times.numerals import CHINESE as COUNT
from assistant.library.times.numerals import CHINESE_YEAR, chinese
from assistant.library.times.spans import FIRST, Period, Span, once

Rule = Callable[["re.Match[str]", Clock], Period]

_SEASONS = {"春": "spring", "夏": "summer", "秋": "autumn", "冬": "winter"}
_YEARS_BACK = {
    "大前年": 3,
    "前年": 2,
    "去年": 1,
    "上一年": 1,
    "今年": 0,
    "本年": 0,
    "明年": -1,
    "后年": -2,
}
_SOME_YEARS_AGO = rf"(?:大?约|差不多)?(?:十几|几|{COUNT})年(?:以|之)?前"
_SHORT_YEAR = (
    r"(?<!\d)(?:\d\d|[零〇一二][零〇一二三四五六七八九])年(?![前以之来间内多半]|级|老|的?时间)"
)
_YEAR = rf"(?:{CHINESE_YEAR}年|{_SHORT_YEAR}|{'|'.join(_YEARS_BACK)}|{_SOME_YEARS_AGO})"
_FESTIVAL = rf"(?:{'|'.join(pattern for pattern, _ in FESTIVALS)})"
_SEASON = r"(?:[春夏秋冬](?:天|季|日)|暑假|寒假)"
_MONTH = r"(?P<month>(?:\d{1,2}|[一二三四五六七八九十]{1,3}))月份?"
_NUMBER = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
DAY = rf"(?P<day>{_NUMBER})[日号]"
_BARE_SEASON_ENDS = re.compile(
    r"(?:的时候|里|期间|时)?(?:$|[，,。]|的?(?:照片|相片|图片|相册)|在|拍|去|和|我们)"
)


def _year_number(words: str, clock: Clock) -> int:
    if words in _YEARS_BACK:
        return clock.now.year - _YEARS_BACK[words]
    ago = re.search(rf"(十几|几|{COUNT})年(?:以|之)?前", words)
    if ago is not None:
        return max(1, clock.now.year - value(ago[1]))
    number = chinese(words.removesuffix("年"))
    if number < 100:  # 08年
        number += 2000 if 2000 + number <= clock.now.year else 1900
    return number


def value(words: str) -> int:
    return {"几": 3, "十几": 15}.get(words) or chinese(words)


def _year(match: re.Match[str], clock: Clock) -> Period:
    words = match[0]
    if "前" in words and words not in _YEARS_BACK:
        return _ago_of(match, clock)
    return Period(at=spans.year, year=_year_number(words, clock))


def _bare_year(match: re.Match[str], clock: Clock) -> Period:
    return Period(at=spans.year, year=int(match["digits"]))


def _ago_of(match: re.Match[str], clock: Clock) -> Period:
    some = re.match(rf"(?P<about>大?约|差不多)?(?P<most>十几|几|{COUNT})年", match[0])
    assert some is not None
    return back(clock, "year", some["most"], bool(some["about"]))


def back(clock: Clock, unit: str, words: str, about: bool) -> Period:
    """So many units ago; 几 is two to four, 两三 is two to three."""
    pair = re.fullmatch("[一二两三四五六七八九]{2}", words)
    if words in ("几", "十几"):
        least, most = (2, 4) if words == "几" else (11, 19)
    elif pair is not None:
        least, most = sorted((chinese(words[0]), chinese(words[1])))
    else:
        least = most = chinese(words)
    if about:
        least, most = max(0, least - 1), most + 1
    try:
        return once((spans.unit(clock.now, unit, most)[0], spans.unit(clock.now, unit, least)[1]))
    except OverflowError:
        return once((FIRST, FIRST))


def _in_year(match: re.Match[str], at: Callable[[int], Span], clock: Clock) -> Period:
    if not match["year"]:
        return Period(at=at)
    year = _year_number(match["year"], clock)
    if match["year"] in ("今年", "本年"):
        return spans.present(at, clock.now)
    return Period(at=at, year=year)


_THIRDS = str.maketrans("末上下", "底初底")


def _month(match: re.Match[str], clock: Clock) -> Period:
    number, which = chinese(match["month"]), match["which"]
    spans.month(2000, number)
    third = "初中底".index(which.translate(_THIRDS)) if which else None

    def at(year: int) -> Span:
        whole = spans.month(year, number)
        return whole if third is None else spans.share(whole, third)

    return _in_year(match, at, clock)


def _day(match: re.Match[str], clock: Clock) -> Period:
    month, number = chinese(match["month"]), chinese(match["day"])
    return _checked(_in_year(match, lambda year: spans.day(year, month, number), clock), clock)


def _checked(period: Period, clock: Clock) -> Period:
    period.span(clock.now)  # a day that does not exist is told at once
    return period


def _season(match: re.Match[str], clock: Clock) -> Period:
    name = match["season"]
    if name == "暑假":
        return _in_year(match, lambda year: spans.month(year, 7, 2), clock)
    if name == "寒假":
        return _in_year(match, lambda year: spans.days(year, 1, 15, 45), clock)
    english = _SEASONS[name[0]]
    return _in_year(match, lambda year: spans.season(year, english, clock.southern), clock)


def _festival(match: re.Match[str], clock: Clock) -> Period:
    name = match["festival"]
    at = next(at for pattern, at in FESTIVALS if re.match(rf"(?:{pattern})", name + match["next"]))
    if match["last"]:
        return spans.ended(at, clock.now)
    return _in_year(match, at, clock)


def _eleventh(match: re.Match[str], clock: Clock) -> Period:
    """去年十一: National Day, where a year stands before it."""
    return _in_year(match, lambda year: spans.days(year, 10, 1, 7), clock)


def _part_of_year(match: re.Match[str], clock: Clock) -> Period:
    which, year = match["which"], _year_number(match["year"] or "今年", clock)
    if which in ("上半年", "下半年"):
        return Period(at=lambda y: spans.half(y, which == "下半年"), year=year)
    sixth = 0 if "初" in which or "头" in which else 5 if "底" in which or "末" in which else None
    whole = spans.year(year)
    return once(spans.share(whole, sixth, 6) if sixth is not None else spans.share(whole, 1, 3))


def _decade(match: re.Match[str], clock: Clock) -> Period:
    digits = chinese(match["digits"])
    century = match["century"] or ""
    first = {"上世纪": 1900, "上个世纪": 1900, "二十世纪": 1900, "20世纪": 1900}.get(
        century, 2000 if century or digits <= 20 else 1900
    )
    return once(spans.year(first + digits, 10))


_OF_YEAR = rf"(?:(?P<year>{_YEAR})(?:的|那年的?|那个)?)?"


def _days(match: re.Match[str], clock: Clock) -> Period:
    """3月5日到8日."""
    month = chinese(match["month"])
    first, last = chinese(match["day"]), chinese(match["second"])

    def at(year: int) -> Span:
        return spans.day(year, month, first)[0], spans.day(year, month, last)[1]

    return _checked(_in_year(match, at, clock), clock)


def _first_days(match: re.Match[str], clock: Clock) -> Period:
    """大年初二, 正月十五."""
    number = chinese(match["number"])

    def at(year: int) -> Span:
        start = spring(year) + timedelta(days=number - 1)
        return start, start + timedelta(days=1)

    return _in_year(match, at, clock)


RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (_YEAR, _year),
        (r"(?P<digits>(?:19|20)\d\d)(?!\d|年|[a-z]|个|张|元|块|米|公里|人)", _bare_year),
        (rf"{_OF_YEAR}{_MONTH}(?P<which>初|底|末|中(?!秋)|[上下](?=旬))?旬?", _month),
        (rf"{_OF_YEAR}{_MONTH}的?{DAY}", _day),
        (
            rf"{_OF_YEAR}{_MONTH}的?(?P<day>{_NUMBER})[日号]?(?:到|至|-|~)(?P<second>{_NUMBER})[日号]",
            _days,
        ),
        (rf"{_OF_YEAR}(?:大年|正月)初?(?P<number>十[一-五]|[一二三四五六七八九十])", _first_days),
        (rf"(?P<year>{_YEAR})(?:的|那个)?(?P<season>{_SEASON}|[春夏秋冬])", _season),
        (
            rf"(?P<year>(?!))?(?P<season>{_SEASON})(?={_BARE_SEASON_ENDS.pattern})",
            _season,
        ),
        (rf"(?P<last>上个?)?{_OF_YEAR}(?P<festival>{_FESTIVAL})(?=(?P<next>.?))", _festival),
        (rf"(?P<year>{_YEAR})的?十一(?!月|个|张|人|岁|[日号])", _eleventh),
        (
            rf"(?P<year>{_YEAR})?的?(?P<which>年初|年头|年中|年底|年末|上半年|下半年)",
            _part_of_year,
        ),
        (
            rf"(?P<year>{_YEAR})的?(?P<which>初|底|末)",
            _part_of_year,
        ),
        (
            r"(?P<century>上个?世纪|(?:二十一|二十|2[01])世纪|本世纪)?"
            r"(?P<digits>[2-9一二三四五六七八九]?[0十])年代",
            _decade,
        ),
    )
)
ONLY_JOINED: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(rf"(?P<year>(?!))?(?P<season>{_SEASON})"), _season),
)
"""What is a time only at the end of a range: 春天到秋天."""
