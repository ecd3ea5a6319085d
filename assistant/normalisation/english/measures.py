"""English money, units, ranges and signs of arithmetic."""

from __future__ import annotations

import re

from assistant.normalisation.english.numbers import cardinal
from assistant.normalisation.rules import DASH, NUMBER, Rule, alternatives
from assistant.normalisation.units import UNITS

_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "¥": ("yuan", "yuan", "fen", "fen"),
    "₹": ("rupee", "rupees", "paisa", "paise"), "₩": ("won", "won", "", ""),
    "₽": ("rouble", "roubles", "kopeck", "kopecks"), "₿": ("bitcoin", "bitcoins", "", ""),
    "US$": ("US dollar", "US dollars", "cent", "cents"),
    "HK$": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "NT$": ("Taiwan dollar", "Taiwan dollars", "cent", "cents"),
    "CA$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "JPY": ("yen", "yen", "", ""), "CHF": ("Swiss franc", "Swiss francs", "rappen", "rappen"),
}  # fmt: skip
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "RMB": "¥", "INR": "₹", "HKD": "HK$",
          "AUD": "A$", "CAD": "CA$", "JPY": "JPY", "CHF": "CHF"}  # fmt: skip
_SCALES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million",
           "bn": "billion", "B": "billion", "b": "billion", "tn": "trillion"}  # fmt: skip
_SCALE = rf"(?: ?(million|billion|trillion|thousand|hundred)\b|({alternatives(_SCALES)})\b)?"
_SIGN = alternatives(set(_MONEY) - set(_CODES))
_CODE = alternatives(_CODES)
# Letters that are units only where nothing else is likely.
_ALONE = rf"(?:{alternatives(set(UNITS) - {'in', 'N', 'J', 't'})})"
_INCH = r"in(?=\.?(?:$|[,;:)]|\s+(?:x|by|×|tall|long|wide|deep|high|thick)\b)|\.\s)"
_UNIT = rf"(?:{_ALONE}|{_INCH}|(?<=\d)(?:in|N|J|t))"
_WORDS = {
    "<=": "at most", ">=": "at least", "!=": "is not equal to", "==": "equals", "->": "to",
    "=>": "to", "→": "to", "←": "from", "≤": "at most", "≥": "at least", "≠": "is not equal to",
    "≈": "about", "&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by",
    "±": "plus or minus", "√": "square root of", "∞": "infinity", "<": "less than",
    ">": "more than", "@": "at", "©": "copyright", "§": "section", "%": "percent", "‰": "per mille",
    "€": "euros", "£": "pounds", "°": "degrees",
}  # fmt: skip


def counted(number: str, one: str, many: str) -> str:
    """`3`, metre, metres -> three metres."""
    return f"{cardinal(number)} {one if number in ('1', '1.0') else many}"


def _money(sign: str, number: str, scale: str | None) -> str:
    one, many, cent, cents = _MONEY[_CODES.get(sign, sign)]
    if scale:
        return f"{cardinal(number)} {_SCALES.get(scale, scale)} {many}"
    if cent and re.fullmatch(r"\d+,\d\d", number):  # as most of Europe writes it
        number = number.replace(",", ".")
    whole, _, small = number.partition(".")
    if len(small) != 2 or not cent:
        return counted(number, one, many)
    if int(small) == 0:
        return counted(whole, one, many)
    said = counted(str(int(small)), cent, cents)
    return said if whole == "0" else f"{counted(whole, one, many)} and {said}"


def _range_of_money(match: re.Match[str]) -> str:
    sign, first, second = match[1], match[2], match[3]
    if "." in first:
        return f"{sign}{first} to {sign}{second}"
    return f"{cardinal(first)} to {sign}{second}"


def _measure(match: re.Match[str]) -> str:
    unit = UNITS[match["unit"]]
    number = match["number"]
    if re.fullmatch(r"\d+,\d\d?", number):
        number = number.replace(",", ".")
    said = counted(number, unit.one, unit.many)
    per = match["per"]
    if not per:
        return said
    return f"{said} per {UNITS[per].one if per in UNITS else per}"


def _range(match: re.Match[str]) -> str:
    """Between two numbers "to", in a sum "minus"."""
    after = match.string[match.end() :]
    if re.match(rf"{NUMBER}\s*[=+×*/÷]", after) or re.search(
        r"[=+×*÷]\s*$", match.string[: match.start()]
    ):
        return f"{match[1]} minus "
    return f"{match[1]} to "


def _product(match: re.Match[str]) -> str:
    """`10x20 cm` is ten by twenty, `3 × 4` three times four."""
    sum_follows = re.match(r"\s*=|\^", match.string[match.end() :])
    by = (match["unit"] or "x" in match[0]) and not sum_follows
    return re.sub(r"(?<=[\w²³]) ?[x×] ?(?=\d)", " by " if by else " times ", match[0])


def _inches(match: re.Match[str]) -> str:
    """`27"`, unless the mark closes a quotation."""
    closes = match.string[: match.start()].count('"') % 2
    return match[0] if closes else counted(match[1], "inch", "inches")


_PER = r"(?:/(?P<per>" + alternatives(set(UNITS)) + r"|[A-Za-z]{3,}))?"

