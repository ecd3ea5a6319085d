"""The library's index of vectors at scale: recall, latency with filters, build time, memory, disk.

`assistant bench photos-scale` takes 100,000 vectors; `python -m assistant.bench.photos_scale
1000000` a million. The vectors go through the library's database as those of photos do; the graph
is used however few there are.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.bench.clusters import Clusters, nearest
from assistant.bench.pairs import Timing
from assistant.interfaces import Float32
from assistant.library.arranging import arrange, load
from assistant.library.records import CONTENT
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids, Vectors
from assistant.library.writing import count_up
from assistant.registry import Engines

COUNT: Final = 100_000
_RIGHT: Final = 10  # nearest that count: recall@10
_ASKED: Final = 200  # queries
_COMPARED: Final = 9  # of them, exactly as well
_FIND: Final = 1000  # results that `find` asks for, to fuse them with other rankings
_SHARES: Final = (0.001, 0.01, 0.1, 0.5)  # that pass a filter
_ENCODER: Final = "made"


@dataclass(frozen=True, kw_only=True)
class ScaleTiming(Timing):
    """The index under one filter. The baseline compares every vector that passes."""

    filtered: str  # what passes, in words
    stages: dict[str, float] = field(default_factory=dict)  # recall@10, MB, seconds of building


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """The queries, and for each filter by name its ids and the right answers."""

    queries: Float32  # [q, d]
    filters: Mapping[str, Ids | None]
    right: Mapping[str, Ids]  # [q, 10]


def photos_scale(engines: Engines) -> Iterator[ScaleTiming]:
    """A hundred thousand vectors, with and without filters."""
    del engines
    with tempfile.TemporaryDirectory(prefix="photos-scale-") as folder:
        yield from scaled(Path(folder), COUNT)


def scaled(folder: Path, count: int, *, asked: int = _ASKED) -> Iterator[ScaleTiming]:
    """Build the index in a folder and measure it, in processes that hold nothing else.

    Args:
        count: vectors.
        asked: queries; the first few are compared exactly too.
    """
    clusters = Clusters.make(count)
    questions = _questions(clusters, asked)
    fill(folder, clusters)
    building = _apart(_arranged, folder)
    for timing in _apart(_measured, folder, questions):
        timing.stages.update(building)
        yield timing


def _questions(clusters: Clusters, count: int) -> Asked:
    """Queries under filters that leave photos at random, and one that leaves a span of time."""
    rng = np.random.default_rng(1)
    masks: dict[str, Any] = {"all": None}
    for share in _SHARES:
        masks[f"{100 * share:g} %"] = rng.random(clusters.count) < share
    masks["10 % in one span"] = np.abs(np.arange(clusters.count) / clusters.count - 0.5) < 0.05
    queries = clusters.queries(count)
    found = nearest(clusters, queries, list(masks.values()), _RIGHT)
    return Asked(
        queries=queries,
        filters={n: None if m is None else np.flatnonzero(m) + 1 for n, m in masks.items()},
        right={name: places + 1 for name, places in zip(masks, found, strict=True)},
    )


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
    """Arrange a library; the seconds it took and the most memory, MB."""
    import resource

    with contextlib.closing(PhotoStore(folder, folder)) as store:
        began = time.perf_counter()
        for _ in arrange(store, store.encoder(_ENCODER), CONTENT, exact=1):
            pass
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"build s": took, "build peak MB": peak}


def _measured(folder: Path, asked: Asked) -> list[ScaleTiming]:
    """The library's index under every filter, in a process that has nothing else in memory."""
    with contextlib.closing(PhotoStore(folder, folder)) as store:
        before = _resident()
        vectors = load(store, store.encoder(_ENCODER), CONTENT, exact=1)
        if vectors.graph is None:
            raise RuntimeError(f"the arrangement in {folder} was not taken")
        found = [
            _timed(asked, filtered, partial(_searched, vectors, count, asked.filters[filtered]))
            for count in (_RIGHT, _FIND)
            for filtered in asked.filters
        ]
        after = _resident()
    plain = Vectors(ids=vectors.ids, matrix=vectors.matrix)
    exact = {
        filtered: statistics.median(
            _seconds(partial(_searched, plain, _RIGHT, only), query)[0]
            for query in asked.queries[:_COMPARED]
        )
        for filtered, only in asked.filters.items()
    }
    disk = sum(file.stat().st_size for file in (folder / "index").rglob("*.usearch")) / 2**20
    stages = {**_grown(before, after), "disk MB": disk}
    names = ["HNSW int8"] * len(asked.filters) + [f"HNSW int8, {_FIND} results"] * len(exact)
    return [
        row.timing(name, exact[row.filtered], stages)
        for name, row in zip(names, found, strict=True)
    ]


def _searched(vectors: Vectors, count: int, only: Ids | None, query: Float32) -> Ids:
    return vectors.search(query, count, only)[0]


def _seconds(search: Callable[[Float32], Ids], query: Float32) -> tuple[float, Ids]:
    began = time.perf_counter()
    found = search(query)
    return time.perf_counter() - began, found


@dataclass(frozen=True, kw_only=True)
class _Row:
    """What was measured of one index under one filter."""

    filtered: str
    seconds: list[float]
    recall: float

    def timing(self, name: str, exact_s: float, stages: Mapping[str, float]) -> ScaleTiming:
        median, p95 = np.percentile(self.seconds, (50, 95)).tolist()
        return ScaleTiming(
            name=f"photos-scale, {name}, {self.filtered}",
            filtered=self.filtered,
            median_s=median,
            p95_s=p95,
            baseline="every vector that passes compared exactly",
            baseline_median_s=exact_s,
            ratio=exact_s / median,
            pairs=_COMPARED,
            stages={"recall@10": self.recall, **stages},
        )


def _timed(asked: Asked, filtered: str, search: Callable[[Float32], Ids]) -> _Row:
    """Latency over all queries after one round of warming up, and recall."""
    for query in asked.queries:
        search(query)
    seconds, hits = [], 0
    for query, wanted in zip(asked.queries, asked.right[filtered], strict=True):
        took, found = _seconds(search, query)
        seconds.append(took)
        hits += len(np.intersect1d(found[:_RIGHT], wanted[wanted > 0]))
    recall = hits / int((asked.right[filtered] > 0).sum())
    return _Row(filtered=filtered, seconds=seconds, recall=recall)


def _resident() -> dict[str, float]:
    """Resident memory of this process, MB: its own, and mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    kinds = {"own": "RssAnon", "mapped": "RssFile"}
    return {kind: int(facts[name].split()[0]) / 1024 for kind, name in kinds.items()}


def _grown(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {f"{kind} MB": after[kind] - before[kind] for kind in after}


def _apart(work: Callable[..., Any], *values: Any) -> Any:
    """The result of a function called in a new process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(work, *values).result()


def main() -> None:
    """Print one JSON object a row; the first argument is the number of vectors."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory(prefix="photos-scale-") as folder:
        for timing in scaled(Path(folder), count):
            print(json.dumps(asdict(timing)), flush=True)


if __name__ == "__main__":
    main()
