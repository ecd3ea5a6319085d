"""Charts drawn from known data in several styles, for measuring how they are read.

`TUNING` styles and topics may be looked at while the reader is being made. `HELD_OUT` were
written before it, and nothing is chosen on them.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.picture import Picture

Kind = Literal["bar", "horizontal bar", "grouped bar", "line", "pie", "scatter"]
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


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A chart and all that is true of it."""

    kind: Kind
    style: Style
    topic: Topic
    picture: Picture
    labels: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]  # of each series; of scatter, its y
    xs: tuple[float, ...] = ()  # of scatter
    y_range: tuple[float, float] | None = None  # first and last tick of the values' axis
    trends: tuple[str, ...] = ()  # of a line's series or of scatter's points


TUNING: Final = (
    Style(name="plain"),
    Style(
        name="grid and box", grid="both", frame="box", font="DejaVuSans.ttf", font_size=18,
        legend="top", markers=True, line_width=3, value_labels=True, jpeg=90,
    ),
    Style(
        name="dark", background="#1e1e2e", ink="#e8e8f0", grid="horizontal", grid_ink="#3a3a4e",
        frame="none", palette=("#f9c74f", "#43aa8b", "#f94144", "#577590", "#f8961e", "#90be6d"),
        font="DejaVuSans-Bold.ttf", font_size=18, size=(900, 560), hole=0.45, legend="bottom",
    ),
    Style(
        name="serif, small", size=(640, 480), font="DejaVuSerif.ttf", font_size=16,
        palette=("#4c4c4c", "#a6a6a6", "#7a1f1f", "#c9b458", "#2f5d62", "#c0d0c0"),
        value_labels=True, gaps=True, title_left=True, bar_share=0.45, line_width=2,
    ),
)  # fmt: skip
HELD_OUT: Final = (
    Style(
        name="slide", size=(1280, 720), font="DejaVuSansCondensed.ttf", font_size=28,
        palette=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"),
        grid="horizontal", frame="none", value_labels=True, title_left=True, line_width=6,
        gaps=True,
    ),
    Style(
        name="cream, boxed", size=(760, 640), background="#faf6ec", ink="#3b2f2f",
        font="DejaVuSerif-Bold.ttf", font_size=18, grid="both", grid_ink="#e2dccb", frame="box",
        palette=("#8d5524", "#c68642", "#5b8e7d", "#bc4b51", "#5c6784", "#f4a259"),
        legend="bottom", markers=True, line_width=3, bar_share=0.8, jpeg=85,
    ),
    Style(
        name="night", size=(960, 640), background="#0b132b", ink="#ffffff", grid_ink="#2a3558",
        grid="both", frame="ends", palette=("#5bc0be", "#ffd166", "#ef476f", "#06d6a0", "#b388eb",
        "#ff9f1c"), font_size=22, legend="top", hole=0.55, markers=True,
    ),
    Style(
        name="ink only", size=(700, 500), font="DejaVuSansMono.ttf", font_size=16,
        palette=("#111111", "#777777", "#bbbbbb", "#444444", "#999999", "#dddddd"),
        frame="box", percent=False, bar_share=0.5, line_width=2,
    ),
)  # fmt: skip

_TUNING_TOPICS: Final = (
    Topic(title="Sales by region", x_title="Region", y_title="Sales in thousands",
          labels=("North", "South", "East", "West", "Centre"), names=("2022", "2023"), top=90),
    Topic(title="Rain in Lisbon", x_title="Month", y_title="Rain in mm",
          labels=("Jan", "Feb", "Mar", "Apr", "May", "Jun"), names=("Last year", "This year"),
          top=140),
    Topic(title="Visitors to the museum", x_title="Year", y_title="Visitors",
          labels=("2018", "2019", "2020", "2021", "2022", "2023"), names=("Adults", "Children"),
          top=6000),
    Topic(title="Profit of the bakery", x_title="Quarter", y_title="Profit",
          labels=("Spring", "Summer", "Autumn", "Winter"), names=("Bread", "Cakes"), top=40,
          negative=True),
    Topic(title="各城市销量", x_title="城市", y_title="销量",
          labels=("北京", "上海", "广州", "成都"), names=("去年", "今年"), top=80, language="zh"),
)  # fmt: skip
_HELD_OUT_TOPICS: Final = (
    Topic(title="Favourite fruit in class", x_title="Fruit", y_title="Votes",
          labels=("Apple", "Banana", "Cherry", "Mango", "Grape"), names=("Boys", "Girls"), top=24),
    Topic(title="Energy use of the house", x_title="Day", y_title="Energy in kWh",
          labels=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), names=("Heating", "Light"),
          top=32),
    Topic(title="Temperature in Oslo", x_title="Month", y_title="Degrees Celsius",
          labels=("Jan", "Mar", "May", "Jul", "Sep", "Nov"), names=("Day", "Night"), top=22,
          negative=True),
    Topic(title="Staff of the library", x_title="Year", y_title="People employed",
          labels=("2015", "2017", "2019", "2021", "2023"), names=("Full time", "Part time"),
          top=450),
    Topic(title="每月用电量", x_title="月份", y_title="用电量",
          labels=("一月", "三月", "五月", "七月", "九月"), names=("客厅", "厨房"), top=300,
          language="zh"),
)  # fmt: skip
_KINDS: Final[tuple[Kind, ...]] = (
    "bar",
    "horizontal bar",
    "grouped bar",
    "line",
    "line",
    "pie",
    "scatter",
)
_TRENDS: Final = ("rises", "falls", "peaks", "dips")


