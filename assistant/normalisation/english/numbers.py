"""English numbers: cardinals, ordinals, years, fractions, Roman numerals, codes, versions."""

from __future__ import annotations

import re

from num2words import num2words

from assistant.normalisation.rules import NEIGHBOURS, NUMBER, Rule, alternatives
from assistant.normalisation.units import UNITS

_UNITS = alternatives(set(UNITS) - {"in", "s", "h", "t", "g", "N", "J"})
_DENOMINATORS = {2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 100}
_PRODUCTS = (
    "Python|iOS|iPadOS|macOS|Android|Ubuntu|Debian|Java|Node|PHP|Ruby|Chrome|Firefox|Windows"
    "|[Vv]ersion|[Rr]elease|[Vv]er\\."
)
_CODE_WORDS = (
    r"PINs?|pin code|codes?|password|passcode|extension|zip|ZIP|postcode|serial|S/?N|lot|LOT|Lot"
    r"|batch|ISBN|IMEI|account|booking|reference|ref|order|tracking|invoice|flight|licence|license|[Tt]elephone|[Pp]hone|[Ff]ax"
    r"|[Mm]obile|[Hh]otline|tel|Tel|TEL"
)
_PARTS = "Chapter|Part|Volume|Book|Act|Scene|Section|Phase|Type|Class|World War|Appendix|Stage"
_RULERS = (
    "Louis|Henry|Elizabeth|Charles|George|William|Edward|James|Richard|Philip|Napoleon|Catherine"
    "|Nicholas|Alexander|Frederick|Leo|Pius|Benedict|John Paul|Gregory|Innocent|Ramses|Peter"
)
_ROMAN = r"(?=[IVXLC]+\b)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=[IVXLC])"
_ROMAN_VALUE = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


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


def fraction(over: int, under: int) -> str:
    """`3/4` -> three quarters."""
    name = {2: "half", 4: "quarter"}.get(under) or ordinal(under)
    many = ("halves" if under == 2 else f"{name}s") if over > 1 else name
    return f"{cardinal(str(over))} {many}"


def is_fraction(over: int, under: int) -> bool:
    """Whether two numbers with a slash are a part of one, and no date or score."""
    return 0 < over < under and under in _DENOMINATORS


def roman(numeral: str) -> int:
    """`XIV` -> 14."""
    values = [_ROMAN_VALUE[letter] for letter in numeral]
    return sum(-v if v < max(values[n:]) else v for n, v in enumerate(values))


def _mixed(match: re.Match[str]) -> str:
    whole, over, under = match["whole"], int(match["over"]), int(match["under"])
    if (over, under) == (24, 7) and not whole:
        return "twenty-four seven"
    if match["dated"] or not is_fraction(over, under):
        said = f"{cardinal(match['over'])} slash {cardinal(match['under'])}"
        rest = match.string[match.end("under") : match.end()]
        return f"{match['dated'] or ''}{cardinal(whole) + ' ' if whole else ''}{said}{rest}"
    unit, thing = UNITS.get(match["unit"] or ""), match["thing"]
    name = fraction(1, under).removeprefix("one ")
    if whole:
        part = f"a {name}" if over == 1 else fraction(over, under)
        many = unit.many if unit else thing or ""
        return f"{cardinal(whole)} and {part} {many}".rstrip()
    one = unit.one if unit else thing or ""
    if not one or one.endswith("s"):
        return f"{fraction(over, under)} {one}".rstrip()
    article = "an" if one[0] in "aeiou" or one == "hour" else "a"
    if (over, under) == (1, 2):
        return f"half {article} {one}"
    return f"{fraction(over, under)} of {article} {one}"


def _decade(number: str) -> str:
    """`90` -> nineties, `1990` -> nineteen nineties."""
    said = year(int(number)) if len(number) == 4 else cardinal(number)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _grouped(text: str) -> str:
    """Digits one by one, a pause where the writer left one."""
    plus = "plus " if text.lstrip().startswith("+") else ""
    return plus + ", ".join(map(digits, re.findall(r"\d+", text)))


def _letters_and_digits(match: re.Match[str]) -> str:
    """A code such as 00A17B: letters as they are, digits one by one."""
    word = match["word"].replace("#", "number ")
    if re.search(r"[ -]", match[2]):
        return word + _grouped(match[2])
    return word + " ".join(
        digits(part) if part.isdigit() else part for part in re.findall(r"\d+|[A-Za-z]+", match[2])
    )


def _version(text: str) -> str:
    parts = text.split(".")
    return " point ".join(digits(p) if p[0] == "0" else cardinal(p) for p in parts)


def _dotted(match: re.Match[str]) -> str:
    parts = match[0].split(".")
    if len(parts) == 4 and all(int(part) < 256 for part in parts):
        return " dot ".join(map(digits, parts))
    if all(len(part) == 3 for part in parts[1:]) and len(parts[0]) < 4 and parts[0][0] != "0":
        return cardinal("".join(parts))
    return _version(match[0])


def _year_or_number(match: re.Match[str]) -> str:
    counted = match["counted"] is not None and not match["cue"]
    return (match["cue"] or "") + (
        cardinal(match["number"]) if counted else year(int(match["number"]))
    )


def _power(match: re.Match[str]) -> str:
    exponent = match[1]
    if exponent in "23":
        return " squared" if exponent == "2" else " cubed"
    sign = "minus " if exponent[0] == "-" else ""
    bare = exponent.lstrip("+-")
    return f" to the power of {sign}{cardinal(bare) if bare.isdigit() else bare}"


