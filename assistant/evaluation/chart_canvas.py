"""Draws one chart in one style, on Pillow alone."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.picture import Picture

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a chart looks; lengths in pixels."""

    name: str
    size: tuple[int, int] = (800, 600)
    background: str = "#ffffff"
    ink: str = "#222222"
    palette: tuple[str, ...] = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
    font: str = ""  # a font file; Pillow's own when empty or missing
    font_size: int = 20
    grid: Literal["none", "horizontal", "both"] = "none"
    grid_ink: str = "#d0d0d0"
    frame: Literal["box", "ends", "none"] = "ends"
    legend: Literal["right", "top", "bottom"] = "right"
    value_labels: bool = False
    bar_share: float = 0.65  # of a category's room
    line_width: int = 4
    markers: bool = False
    hole: float = 0.0  # of a pie's radius
    gaps: bool = False  # background between the sectors of a pie
    percent: bool = True  # in the sectors of a pie
    title_left: bool = False
    axis_titles: bool = True
    jpeg: int = 0  # quality; 0 keeps the pixels


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a chart is about."""

    title: str
    x_title: str
    y_title: str
    labels: tuple[str, ...]
    names: tuple[str, ...]  # of series
    top: float  # the values' magnitude
    negative: bool = False
    language: str = "en"


@cache
def face(name: str, size: int, language: str) -> Font:
    """The font, Pillow's own where it is missing; a Chinese one for Chinese.

    Raises:
        OSError: there is no font for Chinese.
    """
    if language == "zh":
        for chinese in ("wqy-microhei.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc"):
            try:
                return ImageFont.truetype(chinese, size)
            except OSError:
                continue
        raise OSError("no Chinese font on this machine (Debian: fonts-wqy-microhei)")
    try:
        return ImageFont.truetype(name, size) if name else ImageFont.load_default(size=size)
    except OSError:
        return ImageFont.load_default(size=size)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`."""
    raw = (high - low) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(k * step, 6) for k in range(first, last + 1)]


