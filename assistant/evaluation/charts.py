"""How truly charts are told: type, axes and main message, on charts drawn from known data.

A part is right, wrong, or left open ("I can't tell"). A chart is right when all parts are,
wrong when one is, else open. Photos among the cases must not be taken for charts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from assistant.errors import AssistantError
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.describing import KIND, rate
from assistant.evaluation.drawn_charts import Drawn, charts
from assistant.registry import Engines
from assistant.types import Picture
from assistant.vision.charts import Axis, Chart, find
from assistant.vision.charts import trends as telling

Verdict = Literal["right", "wrong", "open"]

_ALIKE: Final = 0.8  # ratio of matching characters, from which a title was read
_NEAR: Final = 0.03  # of the axis, within which a number is right


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Tell charts of both sets; look for charts in the photos of the cases.

    `held_out` and `tuning` have `right`, `wrong` and `open` of whole charts, and of each part;
    `numbers` the share of values within 3 % of the axis, or 3 points of a pie.
    """
    reader = engines.get("text_reader")
    rows: list[dict[str, Any]] = []
    for held_out in (False, True):
        for drawn in charts(held_out=held_out):
            found = find(drawn.picture, reader.read(drawn.picture).lines)
            name = "held_out" if held_out else "tuning"
            what = {"set": name, "kind": drawn.kind, "style": drawn.style.name}
            rows.append({**what, "title": drawn.topic.title, **judged(drawn, found)})
    claims: list[bool] = []
    for case in cases:
        if case.kind == KIND:
            try:
                picture = Picture.open(case.file)
            except AssistantError as error:
                rows.append({"set": "photos", "file": case.name, "error": str(error)})
                continue
            claims.append(find(picture, reader.read(picture).lines) is not None)
            rows.append({"set": "photos", "file": case.name, "chart": claims[-1]})
    metrics: dict[str, Any] = {
        name: _metrics([row for row in rows if row["set"] == name])
        for name in ("held_out", "tuning")
    }
    if claims:
        metrics["photos_taken_for_charts"] = rate(sum(claims), len(claims))
    return Report(name="charts", n=len(rows), metrics=metrics, rows=rows)


def judged(drawn: Drawn, found: Chart | None) -> dict[str, Any]:
    """The verdict on each part of what was told, and on the whole."""
    if found is None:
        parts: dict[str, Verdict] = dict.fromkeys(("type", "axes", "message"), "open")
        return {**parts, "whole": "open", "numbers": (0, 0)}
    if found.kind != drawn.kind:
        return {"type": "wrong", "axes": "open", "message": "open", "whole": "wrong",
                "numbers": (0, 0)}  # fmt: skip
    parts = {"type": "right", "axes": _axes(drawn, found), "message": _message(drawn, found)}
    return {**parts, "whole": _worst(parts.values()), "numbers": _numbers(drawn, found)}


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    seen = set(verdicts)
    return "wrong" if "wrong" in seen else "open" if "open" in seen else "right"


