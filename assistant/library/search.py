"""Answering a query: filters exactly, then content and words ranked, fused and cut off.

Content is compared in the encoder's space, words by BM25 over what is read in the pictures; the
two rankings are fused by reciprocal rank (Cormack, Clarke and Buettcher, SIGIR 2009). What lies
no nearer to the query than pictures do that have nothing to do with it is cut off, so that
"nothing matches" is a possible answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from assistant.interfaces import Float32, ImageTextEncoder
from assistant.library.arranging import load
from assistant.library.records import CONTENT, Photo
from assistant.library.seeing import Seer
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids, Vectors
from assistant.library.words import tokens

_RANK: Final = 60  # the constant of reciprocal rank fusion
_STOP: Final = frozenset(
    (
        *("a", "an", "and", "are", "at", "by", "for", "from", "i", "in", "is", "it", "me", "my"),
        *("of", "on", "or", "our", "photo", "photos", "picture", "pictures", "that", "the"),
        *("this", "to", "was", "we", "were", "where", "which", "with"),
        *("的", "了", "在", "是", "我", "们", "和", "照", "片", "照片", "张", "里", "有"),
    )
)
"""Words that say nothing about a photo."""
_LOOKED_AT: Final = 200  # of each ranking


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A photo that was found."""

    photo: Photo
    score: float  # comparable within one answer; the best first
    why: tuple[str, ...]  # e.g. "content", "text: budget"
    cosine: float | None = None  # to the query, where content was compared


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query found."""

    hits: tuple[Hit, ...] = ()
    count: int = 0  # photos that match, the hits among them


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

    def find(self, content: str, *, top: int = 5, only: Ids | None = None) -> Answer:
        """The photos that show or say what is asked for, the best first.

        Args:
            content: a caption or a few words, in any language the encoder knows; empty for all
                that `only` leaves, the newest first.
            only: ascending ids to choose among.
        """
        if not content.strip():
            return self._newest(top, only)
        words = self._by_words(content, only)
        near, cosines = self._by_content(content, only)
        fused: dict[int, float] = {}
        for ranking in (words, near):
            for rank, id in enumerate(ranking):
                fused[id] = fused.get(id, 0.0) + 1 / (_RANK + rank + 1)
        ranked = sorted(fused, key=lambda id: -fused[id])
        photos = self.store.photos(ranked[: max(4 * top, 50)])
        said = set(words)
        hits = [
            Hit(
                photo=photos[id],
                score=fused[id],
                why=tuple(_why(id in said, id in cosines)),
                cosine=cosines.get(id),
            )
            for id in ranked
            if id in photos and _exists(photos[id])
        ]
        return Answer(hits=tuple(hits[:top]), count=len(ranked))

    def similar(
        self, vector: Float32, space: int, *, top: int = 5, without: Iterable[int] = ()
    ) -> Answer:
        """The photos nearest to a vector of a space."""
        left_out = set(without)
        ids, scores = self.vectors(space).search(vector, 2 * top + len(left_out) + 10)
        photos = self.store.photos(ids.tolist())
        hits = [
            Hit(photo=photos[id], score=score, cosine=score, why=("looks alike",))
            for id, score in zip(ids.tolist(), scores.tolist(), strict=True)
            if id not in left_out and id in photos and _exists(photos[id])
        ]
        return Answer(hits=tuple(hits[:top]), count=len(hits[:top]))

    def _newest(self, top: int, only: Ids | None) -> Answer:
        rows = self.store.rows(
            "SELECT id FROM contents ORDER BY taken_at IS NULL, taken_at DESC, id DESC"
        )
        allowed = None if only is None else set(only.tolist())
        ids = [row[0] for row in rows if allowed is None or row[0] in allowed]
        photos = self.store.photos(ids[: 4 * top])
        hits = [
            Hit(photo=photos[id], score=1.0, why=("filter",))
            for id in ids[: 4 * top]
            if id in photos and _exists(photos[id])
        ]
        return Answer(hits=tuple(hits[:top]), count=len(ids))

    def _by_words(self, content: str, only: Ids | None) -> list[int]:
        """Photos whose text or caption holds words of the query, by BM25."""
        asked = dict.fromkeys(token for token in tokens(content) if token not in _STOP)
        if not asked:
            return []
        match = " OR ".join('"' + token.replace('"', "") + '"' for token in asked)
        rows = self.store.rows(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
            match, _LOOKED_AT if only is None else 50 * _LOOKED_AT,
        )  # fmt: skip
        allowed = None if only is None else set(only.tolist())
        return [row[0] for row in rows if allowed is None or row[0] in allowed][:_LOOKED_AT]

    def _by_content(self, content: str, only: Ids | None) -> tuple[list[int], dict[int, float]]:
        query = self.encoder.texts([content])[0]
        ids, scores = self.vectors(CONTENT).search(query, _LOOKED_AT, only)
        kept = scores >= self._cut(query)
        found = dict(zip(ids[kept].tolist(), scores[kept].tolist(), strict=True))
        return list(found), found

    def _cut(self, query: Float32) -> float:
        """The cosine below which pictures have nothing to do with a query."""
        cut = getattr(self.encoder, "cut", None)
        return float(cut(query)) if cut is not None else -1.0


def _why(said: bool, shown: bool) -> Sequence[str]:
    return [*(["content"] if shown else []), *(["text"] if said else [])]


def _exists(photo: Photo) -> bool:
    return os.path.exists(photo.file)
