"""FAISS's product quantisation, searched as the library's index is: proposed, then compared.

PQ: Jégou, Douze and Schmid, PAMI 2011; OPQ: Ge et al., CVPR 2013; both over inverted lists.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.bench.index_timing import peak
from assistant.interfaces import Float32
from assistant.library.stored import StoredVectors
from assistant.library.vectors import Ids

# `np`: without polysemous codes, whose annealing takes minutes and which nothing here uses.
KINDS: Final = {"PQ": "IVF{lists},PQ64np", "OPQ": "OPQ64_512,IVF{lists},PQ64np"}
# By itself FAISS takes 50 rounds over up to 65,536 vectors, which did not end on two busy cores.
_TURNED: Final = 8  # rounds of OPQ's rotation and its quantiser by turns, ...
_TURNED_ON: Final = 16_384  # ... on these vectors, 64 for each of a part's 256 codes
_LISTS: Final = 1024
_TRAINED_ON: Final = 50_000  # vectors: some more than the 39 a list that FAISS asks for
_ADDED: Final = 10_000  # vectors at once
_PROBED: Final = 32  # lists that are searched
_PROPOSED: Final = 128  # compared exactly at least, as the library's index has it, and ...
_MORE: Final = 1.25  # ... for each result


@dataclass(frozen=True, kw_only=True)
class Quantised:
    """A FAISS index whose ids are places, and the vectors that its proposals are compared by."""

    index: Any
    matrix: StoredVectors

    @classmethod
    def build(cls, factory: str, vectors: Path, dimension: int, file: Path) -> dict[str, float]:
        """Train, fill and write an index of the vectors of a file; how long, and most memory.

        Args:
            factory: FAISS's description of the index, as in `KINDS`.
        """
        faiss = _faiss()
        matrix = np.memmap(vectors, np.float16, "r").reshape(-1, dimension)
        began, worked = time.perf_counter(), time.process_time()
        described = factory.format(lists=max(4, min(_LISTS, len(matrix) // 256)))
        index = faiss.index_factory(dimension, described, faiss.METRIC_INNER_PRODUCT)
        _bound(index)
        index.train(matrix[:: max(1, len(matrix) // _TRAINED_ON)].astype(np.float32))
        trained = time.perf_counter() - began
        for start in range(0, len(matrix), _ADDED):
            index.add(matrix[start : start + _ADDED].astype(np.float32))
        faiss.write_index(index, str(file))
        return {
            "train s": trained,
            "build s": time.perf_counter() - began,
            "build processor s": time.process_time() - worked,
            "build peak MB": peak(),
        }

    @classmethod
    def open(cls, file: Path, vectors: Path, dimension: int) -> Quantised:
        """Read an index back."""
        index = _faiss().read_index(str(file))
        return cls(index=index, matrix=StoredVectors(vectors, index.ntotal, dimension))

    def search(self, count: int, only: Ids | None, query: Float32) -> Ids:
        """Ids (places and one) of the nearest, best first. A filter is told anew each time."""
        faiss = _faiss()
        probing = faiss.SearchParametersIVF(sel=self._selector(only), nprobe=_PROBED)
        asked = probing
        if isinstance(self.index, faiss.IndexPreTransform):
            asked = faiss.SearchParametersPreTransform(index_params=probing)
        proposed = max(_PROPOSED, round(_MORE * count))
        _, found = self.index.search(query[None], proposed, params=asked)
        places = np.asarray(found[0], np.int64)
        places = places[places >= 0]
        order = np.argsort(-(self.matrix[places].astype(np.float32) @ query), kind="stable")
        return np.asarray(places[order[:count]] + 1, np.int64)

    def _selector(self, only: Ids | None) -> Any:
        if only is None:
            return None
        allowed = np.zeros(len(self.matrix), np.bool_)
        allowed[only - 1] = True
        return _faiss().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _bound(index: Any) -> None:
    """Give OPQ's training an end; what comes after it trains as without a rotation."""
    faiss = _faiss()
    if isinstance(index, faiss.IndexPreTransform):
        rotation = faiss.downcast_VectorTransform(index.chain.at(0))
        rotation.niter, rotation.max_train_points = _TURNED, _TURNED_ON


def _faiss() -> Any:
    """The library; its hints for types do not know its own keyword arguments."""
    return importlib.import_module("faiss")
