"""Chinese numbers, money, times, dates, units and signs as characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONEY = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "₹": "卢比",
          "USD": "美元", "EUR": "欧元", "GBP": "英镑", "CNY": "元", "RMB": "元"}  # fmt: skip
_UNITS = {
    "km/h": "公里每小时", "m/s": "米每秒", "km²": "平方公里", "cm²": "平方厘米", "m²": "平方米",
    "m³": "立方米", "km": "公里", "cm": "厘米", "mm": "毫米", "m": "米",
    "kg": "公斤", "mg": "毫克", "μg": "微克", "µg": "微克", "g": "克", "ml": "毫升", "mL": "毫升",
    "l": "升", "L": "升", "kB": "千字节", "KB": "千字节", "MB": "兆字节", "GB": "吉字节",
    "TB": "太字节", "kWh": "千瓦时", "kW": "千瓦", "W": "瓦", "V": "伏", "mAh": "毫安时",
    "Hz": "赫兹", "kHz": "千赫兹", "MHz": "兆赫兹", "GHz": "吉赫兹", "ms": "毫秒", "s": "秒",
    "min": "分钟", "h": "小时", "kcal": "千卡", "kJ": "千焦", "dB": "分贝", "°": "度",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
# Measure words before which two is 两, not 二.
_TWO = (
    "个|只|把|条|张|位|名|座|台|辆|本|杯|瓶|件|块|间|扇|棵|朵|头|匹|盘|碗|份|种|家|双|对|盒|包|袋|"
    "片|支|根|颗|粒|滴|次|遍|步|点|年(?!级)|天|周|分钟|小时|秒|米|公里|公斤|斤|元|美元|欧元|"
    "英镑|千|万|亿|倍|岁|人|排|行|幅|部|艘|架|句|段|首"
)
_SIGNS = {"&": "和", "+": "加", "=": "等于", "×": "乘", "÷": "除以", "±": "正负", "~": "约",
          "≈": "约等于", "<": "小于", ">": "大于", "≤": "不超过", "≥": "不少于", "@": "艾特",
          "#": "号", "™": "", "®": "", "©": "版权", "→": "到"}  # fmt: skip

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


@cache
def _numerals() -> Any:
    from cn2an import An2Cn

    return An2Cn().an2cn


def spoken(text: str) -> str:
    """The text in characters; Latin words stay."""
    text = text.translate(str.maketrans("０１２３４５６７８９％", "0123456789%"))
    text = re.sub(r"(?<=\d)：(?=\d)", ":", text)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "", text)
    return " ".join(text.split())


def cardinal(number: str) -> str:
    """`1,234.5` -> 一千二百三十四点五."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        said = digits(whole)
    else:
        said = str(_numerals()(str(int(whole or 0)), "low"))
        said = re.sub(r"^一十", "十", said)
        said = re.sub(r"^二(?=[千万亿])|(?<=[万亿])二(?=千)", "两", said)
    return f"{said}点{digits(decimals)}" if decimals else said


def digits(number: str, one: str = "一") -> str:
    """One by one; `one` is 幺 in telephone and room numbers."""
    names = dict(zip("0123456789", f"零{one}二三四五六七八九", strict=True))
    return "".join(names[d] for d in number if d.isdigit())


def _time(match: re.Match[str]) -> str:
    hour, minute, second = match[1], match[2], match[3]
    said = ("两" if int(hour) == 2 else cardinal(str(int(hour)))) + "点"
    if int(minute) or second:
        said += ("零" if 0 < int(minute) < 10 else "") + cardinal(str(int(minute))) + "分"
    return said + (cardinal(str(int(second))) + "秒" if second else "")


def _day(month: str, day: str) -> str:
    return f"{cardinal(str(int(month)))}月{cardinal(str(int(day)))}日"


def _date(match: re.Match[str]) -> str:
    if not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return match[0]
    return f"{digits(match[1])}年{_day(match[2], match[3])}"


