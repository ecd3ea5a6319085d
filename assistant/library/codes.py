"""Vectors as 8-bit codes: a quarter of float32, read through a filter in one pass.

A vector's codes are its numbers by the largest of them, so that one large direction does not cost
the others of another vector; the cosine needs no scale. The nearest by their codes are candidates:
who wants to be exact compares these by their vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32

Codes = NDArray[np.int8]
Places = NDArray[np.int64]

_LEVELS: Final = 127
_AT_ONCE: Final = 4096  # rows that are picked out and compared: 2 MB of 512 numbers


def coded(vectors: NDArray[np.floating[Any]]) -> Codes:
    """The codes of vectors, [n, d]."""
    values = np.asarray(vectors, np.float32)
    largest = np.abs(values).max(axis=1, keepdims=True)
    largest[largest == 0] = 1
    return np.asarray(np.rint(values * (_LEVELS / largest)), np.int8)


def nearest(codes: Codes, query: Float32, places: Places, count: int) -> Places:
    """Of these places the nearest to a query by their codes, in no order, at most `count`.

    Args:
        codes: [n, d], in memory or mapped from a file.
        query: [d].
        places: ascending.
    """
    if len(places) <= count:
        return places
    from numkong import cdist

    asked = coded(query[None])
    angles = np.empty(len(places), np.float32)
    for start, rows in _rows(codes, places):
        found = np.asarray(cdist(rows, asked, metric="angular"))
        angles[start : start + len(rows)] = found[:, 0]
    return places[np.argpartition(angles, count - 1)[:count]]


def _rows(codes: Codes, places: Places) -> Iterator[tuple[int, Codes]]:
    """The codes of the places, a part at a time; where a part has no gap it is not copied."""
    whole = np.asarray(codes)
    room = np.empty((min(_AT_ONCE, len(places)), codes.shape[1]), np.int8)
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        first, last = int(part[0]), int(part[-1])
        if last - first + 1 == len(part):
            yield start, whole[first : last + 1]
        else:
            yield start, np.take(whole, part, 0, out=room[: len(part)], mode="clip")