class Canvas:
    """Draws at twice the size, so that edges are smooth as plotting libraries make them."""

    def __init__(self, style: Style, topic: Topic, *, legend: bool) -> None:
        self.style, self.topic, self.legend = style, topic, legend
        self.width, self.height = style.size
        self.image = Image.new("RGB", (2 * self.width, 2 * self.height), style.background)
        self.draw = ImageDraw.Draw(self.image)
        size = style.font_size
        right = 9 * size if legend and style.legend == "right" else 2 * size
        top = 3.4 * size + (1.8 * size if legend and style.legend == "top" else 0)
        bottom = 4.2 * size + (1.8 * size if legend and style.legend == "bottom" else 0)
        self.left, self.top = 5.5 * size, top
        self.right, self.bottom = self.width - right, self.height - bottom
        where = (self.left, "lm") if style.title_left else (self.width / 2, "mm")
        self.text((where[0], 1.3 * size), topic.title, where[1], scale=1.3)

    def picture(self) -> Picture:
        image = self.image.resize(self.style.size, Image.Resampling.LANCZOS)
        if self.style.jpeg:
            stored = io.BytesIO()
            image.save(stored, "JPEG", quality=self.style.jpeg)
            image = Image.open(stored).convert("RGB")
        return Picture(pixels=np.asarray(image))

    def text(self, at: Point, text: str, anchor: str, *, scale: float = 1.0, ink: str = "") -> None:
        font = face(self.style.font, round(2 * scale * self.style.font_size), self.topic.language)
        place = (2 * at[0], 2 * at[1])
        self.draw.text(place, text, fill=ink or self.style.ink, font=font, anchor=anchor)

    def line(self, points: Sequence[Point], ink: str, width: float) -> None:
        self.draw.line(
            [(2 * x, 2 * y) for x, y in points], fill=ink, width=round(2 * width), joint="curve"
        )

    def box(self, x1: float, y1: float, x2: float, y2: float, ink: str) -> None:
        corners = (2 * min(x1, x2), 2 * min(y1, y2), 2 * max(x1, x2), 2 * max(y1, y2))
        self.draw.rectangle(corners, fill=ink)

    def dot(self, at: Point, radius: float, ink: str) -> None:
        x, y = at
        corners = (2 * (x - radius), 2 * (y - radius), 2 * (x + radius), 2 * (y + radius))
        self.draw.ellipse(corners, fill=ink)

    def plot(
        self, kind: str, values: Sequence[Sequence[float]], xs: Sequence[float]
    ) -> tuple[float, float]:
        """Draw axes and what stands in them; the first and the last tick of the values."""
        flat = [v for series in values for v in series]
        ticks = _ticks(min(0.0, *flat), max(flat))
        sideways = kind == "horizontal bar"
        self._grid(ticks, sideways=sideways, numeric=_ticks(0, 50) if xs else ())
        scale = self._scale(ticks, sideways=sideways)
        if kind == "scatter":
            for x, y in zip(xs, values[0], strict=True):
                across = self.left + x / 50 * (self.right - self.left)
                self.dot((across, scale(y)), 0.3 * self.style.font_size, self.style.palette[0])
        elif kind == "line":
            self._lines(values, scale)
        else:
            self._bars(values, scale, sideways=sideways)
        if self.legend:
            self._legend(self.topic.names[: len(values)])
        return ticks[0], ticks[-1]

    def _scale(self, ticks: Sequence[float], *, sideways: bool):  # type: ignore[no-untyped-def]
        first, last = (self.left, self.right) if sideways else (self.bottom, self.top)
        return lambda v: first + (v - ticks[0]) / (ticks[-1] - ticks[0]) * (last - first)

    def _places(self, *, sideways: bool) -> list[float]:
        n = len(self.topic.labels)
        low, high = (self.top, self.bottom) if sideways else (self.left, self.right)
        return [low + (high - low) * (k + 0.5) / n for k in range(n)]

    def _grid(
        self, ticks: Sequence[float], *, sideways: bool, numeric: Sequence[float] = ()
    ) -> None:
        style, size = self.style, self.style.font_size
        scale = self._scale(ticks, sideways=sideways)
        for tick in ticks:
            at, text = scale(tick), f"{tick:g}"
            if style.grid != "none":
                ends = [(at, self.top), (at, self.bottom)] if sideways else [
                    (self.left, at), (self.right, at)]  # fmt: skip
                self.line(ends, style.grid_ink, 1)
            if sideways:
                self.text((at, self.bottom + 0.9 * size), text, "mm")
            else:
                self.text((self.left - 0.5 * size, at), text, "rm")
        for place, label in zip(self._places(sideways=sideways), self.topic.labels, strict=True):
            if numeric:
                continue
            if style.grid == "both":
                ends = [(self.left, place), (self.right, place)] if sideways else [
                    (place, self.top), (place, self.bottom)]  # fmt: skip
                self.line(ends, style.grid_ink, 1)
            if sideways:
                self.text((self.left - 0.5 * size, place), label, "rm")
            else:
                self.text((place, self.bottom + 0.9 * size), label, "mm")
        for tick in numeric:
            at = self.left + tick / 50 * (self.right - self.left)
            self.text((at, self.bottom + 0.9 * size), f"{tick:g}", "mm")
        self._frame(scale(0.0) if ticks[0] < 0 else None, sideways=sideways)
        if style.axis_titles:
            x_title, y_title = self.topic.x_title, self.topic.y_title
            if sideways:
                x_title, y_title = y_title, x_title
            x_title = "Age" if numeric and self.topic.language == "en" else x_title
            self.text(((self.left + self.right) / 2, self.bottom + 2.5 * size), x_title, "mm")
            self._upwards(y_title, (self.top + self.bottom) / 2)

    def _frame(self, zero: float | None, *, sideways: bool) -> None:
        style = self.style
        corners = [(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)]
        if style.frame == "box":
            self.line([*corners, (self.right, self.top), corners[0]], style.ink, 1.5)
        elif style.frame == "ends":
            self.line(corners, style.ink, 1.5)
        if zero is not None:
            ends = [(zero, self.top), (zero, self.bottom)] if sideways else [
                (self.left, zero), (self.right, zero)]  # fmt: skip
            self.line(ends, style.ink, 1.5)

    def _upwards(self, text: str, middle: float) -> None:
        """The title of the upright axis, which reads from below."""
        font = face(self.style.font, 2 * self.style.font_size, self.topic.language)
        _, _, x2, y2 = (round(v) for v in font.getbbox(text))
        label = Image.new("RGB", (x2 + 8, y2 + 8), self.style.background)
        ImageDraw.Draw(label).text((4, 4), text, fill=self.style.ink, font=font)
        turned = label.rotate(90, expand=True)
        self.image.paste(
            turned, (round(self.style.font_size), round(2 * middle - turned.height / 2))
        )

    def _bars(self, values: Sequence[Sequence[float]], scale, *, sideways: bool) -> None:  # type: ignore[no-untyped-def]
        places = self._places(sideways=sideways)
        room = (places[1] - places[0]) * self.style.bar_share
        each = room / len(values)
        for n, series in enumerate(values):
            ink = self.style.palette[n]
            for place, value in zip(places, series, strict=True):
                first = place - room / 2 + n * each
                a, b, zero = first, first + each - (2 if len(values) > 1 else 0), scale(0.0)
                if sideways:
                    self.box(zero, a, scale(value), b, ink)
                else:
                    self.box(a, zero, b, scale(value), ink)
                if self.style.value_labels and not sideways and len(values) == 1:
                    above = -0.7 if value >= 0 else 0.7
                    at = ((a + b) / 2, scale(value) + above * self.style.font_size)
                    self.text(at, f"{value:g}", "mm", scale=0.9)

    def _lines(self, values: Sequence[Sequence[float]], scale) -> None:  # type: ignore[no-untyped-def]
        places = self._places(sideways=False)
        for n, series in enumerate(values):
            ink = self.style.palette[n]
            points = [(x, scale(v)) for x, v in zip(places, series, strict=True)]
            self.line(points, ink, self.style.line_width)
            for point in points if self.style.markers else ():
                self.dot(point, 1.6 * self.style.line_width, ink)

    def _legend(self, names: Sequence[str]) -> None:
        size = self.style.font_size
        for n, name in enumerate(names):
            if self.style.legend == "right":
                x, y = self.right + 1.2 * size, self.top + (1 + 1.7 * n) * size
            else:
                x = self.left + n * 10 * size
                y = self.height - 1.0 * size if self.style.legend == "bottom" else 3.2 * size
            self.box(x, y - 0.4 * size, x + 1.2 * size, y + 0.4 * size, self.style.palette[n])
            self.text((x + 1.7 * size, y), name, "lm")

    def pie(self, values: Sequence[float]) -> None:
        """Sectors from the top, clockwise, with their labels outside or in a legend."""
        style, total = self.style, sum(values)
        x, y = (self.width - (8 * style.font_size if self.legend else 0)) / 2, self.height * 0.55
        radius = 0.34 * min(self.width, self.height)
        around = (2 * (x - radius), 2 * (y - radius), 2 * (x + radius), 2 * (y + radius))
        start = -90.0
        for n, value in enumerate(values):
            end = start + 360 * value / total
            ink = style.palette[n % len(style.palette)]
            self.draw.pieslice(around, start, end, fill=ink)
            start = end
        for n, value in enumerate(values):
            end = start + 360 * value / total
            middle = math.radians((start + end) / 2)
            if style.gaps:
                edge = math.radians(start)
                tip = (x + radius * math.cos(edge), y + radius * math.sin(edge))
                self.line([(x, y), tip], style.background, 3)
            if not self.legend:
                far = radius + 1.2 * style.font_size
                at = (x + far * math.cos(middle), y + far * math.sin(middle))
                self.text(at, self.topic.labels[n], "lm" if math.cos(middle) >= 0 else "rm")
            if style.percent:
                far = 0.75 * radius
                at = (x + far * math.cos(middle), y + far * math.sin(middle))
                self.text(at, f"{100 * value / total:.0f}%", "mm", scale=0.8, ink="#ffffff")
            start = end
        if style.hole:
            self.dot((x, y), style.hole * radius, style.background)
        if self.legend:
            self._pie_legend()

    def _pie_legend(self) -> None:
        size = self.style.font_size
        for n, name in enumerate(self.topic.labels):
            x, y = self.width - 8 * size, self.height * 0.3 + 1.7 * n * size
            ink = self.style.palette[n % len(self.style.palette)]
            self.box(x, y - 0.4 * size, x + 1.2 * size, y + 0.4 * size, ink)
            self.text((x + 1.7 * size, y), name, "lm")
