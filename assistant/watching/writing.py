"""Which writing was told already, however differently it was read this time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from assistant.types import TextLine

_ALIKE: Final = 0.75  # of the characters, from which two readings are of the same line
_FORGOTTEN_S: Final = 30.0  # s out of sight after which a line may be read again
_LEAST: Final = 0.8  # confidence of a line that is read unasked
_DIGITS: Final = re.compile(r"\d")
_JUNK: Final = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """A line as it is compared: without case, blanks and punctuation."""
    return _JUNK.sub("", text).casefold()


def alike(first: str, second: str) -> bool:
    """Whether two readings are of the same line; one may be cut off.

    Other digits make another line: platform 4 is not platform 5.
    """
    if not first or not second:
        return first == second
    digits = [_DIGITS.findall(text) for text in (first, second)]
    if all(digits) and digits[0] != digits[1] and len(first) == len(second):
        return False
    if min(len(first), len(second)) >= 3 and (first in second or second in first):
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE


def worth(lines: Iterable[TextLine]) -> list[str]:
    """The lines that are read well enough to be told unasked."""
    return [
        line.text
        for line in lines
        if not line.unclear and line.confidence >= _LEAST and len(plain(line.text)) >= 2
    ]


class Writing:
    """The lines that were told, and when they were last seen."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def new(self, texts: Iterable[str], at: float) -> list[str]:
        """Those that were not told yet; the told ones among them are in sight at that time."""
        self._told = {k: seen for k, seen in self._told.items() if at - seen <= _FORGOTTEN_S}
        texts = list(texts)
        free = dict(self._told)  # each stands for one line of a reading
        same = [text for text in texts if free.pop(plain(text), None) is not None]
        for text in same:
            self._told[plain(text)] = at
        fresh = []
        for text in (text for text in texts if text not in same):
            known = next((k for k in free if alike(k, plain(text))), None)
            if known is None:
                fresh.append(text)
            else:
                del free[known]
                self._told[known] = at
        return fresh

    def told(self, texts: Iterable[str], at: float) -> None:
        """These were said."""
        for text in texts:
            self._told[plain(text)] = at
