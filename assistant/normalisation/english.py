"""English numbers, money, times, dates, units and signs as words."""

from __future__ import annotations

import re
from collections.abc import Callable

from num2words import num2words

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH = {name[:3].lower(): name for name in _MONTHS}
_MONTH_NAME = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONEY = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny"),
          "¥": ("yuan", "fen"), "￥": ("yuan", "fen"), "₹": ("rupee", "paisa")}  # fmt: skip
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "RMB": "¥"}
_PLURAL = {"penny": "pence", "yuan": "yuan", "fen": "fen", "foot": "feet", "inch": "inches",
           "hertz": "hertz", "kilohertz": "kilohertz", "degree Celsius": "degrees Celsius",
           "degree Fahrenheit": "degrees Fahrenheit"}  # fmt: skip
_UNITS = {
    "km/h": "kilometre per hour", "mph": "mile per hour", "m/s": "metre per second",
    "km": "kilometre", "cm": "centimetre", "mm": "millimetre", "m": "metre", "mi": "mile",
    "ft": "foot", "in": "inch", "yd": "yard", "kg": "kilogram", "mg": "milligram",
    "μg": "microgram", "µg": "microgram", "mcg": "microgram", "g": "gram", "lb": "pound",
    "lbs": "pound", "oz": "ounce", "ml": "millilitre", "mL": "millilitre", "cl": "centilitre",
    "dl": "decilitre", "l": "litre", "L": "litre", "kB": "kilobyte", "KB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "Mbps": "megabit per second",
    "kWh": "kilowatt hour", "kW": "kilowatt", "W": "watt", "V": "volt", "mAh": "milliamp hour",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "ms": "millisecond",
    "s": "second", "sec": "second", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour",
    "hrs": "hour", "kcal": "kilocalorie", "cal": "calorie", "kJ": "kilojoule", "dB": "decibel",
    "°C": "degree Celsius", "℃": "degree Celsius", "°F": "degree Fahrenheit",
    "℉": "degree Fahrenheit", "°": "degree", "m²": "square metre", "m2": "square metre",
    "m³": "cubic metre", "cm²": "square centimetre", "km²": "square kilometre",
    "sq ft": "square foot", "%": "percent", "％": "percent",
}  # fmt: skip
_PLURAL |= {"percent": "percent", "megahertz": "megahertz", "gigahertz": "gigahertz",
            "square foot": "square feet"}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_ABBREVIATIONS = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Dr.": "Doctor", "Prof.": "Professor",
    "St.": "Street", "Ave.": "Avenue", "Rd.": "Road", "Blvd.": "Boulevard", "Apt.": "Apartment",
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus",
    "approx.": "approximately", "incl.": "including", "exp.": "expires", "qty.": "quantity",
    "tel.": "telephone", "max.": "maximum", "min.": "minimum", "w/o": "without", "w/": "with",
    "Jr.": "Junior", "Sr.": "Senior", "Inc.": "Incorporated", "Ltd.": "Limited", "Co.": "Company",
}  # fmt: skip
_SIGNS = {"&": "and", "+": "plus", "=": "equals", "×": "times", "÷": "divided by",
          "±": "plus or minus", "~": "about", "≈": "about", "<": "less than",
          ">": "more than", "≤": "at most",
          "≥": "at least", "@": "at", "™": "", "®": "", "©": "copyright", "→": "to"}  # fmt: skip
_HALVES = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def spoken(text: str) -> str:
    """The text in words."""
    for mark, plain in _HALVES.items():
        text = re.sub(rf"(?<=\d){mark}", f" {plain}", text).replace(mark, plain)
    for short, full in _ABBREVIATIONS.items():
        text = re.sub(rf"(?<![\w.]){re.escape(short)}(?!\w)", full, text, flags=re.I)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, f" {word} ")
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))