def _money(sign: str, number: str, scale: str | None = None) -> str:
    number = re.sub(r"\.00$", "", number)
    said = "两" if number == "2" and not scale else cardinal(number)
    return f"{said}{scale or ''}{_MONEY[sign]}"


def _unit(match: re.Match[str]) -> str:
    name = _UNITS[match[2]]
    return f"{'两' if match[1] == '2' and name[0] != '度' else cardinal(match[1])}{name}"


def _degrees(match: re.Match[str]) -> str:
    below = "零下" if match[1] else ""
    scale = "华氏度" if match[3] == "°F" else "摄氏度"
    return f"{below}{cardinal(match[2])}{scale}"


def _phone(match: re.Match[str]) -> str:
    return "，".join(digits(group, "幺") for group in re.findall(r"\d+", match[0]))


_RULES: list[Rule] = [
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), _date),
    (re.compile(r"(?<!\d)(\d{4}|\d{2})(?=年(?!级))"), lambda m: digits(m[1])),
    (re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]"), lambda m: _day(m[1], m[2])),
    (re.compile(r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?!\d)"), _time),
    (re.compile(r"(?<!\d)(\d+):(\d+)(?!\d)"), lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    (re.compile(rf"([$€£¥￥₹]|USD|EUR|GBP|CNY|RMB) ?({_NUMBER})([千万亿])?(?:元)?"),
     lambda m: _money(m[1], m[2], m[3])),
    (re.compile(rf"({_NUMBER}) ?(USD|EUR|GBP|CNY|RMB|€)"), lambda m: _money(m[2], m[1])),
    (re.compile(rf"([-−])?({_NUMBER}) ?(°C|°F)"), _degrees),
    (re.compile(rf"({_NUMBER})[-–—~～]({_NUMBER})%"),
     lambda m: f"百分之{cardinal(m[1])}到百分之{cardinal(m[2])}"),
    (re.compile(rf"([-−]?)({_NUMBER})%"),
     lambda m: f"{'负' if m[1] else ''}百分之{cardinal(m[2])}"),
    (re.compile(rf"({_NUMBER})‰"), lambda m: f"千分之{cardinal(m[1])}"),
    (re.compile(r"(?<!\d)(\d+)又(\d+)/(\d+)"),
     lambda m: f"{cardinal(m[1])}又{cardinal(m[3])}分之{cardinal(m[2])}"),
    (re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])"),
     lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    (re.compile(r"(?<![\d.])\+?\d{2,4}(?:[ -]\d{3,8}){1,3}(?![\d.])"), _phone),
    (re.compile(r"(?<![\d.,])\+?\d{7,}(?![\d.,]\d|\d)"), _phone),
    (re.compile(r"(?<=拨打|请拨|电话|热线|报警|急救|号码)[:：是为]? ?(\d{3,6})(?!\d)"), _phone),
    (re.compile(r"(?<![\d.])(\d{3,4})(?=路|室|房|号房|号楼|次列车|次航班|号车厢|航班)"), _phone),
    (re.compile(rf"({_NUMBER}) ?[-–—~～至] ?(?={_NUMBER})"), lambda m: f"{m[1]}到"),
    (re.compile(rf"({_NUMBER}) ?({_UNIT})(?![A-Za-z0-9²³/])"), _unit),
    (re.compile(r"第(\d+)"), lambda m: f"第{cardinal(m[1])}"),
    (re.compile(rf"(?<![\d.,])2(?=(?:{_TWO}))"), lambda m: "两"),
    (re.compile(rf"(?<![\d\w)])[-−]({_NUMBER})"), lambda m: f"负{cardinal(m[1])}"),
    (re.compile(r"\d+(?:\.\d+){2,}"), lambda m: "点".join(map(cardinal, m[0].split(".")))),
    (re.compile(_NUMBER), lambda m: cardinal(m[0])),
]  # fmt: skip
