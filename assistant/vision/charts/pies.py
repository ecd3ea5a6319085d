"""Pies and rings: sectors of a circle, measured by their angles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import cv2
import numpy as np

from assistant.vision.charts.layers import Drawing
from assistant.vision.charts.texts import Piece

_ROUND: Final = 0.92  # of the smallest circle around it, that a pie fills
_SMALLEST: Final = 0.03  # of the picture
_ANGLES: Final = 1440  # directions looked into
_RADII: Final = (0.8, 0.84, 0.88, 0.92, 0.95)  # of the radius; figures stand further in
_THIN: Final = 0.006  # of the circle; thinner sectors are edges
_COLOURED: Final = 0.85  # of the directions must meet a colour


@dataclass(frozen=True, kw_only=True)
class Sector:
    """A sector; angles in degrees clockwise from the right."""

    layer: int
    start: float
    share: float  # 0 to 1

    @property
    def middle(self) -> float:
        return self.start + 180 * self.share


@dataclass(frozen=True, kw_only=True)
class Pie:
    """A circle and its sectors, clockwise."""

    x: float
    y: float
    radius: float
    sectors: tuple[Sector, ...]


def pie(drawing: Drawing) -> Pie | None:
    """The largest circle that is divided into sectors of at least two colours."""
    height, width = drawing.shape
    union = np.zeros(drawing.shape, np.uint8)
    for layer in drawing.layers:
        union |= layer.solid.astype(np.uint8)
    union = np.asarray(cv2.morphologyEx(union, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
    side = max(7, round(0.03 * min(height, width)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    union = np.asarray(cv2.morphologyEx(union, cv2.MORPH_OPEN, kernel))
    outlines, _ = cv2.findContours(union, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = cv2.convexHull(max(outlines, key=cv2.contourArea))
    area = float(cv2.contourArea(outline))
    (x, y), radius = cv2.minEnclosingCircle(outline)
    if area < _SMALLEST * height * width or area < _ROUND * math.pi * radius**2:
        return None
    sectors = _sectors(drawing, x, y, radius)
    if len(sectors) < 2 or len({s.layer for s in sectors}) < 2:
        return None
    return Pie(x=float(x), y=float(y), radius=float(radius), sectors=tuple(sectors))


def _sectors(drawing: Drawing, x: float, y: float, radius: float) -> list[Sector]:
    height, width = drawing.shape
    stack = np.stack([layer.solid for layer in drawing.layers])
    angles = np.linspace(0, 2 * math.pi, _ANGLES, endpoint=False)
    votes = np.zeros((len(drawing.layers), _ANGLES), dtype=int)
    for share in _RADII:
        across = np.clip(np.rint(x + share * radius * np.cos(angles)).astype(int), 0, width - 1)
        down = np.clip(np.rint(y + share * radius * np.sin(angles)).astype(int), 0, height - 1)
        votes += stack[:, down, across]
    seen = np.where(votes.max(axis=0) >= 3, votes.argmax(axis=0), -1)
    if float((seen >= 0).mean()) < _COLOURED:
        return []
    change = int(np.flatnonzero(seen != np.roll(seen, 1))[0]) if np.ptp(seen) else 0
    runs, at = [], 0
    for layer, run in groupby(np.roll(seen, -change)):
        length = len(list(run))
        if layer >= 0 and length >= _THIN * _ANGLES:
            runs.append((int(layer), at, length))
        at += length
    whole = sum(length for _, _, length in runs)
    return [
        Sector(layer=layer, start=360 * ((at + change) % _ANGLES) / _ANGLES, share=length / whole)
        for layer, at, length in _merged(runs)
    ]


def _merged(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Runs of one colour that only an edge divided, joined."""
    joined: list[tuple[int, int, int]] = []
    for layer, at, length in runs:
        if joined and joined[-1][0] == layer:
            joined[-1] = (layer, joined[-1][1], joined[-1][2] + length)
        else:
            joined.append((layer, at, length))
    if len(joined) > 1 and joined[0][0] == joined[-1][0]:
        layer, at, length = joined.pop()
        joined[0] = (layer, at, length + joined[0][2])
    return joined


def outside(found: Pie, words: Sequence[Piece]) -> dict[int, Piece]:
    """For each sector, by number, the words that stand outside at its middle."""
    pairs = []
    for n, sector in enumerate(found.sectors):
        angle = math.radians(sector.middle)
        edge = (
            found.x + 1.1 * found.radius * math.cos(angle),
            found.y + 1.1 * found.radius * math.sin(angle),
        )
        for m, word in enumerate(words):
            away = _distance(word, edge)
            if math.hypot(word.x - found.x, word.y - found.y) > found.radius and (
                away <= 0.35 * found.radius
            ):
                pairs.append((away, n, m))
    chosen: dict[int, Piece] = {}
    taken: set[int] = set()
    for _, n, m in sorted(pairs):
        if n not in chosen and m not in taken:
            chosen[n] = words[m]
            taken.add(m)
    return chosen


def inside(found: Pie, words: Sequence[Piece]) -> dict[int, Piece]:
    """For each sector, by number, the words that stand in it."""
    chosen = {}
    for word in words:
        if math.hypot(word.x - found.x, word.y - found.y) > found.radius:
            continue
        angle = math.degrees(math.atan2(word.y - found.y, word.x - found.x)) % 360
        for n, sector in enumerate(found.sectors):
            if (angle - sector.start) % 360 <= 360 * sector.share:
                chosen[n] = word
    return chosen


def _distance(word: Piece, point: tuple[float, float]) -> float:
    """From a point to the nearest place of the words' box, in pixels."""
    x1, y1, x2, y2 = word.box
    x, y = point
    return math.hypot(max(x1 - x, 0, x - x2), max(y1 - y, 0, y - y2))
