"""Texts as words that can be looked up: Latin words, and pairs of Chinese characters.

Chinese is written without spaces, so each two neighbouring characters are one word of the
index; a text is found by its pairs (overlapping bigrams, as Lucene's CJKAnalyzer makes them).
"""

from __future__ import annotations

import re
import unicodedata

_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_]+(?:['’][^\W_]+)*")
_EMPTY = frozenset(
    (
        *("a", "an", "and", "are", "at", "by", "for", "from", "i", "in", "is", "it", "me", "my"),
        *("of", "on", "or", "our", "photo", "photos", "picture", "pictures", "that", "the"),
        *("this", "to", "was", "we", "were", "where", "which", "with", "show", "find", "says"),
        *(
            "的",
            "了",
            "在",
            "是",
            "我",
            "们",
            "和",
            "照",
            "片",
            "照片",
            "张",
            "里",
            "有",
            "一",
            "只",
            "个",
        ),
    )
)  # words that say nothing about a photo
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


def meaningful(query: str) -> list[str]:
    """The words of a query by which texts are looked up; of Chinese runs the pairs."""
    found = []
    for token in dict.fromkeys(tokens(query)):
        inside_pair = _WIDE.match(token) and len(token) == 1 and _pair_with(token, query)
        if token not in _EMPTY and not inside_pair:
            found.append(token)
    return found


def _pair_with(character: str, query: str) -> bool:
    """Whether a character stands beside another of its writing."""
    return re.search(f"[{_HAN}]{character}|{character}[{_HAN}]", plain(query)) is not None


def _apart(text: str) -> str:
    """A space where Latin and Chinese writing meet."""
    return re.sub(rf"(?<=[{_HAN}])(?=[^{_HAN}\s])|(?<=[^{_HAN}\s])(?=[{_HAN}])", " ", text)
