"""Chinese money, units, ranges and signs of arithmetic."""

from __future__ import annotations

import re

from assistant.normalisation.chinese.numbers import TWO, cardinal, counted
from assistant.normalisation.rules import DASH, NUMBER, Rule, alternatives
from assistant.normalisation.units import UNITS

_MONEY = {
    "$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "₹": "卢比", "₩": "韩元", "₽": "卢布",
    "US$": "美元", "HK$": "港币", "NT$": "新台币", "CA$": "加元", "A$": "澳元",
    "USD": "美元", "EUR": "欧元", "GBP": "英镑", "CNY": "元", "RMB": "元", "JPY": "日元",
    "HKD": "港币", "円": "日元",
}  # fmt: skip
_SIGN = alternatives(set(_MONEY) - {"円"})
_NAMED = alternatives(set(_MONEY) - {"US$", "HK$", "NT$", "CA$", "A$"})
_UNIT = rf"(?:{alternatives(set(UNITS) - {'in', 'N', 'J', 'bar', 's', 'ppm', 'psi'})}|(?<=\d)s)"
_LEFT = rf"(?:{NUMBER}(?: ?(?:%|{_UNIT}))?|[零一二三四五六七八九十百千万两]+)"
_WORDS = {
    "<=": "不超过", ">=": "不少于", "!=": "不等于", "==": "等于", "->": "到", "=>": "到",
    "&": "和", "+": "加", "=": "等于", "×": "乘", "÷": "除以", "±": "正负", "~": "约",
    "≈": "约等于",
    "≠": "不等于", "<": "小于", ">": "大于", "≤": "不超过", "≥": "不少于", "@": "艾特", "→": "到",
    "←": "从", "√": "根号", "∞": "无穷大", "©": "版权", "§": "第", "°": "度", "€": "欧元",
    "£": "英镑", "¥": "元",
}  # fmt: skip
_LATIN = {"vs": "对", "VS": "对", "e.g.": "例如", "i.e.": "即", "etc.": "等", "approx.": "约"}


def _money(sign: str, number: str, scale: str | None = None) -> str:
    number = re.sub(r"\.00$", "", number)
    said = cardinal(number) if scale else counted(number)
    return f"{said}{scale or ''}{_MONEY[sign]}"


def _unit(match: re.Match[str]) -> str:
    name = UNITS[match["unit"]].chinese
    per = match["per"]
    number = match["number"]
    said = cardinal(number) if name[0] in "度摄华" else counted(number)
    if not per:
        return f"{said}{name}"
    return f"{said}{name}每{UNITS[per].chinese if per in UNITS else per}"


def _degrees(match: re.Match[str]) -> str:
    below = "零下" if match[1] else ""
    scale = "华氏度" if match[3] == "°F" else "摄氏度"
    return f"{below}{cardinal(match[2])}{scale}"


def _range(match: re.Match[str]) -> str:
    """Between two numbers 到, in a sum 减."""
    after = match.string[match.end() :]
    if re.match(rf"{NUMBER}\s*[=+×*/÷]", after) or re.search(
        r"[=+×*÷]\s*$", match.string[: match.start()]
    ):
        return f"{match[1]}减"
    return f"{match[1]}到"


MONEY: list[Rule] = [
    (re.compile(rf"({_SIGN}) ?({NUMBER}) ?{DASH} ?(?:\1 ?)?({NUMBER})(?:元)?"),
     lambda m: f"{cardinal(m[2])}到{_money(m[1], m[3])}"),
    (re.compile(rf"({_SIGN}) ?({NUMBER}) ?([百千万亿])?(?:元|块)?"),
     lambda m: _money(m[1], m[2], m[3])),
    (re.compile(rf"({NUMBER}) ?({_NAMED})(?![A-Za-z\d])"), lambda m: _money(m[2], m[1])),
]  # fmt: skip

