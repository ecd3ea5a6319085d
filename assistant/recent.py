"""What was found out about the last few pictures, so that nobody looks twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from assistant.types import Picture

_KEPT = 4  # pictures

Found = TypeVar("Found")


class Recent(Generic[Found]):
    """Results for the pictures last asked about, by identity. Thread-safe.

    Who asks while another thread looks at the same picture waits for that result.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[int, _Entry[Found]] = OrderedDict()

    def of(self, picture: Picture, look: Callable[[], Found]) -> Found:
        """The result for a picture, from `look` when there is none yet. What it raises, raises."""
        with self._lock:
            entry = self._entries.get(id(picture.pixels))
            if entry is None:
                entry = self._entries[id(picture.pixels)] = _Entry(picture)
            self._entries.move_to_end(id(picture.pixels))
            while len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
        with entry.lock:
            if not entry.found:
                entry.found.append(look())
            return entry.found[0]


class _Entry(Generic[Found]):
    def __init__(self, picture: Picture) -> None:
        self.picture = picture  # held, so that its identity stays its own
        self.lock = threading.Lock()
        self.found: list[Found] = []
