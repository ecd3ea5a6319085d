"""Choosing photos for an album: near the theme, unlike each other, sharp, no copies.

By maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), twice: a list of twice as
many photos as are wanted by the theme alone, since looking at a file costs a tenth of a second;
then of these the final ones, with how sharp they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.interfaces import Cancel, Float32
from assistant.library.records import CONTENT, LOOKS, Photo
from assistant.library.search import Hit, Searcher
from assistant.picture import Picture
from assistant.vision import quality
from assistant.vision.motion import changed

_CANDIDATES: Final = 1000
_RANKED: Final = 8  # times as many as are listed, since some are near-duplicates
_RELEVANCE: Final = 0.5  # against likeness to what is chosen; the paper's middle
_SHARP: Final = 0.3  # of a photo's worth; the rest is how near it is to the theme
_SHARPEST: Final = 4.0  # see `sharpness`: a step as sharp as pixels allow
_SPOILT: Final = frozenset(("blurred", "blank", "covered", "too_dark:black"))
_COPY: Final = 0.02  # of the cells of a fingerprint may differ, as in `duplicates`
_MOMENT: Final = timedelta(seconds=10)
_SERIES: Final = 0.6
"""... of two photos of one moment. Of 29 photos, each cut twice with a shift of 4 % of its width,
half differ in 50 % of the cells and nine of ten in 61 %; of two different ones nearly all differ
in 74 % and more."""
_CLOSE: Final = 0.7  # cosine from which two photos of other moments may be copies
_TWINS: Final = 4  # of a series, looked at to find the best
_LONGEST: Final = 1000  # px at which a photo is looked at; more than is measured

Grey = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The photos of an album, in order of time."""

    photos: tuple[Photo, ...]
    faulty: int  # that were left out


@dataclass(frozen=True, kw_only=True)
class _Looked:
    number: int  # of the candidate
    sharp: float  # 0 to 1
    spoilt: bool
    pixels: int  # of the file


class _Candidates:
    """Photos that match, with what they are compared by."""

    def __init__(self, searcher: Searcher, hits: Sequence[Hit]) -> None:
        self.photos = [hit.photo for hit in hits]
        self.relevance = _relevance(hits)
        ids = [photo.id for photo in self.photos]
        self.vectors = _vectors(searcher, ids)
        self._prints = _prints(searcher, ids)

    def twins(self, number: int) -> list[int]:
        """The near-duplicates of a photo, itself left out."""
        close = self.vectors @ self.vectors[number] >= _CLOSE
        return [
            other
            for other, photo in enumerate(self.photos)
            if other != number
            and (close[other] or _together(self.photos[number], photo))
            and self._alike(self.photos[number], photo)
        ]

    def _alike(self, first: Photo, second: Photo) -> bool:
        prints = self._prints.get(first.id), self._prints.get(second.id)
        if prints[0] is None or prints[1] is None:
            return False
        if abs(first.width * second.height / (first.height * second.width) - 1) > 0.05:
            return False
        return changed(prints[0], prints[1]) <= (_SERIES if _together(first, second) else _COPY)


def choose(searcher: Searcher, hits: Sequence[Hit], most: int, cancel: Cancel) -> Choice:
    """At most so many of the photos that were found, the best first in `hits`.

    Spoilt ones (blurred, black, blank, covered) are taken only where all are.
    """
    candidates = _Candidates(searcher, _thinned(hits))
    listed = _listed(candidates, 2 * most, cancel)
    good = [one for one in listed if not one.spoilt] or listed
    worth = np.array(
        [(1 - _SHARP) * candidates.relevance[one.number] + _SHARP * one.sharp for one in good],
        np.float32,
    )
    chosen = mmr(worth, candidates.vectors[[one.number for one in good]], most)
    photos = [candidates.photos[good[place].number] for place in chosen]
    return Choice(photos=tuple(sorted(photos, key=in_time)), faulty=len(listed) - len(good))


def mmr(worth: Float32, vectors: Float32, most: int) -> list[int]:
    """Places of the best items that are unlike each other, in the order of choosing.

    Args:
        worth: [n], 0 to 1.
        vectors: [n, d], L2-normalised or zero.
    """
    chosen: list[int] = []
    likeness = np.zeros(len(worth), np.float32)
    left = np.ones(len(worth), np.bool_)
    while left.any() and len(chosen) < most:
        marginal = _RELEVANCE * worth - (1 - _RELEVANCE) * likeness
        best = int(np.argmax(np.where(left, marginal, -np.inf)))
        chosen.append(best)
        left[best] = False
        likeness = np.maximum(likeness, vectors @ vectors[best])
    return chosen


