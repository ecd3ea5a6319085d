"""The library's index of vectors at scale: recall, latency with filters, build time, memory, disk.

`assistant bench photos-scale` takes 100,000 vectors; `python -m assistant.bench.photos_scale
1000000 FOLDER` a million, and leaves what it makes in FOLDER, where a run that was stopped goes on.
The vectors go through the library's database as those of photos do; the graph is used however few
there are. Product quantisation by FAISS is measured beside it.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.bench.clusters import Clusters
from assistant.bench.index_timing import RIGHT, Asked, ScaleTiming, grown, peak, resident, timed
from assistant.bench.quantised import KINDS, Quantised
from assistant.interfaces import Float32
from assistant.library.arranging import arrange, load
from assistant.library.records import CONTENT
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids, Vectors
from assistant.library.writing import count_up
from assistant.registry import Engines

COUNT: Final = 100_000
_ASKED: Final = 200  # queries
_COMPARED: Final = 9  # of them, exactly as well
_ENCODER: Final = "made"


def photos_scale(engines: Engines) -> Iterator[ScaleTiming]:
    """A hundred thousand vectors, with and without filters."""
    del engines
    with tempfile.TemporaryDirectory(prefix="photos-scale-") as folder:
        yield from scaled(Path(folder), COUNT)


def scaled(folder: Path, count: int, *, asked: int = _ASKED) -> Iterator[ScaleTiming]:
    """Build each index in a folder and measure it, each in a process of its own.

    Args:
        folder: what was made in it by a run before, of as many vectors, is used again.
        count: vectors.
        asked: queries; the first few are compared exactly too.
    """
    clusters = Clusters.make(count)
    _once(folder / "filled", partial(fill, folder, clusters))
    questions: Asked = _once(folder / "asked", partial(Asked.make, clusters, asked))
    building = _once(folder / "arranged", partial(_apart, _arranged, folder))
    exact: dict[str, float] = {}
    for timing in _apart(_ours, folder, questions):
        timing.stages.update(building)
        exact[timing.filtered] = timing.baseline_median_s
        yield timing
    (vectors,) = (folder / "index").rglob("vectors.f16")
    for kind, factory in KINDS.items():
        file = folder / f"{kind}.faiss"
        build = partial(_apart, Quantised.build, factory, vectors, questions.queries.shape[1], file)
        building = _once(folder / f"{kind}-built", build)
        for timing in _apart(_theirs, vectors, file, kind, questions, exact):
            timing.stages.update(building)
            yield timing


def fill(folder: Path, clusters: Clusters) -> None:
    """Write the vectors into a library; a photo's id is its place and one."""
    with contextlib.closing(PhotoStore(folder, folder)) as store:
        number = store.encoder(_ENCODER)
        for start, vectors in clusters.chunks():
            ids = range(start + 1, start + 1 + len(vectors))
            with store.writing() as connection:
                count_up(connection)
                connection.executemany(
                    "INSERT INTO contents (id, hash, encoder, width, height)"
                    " VALUES (?, ?, ?, 1, 1)",
                    ((id, id.to_bytes(20, "big"), number) for id in ids),
                )
                connection.executemany(
                    "INSERT INTO vectors (content, encoder, space, vector) VALUES (?, ?, ?, ?)",
                    (
                        (id, number, CONTENT, vector.tobytes())
                        for id, vector in zip(ids, vectors.astype(np.float16), strict=True)
                    ),
                )


def _arranged(folder: Path) -> dict[str, float]:
    """Arrange a library; the seconds it took, those of the processor, the most memory in MB."""
    with contextlib.closing(PhotoStore(folder, folder)) as store:
        began, worked = time.perf_counter(), time.process_time()
        for _ in arrange(store, store.encoder(_ENCODER), CONTENT, exact=1):
            pass
        took, worked = time.perf_counter() - began, time.process_time() - worked
    return {"build s": took, "build processor s": worked, "build peak MB": peak()}


def _ours(folder: Path, asked: Asked) -> list[ScaleTiming]:
    """The library's index under every filter, in a process that has nothing else in memory."""
    with contextlib.closing(PhotoStore(folder, folder)) as store:
        before = resident()
        vectors = load(store, store.encoder(_ENCODER), CONTENT, exact=1)
        if vectors.graph is None:
            raise RuntimeError(f"the arrangement in {folder} was not taken")
        found = timed(asked, partial(_searched, vectors))
        memory = grown(before, resident())
    (file,) = (folder / "index").rglob("vectors.f16")
    matrix = np.memmap(file, np.float16, "r", shape=(len(vectors), asked.queries.shape[1]))
    plain = Vectors(ids=vectors.ids, matrix=matrix)
    exact = {
        filtered: statistics.median(
            _seconds(partial(_searched, plain, RIGHT, only), query)
            for query in asked.queries[:_COMPARED]
        )
        for filtered, only in asked.filters.items()
    }
    disk = sum(f.stat().st_size for f in file.parent.iterdir()) / 2**20
    stages = {**memory, "disk MB": disk}
    return [row.timing("HNSW int8", exact, stages, _COMPARED) for row in found]


def _theirs(
    vectors: Path, file: Path, kind: str, asked: Asked, exact: Mapping[str, float]
) -> list[ScaleTiming]:
    """An index of FAISS likewise. USearch must not be loaded beside it: the two crash together."""
    before = resident()
    index = Quantised.open(file, vectors, asked.queries.shape[1])
    found = timed(asked, index.search)
    disk = (file.stat().st_size + vectors.stat().st_size) / 2**20
    stages = {**grown(before, resident()), "disk MB": disk}
    return [row.timing(f"FAISS {kind}", exact, stages, _COMPARED) for row in found]


def _searched(vectors: Vectors, count: int, only: Ids | None, query: Float32) -> Ids:
    return vectors.search(query, count, only)[0]


def _seconds(search: Callable[[Float32], Ids], query: Float32) -> float:
    began = time.perf_counter()
    search(query)
    return time.perf_counter() - began


def _once(file: Path, make: Callable[[], Any]) -> Any:
    """What is made, kept in a file; from there where it was made before."""
    if not file.is_file():
        made = make()
        file.write_bytes(pickle.dumps(made))
    return pickle.loads(file.read_bytes())


def _apart(work: Callable[..., Any], *values: Any) -> Any:
    """The result of a function called in a new process."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else FAISS spins on a busy machine
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(work, *values).result()


def main() -> None:
    """Print one JSON object a row: the number of vectors, and the folder to keep them in."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with contextlib.ExitStack() as ending:
        if len(sys.argv) > 2:
            folder = Path(sys.argv[2])
            folder.mkdir(parents=True, exist_ok=True)
        else:
            kept = tempfile.TemporaryDirectory(prefix="photos-scale-")
            folder = Path(ending.enter_context(kept))
        for timing in scaled(folder, count):
            print(json.dumps(asdict(timing)), flush=True)


if __name__ == "__main__":
    main()
