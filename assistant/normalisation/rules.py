"""Rewriting rules: a pattern and the words for what it finds, applied in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
"""A number as it is written, without its sign: 12, 1,234.50."""

DASH = r"[-–—~～]"
"""What stands between the two ends of a range."""


NEIGHBOURS = re.compile(r"(?<=\d)[ |_\\\[\]{}*#^`~•·]+(?=\d)")
"""What is not said between two numbers: "20 5" must not be heard as 25."""


def applied(rules: Iterable[Rule], text: str) -> str:
    """The text after all rules."""
    for pattern, words in rules:
        text = pattern.sub(words, text)
    return text


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
