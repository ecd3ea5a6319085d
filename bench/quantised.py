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

from assistant.interfaces import Float32
from assistant.library.vectors import Half, Ids

KINDS: Final = {"PQ": "IVF{lists},PQ64", "OPQ": "OPQ64_512,IVF{lists},PQ64"}
_TRAINED_ON: Final = 30_000  # vectors
_ADDED: Final = 10_000  # vectors at once
_PROBED: Final = 32  # lists that are searched
_PROPOSED: Final = 128  # compared exactly, as the library's index has it


@dataclass(frozen=True, kw_only=True)
class Quantised:
    """A FAISS index whose ids are places, and the vectors that its proposals are compared by."""

    index: Any
    matrix: Half

    @classmethod
    def build(cls, kind: str, vectors: Path, dimension: int, file: Path) -> float:
        """Train, fill and write an index of the vectors of a file; returns the seconds."""
        faiss = _faiss()
        matrix = np.memmap(vectors, np.float16, "r").reshape(-1, dimension)
        began = time.perf_counter()
        factory = KINDS[kind].format(lists=max(4, min(1024, len(matrix) // 256)))
        index = faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
        index.train(matrix[:: max(1, len(matrix) // _TRAINED_ON)].astype(np.float32))
        for start in range(0, len(matrix), _ADDED):
            index.add(matrix[start : start + _ADDED].astype(np.float32))
        faiss.write_index(index, str(file))
        return time.perf_counter() - began

    @classmethod
    def open(cls, file: Path, matrix: Half) -> Quantised:
        """Read an index back."""
        faiss = _faiss()
        return cls(index=faiss.read_index(str(file)), matrix=matrix)

    def selector(self, only: Ids | None) -> Any:
        """What makes the index search only some ids (which are places plus one)."""
        faiss = _faiss()
        if only is None:
            return None
        allowed = np.zeros(len(self.matrix), np.bool_)
        allowed[only - 1] = True
        return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))

    def search(self, query: Float32, count: int, selector: Any) -> Ids:
        """Ids of the nearest, best first."""
        faiss = _faiss()
        probing = faiss.SearchParametersIVF(sel=selector, nprobe=_PROBED)
        asked = probing
        if isinstance(self.index, faiss.IndexPreTransform):
            asked = faiss.SearchParametersPreTransform(index_params=probing)
        _, found = self.index.search(query[None], max(_PROPOSED, 4 * count), params=asked)
        places = np.asarray(found[0], np.int64)
        places = places[places >= 0]
        order = np.argsort(-(self.matrix[places].astype(np.float32) @ query), kind="stable")
        return np.asarray(places[order[:count]] + 1, np.int64)


def _faiss() -> Any:
    """The library; its hints for types do not know its own keyword arguments."""
    return importlib.import_module("faiss")
