"""When each written word of a clause sounds, exactly where the voice tells, else estimated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from assistant.types import Word

_WRITTEN_WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\s\u3400-\u4dbf\u4e00-\u9fff]+")


def estimated_words(text: str, seconds: float) -> tuple[Word, ...]:
    """The written words with times in proportion to their lengths."""
    words = _WRITTEN_WORD.findall(text)
    total = sum(len(word) + 1 for word in words)
    at, found = 0.0, []
    for word in words:
        takes = seconds * (len(word) + 1) / total
        found.append(Word(text=word, start=round(at, 3), end=round(at + takes, 3)))
        at += takes
    return tuple(found)


def exact_words(text: str, spoken: Sequence[Word], cut: float, seconds: float) -> tuple[Word, ...]:
    """The written words at the times of the spoken ones; () where these do not tell.

    `spoken` has the words that the voice was given ("three", "kilograms"), in seconds of its
    own sound, of which `cut` s were cut off before and `seconds` remain. A written word may
    be several spoken ones ("3" and "kg", "19:05"); several that changed together cannot be
    told apart.
    """
    written = _WRITTEN_WORD.findall(text)
    if not written or not spoken:
        return ()
    matcher = SequenceMatcher(
        None, [_plain(word) for word in written], [_plain(word.text) for word in spoken], False
    )
    found: list[Word] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "insert":
            if not found:
                return ()
            found[-1] = Word(text=found[-1].text, start=found[-1].start, end=spoken[d - 1].end)
        elif kind == "delete":
            if any(re.search(r"\w", word) for word in written[a:b]):
                return ()
        elif kind == "equal" or b - a == d - c:
            pairs = zip(written[a:b], spoken[c:d], strict=True)
            found += [Word(text=own, start=word.start, end=word.end) for own, word in pairs]
        elif b - a == 1:
            found.append(Word(text=written[a], start=spoken[c].start, end=spoken[d - 1].end))
        else:
            return ()
    return tuple(
        Word(
            text=word.text,
            start=round(min(max(word.start - cut, 0.0), seconds), 3),
            end=round(min(max(word.end - cut, 0.0), seconds), 3),
        )
        for word in found
    )


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word).casefold() or word