MEASURES: list[Rule] = [
    (re.compile(r"(\d+)['’] ?(\d{1,2})(?:\"|''|”)"),
     lambda m: f"{counted(m[1])}英尺{counted(m[2])}英寸"),
    (re.compile(rf"(?<![\d\w)])(-)?({NUMBER}) ?{DASH} ?(-)?({NUMBER}) ?(°C|°F)"),
     lambda m: f"{'零下' if m[1] else ''}{cardinal(m[2])}到{'零下' if m[3] else ''}"
     f"{cardinal(m[4])}{'华氏度' if m[5] == '°F' else '摄氏度'}"),
    (re.compile(rf"(?:(?<![\w)])(-))?({NUMBER}) ?(°C|°F)"), _degrees),
    (re.compile(rf"((?:气温|温度|最低|最高|低至|降到|降至|零度)[^\d，。]{{0,4}})-({NUMBER})(?=度)"),
     lambda m: f"{m[1]}零下{cardinal(m[2])}"),
    (re.compile(rf"({NUMBER}) ?%? ?{DASH} ?({NUMBER}) ?%"),
     lambda m: f"百分之{cardinal(m[1])}到百分之{cardinal(m[2])}"),
    (re.compile(rf"(?:(?<![\w)])(-))?({NUMBER}) ?%"),
     lambda m: f"{'负' if m[1] else ''}百分之{cardinal(m[2])}"),
    (re.compile(rf"({NUMBER}) ?‰"), lambda m: f"千分之{cardinal(m[1])}"),
    (re.compile(rf"({_LEFT}(?:{TWO}|章|页|号|楼|级|月|日)?) ?(?:{DASH}|—+) ?"
                rf"(?=[$€£¥]?(?:\d|[零一二三四五六七八九十两]))"), _range),
    (re.compile(r"~ ?(?=[$€£¥]?\d)"), lambda m: "约"),
    (re.compile(r"(?<=\d) ?[x*] ?(?=\d)"), lambda m: "乘"),
    (re.compile(rf"({NUMBER} ?(?:mg|mcg|g|μg|µg))/(?={NUMBER} ?(?:m[lL]|[lL]|d[lL]|k?g)(?!\w))"),
     lambda m: f"{m[1]}每"),
    (re.compile(rf"({NUMBER} ?{_UNIT})/(?={NUMBER} ?{_UNIT}(?![A-Za-z]))"),
     lambda m: f"{m[1]}，"),
    (re.compile(rf"(?P<number>{NUMBER}) ?(?P<unit>{_UNIT})"
                rf"(?:/(?P<per>{alternatives(set(UNITS))}|[\u4e00-\u9fff]{{1,2}}))?"
                r"(?:(?<=min)(?=\d)|(?<=h)(?=\d)|(?<=°)|(?![A-Za-z²³/\d]))"), _unit),
    (re.compile(r"(?<=[\u4e00-\u9fff])/"
                r"(?=(?:小时|分钟|秒|天|日|次|月|年|周|人|个|公里|米|升|斤|公斤))"),
     lambda m: "每"),
    (re.compile(r"(?<![A-Za-z\d])(?:[kcm]?m²|c?m³)"), lambda m: UNITS[m[0]].chinese),
]  # fmt: skip

SIGNS: list[Rule] = [
    (re.compile(rf"(?<![A-Za-z])(?:{alternatives(_LATIN)})(?![A-Za-z])"), lambda m: _LATIN[m[0]]),
    (re.compile(r"(?<![A-Za-z])([CF])#"), lambda m: f"{m[1]} sharp "),
    (re.compile(r"(?<![A-Za-z])C\+\+"), lambda m: "C加加"),
    (re.compile(r"#(?=[A-Za-z\u3400-\u9fff])"), lambda m: "话题"),
    (re.compile(r"(?<=[A-Za-z\u3400-\u9fff])/(?=[A-Za-z\u3400-\u9fff])"), lambda m: "斜杠"),
    (re.compile(alternatives(_WORDS)), lambda m: _WORDS[m[0]]),
]  # fmt: skip
