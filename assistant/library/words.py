"""Texts as words that can be looked up: Latin words, and pairs of Chinese characters.

Chinese is written without spaces, so each two neighbouring characters are one word of the
index; a text is found by its pairs (overlapping bigrams, as Lucene's CJKAnalyzer makes them).
"""

from __future__ import annotations

import re
import unicodedata

_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_]+(?:['’][^\W_]+)*")
_WIDE = re.compile(rf"[{_HAN}]")


def plain(text: str) -> str:
    """A text without case, width and accents that differ only in how they are written."""
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(text: str) -> list[str]:
    """The words of a text, in order."""
    found: list[str] = []
    for run in _RUN.findall(_apart(plain(text))):
        if not _WIDE.match(run) or len(run) == 1:
            found.append(run)
        else:
            found += [run[place : place + 2] for place in range(len(run) - 1)]
            # Each character by itself too, for a query of one.
            found += list(run)
    return found


def _apart(text: str) -> str:
    """A space where Latin and Chinese writing meet."""
    return re.sub(rf"(?<=[{_HAN}])(?=[^{_HAN}\s])|(?<=[^{_HAN}\s])(?=[{_HAN}])", " ", text)
