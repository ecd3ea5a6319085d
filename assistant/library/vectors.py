"""Nearest neighbours among a library's vectors: exact in small libraries, by a graph in large.

Below `EXACT` vectors every one is compared. Above, a graph of 8-bit vectors (HNSW: Malkov and
Yashunin, arXiv 1603.09320, by USearch) proposes candidates, which are compared exactly. A
filter that leaves few vectors has these compared exactly; one that leaves many has the graph
propose more, since it cannot filter by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32

if TYPE_CHECKING:
    from usearch.index import Index

Ids = NDArray[np.int64]
Half = NDArray[np.float16]

EXACT: Final = 200_000
"""Vectors from which a graph is used."""
FEW: Final = 50_000
"""Vectors that a filter may leave to be compared one by one."""
_PROPOSED: Final = 4  # candidates for each result that is wanted, and at least
_LEAST: Final = 128
_MOST: Final = 20_000  # candidates; a filter that still leaves too few is searched exactly


@dataclass(frozen=True, kw_only=True, eq=False)
class Vectors:
    """Vectors of one space and one encoder. Safe to search from several threads."""

    ids: Ids  # [n], ascending
    matrix: Half  # [n, d], L2-normalised; in memory or mapped from a file
    graph: Index | None = None  # its keys are ids
    later: Vectors | None = field(default=None)  # written since the graph was made

    def __len__(self) -> int:
        return len(self.ids) + (len(self.later) if self.later is not None else 0)

    def search(self, query: Float32, count: int, only: Ids | None = None) -> tuple[Ids, Float32]:
        """The nearest vectors, best first.

        Args:
            query: [d], L2-normalised.
            only: ascending ids to choose among; None for all.

        Returns:
            ids [m] and cosines [m], m <= count.
        """
        ids, scores = self._search(query, count, only)
        if self.later is None:
            return ids, scores
        others, theirs = self.later.search(query, count, only)
        return _best(np.concatenate([ids, others]), np.concatenate([scores, theirs]), count)

    def cosines(self, query: Float32, ids: Ids) -> Float32:
        """The cosine of each id, [n]; NaN where there is no such vector."""
        places, here = self._places(ids)
        found = np.full(len(ids), np.nan, np.float32)
        found[here] = self.matrix[places].astype(np.float32) @ query
        if self.later is not None and not here.all():
            found[~here] = self.later.cosines(query, ids[~here])
        return found

    def _search(self, query: Float32, count: int, only: Ids | None) -> tuple[Ids, Float32]:
        if only is None:
            if self.graph is None:
                return self._exact(query, count, None)
            return self._rescored(query, count, self._propose(query, _wanted(count)))
        places, _ = self._places(only)
        if self.graph is None or len(places) <= FEW:
            return self._exact(query, count, places)
        allowed = np.zeros(len(self.ids), np.bool_)
        allowed[places] = True
        proposed = round(2 * _wanted(count) * len(self.ids) / len(places))
        while proposed <= _MOST:
            candidates = self._propose(query, proposed)
            kept = candidates[allowed[candidates]]
            if len(kept) >= _wanted(count) or len(candidates) == len(self.ids):
                return self._rescored(query, count, kept)
            proposed *= 4
        return self._exact(query, count, places)

    def _exact(self, query: Float32, count: int, places: Ids | None) -> tuple[Ids, Float32]:
        from usearch.compiled import MetricKind
        from usearch.index import search

        rows = self.matrix if places is None else self.matrix[places]
        if not len(rows):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        found: Any = search(
            rows, query.astype(np.float16), min(count, len(rows)), MetricKind.IP, exact=True
        )
        chosen = np.asarray(found.keys, np.int64)
        ids = self.ids[chosen if places is None else places[chosen]]
        return ids, np.asarray(1 - found.distances, np.float32)

    def _propose(self, query: Float32, count: int) -> Ids:
        """Places of candidates by the graph; those of removed keys are left out."""
        assert self.graph is not None, "only asked of a graph"
        found: Any = self.graph.search(query, min(count, len(self.ids)))
        return self._places(np.asarray(found.keys, np.int64))[0]

    def _rescored(self, query: Float32, count: int, places: Ids) -> tuple[Ids, Float32]:
        scores = self.matrix[places].astype(np.float32) @ query
        return _best(self.ids[places], scores, count)

    def _places(self, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Where ids stand, of those that are here; and which are."""
        if not len(self.ids):
            return np.zeros(0, np.int64), np.zeros(len(ids), np.bool_)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        here = self.ids[places] == ids
        return places[here], here


def _wanted(count: int) -> int:
    return max(_PROPOSED * count, _LEAST)


def _best(ids: Ids, scores: Float32, count: int) -> tuple[Ids, Float32]:
    order = np.argsort(-scores, kind="stable")[:count]
    return ids[order], scores[order]