def in_time(photo: Photo) -> tuple[bool, str, str]:
    """The order of a story: as the clock there showed; photos without a time last."""
    moment = photo.taken_at
    told = "" if moment is None else moment.replace(tzinfo=None).isoformat()
    return moment is None, told, str(photo.file)


def _relevance(hits: Sequence[Hit]) -> Float32:
    """1 for the best to 0.5 for the last, since all match, evenly: scores of fused ranks fall so
    steeply that the first few alone would be chosen."""
    if hits[0].score == hits[-1].score:
        return np.ones(len(hits), np.float32)
    return np.linspace(1.0, 0.5, len(hits), dtype=np.float32)


def _thinned(hits: Sequence[Hit]) -> Sequence[Hit]:
    """At most a thousand: the best; evenly in time where all are as good."""
    if len(hits) <= _CANDIDATES or hits[0].score > hits[-1].score:
        return hits[:_CANDIDATES]
    ordered = sorted(hits, key=lambda hit: in_time(hit.photo))
    places = np.linspace(0, len(ordered) - 1, _CANDIDATES).round().astype(int)
    return [ordered[place] for place in places]


def _listed(candidates: _Candidates, most: int, cancel: Cancel) -> list[_Looked]:
    """The best of each series of near-duplicates, by the theme and unlike each other."""
    ranked = mmr(candidates.relevance, candidates.vectors, _RANKED * most)
    found: list[_Looked] = []
    done: set[int] = set()
    for first in ranked:
        if first in done or len(found) == most:
            continue
        twins = [other for other in candidates.twins(first) if other not in done]
        done |= {first, *twins}
        looked = []
        for number in (first, *twins[: _TWINS - 1]):
            cancel.check()
            seen = _look(number, candidates.photos[number])
            if seen is not None:
                looked.append(seen)
        if looked:
            best = max(looked, key=lambda one: (not one.spoilt, round(one.sharp, 1), one.pixels))
            done |= set(candidates.twins(best.number))
            found.append(best)
    return found


def _look(number: int, photo: Photo) -> _Looked | None:
    """How good a photo is; None where its file cannot be read any more."""
    try:
        picture = Picture.decode(photo.file.read_bytes(), longest=_LONGEST)
    except (OSError, InputError):
        return None
    measured = quality.measure(picture)
    floor = quality.limits().blurred
    sharp = (measured.sharpness - floor) / (_SHARPEST - floor)
    spoilt = not _SPOILT.isdisjoint(measured.faults)
    sharp = min(1.0, max(0.0, sharp))
    pixels = photo.width * photo.height
    return _Looked(number=number, sharp=sharp, spoilt=spoilt, pixels=pixels)


def _together(first: Photo, second: Photo) -> bool:
    if first.taken_at is None or second.taken_at is None or first.camera != second.camera:
        return False
    apart = first.taken_at.replace(tzinfo=None) - second.taken_at.replace(tzinfo=None)
    return abs(apart) <= _MOMENT


def _vectors(searcher: Searcher, ids: Sequence[int]) -> Float32:
    """The vectors by which pictures are compared, [n, d]; zeros where there is none."""
    store, encoder = searcher.store, searcher.number
    space = LOOKS if store.vector_count(encoder, LOOKS) else CONTENT
    rows = store.rows(
        "SELECT content, vector FROM vectors WHERE encoder = ? AND space = ?"
        " AND content IN (SELECT value FROM json_each(?))",
        encoder, space, json.dumps(list(ids)),
    )  # fmt: skip
    known = {row[0]: np.frombuffer(row[1], np.float16).astype(np.float32) for row in rows}
    nothing = np.zeros(len(next(iter(known.values()), np.zeros(1))), np.float32)
    return np.stack([known.get(id, nothing) for id in ids])


def _prints(searcher: Searcher, ids: Sequence[int]) -> dict[int, Grey]:
    rows = searcher.store.rows(
        "SELECT id, print FROM contents WHERE length(print) = 768"
        " AND id IN (SELECT value FROM json_each(?))",
        json.dumps(list(ids)),
    )
    return {row[0]: np.frombuffer(row[1], np.uint8).reshape(24, 32) for row in rows}
