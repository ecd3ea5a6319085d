"""English numbers, money, times, dates, units, abbreviations and signs as words."""

from __future__ import annotations

import re

from assistant.normalisation.english.abbreviations import ABBREVIATIONS
from assistant.normalisation.english.measures import MEASURES, MONEY, RATIOS, SIGNS
from assistant.normalisation.english.numbers import (
    CODES,
    COUNTS,
    WORDS,
    cardinal,
    digits,
    ordinal,
    year,
)
from assistant.normalisation.english.times import TIMES
from assistant.normalisation.rules import applied

__all__ = ["cardinal", "digits", "ordinal", "spoken", "year"]

_ORDER = [
    *TIMES, *ABBREVIATIONS, *MONEY, *CODES, *RATIOS, *COUNTS, *MEASURES, *WORDS, *SIGNS,
]  # fmt: skip


def spoken(text: str) -> str:
    """The text in words; what is special comes before what is general."""
    text = applied(_ORDER, text)
    text = re.sub(r"\(\s+|(?<=[\s(])\s+|\s+(?=\))", lambda m: m[0].strip(), text)
    text = re.sub(r"(?<=[a-z]),(?=[a-z])", ", ", text)
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))
