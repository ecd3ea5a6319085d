"""Charts drawn from known data in several styles, for measuring how they are read.

`TUNING` styles and topics may be looked at while the reader is being made. `HELD_OUT` were
written before it, and nothing is chosen on them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from assistant.evaluation.chart_canvas import Canvas, Style, Topic
from assistant.picture import Picture

Kind = Literal["bar", "horizontal bar", "grouped bar", "line", "pie", "scatter"]


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
    canvas = Canvas(style, topic, legend=two or (kind == "pie" and not style.percent))
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