def _metrics(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in ("whole", "type", "axes", "message"):
        found[part] = {
            verdict: rate(sum(row[part] == verdict for row in rows), len(rows))
            for verdict in ("right", "wrong", "open")
        }
    found["numbers"] = rate(
        sum(row["numbers"][0] for row in rows), sum(row["numbers"][1] for row in rows)
    )
    return found


def _axes(drawn: Drawn, found: Chart) -> Verdict:
    """Of a pie the names of its parts; else titles, categories and range of both axes."""
    if drawn.kind == "pie":
        told = [p.label for p in found.series[0].points]
        return _same_words(sorted(drawn.labels), sorted(told))
    sideways = drawn.kind == "horizontal bar"
    categories, values = (found.y, found.x) if sideways else (found.x, found.y)
    assert drawn.y_range is not None
    verdicts = [_range(values, *drawn.y_range), _title(values.title, drawn.topic.y_title)]
    if drawn.kind == "scatter":
        title = "Age" if drawn.topic.language == "en" else drawn.topic.x_title
        verdicts += [_range(categories, 0.0, 50.0), _title(categories.title, title)]
    else:
        verdicts += [
            _same_words(drawn.labels, categories.labels),
            _title(categories.title, drawn.topic.x_title),
        ]
    return _worst(verdicts)


def _range(axis: Axis, low: float, high: float) -> Verdict:
    """A range with an end missing is open: part of it was told."""
    if axis.low is None or axis.high is None:
        return "open"
    if (axis.low, axis.high) == (low, high):
        return "right"
    return "open" if low <= axis.low < axis.high <= high else "wrong"


def _title(told: str, truth: str) -> Verdict:
    if not told:
        return "open"
    return "right" if _alike(told, truth) else "wrong"


def _alike(told: str, truth: str) -> bool:
    first, second = ("".join(text.casefold().split()) for text in (told, truth))
    return bool(SequenceMatcher(None, first, second).ratio() >= _ALIKE)


def _same_words(truth: Sequence[str], told: Sequence[str]) -> Verdict:
    known = [text for text in told if text]
    if all(any(_alike(text, label) for label in truth) for text in known):
        return "right" if len(known) == len(truth) else "open"
    return "wrong"


def _message(drawn: Drawn, found: Chart) -> Verdict:
    if drawn.kind == "scatter":
        told = telling.cloud(found.series[0])
        return "open" if told is None else "right" if told == drawn.trends[0] else "wrong"
    if drawn.kind == "line":
        return _lines(drawn, found)
    highest = telling.extreme(found, highest=True)
    if highest is None:
        return "open"
    truth = max(_places(drawn), key=lambda place: place[2])
    right = _alike(highest.point.label, truth[1])
    if len(drawn.names) > 1:
        right = right and _alike(highest.series, truth[0])
    lowest = telling.extreme(found, highest=False) if drawn.kind != "pie" else None
    if lowest is not None:
        least = min(value for _, _, value in _places(drawn))
        names = [label for _, label, value in _places(drawn) if value == least]
        right = right and any(_alike(lowest.point.label, name) for name in names)
    return "right" if right else "wrong"


def _lines(drawn: Drawn, found: Chart) -> Verdict:
    told = [telling.trend(series, found) for series in found.series]
    if all(series.name for series in found.series) and len(drawn.names) > 1:
        truth = dict(zip(drawn.names, drawn.trends, strict=True))
        for series, trend in zip(found.series, told, strict=True):
            names = [name for name in truth if _alike(series.name, name)]
            if not names or truth[names[0]] != trend:
                return "wrong"
        return "right" if len(told) == len(drawn.trends) else "open"
    left = list(drawn.trends)
    for trend in told:
        if trend not in left:
            return "wrong"
        left.remove(trend)
    return "open" if left else "right"


def _places(drawn: Drawn) -> list[tuple[str, str, float]]:
    return [
        (name, label, value)
        for name, series in zip(drawn.names, drawn.values, strict=True)
        for label, value in zip(drawn.labels, series, strict=True)
    ]


def _numbers(drawn: Drawn, found: Chart) -> tuple[int, int]:
    """How many of the numbers told are right, of how many. Dots are not counted one by one."""
    if drawn.kind == "scatter":
        return 0, 0
    right = [_near(told, truth, drawn) for told, truth in _pairs(drawn, found)]
    return sum(right), len(right)


def _pairs(drawn: Drawn, found: Chart) -> Iterator[tuple[float, float]]:
    """Every number that was told beside the true one."""
    for series in found.series:
        named = [n for n, name in enumerate(drawn.names) if _alike(series.name, name)]
        if len(drawn.names) > 1 and not named:
            continue
        truth = drawn.values[named[0] if len(drawn.names) > 1 else 0]
        for point in series.points:
            at = [n for n, label in enumerate(drawn.labels) if _alike(point.label, label)]
            if at and point.value is not None:
                yield point.value, truth[at[0]]


def _near(told: float, truth: float, drawn: Drawn) -> bool:
    if drawn.kind == "pie":
        return abs(told - 100 * truth / sum(drawn.values[0])) <= 100 * _NEAR
    assert drawn.y_range is not None
    return abs(told - truth) <= _NEAR * (drawn.y_range[1] - drawn.y_range[0])
