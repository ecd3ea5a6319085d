"""Places by name and by coordinates, offline, from GeoNames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a photo has to be taken.

    A town is a circle; a country is known by its code, and the circle only covers it roughly.
    """

    name: str  # as it was asked for
    latitude: float  # degrees, of the middle
    longitude: float  # degrees
    radius_km: float
    country: str | None = None  # ISO 3166 code in capitals, where a country was asked for
