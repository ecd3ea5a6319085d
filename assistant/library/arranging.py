"""The files that make a large library quick to search, rebuilt from the database at any time.

Each arrangement is a folder of its own, complete or absent: it is written beside and renamed.
Content ids are never used twice, so an old arrangement can only lack what is new.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.library.codes import Codes, coded
from assistant.library.store import PhotoStore
from assistant.library.stored import StoredVectors
from assistant.library.vectors import EXACT, Half, Ids, Vectors

_PAGE: Final = 10_000  # vectors read at once
_GRAPH: Final = "graph.usearch"
_VECTORS: Final = "vectors.f16"  # to compare candidates by
_CODES: Final = "codes.i8"  # to pass over where a filter leaves little
_IDS: Final = "ids.npy"
_FILES: Final = (_GRAPH, _VECTORS, _CODES, _IDS)
_NAME: Final = re.compile(r"(\d+)-(\d)-(\d+)")
_CONNECTIVITY: Final = 32  # neighbours of a node
_EXPANSION_ADD: Final = 128  # candidates while building
_EXPANSION_SEARCH: Final = 256  # ... and while searching


def load(store: PhotoStore, encoder: int, space: int, *, exact: int = EXACT) -> Vectors:
    """The vectors of a library, as quick to search as they are arranged.

    Args:
        exact: vectors from which an arrangement is used.
    """
    if store.vector_count(encoder, space) >= exact:
        for folder in _arrangements(store, encoder, space):
            opened = _open(folder)
            if opened is not None:
                return _with_later(opened, store, encoder, space)
    ids, matrix = store.vectors(encoder, space)
    return Vectors(ids=ids, matrix=matrix)


def arrange(
    store: PhotoStore, encoder: int, space: int, *, exact: int = EXACT, anew: bool = False
) -> Iterator[int]:
    """Bring a library's arrangement up to date; yields how many vectors are in the graph.

    Args:
        anew: build the graph from nothing, rather than add to the last one.
    """
    count = store.vector_count(encoder, space)
    kept: Path | None = None
    if count >= exact:
        kept = store.folder / "index" / f"{encoder}-{space}-{store.generation()}"
        if anew or not all((kept / name).is_file() for name in _FILES):
            yield from _build(store, encoder, space, kept, count, anew=anew)
    for folder in _arrangements(store, encoder=None, space=space):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def _build(
    store: PhotoStore, encoder: int, space: int, target: Path, count: int, *, anew: bool
) -> Iterator[int]:
    from usearch.index import Index

    old = next(iter(_arrangements(store, encoder, space)), None)
    building = target.with_name(f"building-{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    graph = None if anew or old is None else _graph(old, view=False)
    ids = np.zeros(count, np.int64)
    done = 0
    try:
        with (building / _VECTORS).open("wb") as out, (building / _CODES).open("wb") as short:
            for page, matrix in _pages(store, encoder, space):
                if graph is None:
                    graph = Index(
                        ndim=matrix.shape[1], metric="cos", dtype="i8",
                        connectivity=_CONNECTIVITY, expansion_add=_EXPANSION_ADD,
                        expansion_search=_EXPANSION_SEARCH,
                    )  # fmt: skip
                page, matrix = page[: count - done], matrix[: count - done]
                new = ~np.asarray(graph.contains(page), np.bool_)
                if new.any():
                    graph.add(page[new], matrix[new].astype(np.float32))
                out.write(matrix.tobytes())
                short.write(coded(matrix).tobytes())
                ids[done : done + len(page)] = page
                done += len(page)
                yield done
        assert graph is not None, "there are vectors"
        there = np.asarray(graph.keys[:], np.int64)  # one by one, each costs a walk over all
        dead = np.setdiff1d(there, ids[:done])
        if len(dead):
            graph.remove(dead)
        np.save(building / _IDS, ids[:done])
        graph.save(str(building / _GRAPH))
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _pages(store: PhotoStore, encoder: int, space: int) -> Iterator[tuple[Ids, Half]]:
    last = 0
    while True:
        ids, matrix = store.vectors_after(encoder, space, last, _PAGE)
        if not len(ids):
            return
        yield ids, matrix
        last = int(ids[-1])


def _with_later(vectors: Vectors, store: PhotoStore, encoder: int, space: int) -> Vectors:
    """The vectors with those that the database got since."""
    last = int(vectors.ids[-1]) if len(vectors.ids) else 0
    ids, matrix = store.vectors_after(encoder, space, last, EXACT)
    if not len(ids):
        return vectors
    return replace(vectors, later=Vectors(ids=ids, matrix=matrix))


def _arrangements(store: PhotoStore, encoder: int | None, space: int) -> list[Path]:
    """Complete arrangements, the latest first."""
    found: list[tuple[int, Path]] = []
    with suppress(FileNotFoundError):
        for folder in (store.folder / "index").iterdir():
            match = _NAME.fullmatch(folder.name)
            if match and int(match[2]) == space and encoder in (None, int(match[1])):
                found.append((int(match[3]), folder))
    return [folder for _, folder in sorted(found, reverse=True)]


def _open(folder: Path) -> Vectors | None:
    """An arrangement; None where its files do not fit each other."""
    try:
        ids = np.load(folder / _IDS)
        graph = _graph(folder, view=True)
        if graph is None or len(graph) != len(ids):
            return None
        shape = (len(ids), graph.ndim)
        codes: Codes = np.memmap(folder / _CODES, np.int8, "r", shape=shape)
        matrix = StoredVectors(folder / _VECTORS, *shape)
    except (OSError, ValueError, RuntimeError):
        return None
    return Vectors(ids=ids, matrix=matrix, graph=graph, codes=codes)


def _graph(folder: Path, *, view: bool) -> Any:
    from usearch.index import Index

    graph: Any = Index.restore(str(folder / _GRAPH), view=view)
    if graph is not None:  # the file does not hold how widely is searched
        graph.expansion_add = _EXPANSION_ADD
        graph.expansion_search = _EXPANSION_SEARCH
    return graph
