"""Numbers in a text, however they are written, and whether OCR read them too.

A vision-language model invents prices, dates and doses; so a number is spoken only when
the text reader found the same one. Counting words without a unit ("two people") stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
_TO_NINETY = "twenty thirty forty fifty sixty seventy eighty ninety"
_YEAR = "january february march april may june july august september october november december"
_ONES = {word: n for n, word in enumerate(_TO_NINETEEN.split())}
_TENS = {word: 10 * n for n, word in enumerate(_TO_NINETY.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_MONTHS = _YEAR.split()
_HAN_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

_WORD = "|".join([*_ONES, *_TENS, *_SCALES])
_HAN = "[零〇一二三四五六七八九两十百千万]"
_UNITS_EN = {
    "money": r"dollars?|cents?|euros?|pounds?|pence|yuan|rmb|yen|bucks?|usd|eur|gbp|cny|rupees?",
    "dose": r"mg|milligrams?|micrograms?|mcg|pills?|tablets?|capsules?|drops|teaspoons?"
    r"|tablespoons?|doses?|units|puffs",
    "weight": r"g|grams?|kg|kilograms?|kilos?|ounces?|oz|lbs?",
    "volume": r"ml|millilit(?:er|re)s?|lit(?:er|re)s?|cl|fl|pints?|gallons?",
    "share": r"percent|per\s+cent",
    "clock": r"o'?clock|am|pm|a\.m|p\.m|hours?|minutes?|seconds",
    "date": r"years?|months?|weeks?|days?",
    "length": r"met(?:er|re)s?|cm|centimet(?:er|re)s?|mm|km|kilomet(?:er|re)s?|feet|foot"
    r"|inch(?:es)?|yards?|miles?|steps|paces",
    "heat": r"degrees|celsius|fahrenheit|calories|kcal|volts?|watts?",
}
_UNITS_ZH = {
    "money": "元|块钱|块|毛钱|美元|欧元|英镑|人民币|角|分钱",
    "dose": "毫克|微克|片|粒|滴|次|颗药|袋药",
    "weight": "克|公斤|千克|斤",
    "volume": "毫升|升",
    "clock": "点钟|点半|点|小时|分钟|秒",
    "date": "年|月|日|号|天|周|星期",
    "length": "米|厘米|毫米|公里|千米|英尺|步远|步",
    "heat": "度|摄氏度|卡路里|伏|瓦",
}
_SYMBOLS = {"$": "money", "€": "money", "£": "money", "¥": "money", "%": "share", "°": "heat"}

_UNIT_EN = "|".join(_UNITS_EN.values())
_UNIT_ZH = "|".join(sorted("|".join(_UNITS_ZH.values()).split("|"), key=len, reverse=True))
_WORDED_EN = re.compile(
    rf"\b(?:a\s+)?(?:half|quarter|dozen|(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*)"
    rf"[\s-]+(?:(?:and\s+a\s+half|point\s+\w+|more|full|us|american|whole)\s+)?(?:{_UNIT_EN})\b"
)
_DATED_EN = re.compile(
    rf"\b(?:{'|'.join(_MONTHS)})\s+(?:the\s+)?(?:{'|'.join([*_ORDINALS, *_ONES, *_TENS])})\b"
    rf"|\b(?:{'|'.join(_ORDINALS)})(?:\s+of)?\s+(?:{'|'.join(_MONTHS)})\b"
    rf"|\b(?:nineteen|twenty)\s+(?:{'|'.join([*_TENS, *_ONES])})\b"
    rf"|\b(?:half|quarter)\s+(?:past|to)\s+(?:{_WORD})\b|\b(?:{_WORD})\s+(?:thirty|fifteen"
    rf"|forty[\s-]five)\b"
    rf"|\bnumber\s+(?:{_WORD})\b|\b(?:{_WORD})\s+point\s+(?:{_WORD})\b"
    rf"|\b(?:{'|'.join(_ONES)})(?:[\s-]+(?:{'|'.join(_ONES)})){{2,}}\b"
    r"|\b(?:once|twice|thrice)\s+(?:a|per|every)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
_WORDED_ZH = re.compile(
    rf"百分之{_HAN}+|第?{_HAN}+(?:点{_HAN}+)?(?:多|几)?(?:{_UNIT_ZH})|[零〇一二三四五六七八九]{{3,}}"
    rf"|{_HAN}+折|星期[一二三四五六日天]|周[一二三四五六日]|{_HAN}+点{_HAN}+"
)
_NUMBER_WORDS = re.compile(rf"\b(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*\b")
_NOT_A_UNIT = re.compile(
    r"第?一(?:次|天|步|块|片|点|日|分|号)|一些|一点点?|[一二两三四五六七八九十]+(?:片|块|颗)(?!药|钱)"
)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_DIGITS_UNIT = re.compile(rf"(\d+(?:[.,]\d+)*)\s*(%|°|(?:{_UNIT_EN})\b|{_UNIT_ZH})")
_DATE_DIGITS = re.compile(r"\d+(?:[-/.:]\d+){2}|\d+年\d+月\d+")
_SIGN_DIGITS = re.compile(r"([$€£¥])\s*(\d+(?:[.,]\d+)*)")


class ReadNumbers:
    """The numbers that the text reader found in the pictures of a turn."""

    def __init__(self, texts: Iterable[str]) -> None:
        whole = "\n".join(_normal(text) for text in texts)
        self._numbers = set(_values(whole))
        self._runs = {re.sub(r"\D", "", run) for run in re.findall(r"[\d ().+/:-]+", whole)}
        self._families: dict[str, set[str]] = {}
        for number, family in _with_units(whole):
            self._families.setdefault(number, set()).add(family)
        self._months = {n for n, month in enumerate(_MONTHS, 1) if month[:3] in whole}

    def hold(self, clause: str) -> bool:
        """Whether every number of a clause was read, with no other unit than there."""
        text = _normal(clause)
        values = list(_values(text))
        run = "".join(re.findall(r"\d", text))
        if not set(values) <= self._numbers and not (len(run) > 4 and run in self._runs):
            return False
        months = {n for n, month in enumerate(_MONTHS, 1) if re.search(rf"\b{month}\b", text)}
        if any(n not in self._months and str(n) not in self._numbers for n in months):
            return False
        return all(
            family in self._families.get(number, {family}) for number, family in _with_units(text)
        )


def tells_number(clause: str) -> bool:
    """Whether a clause holds digits, or number words with a unit, a price, a date or a dose."""
    text = _normal(clause)
    if _DIGITS.search(text) or _WORDED_EN.search(text) or _DATED_EN.search(text):
        return True
    return bool(_WORDED_ZH.search(_NOT_A_UNIT.sub("", text)))


def _normal(text: str) -> str:
    """Half-width, lower case, any script's digits as ASCII ones."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain
    )


