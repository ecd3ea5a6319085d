"""What a chart is made of: axes, series and their points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bar", "horizontal bar", "grouped bar", "line", "pie", "scatter"]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis as it is labelled; what could not be read is empty or None."""

    title: str = ""  # verbatim, from OCR
    labels: tuple[str, ...] = ()  # of categories, verbatim, in their order
    low: float | None = None  # the first number read along it
    high: float | None = None  # the last one


@dataclass(frozen=True, kw_only=True)
class Point:
    """One bar, sector, dot or place of a line."""

    label: str = ""  # its category, verbatim; empty where none could be read
    value: float | None = None  # in the axis' units; of a pie, per cent
    x: float | None = None  # of a dot
    read: bool = False  # the value is printed in the chart, not measured by us


@dataclass(frozen=True, kw_only=True)
class Series:
    """Points of one colour."""

    points: tuple[Point, ...]
    name: str = ""  # from the legend, verbatim
    place: tuple[float, ...] = ()  # pixels of each point along the values' axis, rising


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart that was recognised. `whole` is false where a bar or sector may be missing."""

    kind: Kind
    title: str = ""
    x: Axis = Axis()
    y: Axis = Axis()
    series: tuple[Series, ...] = ()
    whole: bool = True
