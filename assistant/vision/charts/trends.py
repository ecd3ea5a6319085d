"""The main message of a chart: what is highest, what rises, what has the largest share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from assistant.vision.charts.model import Chart, Point, Series

Trend = Literal["rises", "falls", "peaks", "dips", "level", "none"]

_CLOSE: Final = 0.02  # of the values' range; extremes this close are not told apart
_WHOLE: Final = 0.6  # of a line's range between its ends, to say that it rises or falls
_TURN: Final = 0.3  # of its range, by which both ends lie below a peak or above a dip
_LEVEL: Final = 0.06  # of the axis, within which a line is level
_TIED: Final = 0.6  # correlation from which dots rise or fall together
_LOOSE: Final = 0.35  # below it no direction is seen


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """The highest or the lowest bar, and its series where there are several."""

    point: Point
    series: str = ""


def extreme(chart: Chart, *, highest: bool) -> Extreme | None:
    """The bar or sector that stands out; None where two are too close, or its name is unknown."""
    found = [
        (place, Extreme(point=point, series=series.name))
        for series in chart.series
        for point, place in zip(series.points, series.place or _values(series), strict=True)
    ]
    if len(found) < 2 or not (highest or chart.whole):
        return None
    found.sort(key=lambda pair: pair[0], reverse=highest)
    span = abs(found[0][0] - found[-1][0])
    (first, told), (second, _) = found[:2]
    unnamed = not told.point.label or (len(chart.series) > 1 and not told.series)
    if span == 0 or abs(first - second) < _CLOSE * span or unnamed:
        return None
    return told


def trend(series: Series, chart: Chart) -> Trend:
    """What a line does from left to right; "none" where it goes up and down."""
    values = np.array(_values(series))
    span = float(np.ptp(values))
    axis = abs((chart.y.high or 0.0) - (chart.y.low or 0.0))
    if span <= _LEVEL * axis:
        return "level"
    first, last = values[0], values[-1]
    if min(values.max() - first, values.max() - last) >= _TURN * span:
        low_inside = values[1:-1].min() < min(first, last) - _TURN * span
        return "none" if low_inside else "peaks"
    if min(first - values.min(), last - values.min()) >= _TURN * span:
        return "dips"
    if abs(last - first) < _WHOLE * span:
        return "none"
    return "rises" if last > first else "falls"


def cloud(series: Series) -> Trend | None:
    """Whether dots rise or fall together; None where that is unclear."""
    x = np.array([p.x or 0.0 for p in series.points])
    y = np.array([p.value or 0.0 for p in series.points])
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    tied = float(np.corrcoef(x, y)[0, 1])
    if abs(tied) >= _TIED:
        return "rises" if tied > 0 else "falls"
    return "none" if abs(tied) < _LOOSE else None


def turning(series: Series, which: Trend) -> Point:
    """The point at which a line peaks or dips."""
    values = _values(series)
    at = int(np.argmax(values) if which == "peaks" else np.argmin(values))
    return series.points[at]


def _values(series: Series) -> Sequence[float]:
    return [p.value or 0.0 for p in series.points]
