"""Bars: rectangles of one thickness that stand on a common line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from assistant.types import Box
from assistant.vision.charts.layers import Drawing, Mask, opened
from assistant.vision.charts.texts import Piece

_FULL: Final = 0.9  # of its box, that a rectangle fills
_ALIKE: Final = 0.15  # by which bars' thicknesses may differ
_LARGEST: Final = 0.35  # of the picture; larger rectangles are backgrounds


@dataclass(frozen=True, kw_only=True)
class Block:
    """A filled rectangle."""

    box: Box
    layer: int

    def thickness(self, *, upright: bool) -> int:
        x1, y1, x2, y2 = self.box
        return x2 - x1 if upright else y2 - y1

    def length(self, *, upright: bool) -> int:
        return self.thickness(upright=not upright)

    def middle(self, *, upright: bool) -> float:
        """Its place along the axis of categories."""
        x1, y1, x2, y2 = self.box
        return (x1 + x2) / 2 if upright else (y1 + y2) / 2


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars on a common line."""

    blocks: tuple[Block, ...]
    upright: bool
    base: int  # pixel of the line they stand on

    def tip(self, block: Block) -> int:
        """The pixel of the bar's free end along the axis of values."""
        x1, y1, x2, y2 = block.box
        low, high = (y1, y2) if self.upright else (x1, x2)
        return low if abs(high - self.base) <= abs(low - self.base) else high


def blocks(drawing: Drawing) -> list[Block]:
    """All filled rectangles, of every layer."""
    height, width = drawing.shape
    size = max(5, round(0.008 * min(height, width)))
    found = []
    for index, layer in enumerate(drawing.layers):
        for box, filled in _pieces(opened(layer.solid, size)):
            x1, y1, x2, y2 = box
            area = (x2 - x1) * (y2 - y1)
            if filled >= _FULL * area and area <= _LARGEST * height * width:
                found.append(Block(box=box, layer=index))
    return found


def _pieces(mask: Mask) -> list[tuple[Box, float]]:
    """Boxes of the mask's connected parts, with the area inside their outlines."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        # An outline runs through the middles of its pixels: half of them lie outside.
        area = float(cv2.contourArea(outline)) + len(outline) / 2 + 1
        found.append(((x, y, x + w, y + h), area))
    return found


def keys(found: Sequence[Block], words: Sequence[Piece]) -> dict[int, Piece]:
    """The legend: for a layer the words right of its small block; two blocks at least."""
    legend: dict[int, Piece] = {}
    used = []
    for block in found:
        beside = [word for word in words if _keys(block, word)]
        if beside and block.layer not in legend:
            legend[block.layer] = min(beside, key=lambda word: word.box[0])
            used.append(block)
    sizes = {(b.box[2] - b.box[0], b.box[3] - b.box[1]) for b in used}
    spread = [max(s[n] for s in sizes) - min(s[n] for s in sizes) for n in (0, 1)] if sizes else []
    return legend if len(legend) >= 2 and max(spread) <= 3 else {}


def bars(found: Sequence[Block], legend: dict[int, Piece], shape: tuple[int, int]) -> Bars | None:
    """The largest set of at least two bars on one line, upright or level; None without one."""
    near = max(3, round(0.006 * min(shape)))
    standing = [block for block in found if not in_legend(block, legend)]
    best: Bars | None = None
    for upright in (True, False):
        ends = [v for b in standing for v in (b.box[1::2] if upright else b.box[0::2])]
        for base in set(ends):
            on = [b for b in standing if _stands(b, base, near, upright=upright)]
            alike = _alike(on, upright=upright)
            if len(alike) < 2 or not _uneven(alike, upright=upright):
                continue
            if best is None or _weight(alike, base, upright) > _weight(
                best.blocks, best.base, best.upright
            ):
                best = Bars(blocks=tuple(alike), upright=upright, base=base)
    return best


def _weight(alike: Sequence[Block], base: int, upright: bool) -> tuple[int, int]:
    """More bars are better, then a line that more of them touch exactly."""
    exact = sum(base in (b.box[1::2] if upright else b.box[0::2]) for b in alike)
    return len(alike), exact


def in_legend(block: Block, legend: dict[int, Piece]) -> bool:
    word = legend.get(block.layer)
    return word is not None and _keys(block, word)


def _keys(block: Block, word: Piece) -> bool:
    """Whether the block is small and stands before the word; readers may take it into its box."""
    x1, y1, x2, y2 = block.box
    small = y2 - y1 <= 1.5 * word.height and x2 - x1 <= 4 * word.height
    level = abs(word.y - (y1 + y2) / 2) <= 0.5 * word.height
    before = -3 <= word.box[0] - x2 <= 1.5 * word.height
    return small and level and (before or (word.box[0] <= x1 + 3 and x2 < word.x))


def _stands(block: Block, base: int, near: int, *, upright: bool) -> bool:
    low, high = block.box[1::2] if upright else block.box[0::2]
    return min(abs(low - base), abs(high - base)) <= near


def _alike(found: Sequence[Block], *, upright: bool) -> list[Block]:
    """Those as thick as most are."""
    if not found:
        return []
    common = float(np.median([b.thickness(upright=upright) for b in found]))
    return [b for b in found if abs(b.thickness(upright=upright) - common) <= _ALIKE * common + 1]


def _uneven(found: Sequence[Block], *, upright: bool) -> bool:
    """Whether the lengths differ, as they do of bars but not of a legend or a row of tiles."""
    lengths = [b.length(upright=upright) for b in found]
    return max(lengths) - min(lengths) > max(3, 0.03 * max(lengths))
