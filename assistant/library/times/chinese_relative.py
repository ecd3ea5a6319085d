"""Times counted from now in Chinese: 上周, 三年前, 星期一."""

from __future__ import annotations

import re

from assistant.library.times import spans
from assistant.library.times.chinese_named import DAY, Rule, back, value
from assistant.library.times.found import Clock
from assistant.library.times.numerals import CHINESE as COUNT
from assistant.library.times.numerals import chinese
from assistant.library.times.spans import Period, once

_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}
UNITS = {
    "小时": "hour", "钟头": "hour", "天": "day", "日": "day", "周": "week", "星期": "week",
    "礼拜": "week", "月": "month", "年": "year",
}  # fmt: skip
UNIT = r"(?:小时|钟头|天|周|星期|礼拜|月|年)"
_WEEK = r"(?:周|星期|礼拜)"
PARTS = {
    "凌晨": "dawn", "清晨": "morning", "早晨": "morning", "早上": "morning", "上午": "morning",
    "中午": "noon", "下午": "afternoon", "傍晚": "evening", "晚上": "evening", "夜里": "night",
    "深夜": "night", "夜晚": "night", "半夜": "night",
}  # fmt: skip
_DAYS_BACK = {"大前": 3, "前": 2, "昨": 1, "今": 0, "明": -1, "后": -2}
_WHICH_WEEK = r"(?P<which>上+一?个?|这个?|本|下+个?)"


def _ago(match: re.Match[str], clock: Clock) -> Period:
    return back(clock, UNITS[match["unit"]], match["count"], bool(match["about"]))


def _bare_day(match: re.Match[str], clock: Clock) -> Period:
    """The 5th: of the month named, else of the latest month that has come so far."""
    number = chinese(match["day"])
    back = {"上个月": 1, "上月": 1, "这个月": 0, "本月": 0}.get(match["which"] or "")
    first = spans.unit(clock.now, "month", back or 0)[0]
    if back is None and number > clock.now.day:
        first = spans.unit(clock.now, "month", 1)[0]
    return once(spans.day(first.year, first.month, number))


def _last(match: re.Match[str], clock: Clock) -> Period:
    """上周, 上上个月, 这周, 本月."""
    which, unit = match["which"], UNITS[match["unit"]]
    back = which.count("上") if "上" in which else -1 if which.startswith("下") else 0
    if match["weekday"]:
        if match["weekday"] == "末":
            return once(spans.unit(clock.now, "weekend", back))
        return once(spans.weekday(clock.now, _WEEKDAYS[match["weekday"]], back))
    return once(spans.unit(clock.now, unit, back))


def _weekday(match: re.Match[str], clock: Clock) -> Period:
    if match["weekday"] == "末":
        return _weekend(clock)
    return once(spans.weekday(clock.now, _WEEKDAYS[match["weekday"]]))


def _weekend(clock: Clock) -> Period:
    """The latest that has begun."""
    this = spans.unit(clock.now, "weekend", 0)
    return once(this if this[0] <= clock.now else spans.unit(clock.now, "weekend", 1))


def _part_of_month(match: re.Match[str], clock: Clock) -> Period:
    """上个月底, 月初."""
    span = spans.unit(clock.now, "month", 1 if "上" in match["which"] else 0)
    return once(spans.share(span, "初中底".index(match["part"].replace("末", "底"))))


def _half_year(match: re.Match[str], clock: Clock) -> Period:
    """半年前 is a month, 最近半年 reaches until now."""
    if match["recent"]:
        return once(spans.rolling(clock.now, "month", 6))
    return once(spans.unit(clock.now, "month", 6))


def _past(match: re.Match[str], clock: Clock) -> Period:
    length = value(match["count"])
    return once(spans.rolling(clock.now, UNITS[match["unit"]], length))


def _relative_day(match: re.Match[str], clock: Clock) -> Period:
    span = spans.unit(clock.now, "day", _DAYS_BACK[match["which"]])
    part = {"晚": "evening", "夜": "night", "早": "morning", "晨": "morning"}.get(match["part"])
    return once(spans.part_of_day(span, part) if part else span)


def _recently(match: re.Match[str], clock: Clock) -> Period:
    return once(spans.rolling(clock.now, "day", 7 if match["week"] else 30))


RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (rf"(?P<which>上个月|上月|这个月|本月)?(?:的)?{DAY}(?!线|楼|桌|球)", _bare_day),
        (
            rf"{_WHICH_WEEK}(?P<unit>周|星期|礼拜)(?P<weekday>[一二三四五六日天末])?(?!年|岁)",
            _last,
        ),
        (rf"{_WHICH_WEEK}(?P<unit>月|年|小时)(?P<weekday>(?!))?", _last),
        (rf"{_WEEK}(?P<weekday>[一二三四五六日天末])(?!年|岁|个)", _weekday),
        (
            rf"(?P<about>大?约|大概|差不多)?(?P<count>十几|几|{COUNT})个?(?P<unit>{UNIT})(?:以|之)?前",
            _ago,
        ),
        (
            rf"(?:最近|过去|近|这)(?:的)?(?P<count>{COUNT}|几)个?(?P<unit>{UNIT})(?:以?内|里|来)?",
            _past,
        ),
        (r"(?P<which>上个?月|这个月|本月|月)(?P<part>初|底|末|中(?!秋|国))旬?", _part_of_month),
        (
            r"(?P<recent>(?:最近|过去|近)(?:的)?)?半年(?(recent)(?:以?内|里)?|(?:以|之)?前)",
            _half_year,
        ),
        (r"(?P<which>大前|前|昨|今|明|后)(?:天|日)(?P<part>(?!))?", _relative_day),
        (r"(?P<which>前|昨|今|明)天?(?P<part>晚|夜|早|晨)(?:上|里|间)?(?!饭|餐|点)", _relative_day),
        (r"最近|近期|前不久|(?P<week>前些天|前几天|这几天|这两天)", _recently),
    )
)
