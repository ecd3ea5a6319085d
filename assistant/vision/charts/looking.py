"""Whether a picture is a chart, and what it shows, from its colours, shapes and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean, median
from typing import Final

import cv2
import numpy as np

from assistant.types import Box, Picture, TextLine
from assistant.vision.charts import bars as barring
from assistant.vision.charts import pies, texts, traces
from assistant.vision.charts.bars import Bars, Block
from assistant.vision.charts.layers import Drawing, separate
from assistant.vision.charts.model import Axis, Chart, Point, Series
from assistant.vision.charts.texts import Piece, Scale

_SIDE: Final = 1400  # pixels of the longer side that is looked at
_LABELLED: Final = 0.6  # of bars or sectors that need a name
_LONG: Final = 0.08  # of the picture's shorter side, that the longest bar has at least
_PRINTED: Final = 0.06  # of the range, between a printed value and the bar it stands at
_SHARE: Final = 3.0  # per cent, between a printed share and the measured one


def find(picture: Picture, lines: Sequence[TextLine]) -> Chart | None:
    """The chart that the picture is, or None.

    Only with words that fit: bars need names, lines and dots a numbered axis, a
    pie the names or shares of its sectors. Takes about 0.2 s for 800 x 600 pixels.
    """
    scale = min(1.0, _SIDE / max(picture.width, picture.height))
    pixels = picture.pixels
    if scale < 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    words = texts.pieces(lines, scale)
    if len(words) < 3:
        return None
    drawing = separate(pixels)
    if drawing is None:
        return None
    return _Looker(drawing, words).chart()


class _Looker:
    """One picture while it is looked at."""

    def __init__(self, drawing: Drawing, words: Sequence[Piece]) -> None:
        self.drawing, self.words = drawing, list(words)
        self.blocks = barring.blocks(drawing)
        self.legend = barring.keys(self.blocks, words)
        self.names = {layer: word.text for layer, word in self.legend.items()}
        self.free = [w for w in self.words if w not in self.legend.values()]

    def chart(self) -> Chart | None:
        circle = pies.pie(self.drawing)
        if circle is not None:
            return self._pie(circle)
        standing = barring.bars(self.blocks, self.legend, self.drawing.shape)
        if standing is not None:
            found = self._bars(standing)
            if found is not None:
                return found
        return self._curves()

    def _pie(self, circle: pies.Pie) -> Chart | None:
        beside = [w for w in self.free if w.y > circle.y - 1.35 * circle.radius]
        named = pies.outside(circle, [w for w in beside if w.number is None or _year(w)])
        printed = pies.inside(circle, self.words)
        points, known = [], 0
        for n, sector in enumerate(circle.sectors):
            label = self.names.get(sector.layer) or (named[n].text if n in named else "")
            share, read = 100 * sector.share, False
            figure = printed[n].number if n in printed else None
            if figure is not None and abs(figure - share) <= _SHARE:
                share, read = figure, True
            known += bool(label) or read
            points.append(Point(label=label, value=share, read=read))
        if known < _LABELLED * len(points):
            return None
        top = circle.y - circle.radius
        used = [*named.values(), *printed.values()]
        series = (Series(points=tuple(points)),)
        return Chart(kind="pie", title=self._title(top, used), series=series)

    def _bars(self, standing: Bars) -> Chart | None:
        upright = standing.upright
        scale = (texts.upright_scale if upright else texts.level_scale)(self.free)
        ticks = list(scale.ticks) if scale else []
        others = [w for w in self.free if w not in ticks]
        labels = _categories(standing, others)
        grouped = len({b.layer for b in standing.blocks}) > 1 and len(labels) < len(standing.blocks)
        ordered = sorted(standing.blocks, key=lambda b: b.middle(upright=upright))
        series, whole = [], True
        layers = list(dict.fromkeys(b.layer for b in ordered)) if grouped else [-1]
        for layer in layers:
            own = [b for b in ordered if layer in (-1, b.layer)]
            points = [self._bar(b, standing, scale, labels, others) for b in own]
            series.append(
                Series(
                    points=tuple(points),
                    name=self.names.get(layer, ""),
                    place=tuple(_rising(standing, b) for b in own),
                )
            )
            whole = whole and len(own) >= len(labels)
        if not self._named(series):
            return None
        named = [w.text for w in labels]
        plot = _hull([b.box for b in ordered], ticks)
        across, up = self._titles(plot, [*ticks, *labels])
        values = _axis(scale)
        x, y = (
            (Axis(labels=tuple(named)), values) if upright else (values, Axis(labels=tuple(named)))
        )
        kind = "grouped bar" if grouped else "bar" if upright else "horizontal bar"
        return Chart(
            kind=kind,  # type: ignore[arg-type]
            title=self._title(plot[1], [*ticks, *labels]),
            x=replace(x, title=across),
            y=replace(y, title=up),
            series=tuple(series),
            whole=whole,
        )

    def _named(self, series: Sequence[Series]) -> bool:
        """Whether most bars have names, no two of one colour the same, and one is long."""
        every = [point.label for found in series for point in found.points]
        known = [label for label in every if label]
        own = [[p.label for p in found.points if p.label] for found in series]
        distinct = all(len(set(labels)) == len(labels) for labels in own)
        longest = max(abs(place) for found in series for place in found.place)
        long = longest >= _LONG * min(self.drawing.shape)
        return distinct and long and len(set(known)) >= 2 and len(known) >= _LABELLED * len(every)

    def _bar(
        self, block: Block, standing: Bars, scale: Scale | None, labels: Sequence[Piece],
        others: Sequence[Piece],
    ) -> Point:  # fmt: skip
        upright = standing.upright
        middle, tip = block.middle(upright=upright), standing.tip(block)
        label = min(labels, key=lambda w: abs(_along(w, upright) - middle), default=None)
        far = _spacing(labels, standing) * 0.6
        name = label.text if label and abs(_along(label, upright) - middle) <= far else ""
        printed = _printed(block, tip, upright, [w for w in others if w not in labels])
        value = scale.value(tip) if scale else None
        if printed is None:
            return Point(label=name, value=value)
        if scale is None or value is None:
            return Point(label=name, value=printed, read=True)
        span = abs(scale.high - scale.low)
        if abs(printed - value) <= _PRINTED * span:
            return Point(label=name, value=printed, read=True)
        return Point(label=name, value=value)

    def _curves(self) -> Chart | None:
        """Lines or dots, before a numbered upright axis."""
        scale = texts.upright_scale(self.free)
        if scale is None:
            return None
        ticks = list(scale.ticks)
        others = [w for w in self.free if w not in ticks]
        size = median(w.height for w in ticks)
        below = [
            w for w in others if w.y > ticks[-1].y and w.x > ticks[-1].x and not texts.turned(w)
        ]
        row = max(texts.rows(below), key=len, default=[])
        if len(row) < 2:
            return None
        left = max(w.box[2] for w in ticks) + 2
        right = min(self.drawing.shape[1], round(row[-1].x + max(2.0 * size, row[-1].width)))
        above = [w.box[3] for w in self.legend.values() if w.y < ticks[0].y]
        top = max(round(ticks[0].y - 0.8 * size), *above, 0)
        bottom = round(min(w.box[1] for w in row)) + 2
        plot = (left, top, right, bottom)
        if right - left < 50 or bottom - top < 50:
            return None
        hidden = [w.box for w in self.words]
        for block in self.blocks:
            if barring.in_legend(block, self.legend):
                hidden.append(_grown(block.box, 3))
        level = texts.level_scale([w for w in others if w in row])
        across, up = self._titles(plot, [*ticks, *row])
        chart = Chart(
            kind="line",
            title=self._title(top, [*ticks, *row]),
            x=Axis(title=across, labels=tuple(w.text for w in row)),
            y=replace(_axis(scale), title=up),
        )
        lines = traces.traces(self.drawing, plot, hidden)
        if lines:
            return self._lines(chart, lines, row, scale)
        marks = traces.dots(self.drawing, plot, hidden)
        if not marks or level is None:
            return None
        series = tuple(
            Series(
                name=self.names.get(m.layer, ""),
                points=tuple(Point(x=level.value(x), value=scale.value(y)) for x, y in m.places),
                place=tuple(-y for _, y in m.places),
            )
            for m in marks
        )
        x = Axis(title=across, low=level.low, high=level.high)
        return replace(chart, kind="scatter", x=x, series=series)

    def _lines(
        self, chart: Chart, lines: Sequence[traces.Trace], row: Sequence[Piece], scale: Scale
    ) -> Chart:
        series = []
        for line in lines:
            heights = [(w.text, line.at(w.x)) for w in row]
            places = [(text, height) for text, height in heights if height is not None]
            series.append(
                Series(
                    name=self.names.get(line.layer, ""),
                    points=tuple(Point(label=t, value=scale.value(h)) for t, h in places),
                    place=tuple(-h for _, h in places),
                )
            )
        return replace(chart, series=tuple(s for s in series if len(s.points) >= 2))

    def _title(self, top: float, used: Sequence[Piece]) -> str:
        """The largest words above the plot."""
        above = [
            w for w in self.free
            if w.y < top and w not in used and not texts.turned(w) and w.number is None
        ]  # fmt: skip
        if not above:
            return ""
        largest = max(above, key=lambda w: w.height)
        return " ".join(w.text for w in above if abs(w.y - largest.y) <= 0.5 * largest.height)

    def _titles(self, plot: Box, used: Sequence[Piece]) -> tuple[str, str]:
        """The titles of the level and the upright axis."""
        left, top, right, bottom = plot
        left = min([left, *(w.box[0] for w in used)])
        bottom = max([bottom, *(w.box[3] for w in used if w.y > bottom - 5)])
        rest = [w for w in self.free if w not in used]
        under = [
            w for w in rest if w.y > bottom - 2 and left <= w.x <= right and not texts.turned(w)
        ]
        first = texts.rows(under)[0] if under else []
        beside = [w for w in rest if w.x < left + 0.3 * (right - left) and texts.turned(w)]
        aside = [w for w in beside if top <= w.y <= bottom]
        # A short Chinese title that reads upwards is nearly square.
        aside = aside or [w for w in rest if w.box[2] <= left + 2 and top < w.y < bottom]
        return " ".join(w.text for w in first), min(aside, key=lambda w: w.x).text if aside else ""


def _axis(scale: Scale | None) -> Axis:
    return Axis(low=scale.low, high=scale.high) if scale else Axis()


def _along(word: Piece, upright: bool) -> float:
    return word.x if upright else word.y


def _year(word: Piece) -> bool:
    return bool(word.number and 1000 <= word.number <= 2999 and "%" not in word.text)


def _grown(box: Box, by: int) -> Box:
    x1, y1, x2, y2 = box
    return x1 - by, y1 - by, x2 + by, y2 + by


def _rising(standing: Bars, block: Block) -> float:
    """How far the bar's end is from the line it stands on, in pixels, negative below it."""
    away = standing.tip(block) - standing.base
    return float(-away if standing.upright else away)