def charts(*, held_out: bool) -> Iterator[Drawn]:
    """Every kind in every style of a set, always the same ones; line also with two series."""
    styles, topics = (HELD_OUT, _HELD_OUT_TOPICS) if held_out else (TUNING, _TUNING_TOPICS)
    chance = random.Random(2 if held_out else 1)
    turn = 0
    for style in styles:
        for place, kind in enumerate(_KINDS):
            topic = topics[turn % len(topics)]
            turn += 1
            yield _drawn(kind, style, topic, chance, two=place in (2, 4))


def _drawn(kind: Kind, style: Style, topic: Topic, chance: random.Random, *, two: bool) -> Drawn:
    names = topic.names if two else topic.names[:1]
    trends: tuple[str, ...] = ()
    xs: tuple[float, ...] = ()
    if kind == "line":
        trends = tuple(chance.sample(_TRENDS, len(names)))
        values = tuple(
            _course(trend, len(topic.labels), topic.top * (1.0 - 0.45 * n), chance)
            for n, trend in enumerate(trends)
        )
    elif kind == "scatter":
        trends = (chance.choice(("rises", "falls", "none")),)
        xs, points = _cloud(trends[0], topic.top, chance)
        values = (points,)
    else:
        values = tuple(_spread(topic, kind, chance) for _ in names)
        if two:  # one bar stands out from all
            at = chance.randrange(len(topic.labels))
            raised = list(values[1])
            raised[at] = round(max(max(v) for v in values) * 1.15, 1)
            values = (values[0], tuple(raised))
    canvas = _Canvas(style, topic, legend=two or (kind == "pie" and not style.percent))
    y_range: tuple[float, float] | None = None
    if kind == "pie":
        canvas.pie(values[0])
    else:
        y_range = canvas.plot(kind, values, xs)
    return Drawn(
        kind=kind, style=style, topic=topic, picture=canvas.picture(), labels=topic.labels,
        names=names, values=values, xs=xs, y_range=y_range, trends=trends,
    )  # fmt: skip


def _spread(topic: Topic, kind: str, chance: random.Random) -> tuple[float, ...]:
    """Values of which no two are so close that an eye could not tell which is larger."""
    n = len(topic.labels)
    levels = [0.15 + 0.85 * k / (n - 1) for k in range(n)]
    chance.shuffle(levels)
    values = [round(topic.top * level, 1 if topic.top < 100 else 0) for level in levels]
    if topic.negative and kind != "pie":
        lowest = values.index(min(values))
        values[lowest] = -round(0.4 * topic.top, 1)
    return tuple(values)


def _course(trend: str, n: int, top: float, chance: random.Random) -> tuple[float, ...]:
    """Values of a line that rises, falls, peaks or dips, with a little unevenness."""
    found = []
    for k in range(n):
        t = k / (n - 1)
        level = {"rises": t, "falls": 1 - t, "peaks": 1 - abs(2 * t - 1), "dips": abs(2 * t - 1)}
        found.append(round(top * (0.2 + 0.7 * level[trend] + chance.uniform(-0.03, 0.03)), 1))
    return tuple(found)


def _cloud(
    trend: str, top: float, chance: random.Random
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    xs = tuple(round(50 * (k + chance.random()) / 24, 1) for k in range(24))
    slope = {"rises": 0.8, "falls": -0.8, "none": 0.0}[trend]
    noise = 0.4 if trend == "none" else 0.1
    ys = tuple(
        round(top * min(max(0.5 + slope * (x / 50 - 0.5) + chance.uniform(-noise, noise), 0), 1), 1)
        for x in xs
    )
    return xs, ys


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


class _Canvas:
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
