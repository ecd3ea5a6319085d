"""Numbers in digits, words and numerals as plain values: "twenty-five", ½, XIV, 二十五, 廿五."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
_TO_NINETY = "twenty thirty forty fifty sixty seventy eighty ninety"
ONES = {word: n for n, word in enumerate(_TO_NINETEEN.split())} | {"oh": 0, "nought": 0}
TENS = {word: 10 * n for n, word in enumerate(_TO_NINETY.split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
PARTS = {
    "half": "0.5", "quarter": "0.25", "dozen": "12", "twice": "2", "thrice": "3", "double": "2",
    "triple": "3", "nil": "0", "fiver": "5", "tenner": "10", "couple": "some", "few": "some",
    "several": "some", "twenties": "20s", "thirties": "30s", "forties": "40s", "fifties": "50s",
    "sixties": "60s", "seventies": "70s", "eighties": "80s", "nineties": "90s",
}  # fmt: skip
"""Words for a number or a part of one; vague ones have a value that nothing read can equal."""

_HAN_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬兩點", "一二三四五六七八九十百千万两点")

WORD = "|".join([*ONES, *TENS, *SCALES])
PART = "|".join(PARTS)
NUMBER = rf"(?:{WORD})(?:[\s-]+(?:and\s+)?(?:{WORD}))*"
HAN = "[零〇一二三四五六七八九两十百千万幺]"
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_WORDS = re.compile(rf"\b{NUMBER}\b")
_PART_WORDS = re.compile(rf"\b(?:{PART})\b")
_ORDINAL_WORDS = re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b")
_SPACED = re.compile(r"\b(?:[a-z] ){4,}[a-z]\b")
_COINS = re.compile(rf"\b({NUMBER}|\d+)\s+(euros?|dollars?|pounds?)\s+(?:and\s+)?({NUMBER}|\d\d)\b")
_COINS_ZH = re.compile(r"([\d一二三四五六七八九两十百千]+)([块元])([一二三四五六七八九\d])(?!\d)")
_POINT_ZH = re.compile(rf"({HAN}+)点({HAN}+)(?!分|刻|钟)")
IDIOMS = re.compile(
    r"一(?:些|共|起|样|直|般|定|下|点点?(?!半|钟|[零一二三四五])|旦|路(?!公交|车)|边|旁|半被|致|切|律)|统一|第一(?=个|位|眼)|唯一"
    r"|万一|十分(?!钟|之)|千万(?!元|块)|百货|百合|三明治|四周|五金|七喜|九宫|八角(?!钱)"
)
"""Chinese words in which a numeral tells no number."""
# Roman numerals of two letters and more, and single ones after a word that is numbered.
_ROMAN = re.compile(
    r"\b(?=[MDCLXVI]{2,}\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b"
    r"|(?<=[Cc]hapter )[IVX]\b|(?<=[Pp]art )[IVX]\b|(?<=[Tt]ype )[IVX]\b|(?<=[Ll]evel )[IVX]\b"
    r"|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]"
)
_NOT_ROMAN = frozenset({"CD", "MIX", "DC", "CV", "XL", "MD", "DI", "LI", "MI", "CC", "MM", "CM"})
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def normal(text: str) -> str:
    """Half-width, lower case, any script's digits as ASCII ones, formal Chinese numerals plain.

    A fraction's sign becomes its decimal; Roman numerals become digits.
    """
    text = _ROMAN.sub(_roman, text)
    text = "".join(_fraction(c) for c in text)
    plain = unicodedata.normalize("NFKC", text).lower().translate(_FORMAL)
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain
    )
    plain = plain.replace("廿", "二十").replace("卅", "三十")
    plain = _SPACED.sub(lambda found: _unspaced(found[0]), plain)
    plain = _COINS.sub(lambda found: f"{_amount(found[1])}.{_cents(found[3])} {found[2]}", plain)
    plain = _POINT_ZH.sub(_pointed, plain)
    return _COINS_ZH.sub(lambda found: f"{_amount(found[1])}.{_amount(found[3])}{found[2]}", plain)


def values(text: str) -> Iterator[frozenset[str]]:
    """Every number of a normalised text: the plain digits that it may stand for."""
    text = IDIOMS.sub("", text)
    for found in DIGITS.finditer(text):
        for value in plain_digits(found[0]):
            yield frozenset({value})
    for found in _NUMBER_WORDS.finditer(text):
        yield frozenset(_readings(found[0]))
    for found in _PART_WORDS.finditer(text):
        yield frozenset({PARTS[found[0]]})
    for found in _ORDINAL_WORDS.finditer(text):
        yield frozenset({str(ORDINALS[found[0]])})
    for found in re.finditer(rf"{HAN}+", text):
        yield frozenset({str(chinese(found[0]))})
    for found in re.finditer(r"半|(?<![雕石木刀时立即])刻(?!板|字|意|苦|画)", text):
        yield frozenset({"0.5" if found[0] == "半" else "0.25"})


def plain_digits(digits: str) -> Iterator[str]:
    """`1,000.50` as 1000.5, `5,99` as 5.99, `10.05.2024` as its parts."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    parts = [digits] if digits.count(".") <= 1 and "," not in digits else re.split(r"[.,]", digits)
    for part in parts:
        whole, _, rest = part.partition(".")
        yield (whole.lstrip("0") or "0") + (f".{rest.rstrip('0')}" if rest.rstrip("0") else "")


