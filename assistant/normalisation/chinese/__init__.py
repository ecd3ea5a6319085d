"""Chinese numbers, money, times, dates, units and signs as characters."""

from __future__ import annotations

import re

from assistant.normalisation.chinese.measures import MEASURES, MONEY, SIGNS
from assistant.normalisation.chinese.numbers import (
    CODES,
    FRACTIONS,
    WORDS,
    cardinal,
    counted,
    digits,
)
from assistant.normalisation.chinese.times import TIMES
from assistant.normalisation.rules import applied

__all__ = ["cardinal", "counted", "digits", "spoken"]

_ORDER = [
    *TIMES, *CODES, *MONEY, *FRACTIONS, *MEASURES, *WORDS, *SIGNS,
]  # fmt: skip


def spoken(text: str) -> str:
    """The text in characters; Latin words stay. What is special comes before the general."""
    text = text.translate(str.maketrans("０１２３４５６７８９％", "0123456789%"))
    text = re.sub(r"(?<=\d)：(?=\d)", ":", text.replace("〇", "零"))
    text = applied(_ORDER, text)
    text = re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "", text)
    return " ".join(text.split())
