"""Nearest neighbours among a library's vectors: exact in small libraries, by a graph in large.

Below `EXACT` vectors every one is compared. Above, candidates are compared exactly that one of two
ways proposes: a graph of 8-bit vectors (HNSW: Malkov and Yashunin, arXiv 1603.09320, by USearch),
or a pass over the 8-bit codes of all that a filter leaves. The graph cannot filter by itself and
has to propose the more, the less a filter leaves; so the cheaper of the two is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32
from assistant.library.codes import Codes, nearest
from assistant.library.stored import StoredVectors

if TYPE_CHECKING:
    from usearch.index import Index

Ids = NDArray[np.int64]
Half = NDArray[np.float16]

EXACT: Final = 200_000
"""Vectors from which a graph is used."""
CODES_A_CANDIDATE: Final = 60
"""Codes that are passed over in the time in which the graph proposes one candidate (measured)."""
_LEAST: Final = 128  # candidates, and ...
_MORE: Final = 1.25  # ... for each result, since 8 bits order them a little differently
_SPARE: Final = 1.2  # times as many are proposed as should do, since filters do not leave evenly
_SAMPLED: Final = 2000  # vectors that stand for all


@dataclass(frozen=True, kw_only=True, eq=False)
class Vectors:
    """Vectors of one space and one encoder. Safe to search from several threads."""

    ids: Ids  # [n], ascending
    matrix: Half | StoredVectors  # [n, d], L2-normalised; stored where there is a graph
    graph: Index | None = None  # its keys are ids
    codes: Codes | None = None  # [n, d] of the vectors; there where the graph is
    later: Vectors | None = field(default=None)  # written since the graph was made

    def __len__(self) -> int:
        return len(self.ids) + (len(self.later) if self.later is not None else 0)

    @cached_property
    def sample(self) -> Float32:
        """Some two thousand vectors, evenly out of all but the latest, [m, d]."""
        step = max(1, len(self.ids) // _SAMPLED)
        return self.matrix[::step].astype(np.float32)

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
        found[here] = _cosines(self.matrix[places], query)
        if self.later is not None and not here.all():
            found[~here] = self.later.cosines(query, ids[~here])
        return found

    def _search(self, query: Float32, count: int, only: Ids | None) -> tuple[Ids, Float32]:
        if self.graph is None:
            return self._exact(query, count, None if only is None else self._places(only)[0])
        wanted = _wanted(count)
        if only is None:
            return self._rescored(query, count, self._propose(query, wanted))
        if not len(only):
            return self._rescored(query, count, np.zeros(0, np.int64))
        proposed = round(_SPARE * wanted * len(self.ids) / len(only))
        if len(only) > CODES_A_CANDIDATE * proposed:
            candidates = self._propose(query, proposed)
            kept = candidates[_among(self.ids[candidates], only)]
            if len(kept) >= max(count, wanted // 2):
                return self._rescored(query, count, kept)
        assert self.codes is not None, "there with a graph"
        near = nearest(self.codes, query, self._places(only)[0], wanted)
        return self._rescored(query, count, near)

    def _exact(self, query: Float32, count: int, places: Ids | None) -> tuple[Ids, Float32]:
        from usearch.compiled import MetricKind
        from usearch.index import search

        rows = self.matrix[:] if places is None else self.matrix[places]
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
        return _best(self.ids[places], _cosines(self.matrix[places], query), count)

    def _places(self, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Where ids stand, of those that are here; and which are."""
        if not len(self.ids):
            return np.zeros(0, np.int64), np.zeros(len(ids), np.bool_)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        here = self.ids[places] == ids
        return places[here], here


def _wanted(count: int) -> int:
    """Candidates that are compared exactly for so many results."""
    return max(round(_MORE * count), _LEAST)


def _among(ids: Ids, only: Ids) -> NDArray[np.bool_]:
    """Which ids are among the ascending ones."""
    places = np.minimum(np.searchsorted(only, ids), len(only) - 1)
    return np.asarray(only[places] == ids)


def _cosines(rows: Half, query: Float32) -> Float32:
    """Products of 16-bit vectors with a query, [n]; numpy would take a hundred times as long."""
    if not len(rows):
        return np.zeros(0, np.float32)
    from numkong import cdist

    found = np.asarray(cdist(rows, query.astype(np.float16)[None], metric="dot"))
    return np.asarray(found[:, 0], np.float32)


def _best(ids: Ids, scores: Float32, count: int) -> tuple[Ids, Float32]:
    order = np.argsort(-scores, kind="stable")[:count]
    return ids[order], scores[order]
