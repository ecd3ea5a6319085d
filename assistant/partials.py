"""Partial words that only grow."""

from __future__ import annotations


class Stabiliser:
    """LocalAgreement-2."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._last: list[str] = []

    def update(self, text: str) -> tuple[str, str]:
        words = text.split()
        n = 0
        while n < min(len(words), len(self._last)) and words[n] == self._last[n]:
            n += 1
        if n > len(self._stable):
            self._stable = words[:n]
        self._last = words
        return " ".join(self._stable), " ".join(words[len(self._stable) :])
