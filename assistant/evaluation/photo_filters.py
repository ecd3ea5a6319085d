"""Queries for photos with known filters: which of them a parse got wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from assistant.library.places import Place
from assistant.library.query import PhotoQuery

NAMES: Final = ("taken", "place", "words", "people", "camera", "rejected")
_NEAR: Final = 0.3  # degrees; about 30 km


def wrong(case: Mapping[str, Any], query: PhotoQuery) -> list[str]:
    """The names of the filters that differ from what a case says; see frozen.yaml for the keys."""
    people = case.get("people")
    taken = case.get("taken")
    rejected = bool(case.get("rejected"))
    right = {
        "taken": rejected or query.taken == (None if taken is None else _span(taken)),
        "place": _placed(case, query.place),
        "words": query.words == tuple(str(word) for word in case.get("words", ())),
        "people": query.people == (None if people is None else tuple(people)),
        "camera": query.camera == case.get("camera"),
        "rejected": (query.rejected is not None) == rejected,
    }
    return [name for name in NAMES if not right[name]]


def _span(ends: tuple[Any, Any]) -> tuple[datetime, datetime]:
    first, last = (_moment(end) for end in ends)
    return first, last


def _moment(value: Any) -> datetime:
    """A day or moment of YAML; 9999-12-31 stands for no end."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    moment: datetime = value
    return datetime.max if moment.year == 9999 else moment


def _placed(case: Mapping[str, Any], place: Place | None) -> bool:
    """Whether a place is the town near which, or the country or region in which, it has to be."""
    if not {"near", "country", "region"} & case.keys():
        return place is None
    if place is None:
        return False
    if "near" in case:
        latitude, longitude = case["near"]
        apart = max(abs(place.latitude - latitude), abs(place.longitude - longitude))
        return bool(apart <= _NEAR) and not place.countries
    if "region" in case:
        return bool(place.region == case["region"])
    return place.region is None and case["country"] in place.countries