def cardinal(number: str) -> str:
    """`1,234.50` -> one thousand two hundred thirty-four point five zero."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        said = digits(whole)
    else:
        said = num2words(int(whole or 0)).replace(",", "").replace(" and ", " ")
    return f"{said} point {digits(decimals)}" if decimals else said


def digits(number: str) -> str:
    """One by one."""
    return " ".join(num2words(int(d)) for d in number if d.isdigit())


def ordinal(number: int) -> str:
    """`21` -> twenty-first."""
    return str(num2words(number, to="ordinal")).replace(",", "").replace(" and ", " ")


def year(number: int) -> str:
    """`1998` -> nineteen ninety-eight, `2005` -> two thousand five."""
    century, rest = divmod(number, 100)
    if number % 1000 < 10:
        return cardinal(str(number))
    if rest == 0:
        return f"{cardinal(str(century))} hundred"
    return f"{cardinal(str(century))} {'oh ' if rest < 10 else ''}{cardinal(str(rest))}"


def _counted(number: str, thing: str) -> str:
    if number in ("1", "1.0") or thing in _PLURAL.values():
        return f"{cardinal(number)} {thing}"
    head, _, tail = thing.partition(" per ")
    many = _PLURAL.get(head, f"{head}s")
    return f"{cardinal(number)} {many}{f' per {tail}' if tail else ''}"


def _money(sign: str, number: str, scale: str | None) -> str:
    thing, small = _MONEY[_CODES.get(sign, sign)]
    if scale:
        return f"{cardinal(number)} {scale} {_PLURAL.get(thing, f'{thing}s')}"
    whole, _, cents = number.partition(".")
    if len(cents) != 2:
        return _counted(number, thing)
    if int(cents) == 0:
        return _counted(whole, thing)
    said = _counted(str(int(cents)), small)
    return said if whole == "0" else f"{_counted(whole, thing)} and {said}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2]), match[3]
    half = f" {half[0].lower()} m" if half else ""
    if minute == 0:
        return (
            f"{cardinal(match[1])}{half}"
            if half
            else (
                f"{cardinal(str(hour))} o'clock"
                if 0 < hour <= 12
                else f"{cardinal(str(hour))} hundred"
            )
        )
    return f"{cardinal(str(hour))} {'oh ' if minute < 10 else ''}{cardinal(str(minute))}{half}"


def _date(month: str | int, day: str, when: str | None) -> str:
    name = _MONTHS[month - 1] if isinstance(month, int) else _MONTH[month[:3].lower()]
    return f"{name} {ordinal(int(day))}" + (f", {year(int(when))}" if when else "")


def _slashes(match: re.Match[str]) -> str:
    first, second = int(match[1]), int(match[2])
    month, day = (second, first) if first > 12 else (first, second)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    when = match[3] if len(match[3]) == 4 else f"20{match[3]}"
    return _date(month, str(day), when)


def _iso(match: re.Match[str]) -> str:
    month, day = int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return _date(month, match[3], match[1])


def _fraction(match: re.Match[str]) -> str:
    whole, over, under = match[1], int(match[2]), int(match[3])
    if (over, under) == (24, 7):
        return "twenty-four seven"
    if not 0 < over < under <= 16:
        said = f"{cardinal(match[2])} slash {cardinal(match[3])}"
        return f"{cardinal(whole)} {said}" if whole else said
    name = {2: "half", 4: "quarter"}.get(under) or ordinal(under)
    many = ("halves" if under == 2 else f"{name}s") if over > 1 else name
    said = f"{cardinal(match[2])} {many}"
    return f"{cardinal(whole)} and {'a ' + name if over == 1 else said}" if whole else said


def _decade(number: str) -> str:
    """`90` -> nineties, `1990` -> nineteen nineties."""
    said = year(int(number)) if len(number) == 4 else cardinal(number)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    return ("plus " if match[0].lstrip().startswith("+") else "") + ", ".join(map(digits, groups))


_RULES: list[Rule] = [
    (re.compile(rf"\b({'|'.join(_CODES)}) ?({_NUMBER})(?: (million|billion|thousand))?\b"),
     lambda m: _money(m[1], m[2], m[3])),
    (re.compile(rf"([$€£¥￥₹]) ?({_NUMBER})(?: ?(million|billion|trillion|thousand)\b)?"),
     lambda m: _money(m[1], m[2], m[3])),
    (re.compile(rf"({_NUMBER}) ?(€|{'|'.join(_CODES)})(?!\w)"), lambda m: _money(m[2], m[1], None)),
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"), _iso),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"), _slashes),
    (re.compile(r"(?<![\d/])(0?[1-9]|1[0-2])/(20\d\d)\b"),
     lambda m: f"{_MONTHS[int(m[1]) - 1]} {year(int(m[2]))}"),
    (re.compile(r"(?<![\w.,])((?:1[89]|20)?\d0)['’]?s\b"), lambda m: _decade(m[1])),
    (re.compile(rf"\b({_MONTH_NAME}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b(?!:)", re.I),
     lambda m: _date(m[1], m[2], m[3])),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH_NAME})(?:,? (\d{{4}}))?\b"),
     lambda m: _date(m[2], m[1], m[3])),
    (re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?: ?([ap])(?:m\b|\.m\.))?", re.I),
     _time),
    (re.compile(r"\b(1[0-2]|0?[1-9])\.([0-5]\d) ?([ap])(?:m\b|\.m\.)", re.I), _time),
    (re.compile(r"\b(1[0-2]|[1-9]) ?([ap])(?:m\b|\.m\.)", re.I),
     lambda m: f"{cardinal(m[1])} {m[2].lower()} m"),
    (re.compile(
        r"(?<![\w.])\+?\(?\d{1,4}\)?(?:[ -]\(?\d{2,4}\)?){1,3}[ -]\d{3,4}(?!\w|\.\d)"
        r"|(?<![\w.])\d{3}-\d{4}(?!\w)"), _phone),
    (re.compile(r"(?<![\d.,])\+?\d{7,}(?![\d.,]\d|\d)"), lambda m: _phone(m)),
    (re.compile(r"(?<![\w/])(?:(\d+) )?(\d{1,3})/(\d{1,3})(?![\w/])"), _fraction),
    (re.compile(rf"(?<![\w.])[-−]({_NUMBER})"), lambda m: f"minus {m[1]}"),
    (re.compile(rf"({_NUMBER}) ?[-–—~] ?({_NUMBER})(?![\w-])"), lambda m: f"{m[1]} to {m[2]}"),
    (re.compile(rf"({_NUMBER}) ?[-–] ?({_NUMBER})(?= ?(?:{_UNIT})(?!\w))"),
     lambda m: f"{m[1]} to {m[2]}"),
    (re.compile(r"(\d+)' ?(\d{1,2})(?:\"|'')"),
     lambda m: f"{_counted(m[1], 'foot')} {_counted(m[2], 'inch')}"),
    (re.compile(r"(\d+) ?[x×*] ?(?=\d)"), lambda m: f"{m[1]} by "),
    (re.compile(rf"({_NUMBER}) ?({_UNIT})(?![\w²³])"), lambda m: _counted(m[1], _UNITS[m[2]])),
    (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]))),
    (re.compile(r"\bv(?=\d+\.\d)"), lambda m: "version "),
    (re.compile(r"\d+(?:\.\d+){2,}"), lambda m: " point ".join(map(cardinal, m[0].split(".")))),
    (re.compile(r"(?:#|\bNo\. ?)(?=\d)"), lambda m: "number "),
    (re.compile(r"(?<![\w.,])(1[1-9]\d\d|20\d\d)(?![\w,]|\.\d)"), lambda m: year(int(m[1]))),
    (re.compile(_NUMBER), lambda m: f" {cardinal(m[0])} "),
]  # fmt: skip
