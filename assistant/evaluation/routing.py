"""Routing against cases: the right tool, the exact path, and how long it takes."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assistant.evaluation.cases import Report
from assistant.languages import language_of
from assistant.registry import Engines

Row = dict[str, Any]


def evaluate(rows: Sequence[Mapping[str, Any]], engines: Engines) -> Report:
    """Route each row's `text`; compare with its `tool` and, where given, its `arguments`.

    Report `routing`: accuracy overall, by language and by tool; exactness of the paths and
    of all arguments that the cases fix; pairs that were confused; latency in seconds (median,
    95th percentile); share of requests by grammar, fast path and language model. Loading is
    not timed.
    """
    from assistant.routing import Router

    router = Router(engines)
    router.prepare()
    results = [_scored(row, router) for row in rows]
    return Report(name="routing", n=len(results), metrics=_metrics(results), rows=results)


def _scored(row: Mapping[str, Any], router: Any) -> Row:
    text, wanted = str(row["text"]), dict(row.get("arguments", {}))
    routed = router.route(text)
    given = routed.call.arguments
    return {
        "text": text,
        "language": language_of(text),
        "tool": row["tool"],
        "routed": routed.call.name,
        "right": routed.call.name == row["tool"],
        "wanted": wanted,
        "arguments": dict(given),
        "arguments_right": routed.call.name == row["tool"]
        and all(given.get(name) == value for name, value in wanted.items()),
        "via": routed.via,
        "elapsed_s": routed.elapsed_s,
    }


def _metrics(results: Sequence[Row]) -> dict[str, Any]:
    elapsed = sorted(result["elapsed_s"] for result in results)
    confused = Counter(
        f"{result['tool']} -> {result['routed']}" for result in results if not result["right"]
    )
    fixed = [result for result in results if result["wanted"]]
    paths = [result for result in fixed if "path" in result["wanted"]]
    return {
        "accuracy": _share(results, "right"),
        "by_language": _by(results, "language"),
        "by_tool": _by(results, "tool"),
        "by_via": _by(results, "via"),
        "paths_exact": _share(paths, "arguments_right"),
        "arguments_exact": _share(fixed, "arguments_right"),
        "confused": dict(confused.most_common()),
        "median_s": statistics.median(elapsed) if elapsed else None,
        "p95_s": elapsed[min(len(elapsed) - 1, int(0.95 * len(elapsed)))] if elapsed else None,
        "via": {
            via: n / len(results) for via, n in Counter(r["via"] for r in results).most_common()
        },
    }


def _by(results: Sequence[Row], name: str) -> dict[str, float | None]:
    groups = sorted({str(result[name]) for result in results})
    return {g: _share((r for r in results if str(r[name]) == g), "right") for g in groups}


def _share(results: Iterable[Row], name: str) -> float | None:
    """The share of results where `name` holds; None when there are none."""
    values = [bool(result[name]) for result in results]
    return sum(values) / len(values) if values else None