def _hull(boxes: Sequence[Box], ticks: Sequence[Piece]) -> Box:
    x1, y1, x2, y2 = zip(*(b for b in boxes), strict=True)
    low = min([min(y1), *(round(t.y) for t in ticks)])
    high = max([max(y2), *(round(t.y) for t in ticks)])
    return min(x1), low, max(x2), high


def _categories(standing: Bars, words: Sequence[Piece]) -> list[Piece]:
    """The names of the bars: the row below them, or the column beside them, that fits best."""
    upright, boxes = standing.upright, [b.box for b in standing.blocks]
    if upright:
        low = min(standing.base, max(b[3] for b in boxes)) - 2
        lines = texts.rows([w for w in words if w.box[1] >= low and not texts.turned(w)])
    else:
        edge = max(standing.base, min(b[0] for b in boxes)) + 2
        column = [w for w in words if w.box[2] <= edge and not texts.turned(w)]
        top, bottom = min(b[1] for b in boxes), max(b[3] for b in boxes)
        inside = [w for w in column if top - 5 <= w.y <= bottom + 5]
        right = max((w.box[2] for w in inside), default=0)
        lines = [[w for w in inside if w.box[2] >= right - 0.8 * w.height]]
    best: list[Piece] = []
    for line in lines:
        fitting = [w for w in line if _beside(w, standing)]
        if len(fitting) > len(best):
            best = fitting
    return sorted(best, key=lambda w: _along(w, upright))


