"""Names for coordinates, offline: the nearest town of GeoNames, by the package reverse-geocode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assistant.errors import EngineMissing

_FARTHEST_KM: Final = 60.0  # a town that is farther away says nothing about the place
_EARTH_KM: Final = 6371.0


@dataclass(frozen=True, kw_only=True)
class Town:
    """A town and its country."""

    name: str
    country: str  # in English
    code: str  # ISO 3166, capitals


def nearest(latitude: float, longitude: float) -> Town | None:
    """The town nearest to a place, by degrees; None far from any, as at sea.

    Raises:
        EngineMissing: the package is not installed.
    """
    try:
        import reverse_geocode
    except ImportError as error:
        raise EngineMissing(
            "places cannot be named without the package reverse-geocode",
            fix="pip install 'assistant[photos]'",
        ) from error
    found: Mapping[str, object] = reverse_geocode.get((latitude, longitude))
    there = float(str(found["latitude"])), float(str(found["longitude"]))
    if distance_km((latitude, longitude), there) > _FARTHEST_KM:
        return None
    return Town(
        name=str(found["city"]), country=str(found["country"]), code=str(found["country_code"])
    )


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance between two places in degrees (haversine formula)."""
    (a, b), (c, d) = (map(math.radians, place) for place in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))
