"""Lines and dots: what is drawn thin between the axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.types import Box
from assistant.vision.charts.layers import Drawing, Mask, without_long_lines

_SPAN: Final = 0.4  # of the plot's width, that a line covers at least
_COVERED: Final = 0.7  # of its columns that hold something of it
_THICK: Final = 0.035  # of the plot's height; thicker than a line
_AXIS: Final = 0.45  # of the plot's width or height; straight lines this long are axes or grid
_EDGES: Final = 0.8  # of a layer beside a stronger one, which it then only surrounds
_SAME: Final = 0.97  # cosine of two colours' differences from the background
_DOTS: Final = 8  # at least, in a scatter plot
_ROUND: Final = 0.55  # of its box, that a dot fills
_ALIKE: Final = 0.7  # of the dots, about as large as most


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """A line: its middle at every column from `left` on, in pixels."""

    layer: int
    left: int
    middle: NDArray[np.float64]  # [columns]

    def at(self, x: float) -> float | None:
        """Its height there, or None beyond its ends."""
        column = round(x) - self.left
        slack = 0.04 * len(self.middle)
        if not -slack <= column < len(self.middle) + slack:
            return None
        return float(self.middle[min(max(column, 0), len(self.middle) - 1)])


@dataclass(frozen=True, kw_only=True)
class Dots:
    """Dots of one colour, their middles in pixels."""

    layer: int
    places: tuple[tuple[float, float], ...]


def traces(drawing: Drawing, plot: Box, hidden: Sequence[Box]) -> list[Trace]:
    """The lines that run through most of the plot's width, one a colour.

    Args:
        hidden: words and the legend, which are left out.
    """
    left, top, right, bottom = plot
    masks = {n: _inside(drawing, n, plot, hidden) for n in range(len(drawing.layers))}
    found = []
    for n in masks:
        mask = _own(drawing, n, masks)
        columns = np.flatnonzero(mask.any(axis=0))
        if columns.size < _SPAN * (right - left) * _COVERED:
            continue
        first, last = int(columns[0]), int(columns[-1])
        if last - first < _SPAN * (right - left) or columns.size < _COVERED * (last - first):
            continue
        thickness = mask[:, columns].sum(axis=0)
        spread = np.array([np.ptp(np.flatnonzero(mask[:, c])) for c in columns])
        thick = max(4.0, _THICK * (bottom - top))
        if float(np.median(thickness)) > thick or float(np.median(spread)) > 3 * thick:
            continue
        heights = [float(np.flatnonzero(mask[:, c]).mean()) for c in columns]
        every = np.interp(np.arange(first, last + 1), columns, heights)
        found.append(Trace(layer=n, left=left + first, middle=every + top))
    return found


def dots(drawing: Drawing, plot: Box, hidden: Sequence[Box]) -> list[Dots]:
    """Sets of at least eight small round marks of one colour and size."""
    left, top, right, bottom = plot
    largest = 0.06 * min(right - left, bottom - top)
    found = []
    for n in range(len(drawing.layers)):
        mask = _inside(drawing, n, plot, hidden).astype(np.uint8)
        _, _, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
        marks = [
            (int(area), float(x) + left, float(y) + top)
            for (_, _, w, h, area), (x, y) in zip(stats[1:], middles[1:], strict=True)
            if 4 <= w <= largest and 4 <= h <= largest and area >= _ROUND * w * h
        ]
        small = sum(1 for row in stats[1:] if row[4] >= 12)
        if len(marks) < _DOTS or len(marks) < _ALIKE * small:
            continue
        common = float(np.median([area for area, _, _ in marks]))
        alike = [(x, y) for area, x, y in marks if 0.5 * common <= area <= 2 * common]
        if len(alike) >= _ALIKE * len(marks):
            found.append(Dots(layer=n, places=tuple(alike)))
    return found


def _inside(drawing: Drawing, layer: int, plot: Box, hidden: Sequence[Box]) -> Mask:
    """A layer within the plot, without words, axes and grid."""
    left, top, right, bottom = plot
    mask = drawing.layers[layer].soft[top:bottom, left:right].copy()
    for x1, y1, x2, y2 in hidden:
        mask[max(y1 - top, 0) : max(y2 - top, 0), max(x1 - left, 0) : max(x2 - left, 0)] = False
    return without_long_lines(mask, _AXIS)


def _own(drawing: Drawing, layer: int, masks: dict[int, Mask]) -> Mask:
    """The layer without the pale edges of darker layers; nothing where it is hardly more."""
    mask = masks[layer]
    colour = np.subtract(drawing.layers[layer].colour, drawing.background)
    pale = float(np.linalg.norm(colour))
    for other, stronger in masks.items():
        against = np.subtract(drawing.layers[other].colour, drawing.background)
        strength = float(np.linalg.norm(against))
        if other == layer or strength <= pale:
            continue
        wide = cv2.dilate(stronger.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        if int((mask & wide).sum()) >= _EDGES * max(int(mask.sum()), 1):
            return np.zeros_like(mask)
        if float(colour @ against) >= _SAME * pale * strength:  # the same hue
            mask = mask & ~wide
    return mask
