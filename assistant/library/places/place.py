"""What a place is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a photo has to be taken.

    A town is a circle. A country (or a continent, as its countries) or a region is what its
    towns tell, and the circle is a rough one around them; `inside` of this package decides.
    """

    name: str  # as it was asked for
    latitude: float  # degrees, of the middle
    longitude: float  # degrees
    radius_km: float
    countries: tuple[str, ...] = ()  # ISO 3166 codes in capitals; empty for a town
    region: str | None = None  # GeoNames' name of a state or province of that one country