def _beside(word: Piece, standing: Bars) -> bool:
    """Whether a bar, or the middle of a group, stands where the word does."""
    upright = standing.upright
    thick = mean(b.thickness(upright=upright) for b in standing.blocks)
    colours = len({b.layer for b in standing.blocks})
    nearest = min(abs(b.middle(upright=upright) - _along(word, upright)) for b in standing.blocks)
    return nearest <= thick * max(0.5, 0.6 * colours)


def _spacing(labels: Sequence[Piece], standing: Bars) -> float:
    places = sorted(_along(w, standing.upright) for w in labels)
    if len(places) < 2:
        return 1e9
    return float(median(b - a for a, b in pairwise(places)))


def _printed(block: Block, tip: int, upright: bool, words: Sequence[Piece]) -> float | None:
    """The number that stands at the bar's end."""
    x1, y1, x2, y2 = block.box
    for word in words:
        if word.number is None:
            continue
        if upright:
            at = abs(word.x - (x1 + x2) / 2) <= 0.5 * (x2 - x1) and (
                abs(word.y - tip) <= 1.6 * word.height
            )
        else:
            near = min(abs(word.box[0] - tip), abs(word.box[2] - tip)) <= 1.6 * word.height
            at = abs(word.y - (y1 + y2) / 2) <= 0.5 * (y2 - y1) and near
        if at:
            return word.number
    return None
