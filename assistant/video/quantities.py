"""Kinds of measure: a question for one is answered by a number with a unit of that kind.

"How tall is it" shares no word with "it rises forty metres". What is asked for is told by its
unit, and, where one unit measures several things (metres of height, of width), by a word that
says which; where none does, nothing is claimed. Closed patterns in English and Chinese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from assistant.languages import sentences
from assistant.safety.number_words import in_digits, normal

Quantity = Literal[
    "height", "depth", "width", "thickness", "distance", "weight", "duration", "speed",
    "temperature", "size",
]  # fmt: skip

_LENGTH: Final = (
    r"(?:(?:kilo|centi|milli)?met(?:re|er)s?|km|cm|mm|m|miles?|feet|foot|ft|yards?|inch(?:es)?)\b|"
    r"(?:公里|千米|厘米|毫米|米|里路?|尺|公分)"
)
_MASS: Final = (
    r"(?:kilos?|kilogram(?:me)?s?|kg|grams?|g|tons?|tonnes?|pounds?|lbs?|stone)\b|"
    r"(?:公斤|千克|克|吨|斤)"
)
_TIME: Final = (
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|nights?)\b|"
    r"(?:秒|分钟|个?小时|个?钟头|天|个?星期|周|个?月|年)"
)
_SPEED: Final = (
    r"(?:(?:kilomet(?:re|er)s?|miles?) (?:an|per) hour|km/h|mph|knots?)\b|(?:公里每小时|节)"
)
_DEGREES: Final = r"(?:degrees?\b|°|度)"
_AREA: Final = rf"(?:square|hectares?|acres?)\b|(?:平方米|平方公里|亩|公顷|平米|岁)|{_LENGTH}"
_NUMBER: Final = r"\d[\d.,]*"
_IS: Final = (
    r"(?:\b(?:is|are|was|were|be|measures?|measured)\b|是|有|为)"
    r"\s*(?:about|around|almost|nearly|only|over|some|just|大约|约|大概|将近|只有|超过)?\s*"
)
_OTHER: Final = {  # what says that a length is one of these
    "height": (
        r"\b(?:tall|high|height|ris(?:es?|ing)|rose|reach(?:es|ed)?|stands?|stood|towers?)\b|高"
    ),
    "depth": r"\b(?:deep|depth|down to)\b|深",
    "width": r"\b(?:wide|width|broad|across)\b|宽",
    "thickness": r"\bthick(?:ness)?\b|厚",
    "distance": r"\b(?:far|away|distance|off|from|down|along|further|between)\b|远|外|距|离",
    "length": r"\b(?:long|length)\b|长",
}


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """One kind of measure."""

    asks: str  # what a question for it has
    words: str  # what is left of that in its words, and need not stand in an answer
    unit: str
    cue: str = ""  # what has to stand beside the unit; nothing where the unit is enough
    alone: bool = False  # whether "is forty metres" tells it, too


_KINDS: Final[dict[Quantity, _Kind]] = {
    "height": _Kind(
        asks=r"\bhow (?:tall|high)\b|\bwhat height\b|\bheight of\b|多高|高度",
        words=r"tall|high|height|高度", unit=_LENGTH, cue=_OTHER["height"],
    ),
    "depth": _Kind(
        asks=r"\bhow deep\b|\bdepth of\b|多深|深度",
        words=r"deep|depth|深度?", unit=_LENGTH, cue=_OTHER["depth"],
    ),
    "width": _Kind(
        asks=r"\bhow (?:wide|broad)\b|\bwidth of\b|多宽|宽度",
        words=r"wide|broad|width|宽度?", unit=_LENGTH, cue=_OTHER["width"],
    ),
    "thickness": _Kind(
        asks=r"\bhow thick\b|\bthickness of\b|多厚|厚度",
        words=r"thick|thickness|厚度?", unit=_LENGTH, cue=_OTHER["thickness"],
    ),
    "distance": _Kind(
        asks=r"\bhow far\b|\bwhat distance\b|多远|距离",
        words=r"far|distance|off|away|距离", unit=rf"{_LENGTH}|{_TIME}",
    ),
    "weight": _Kind(
        asks=r"\bhow heavy\b|\bhow much\b.*\bweigh|\bweight of\b|多重|多沉|重量",
        words=r"heavy|weighs?|weight|重量", unit=_MASS,
        cue=r"\bweigh(?:s|ed|ing|t)?\b|\bheavy\b|重", alone=True,
    ),
    "speed": _Kind(
        asks=r"\bhow fast\b|\bspeed of\b|多快|速度", words=r"fast|speed|速度", unit=_SPEED
    ),
    "temperature": _Kind(
        asks=r"\bhow (?:hot|cold|warm|cool)\b|\btemperature\b|多[热冷]|温度|几度",
        words=r"hot|cold|warm|cool|temperature|温度", unit=_DEGREES,
    ),
    "duration": _Kind(
        asks=r"\bhow long (?!is\b|are\b|was\b|were\b)|\bhow (?:many|much) time\b|多久|多长时间",
        words=r"long|time|last|lasts|take|takes|need|needs", unit=_TIME,
    ),
    "size": _Kind(
        asks=r"\bhow (?:big|large)\b|多大(?!年纪|岁数)", words=r"big|large", unit=_AREA
    ),
}  # fmt: skip


def quantity(question: str) -> Quantity | None:
    """The kind of measure that a question asks for."""
    for name, kind in _KINDS.items():
        if re.search(kind.asks, question, re.IGNORECASE):
            return name
    return None


def needless(wanted: Quantity, word: str) -> bool:
    """Whether a word of the question only names the measure: "tall", which metres tell."""
    return bool(re.fullmatch(_KINDS[wanted].words, word, re.IGNORECASE))


def told(wanted: Quantity, text: str) -> bool:
    """Whether a sentence of a text tells a measure of this kind."""
    return any(_told(wanted, one) for one in sentences(in_digits(normal(text))))


def _told(wanted: Quantity, sentence: str) -> bool:
    kind = _KINDS[wanted]
    found = re.search(rf"{_NUMBER}[ -]?(?:{kind.unit})", sentence, re.IGNORECASE)
    if found is None:
        return False
    if kind.cue:
        said = re.search(kind.cue, sentence, re.IGNORECASE)
        alone = kind.alone and re.search(
            rf"{_IS}{_NUMBER}[ -]?(?:{kind.unit})", sentence, re.IGNORECASE
        )
        return bool(said or alone)
    if wanted == "distance":  # three metres deep is no distance
        after = sentence[found.end() :].lstrip(" -")[:12]
        others = [cue for name, cue in _OTHER.items() if name not in ("distance", "height")]
        return not any(re.match(cue, after, re.IGNORECASE) for cue in (*others, r"tall|high|高"))
    return True
