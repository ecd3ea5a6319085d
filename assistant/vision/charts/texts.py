"""The words in a chart: numbers along an axis, names of categories, titles, the legend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from assistant.types import Box, TextLine

_NUMBER: Final = re.compile(
    r"^[^\w.+\-−–]{0,2}(?P<sign>[-−–]?)[$€£¥￥]?(?P<digits>\d[\d,  ]*(?:\.\d+)?)\s*"
    r"(?P<unit>%|％|[kKMm万亿]?)[^\w]{0,2}$"
)
_UNITS: Final = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "万": 1e4, "亿": 1e8}
_OFF_LINE: Final = 0.02  # of the range, by which a tick may miss the straight line


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of text and where it stands."""

    text: str
    box: Box

    @property
    def x(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @property
    def y(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]

    @property
    def number(self) -> float | None:
        """The number that the whole piece is."""
        return number(self.text)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Numbers along an axis: value = start + step * pixel."""

    start: float
    step: float  # per pixel
    ticks: tuple[Piece, ...]  # those on the line, by pixel
    low: float
    high: float

    def value(self, pixel: float) -> float:
        return self.start + self.step * pixel


def pieces(lines: Iterable[TextLine], scale: float = 1.0) -> list[Piece]:
    """Every piece of the lines by itself, its box in pixels of a copy made `scale` as large."""
    found = []
    for line in lines:
        for text, box in line.parts or ((line.text, line.box),):
            x1, y1, x2, y2 = (round(v * scale) for v in box)
            found.append(Piece(text=text.strip(), box=(x1, y1, x2, y2)))
    return found


def number(text: str) -> float | None:
    """ "1,200" and "-4%" as numbers; None for anything else."""
    found = _NUMBER.match(text.strip())
    if found is None:
        return None
    digits = re.sub(r"[,  ]", "", found["digits"])
    value = float(digits) * _UNITS.get(found["unit"], 1.0)
    return -value if found["sign"] else value


def upright_scale(found: Sequence[Piece]) -> Scale | None:
    """The numbers of an upright axis: one above the other, larger towards the top."""
    return _scale(found, upright=True)


def level_scale(found: Sequence[Piece]) -> Scale | None:
    """The numbers of a level axis: one beside the other, larger towards the right."""
    return _scale(found, upright=False)


def _scale(found: Sequence[Piece], *, upright: bool) -> Scale | None:
    numbers = [piece for piece in found if piece.number is not None]
    best: Scale | None = None
    for anchor in numbers:
        aligned = [p for p in numbers if _aligned(anchor, p, upright=upright)]
        fitted = _fitted(aligned, upright=upright)
        if fitted is not None and (best is None or len(fitted.ticks) > len(best.ticks)):
            best = fitted
    return best


def _aligned(anchor: Piece, piece: Piece, *, upright: bool) -> bool:
    if not upright:
        return abs(anchor.y - piece.y) <= 0.5 * min(anchor.height, piece.height)
    near = 0.6 * min(anchor.height, piece.height)
    return min(abs(anchor.box[n] - piece.box[n]) for n in (0, 2)) <= near


def _fitted(aligned: Sequence[Piece], *, upright: bool) -> Scale | None:
    """The straight line through most of the numbers, at least three of them."""
    places = np.array([p.y if upright else p.x for p in aligned])
    values = np.array([p.number for p in aligned], dtype=float)
    best: np.ndarray | None = None
    for i in range(len(aligned)):
        for j in range(i + 1, len(aligned)):
            if abs(places[i] - places[j]) < 5 or values[i] == values[j]:
                continue
            step = (values[j] - values[i]) / (places[j] - places[i])
            if (step > 0) == upright:
                continue
            off = np.abs(values - (values[i] + step * (places - places[i])))
            on = off <= _OFF_LINE * abs(step) * float(np.ptp(places))
            if best is None or on.sum() > best.sum():
                best = on
    if best is None or best.sum() < 3:
        return None
    step, start = (float(v) for v in np.polyfit(places[best], values[best], 1))
    ticks = sorted(
        (p for p, kept in zip(aligned, best, strict=True) if kept),
        key=lambda p: p.y if upright else p.x,
    )
    numbers = [p.number or 0.0 for p in ticks]
    return Scale(start=start, step=step, ticks=tuple(ticks), low=min(numbers), high=max(numbers))


def rows(found: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand beside each other, from the top; each row from the left."""
    grouped: list[list[Piece]] = []
    for piece in sorted(found, key=lambda p: p.y):
        if grouped and abs(grouped[-1][0].y - piece.y) <= 0.6 * piece.height:
            grouped[-1].append(piece)
        else:
            grouped.append([piece])
    return [sorted(row, key=lambda p: p.x) for row in grouped]


def turned(piece: Piece) -> bool:
    """Whether it is written upwards."""
    return len(piece.text) > 1 and piece.height > 1.2 * piece.width