def english(words: str) -> int:
    """The value of English number words; "nineteen ninety" is 1990."""
    total = part = 0
    for word in re.split(r"[\s-]+", words):
        if word in SCALES:
            part = max(part, 1) * SCALES[word]
            if word != "hundred":
                total, part = total + part, 0
        elif word != "and":
            value = ONES.get(word, TENS.get(word, 0))
            joins = part % 10 == 0 and (value < 10 or part % 100 == 0) and part >= 20
            part = part + value if joins or part == 0 else part * 100 + value
    return total + part


def chinese(characters: str) -> int:
    """The value of a Chinese numeral, or of digits one by one."""
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


def in_digits(text: str) -> str:
    """A normalised text with its number words as digits."""
    text = re.sub(rf"{HAN}+", lambda found: str(chinese(found[0])), IDIOMS.sub("", text))
    return _NUMBER_WORDS.sub(lambda found: str(english(found[0])), text)


def _readings(words: str) -> Iterator[str]:
    """1250 and 12.5 for "twelve fifty"; the digits one by one of "oh three oh"."""
    yield str(english(words))
    parts = re.split(r"[\s-]+", words)
    for cut in range(1, len(parts)):
        whole, rest = english(" ".join(parts[:cut])), english(" ".join(parts[cut:]))
        if 10 <= rest < 100 and whole < 1000 and parts[cut] not in SCALES:
            yield from plain_digits(f"{whole}.{rest}")
    if len(parts) > 1 and all(ONES.get(part, 10) < 10 for part in parts):
        yield "".join(str(ONES[part]) for part in parts)


def _amount(text: str) -> str:
    if text.isdigit():
        return text
    return str(chinese(text) if re.fullmatch(rf"{HAN}+", text) else english(text))


def _cents(text: str) -> str:
    return f"{int(_amount(text)):02d}"


def _pointed(found: re.Match[str]) -> str:
    """六点八 as 6.8 where no time is meant."""
    whole, rest = chinese(found[1]), found[2]
    if any(c in _HAN_SCALES for c in rest) or (len(rest) == 1 and whole <= 24):
        return found[0]
    return f"{whole}." + "".join(str(_HAN_DIGITS[c]) for c in rest)


def _fraction(character: str) -> str:
    if unicodedata.category(character) == "No" and "VULGAR" in unicodedata.name(character, ""):
        return f" {unicodedata.numeric(character):g} "
    return character


def _roman(found: re.Match[str]) -> str:
    text = unicodedata.normalize("NFKC", found[0])
    if text in _NOT_ROMAN:
        return found[0]
    total = 0
    for letter, after in zip(text, [*text[1:], ""], strict=True):
        value = _ROMAN_VALUES[letter]
        total += -value if value < _ROMAN_VALUES.get(after, 0) else value
    return str(total)


def _unspaced(text: str) -> str:
    """S p a c e d letters joined where number words are in them."""
    joined = text.replace(" ", "")
    words = re.findall(rf"{WORD}", joined)
    return " ".join(words) if len("".join(words)) >= len(joined) / 2 else text
