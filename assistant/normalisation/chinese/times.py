"""Chinese times of day and dates. A date of two numbers, such as 11/25, stays a fraction."""

from __future__ import annotations

import re

from assistant.normalisation.chinese.numbers import cardinal, counted, digits, year
from assistant.normalisation.rules import DASH, Rule

_HALF_DAY = "上午|下午|早上|早晨|清晨|晚上|中午|凌晨|傍晚|夜里|半夜|今晚|明晚|今早|明早"
_WEEK = "零一二三四五六日"


def _time(match: re.Match[str]) -> str:
    """下午3:30 is 下午三点半; 14:30 十四点三十分, as it is announced."""
    before, hour, minute, second = match[1] or "", match[2], match[3], match[4]
    said = f"{before}{counted(str(int(hour)))}点"
    if int(minute) == 30 and not second and 0 < int(hour) <= 12:
        return f"{said}半"
    if int(minute) or second:
        said += ("零" if 0 < int(minute) < 10 else "") + cardinal(str(int(minute))) + "分"
    return said + (f"{cardinal(str(int(second)))}秒" if second else "")


def _day(month: str, day: str) -> str:
    return f"{cardinal(str(int(month)))}月{cardinal(str(int(day)))}日"


def _date(match: re.Match[str]) -> str:
    if not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return match[0]
    return f"{year(match[1])}年{_day(match[2], match[3])}"


def _day_first(match: re.Match[str]) -> str:
    """11/25/2026, where one of the first two is over 12; else its numbers as they stand."""
    first, second = int(match[1]), int(match[2])
    month, day = (second, first) if first > 12 else (first, second)
    known = max(first, second) > 12 and 1 <= month <= 12 and day <= 31
    if known or first == second <= 12:
        return f"{year(match[3])}年{_day(str(month), str(day))}"
    return "斜杠".join([cardinal(match[1]), cardinal(match[2]), digits(match[3])])


TIMES: list[Rule] = [
    (re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:T(?=\d\d:)|(?![\d.]\d|\d))"),
     lambda m: _date_of(m)),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])"), _day_first),
    (re.compile(rf"(?<!\d)(\d{{4}})年? ?(?:{DASH}|至|到) ?(\d{{4}})(?=学?年)"),
     lambda m: f"{year(m[1])}到{year(m[2])}"),
    (re.compile(r"(?<!\d)([1-9]000)(?=年[前来多])"), lambda m: cardinal(m[1])),
    (re.compile(r"(?<!\d)(\d{4})(?=年(?!级))"), lambda m: year(m[1])),
    (re.compile(r"(?<![\d.])(\d{2})(?=年(?:\d{1,2}月|[款届]))"), lambda m: digits(m[1])),
    (re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})(?:[日号]|(?![\d个]))"), lambda m: _day(m[1], m[2])),
    (re.compile(r"(?<![\d·])(\d{1,2})·(\d{1,2})(?![\d·])"), lambda m: digits(m[1] + m[2])),
    (re.compile(r"(周|星期|礼拜)([1-7])(?!\d)"), lambda m: f"{m[1]}{_WEEK[int(m[2])]}"),
    (re.compile(rf"(?<=[周期][一二三四五六日天]) ?{DASH} ?(?=周|星期)"), lambda m: "到"),
    (re.compile(rf"(?<=[点时分]) ?{DASH} ?(?=\d)|(?<=\d:\d\d) ?{DASH} ?(?=\d{{1,2}}:\d\d)"),
     lambda m: "到"),
    (re.compile(r"(比分|比例|比率|比) ?(\d+):(\d+)(?![:\d])"),
     lambda m: f"{m[1]}{cardinal(m[2])}比{cardinal(m[3])}"),
    (re.compile(rf"({_HALF_DAY})? ?(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![:\d])"),
     _time),
    (re.compile(r"(?<![\d:])(\d+):(\d+)(?![:\d])"),
     lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    (re.compile(r"(?<!\d)(\d{1,2})点(\d{1,2})分?(?!\d|[万亿千百%])"),
     lambda m: f"{counted(m[1])}点{'零' if len(m[2]) == 1 or m[2][0] == '0' else ''}"
     f"{cardinal(str(int(m[2])))}分"),
]  # fmt: skip


def _date_of(match: re.Match[str]) -> str:
    when, month, day = match[1], match[3], match[4]
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return f"{year(when)}年{_day(month, day)}"
