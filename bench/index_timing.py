"""An index of vectors under filters: what is asked of it, how long it takes, what it finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.bench.clusters import Clusters, nearest
from assistant.bench.pairs import Timing
from assistant.interfaces import Float32
from assistant.library.vectors import Ids

RIGHT: Final = 10  # nearest that count: recall@10
FIND: Final = 1000  # results that `find` asks for, to fuse them with other rankings
_SHARES: Final = (0.001, 0.01, 0.1, 0.5)  # that pass a filter

Search = Callable[[int, Ids | None, Float32], Ids]
"""The ids of the nearest: how many, among which ids (None: all), to which vector."""


@dataclass(frozen=True, kw_only=True)
class ScaleTiming(Timing):
    """An index under one filter. The baseline compares every vector that passes."""

    filtered: str  # what passes, in words
    results: int  # that are asked for
    stages: dict[str, float] = field(default_factory=dict)  # recall@10, MB, seconds of building


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """The queries, and for each filter by name its ids and the right answers."""

    queries: Float32  # [q, d]
    filters: Mapping[str, Ids | None]
    right: Mapping[str, Ids]  # [q, 10]

    @classmethod
    def make(cls, clusters: Clusters, count: int) -> Asked:
        """Queries under filters that leave photos at random, and one that leaves a span of time.

        An id is a vector's place and one.
        """
        rng = np.random.default_rng(1)
        masks: dict[str, Any] = {"all": None}
        for share in _SHARES:
            masks[f"{100 * share:g} %"] = rng.random(clusters.count) < share
        span = np.abs(np.arange(clusters.count) / clusters.count - 0.5) < 0.05
        masks["10 % in one span"] = span
        queries = clusters.queries(count)
        found = nearest(clusters, queries, list(masks.values()), RIGHT)
        return cls(
            queries=queries,
            filters={n: None if m is None else np.flatnonzero(m) + 1 for n, m in masks.items()},
            right={name: places + 1 for name, places in zip(masks, found, strict=True)},
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured of one index under one filter."""

    filtered: str
    results: int
    wall: list[float]  # s, of each query
    processor: list[float]  # s of all threads: what a busy machine does not lengthen
    recall: float

    def timing(
        self, index: str, exact: Mapping[str, float], stages: Mapping[str, float], pairs: int
    ) -> ScaleTiming:
        """The row as it is told, beside the seconds of comparing all that passes."""
        median, p95 = np.percentile(self.wall, (50, 95)).tolist()
        worked = np.percentile(self.processor, (50, 95)).tolist()
        return ScaleTiming(
            name=f"photos-scale, {index}, {self.results} results, {self.filtered}",
            filtered=self.filtered,
            results=self.results,
            median_s=median,
            p95_s=p95,
            baseline="every vector that passes compared exactly",
            baseline_median_s=exact[self.filtered],
            ratio=exact[self.filtered] / median,
            pairs=pairs,
            stages={
                "recall@10": self.recall,
                "processor p50 ms": 1000 * worked[0],
                "processor p95 ms": 1000 * worked[1],
                **stages,
            },
        )


def timed(asked: Asked, search: Search) -> list[Row]:
    """Latency over all queries after one round of warming up, and recall, under each filter."""
    return [
        _timed(asked, filtered, results, search)
        for results in (RIGHT, FIND)
        for filtered in asked.filters
    ]


def _timed(asked: Asked, filtered: str, results: int, search: Search) -> Row:
    only = asked.filters[filtered]
    for query in asked.queries:
        search(results, only, query)
    wall, processor, hits = [], [], 0
    for query, wanted in zip(asked.queries, asked.right[filtered], strict=True):
        began, worked = time.perf_counter(), time.process_time()
        found = search(results, only, query)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
        hits += len(np.intersect1d(found[:RIGHT], wanted[wanted > 0]))
    recall = hits / int((asked.right[filtered] > 0).sum())
    return Row(filtered=filtered, results=results, wall=wall, processor=processor, recall=recall)


def resident() -> dict[str, float]:
    """Resident memory of this process, MB: its own, and mapped files."""
    return {"own": _memory("RssAnon"), "mapped": _memory("RssFile")}


def peak() -> float:
    """The most memory that was resident in this process, MB; `getrusage` counts its parent's."""
    return _memory("VmHWM")


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(facts[name].split()[0]) / 1024


def grown(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What came to be resident in between, MB."""
    return {f"{kind} MB": after[kind] - before[kind] for kind in after}
