"""Answering a query: filters exactly, then three rankings, fused and cut off.

The rankings are those of `assistant.library.ranking`: by content, by things, by words. A photo
matches when one of the three says so by itself; where none does, nothing matches.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from assistant.interfaces import Float32, ImageTextEncoder
from assistant.languages import language_of, length
from assistant.library.arranging import load
from assistant.library.concepts import concepts, nothing_else
from assistant.library.filtering import passing
from assistant.library.query import PhotoQuery
from assistant.library.ranking import (
    LOOKED_AT,
    by_content,
    by_things,
    by_words,
    fused,
    newest_first,
)
from assistant.library.records import CONTENT, Photo
from assistant.library.seeing import Seer
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids, Vectors

_UNSEEN: Final = 0.45
"""The least cosine of a match where all that a query names could have been seen by name, and was
not: a lake is near a submarine, but no photo of one."""
_NEAREST: Final = 12  # photos, at most, that a description may mean and none matches
_DESCRIPTION: Final = 8  # words, or Chinese characters, from which a query is one
_FEW: Final = 30  # photos; in fewer nothing stands out
_STANDS_OUT: Final = 3.0  # standard deviations above the mean cosine


@runtime_checkable
class Cutting(Protocol):
    """An encoder that knows from which cosine a picture has to do with a query."""

    def cut(self, query: Float32) -> float:
        """The least cosine of a match."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A photo that was found."""

    photo: Photo
    score: float  # 0 to 1, comparable within one answer; the best first
    why: tuple[str, ...]  # "content", "things", "text", "filter" or "looks alike"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query found."""

    hits: tuple[Hit, ...] = ()
    count: int = 0  # photos that match; at most a thousand of a ranking
    sure: bool = True  # False where nothing matches for sure; then those that come near
    rejected: str | None = None  # why nothing can match, as a sentence: a date that never was


@dataclass
class Searcher:
    """A library that is searched. Thread-safe; keeps vectors in memory between queries."""

    store: PhotoStore
    encoder: ImageTextEncoder
    seer: Seer
    _kept: dict[int, tuple[int, Vectors]] = field(default_factory=dict)  # space -> generation, ...
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def number(self) -> int:
        """The encoder's number in this library."""
        return self.store.encoder(self.seer.id)

    def vectors(self, space: int) -> Vectors:
        """The vectors of a space, loaded anew after the library has changed."""
        generation = self.store.generation()
        with self._lock:
            kept = self._kept.get(space)
            if kept is None or kept[0] != generation:
                kept = generation, load(self.store, self.number, space)
                self._kept[space] = kept
            return kept[1]

    def ask(self, query: PhotoQuery, *, top: int = 5) -> Answer:
        """The photos that pass a query's filters, ranked by its content.

        Where its words stand in photos of which the content says nothing, those come near.

        Raises:
            EngineMissing: a country is asked for and its table is not installed.
        """
        if query.rejected is not None:
            return Answer(rejected=query.rejected)
        only = passing(self.store, query)
        answer = self.find(query.content, top=top, only=only)
        if query.words and not answer.hits:  # no tag tells of a whiteboard, its words do
            return dataclasses.replace(self._newest(top, only), sure=False)
        return answer

    def find(self, content: str, *, top: int = 5, only: Ids | None = None) -> Answer:
        """The photos that show or say what is asked for, the best first.

        Args:
            content: a caption or a few words, in any language the encoder knows; empty for all
                that `only` leaves, the newest first.
            only: ascending ids to choose among.
        """
        if not content.strip():
            return self._newest(top, only)
        query = self.encoder.texts([content])[0]
        ids, near = self.vectors(CONTENT).search(query, LOOKED_AT, only)
        cosines = dict(zip(ids.tolist(), near.tolist(), strict=True))
        nearest = sorted(newest_first(self.store, cosines), key=lambda id: -cosines[id])
        asked = concepts(content)
        photos = len(self.vectors(CONTENT))
        things = by_things(self.store, asked, only, nearest, photos)
        cut = self._cut(query)
        if asked and not things.matches and nothing_else(content, asked):
            cut = max(cut, _UNSEEN)
        said = by_words(self.store, content, asked, only)
        rankings = [by_content(nearest, cosines, cut), things, said]
        matches = frozenset().union(*(ranking.matches for ranking in rankings))
        meant = matches.union(*(ranking.near for ranking in rankings if _describes(content)))
        scores = fused(rankings, meant)
        ranked = sorted(newest_first(self.store, scores), key=lambda id: -scores[id])
        ranked = [id for place, id in enumerate(ranked) if place < _NEAREST or id in matches]
        hits: list[Hit] = []
        for photo in self._there(ranked):
            why = tuple(r.name for r in rankings if photo.id in r.matches) or ("nearest",)
            hits.append(Hit(photo=photo, score=scores[photo.id], why=why))
            if len(hits) == top:
                break
        count = (len(matches) or len(ranked)) if hits else 0
        return Answer(hits=tuple(hits), count=count, sure=bool(matches))

    def similar(
        self, vector: Float32, space: int, *, top: int = 5, without: Iterable[int] = ()
    ) -> Answer:
        """The photos nearest to a vector of a space."""
        left_out = set(without)
        ids, scores = self.vectors(space).search(vector, 2 * top + len(left_out) + 10)
        cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        hits: list[Hit] = []
        for photo in self._there([id for id in cosines if id not in left_out]):
            score = min(1.0, max(0.0, cosines[photo.id]))
            hits.append(Hit(photo=photo, score=score, why=("looks alike",)))
            if len(hits) == top:
                break
        return Answer(hits=tuple(hits), count=len(hits))

    def _newest(self, top: int, only: Ids | None) -> Answer:
        rows = self.store.rows(
            "SELECT id FROM contents ORDER BY taken_at IS NULL, taken_at DESC, id DESC"
        )
        allowed = None if only is None else set(only.tolist())
        ids = [row[0] for row in rows if allowed is None or row[0] in allowed]
        hits: list[Hit] = []
        for photo in self._there(ids):
            hits.append(Hit(photo=photo, score=1.0, why=("filter",)))
            if len(hits) == top:
                break
        return Answer(hits=tuple(hits), count=len(ids) if hits else 0)

    def _there(self, ids: list[int]) -> Iterable[Photo]:
        """The photos of these ids whose files are still there, in order."""
        for start in range(0, len(ids), 50):
            page = ids[start : start + 50]
            photos = self.store.photos(page)
            yield from (photos[id] for id in page if id in photos and _exists(photos[id]))

    def _cut(self, query: Float32) -> float:
        """The least cosine of a match: the encoder's, else what stands out in the library."""
        if isinstance(self.encoder, Cutting):
            return self.encoder.cut(query)
        vectors = self.vectors(CONTENT)
        if len(vectors) < _FEW:
            return -1.0
        cosines = vectors.sample @ query
        return float(cosines.mean() + _STANDS_OUT * cosines.std())


def _describes(content: str) -> bool:
    """Whether a query is a whole description, of which no photo need bear everything."""
    return length(content, language_of(content, "en")) >= _DESCRIPTION


def _exists(photo: Photo) -> bool:
    return os.path.exists(photo.file)
