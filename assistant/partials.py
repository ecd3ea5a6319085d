"""Partial words that only grow, from hypotheses that change.

LocalAgreement-2 (Macháček, Dabre and Bojar, "Turning Whisper into Real-Time Transcription
System", IJCNLP-AACL 2023): words are stable once two hypotheses in a row begin with them.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]|[^\s\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+"
)
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_MARKS = ".,!?;:…。，！？；：、"


class Stabiliser:
    """The stable beginning of an utterance; word by word, Chinese character by character."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._before: list[str] = []

    def update(self, text: str) -> tuple[str, str]:
        """Take a hypothesis; the stable text, which only grows, and what may still change."""
        words = _PIECE.findall(text)
        agreed = 0
        for old, new in zip(self._before, words, strict=False):
            if _same(old, new):
                agreed += 1
            else:
                break
        self._stable += words[len(self._stable) : agreed]
        self._before = words
        return _joined(self._stable), _joined(words[len(self._stable) :])

    @property
    def told(self) -> int:
        """Stable words so far."""
        return len(self._stable)

    def revisions(self, final: str) -> int:
        """Stable words that the final text contradicts; 0 when nothing was told wrongly."""
        words = _PIECE.findall(final)
        pairs = zip(self._stable, words, strict=False)
        different = sum(not _same(old, new) for old, new in pairs)
        return different + max(0, len(self._stable) - len(words))


def _same(old: str, new: str) -> bool:
    """Case and marks come and go as a sentence grows."""
    return old.casefold().strip(_MARKS) == new.casefold().strip(_MARKS)


def _joined(words: list[str]) -> str:
    text = ""
    for word in words:
        blank = text and not _WIDE.match(word) and not _WIDE.match(text[-1])
        text += f" {word}" if blank else word
    return text
