"""Timing two ways of doing the same thing, in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of a candidate and of its baseline. `ratio` is baseline / candidate."""

    name: str
    median_s: float
    p95_s: float
    baseline: str  # what the baseline is, in words
    baseline_median_s: float
    ratio: float  # median of the pairs' ratios; above 1 the candidate is faster
    pairs: int


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(
    name: str,
    candidate: Callable[[], object],
    baseline: Callable[[], object],
    *,
    against: str,
    pairs: int = 9,
) -> Timing:
    """Time both `pairs` times in turn, after one uncounted run of each."""
    candidate()
    baseline()
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(_seconds(candidate))
        theirs.append(_seconds(baseline))
    return Timing(**compared(name, ours, theirs, against=against))


def compared(
    name: str, ours: Sequence[float], theirs: Sequence[float], *, against: str
) -> dict[str, Any]:
    """The fields of a `Timing` from the seconds of each pair."""
    return {
        "name": name,
        "median_s": statistics.median(ours),
        "p95_s": sorted(ours)[min(len(ours) - 1, round(0.95 * len(ours)))],
        "baseline": against,
        "baseline_median_s": statistics.median(theirs),
        "ratio": statistics.median(b / a for a, b in zip(ours, theirs, strict=True)),
        "pairs": len(ours),
    }