MONEY: list[Rule] = [
    (re.compile(r"([$€£¥])-(?=\d)"), lambda m: f"minus {m[1]}"),
    (re.compile(r"(?:(?<=^)|(?<=[\s(]))-(?=[$€£¥]\d)"), lambda m: "minus "),
    (re.compile(r"(?<=[$€£¥])\.(?=\d\d(?!\d))"), lambda m: "0."),
    (re.compile(rf"({_SIGN}) ?({NUMBER}) ?{DASH} ?(?:\1 ?)?({NUMBER})"), _range_of_money),
    (re.compile(rf"(?<!\w)({_CODE}) ?({NUMBER}){_SCALE}(?![\w])"),
     lambda m: _money(m[1], m[2], m[3] or m[4])),
    (re.compile(rf"({_SIGN}) ?(\d+,\d\d(?![\d,.]\d|\d)|{NUMBER}){_SCALE}"),
     lambda m: _money(m[1], m[2], m[3] or m[4])),
    (re.compile(rf"(?<![\w.])(\d+,\d\d(?![\d,])|{NUMBER}) ?(€|£|{_CODE})(?!\w)"),
     lambda m: _money(m[2], m[1], None)),
    (re.compile(r"\b(dollars?|cents?|euros?|pounds?|pence|yuan|rupees?|yen)/(?=[A-Za-z])"),
     lambda m: f"{m[1]} per "),
]  # fmt: skip

RATIOS: list[Rule] = [
    (re.compile(rf"({NUMBER} ?(?:mg|mcg|g|μg|µg))/(?={NUMBER} ?(?:m[lL]|[dclL]|d[lL]|k?g)\b)"),
     lambda m: f"{m[1]} per "),
    (re.compile(rf"({NUMBER} ?{_ALONE})/(?={NUMBER} ?{_ALONE}(?!\w))"), lambda m: f"{m[1]}, "),
    (re.compile(r"(?<=\d/\d)\"(?!\w)|(?<=\d/\d\d)\"(?!\w)"), lambda m: " inch"),
    (re.compile(r"(?<![\w/])(\d{2,3})/(\d{2,3})(?= ?mmHg)"),
     lambda m: f"{cardinal(m[1])} over {m[2]}"),
]  # fmt: skip

MEASURES: list[Rule] = [
    (re.compile(r"(\d+)['’] ?(\d{1,2})(?:\"|''|”)"),
     lambda m: f"{counted(m[1], 'foot', 'feet')} {counted(m[2], 'inch', 'inches')}"),
    (re.compile(r"(?<![\w'])(\d+)['’](?= (?:tall|long|wide|deep|high|x|by|×)\b)"),
     lambda m: counted(m[1], "foot", "feet")),
    (re.compile(r"(?<![\w\"])(\d+(?:\.\d+)?)\"(?!\w)"), _inches),
    (re.compile(rf"({NUMBER}(?: ?(?:{_ALONE}|%))?) ?{DASH} ?(?=[$€£¥]?\d)"), _range),
    (re.compile(rf"(?:(?<=^)|(?<=[\s(\[=,:;]))-(?=[$€£¥]?{NUMBER})"), lambda m: "minus "),
    (re.compile(r"(?<=[A-Za-z])[-–](?=\d)|(?<=\d)-(?=[A-Za-z])"), lambda m: " "),
    (re.compile(r"~ ?(?=[$€£¥]?\d)"), lambda m: "about "),
    (re.compile(rf"(?<![\w.]){NUMBER}(?: ?{_ALONE})?(?: ?[x×] ?{NUMBER}(?!\d|\.\d)"
                rf"(?P<unit> ?{_ALONE}(?!\w))?)+"), _product),
    (re.compile(rf"({NUMBER})° ?([NSEW])\b"), lambda m: f"{counted(m[1], 'degree', 'degrees')} "
     + {"N": "north", "S": "south", "E": "east", "W": "west"}[m[2]]),
    (re.compile(rf"(?P<number>\d+,\d\d?(?=\s?[A-Za-z°])|{NUMBER}) ?(?P<unit>{_UNIT}){_PER}"
                r"(?![\w²³/])"), _measure),
    (re.compile(rf"({NUMBER}) ?%"), lambda m: f"{cardinal(m[1])} percent"),
    (re.compile(r"(?<=[a-z])/(?=(?:min|sec|s|h|hr|day|week|month|year|night|person)\b)"),
     lambda m: " per "),
]  # fmt: skip

SIGNS: list[Rule] = [
    (re.compile(r"\b([CF])#"), lambda m: f"{m[1]} sharp "),
    (re.compile(r"(?<!\w)#(?=[A-Za-z])"), lambda m: "hashtag "),
    (re.compile(r"\b(and/or)\b"), lambda m: "and or"),
    (re.compile(r"\b([Hh]e|[Hh]is|[Hh]im)/(she|her|hers)\b"), lambda m: f"{m[1]} or {m[2]}"),
    (re.compile(r"(?<=\w)/(?=\w)"), lambda m: " slash "),
    (re.compile(r"(?<=\w) [-] (?=\w+ ?=)"), lambda m: " minus "),
    (re.compile(alternatives(_WORDS)), lambda m: f" {_WORDS[m[0]]} "),
]  # fmt: skip
