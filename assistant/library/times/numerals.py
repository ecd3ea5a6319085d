"""Small numbers as they are spoken and written, in English and Chinese."""

from __future__ import annotations

import re

_ENGLISH = re.findall(
    r"\S+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
)
_ORDINALS = re.findall(
    r"\S+",
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN = "零〇一二三四五六七八九两十百"

ENGLISH = rf"(?:\d{{1,3}}|an?|{'|'.join(_ENGLISH[1:])}|thirty|forty|fifty|a couple(?: of)?)"
"""Pattern of a count in English."""
ORDINAL = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\b|(?:(?:twenty|"
    rf"thirty)[- ])?(?:{'|'.join(_ORDINALS)})|thirtieth)"
)
"""Pattern of the day of a month in English."""
CHINESE = rf"(?:\d{{1,3}}|[{_HAN}]{{1,5}})"
"""Pattern of a count in Chinese."""
CHINESE_YEAR = r"(?:\d{4}|[零〇一二三四五六七八九]{4})"
"""Pattern of a year in Chinese."""


def english(word: str) -> int:
    """The value of what `ENGLISH` or `ORDINAL` matched."""
    digits = re.match(r"\d+", word)
    if digits is not None:
        return int(digits[0])
    if word in ("a", "an"):
        return 1
    if word.startswith("a couple"):
        return 2
    tens = {"twenty": 20, "thirty": 30, "thirtieth": 30, "forty": 40, "fifty": 50}
    if word in tens:
        return tens[word]
    whole, _, part = word.replace(" ", "-").rpartition("-")
    value = _ENGLISH.index(part) if part in _ENGLISH else _ORDINALS.index(part) + 1
    return value + (tens[whole] if whole else 0)


def chinese(text: str) -> int:
    """The value of what `CHINESE` or `CHINESE_YEAR` matched: 12, 十二, 一百零五, 二〇二〇."""
    if text.isdigit() and text.isascii():
        return int(text)
    if not re.search("[十百]", text):
        return int("".join(str(_DIGITS[digit]) for digit in text))
    value, digit = 0, None
    for character in text:
        if character in "十百":
            value += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            digit = _DIGITS[character]
    return value + (digit or 0)
