"""What a search for places in a text finds."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.library.places.place import Place


@dataclass(frozen=True, kw_only=True)
class Found:
    """A place at `text[start:end]`, its prepositions included."""

    start: int
    end: int
    place: Place