def _values(text: str) -> Iterator[str]:
    """Every number of a normalised text, in plain digits."""
    for found in _DIGITS.finditer(text):
        yield from _plain(found[0])
    for found in _NUMBER_WORDS.finditer(text):
        yield str(_english(found[0]))
    for found in re.finditer(rf"\b(?:{'|'.join(_ORDINALS)})\b", text):
        yield str(_ORDINALS[found[0]])
    for found in re.finditer(rf"{_HAN}+", text):
        yield str(_chinese(found[0]))


def _plain(digits: str) -> Iterator[str]:
    """`1,000.50` as 1000.5, `5,99` as 5.99, `10.05.2024` as its parts."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    parts = [digits] if digits.count(".") <= 1 and "," not in digits else re.split(r"[.,]", digits)
    for part in parts:
        whole, _, rest = part.partition(".")
        yield (whole.lstrip("0") or "0") + (f".{rest.rstrip('0')}" if rest.rstrip("0") else "")


def _english(words: str) -> int:
    total = part = 0
    for word in re.split(r"[\s-]+", words):
        if word in _SCALES:
            part = max(part, 1) * _SCALES[word]
            if word != "hundred":
                total, part = total + part, 0
        elif word != "and":
            value = _ONES.get(word, _TENS.get(word, 0))
            joins = part % 10 == 0 and (value < 10 or part % 100 == 0) and part >= 20
            part = part + value if joins or part == 0 else part * 100 + value  # "nineteen ninety"
    return total + part


def _chinese(characters: str) -> int:
    if not any(c in _HAN_SCALES for c in characters):
        return int("".join(str(_HAN_DIGITS[c]) for c in characters))
    total = part = digit = 0
    for c in characters:
        if c in _HAN_DIGITS:
            digit = _HAN_DIGITS[c]
        elif c == "万":
            total, part, digit = (total + part + digit) * 10_000, 0, 0
        else:
            part, digit = part + (digit or 1) * _HAN_SCALES[c], 0
    return total + part + digit


def _with_units(text: str) -> Iterator[tuple[str, str]]:
    """Numbers with the family of their unit."""
    text = re.sub(rf"{_HAN}+", lambda found: str(_chinese(found[0])), text)
    text = re.sub(_NUMBER_WORDS, lambda found: str(_english(found[0])), text)
    for found in _DATE_DIGITS.finditer(text):
        for digits in _DIGITS.findall(re.sub(r"\D", " ", found[0])):
            yield digits.lstrip("0"), "date"
    for found in _SIGN_DIGITS.finditer(text):
        for value in _plain(found[2]):
            yield value, _SYMBOLS[found[1]]
    for found in _DIGITS_UNIT.finditer(text):
        for value in _plain(found[1]):
            yield value, _family(found[2])


def _family(unit: str) -> str:
    if unit in _SYMBOLS:
        return _SYMBOLS[unit]
    for families in (_UNITS_EN, _UNITS_ZH):
        for family, pattern in families.items():
            if re.fullmatch(pattern, unit):
                return family
    return ""
