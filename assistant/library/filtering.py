"""The photos that pass the exact filters of a query: time, place, people, camera, words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from assistant.library import cameras, places
from assistant.library.query import PhotoQuery
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids
from assistant.library.words import plain, tokens

_KM_A_DEGREE = 111.2  # of latitude


def passing(store: PhotoStore, query: PhotoQuery) -> Ids | None:
    """Ascending ids of the photos that pass every filter; None where there is no filter.

    A photo that does not tell what a filter asks for does not pass it.

    Raises:
        EngineMissing: a country or region is asked for and reverse-geocode is not installed.
    """
    conditions, values = _conditions(store, query)
    if not conditions and query.place is None and not query.words:
        return None
    found = store.matching(" AND ".join(conditions) or "1", values)
    if query.place is not None:
        found = _there(store, query.place, found)
    for word in query.words:
        found = _saying(store, word, found)
    return found


def _conditions(store: PhotoStore, query: PhotoQuery) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if query.taken is not None:
        conditions.append("c.taken_at >= ? AND c.taken_at < ?")
        values += [moment.isoformat(timespec="seconds") for moment in query.taken]
    if query.people is not None:
        least, most = query.people
        conditions.append("coalesce(c.people, 0) >= ?" if least == 0 else "c.people >= ?")
        values.append(least)
        if most is not None:
            conditions.append("coalesce(c.people, 0) <= ?")
            values.append(most)
    if query.camera is not None:
        known = [row[0] for row in store.rows("SELECT DISTINCT camera FROM contents")]
        fitting = [name for name in known if name and cameras.matches(query.camera, name)]
        conditions.append(f"c.camera IN ({','.join('?' * len(fitting))})")
        values += fitting
    return conditions, values


def _there(store: PhotoStore, place: places.Place, found: Ids) -> Ids:
    """Those that were taken in a place."""
    where, values = "latitude IS NOT NULL", []
    if not place.countries:  # a circle: what lies far to its north or south needs no reckoning
        reach = place.radius_km / _KM_A_DEGREE
        where = "latitude BETWEEN ? AND ?"
        values = [place.latitude - reach, place.latitude + reach]
    rows = store.rows(f"SELECT id, latitude, longitude FROM contents WHERE {where}", *values)
    inside = places.inside(place, [(row[1], row[2]) for row in rows])
    ids = [row[0] for row, is_in in zip(rows, inside, strict=True) if is_in]
    return np.intersect1d(found, np.array(ids, np.int64))


def _saying(store: PhotoStore, word: str, found: Ids) -> Ids:
    """Those in whose text a word or phrase stands, wherever lines are broken."""
    parts = tokens(word)
    candidates = store.saying_all(parts) if parts else []
    wanted = _tight(word)
    ids = [id for id, text in candidates if wanted in _tight(text)]
    return np.intersect1d(found, np.array(ids, np.int64))


def _tight(text: str) -> str:
    """Without case, spaces and punctuation: OCR breaks lines and joins words."""
    return re.sub(r"[\W_]+", "", plain(text))
