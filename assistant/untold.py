"""What waits to be told by itself until nobody speaks. Any thread may use it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

from assistant.types import Turn

_GAPS: Final = {"en": " ", "zh": ""}  # between two sentences


class Untold:
    """Sentences by their subject, in "en" and "zh"; of one subject the last counts."""

    def __init__(self) -> None:
        self._texts: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._texts)

    def add(self, subject: str, texts: Mapping[str, str]) -> None:
        """Have something told, after all that waits."""
        with self._lock:
            self._texts.pop(subject, None)
            self._texts[subject] = texts

    def drop(self, subject: str) -> None:
        """Leave out what waits of a subject."""
        with self._lock:
            self._texts.pop(subject, None)

    def answered(self, turn: Turn) -> None:
        """Leave out what an answer has told meanwhile."""
        data = turn.result.data if turn.result is not None and not turn.interrupted else {}
        if data.get("understood", True):
            self.drop(str(data.get("file")))

    def take(self) -> dict[str, str]:
        """All that waits, in each language; empty texts where nothing does."""
        with self._lock:
            said = list(self._texts.values())
            self._texts.clear()
        return {key: gap.join(one[key] for one in said) for key, gap in _GAPS.items()}