def _apart(match: re.Match[str], words: str) -> str:
    """Words with a blank where letters or other words touch them."""
    text = match.string
    before = " " if match.start() and text[match.start() - 1].isalnum() else ""
    after = " " if text[match.end() : match.end() + 1].isalnum() else ""
    return f"{before}{words}{after}"


def _ruler(match: re.Match[str]) -> str:
    return f"{match[1]} the {ordinal(roman(match[2]))}"


_CUE = (
    r"\b(?:in|since|by|until|till|from|during|of|year|years|circa|around|before|after|to|summer"
    r"|winter|spring|autumn|fall|class of|©|[A-Z][a-z]+)\s+"
)

CODES: list[Rule] = [
    (re.compile(r"(?<![\w.])\.(?=\d)"), lambda m: "0."),
    (re.compile(r"(?<=[A-Z]\d)[-–](?=[A-Z]\d)|(?<=\d(?:st|nd|rd|th))[-–](?=\d)"),
     lambda m: " to "),
    (re.compile(rf"(?<!\w)({NUMBER})[eE]([+-]\d+)\b"), lambda m: f"{m[1]} times 10^{m[2]}"),
    (re.compile(r"^(\d{1,2})\) "), lambda m: f"{cardinal(m[1])}, "),
    (re.compile(rf"\b({_PARTS}) ({_ROMAN})\b(?:(?<! I)|(?!\s+[a-z]))(?!['’.]\w)"),
     lambda m: f"{m[1]} {cardinal(str(roman(m[2])))}"),
    (re.compile(rf"\b({_RULERS}) ((?![ICLVX]\b){_ROMAN}|I(?=[,.;:!?)]|$))(?![\w.]\w)"), _ruler),
    (re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)"), _dotted),
    (re.compile(
        rf"(?P<word>\b(?:{_CODE_WORDS})\b(?:\s+(?:number|code|no\.?|is|was))*\s*[:#]?\s*)"
        r"((?=[A-Z]*\d)(?:\d[\d -]{4,}\d|[A-Z\d]{3,}))(?![\w.]*\d)(?!\w)"), _letters_and_digits),
    (re.compile(
        r"(?<![\w.])\+?\(?\d{1,4}\)?(?:[ -]\(?\d{2,4}\)?){1,3}[ -]\d{3,4}(?!\w|\.\d)"
        r"|(?<![\w.])\d{3}-\d{4}(?!\w)"), lambda m: _grouped(m[0])),
    (re.compile(r"(?<![\w-])\d+(?:-\d+){2,}(?![\w-])"), lambda m: _grouped(m[0])),
    (re.compile(r"(?<![\d.,])\+?\d{7,}(?![\d.,]\d|\d)"), lambda m: _grouped(m[0])),
    (re.compile(rf"\b({_PRODUCTS}) (\d+(?:\.\d+)+)(?!\w)"),
     lambda m: f"{m[1]} {_version(m[2])}"),
    (re.compile(r"\b[vV](\d+(?:\.\d+)+)"), lambda m: f"version {_version(m[1])}"),
    (re.compile(r"\b[vV](?=\d)"), lambda m: "version "),
    (re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?=,\d\d?(?!\d))"),
     lambda m: m[0].replace(".", "")),
    (re.compile(r"(?<=\d{4}),(?=\d\d?(?![\d,]))"), lambda m: "."),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}"), _dotted),
    (re.compile(r"(?<![\w'])(\d{1,3}(?:['’]\d{3})+)(?![\d'])"),
     lambda m: re.sub(r"['’]", "", m[1])),
    (re.compile(r"(?<![\w.,])['’]?((?:1[89]|20)?\d0)['’]?s\b"), lambda m: _decade(m[1])),
]  # fmt: skip

COUNTS: list[Rule] = [
    (re.compile(
        r"(?P<dated>\b(?:[Oo]n|[Bb]y|[Ss]ince|[Uu]ntil|[Bb]efore|[Aa]fter|[Dd]ue|[Dd]ate:?|exp"
        r"|expires) )?(?<![\w/.])(?:(?P<whole>\d+) )?(?P<over>\d{1,3})/(?P<under>\d{1,3})(?![\w/])"
        rf"(?: ?(?P<unit>{_UNITS})(?![\w²³/])| (?P<thing>(?:cup|inch|mile|teaspoon|tablespoon|pound"
        r"|hour|lit(?:re|er)|pint|gallon|ounce|met(?:re|er)|dozen)(?:e?s)?)\b)?"), _mixed),
]  # fmt: skip

WORDS: list[Rule] = [
    (re.compile(r"\b(\d{1,3}(?:,\d{3})*)(?:st|nd|rd|th)\b"),
     lambda m: ordinal(int(m[1].replace(",", "")))),
    (re.compile(r"(?:#|\bNo\. ?|№ ?)(?=\d)"), lambda m: "number "),
    (re.compile(r" ?\^\{?([+-]?(?:\d+|[a-z]))\}?"), _power),
    (NEIGHBOURS, lambda m: ", "),
    (re.compile(r"\b(\d{3,4})(?=[pP]\b)"),
     lambda m: f"{cardinal(m[1][:-2])} {cardinal(m[1][-2:])} "),
    (re.compile(r"(?<=[A-Z])-?(\d{3,})(?!\d|[.,]\d)"), lambda m: f" {digits(m[1])} "),
    (re.compile(rf"(?P<cue>{_CUE})?(?<![\w.,])(?P<number>1[1-9]\d\d|20\d\d)(?![\w,]|\.\d)"
                r"(?P<counted>(?= [a-z]+s\b(?<!was)(?<!is)(?<!has)| people\b| men\b| women\b"
                r"| children\b))?"), _year_or_number),
    (re.compile(NUMBER), lambda m: _apart(m, cardinal(m[0]))),
]  # fmt: skip
