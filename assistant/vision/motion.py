"""How a frame differs from another: by a small fingerprint, after the camera's own movement.

A fingerprint is a perceptual hash that keeps grey levels: the means of 32 x 24 cells. Two
frames are near-identical where hardly a cell differs, once a small shift and a change of the
exposure are taken out. A bit hash (Zauner, "Implementation and benchmarking of perceptual image
hash functions", 2010) would be smaller, but lets a small new thing pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.types import Picture

_WIDTH: Final = 160  # px of the thumbnail
_HEIGHT: Final = 120
_CELL: Final = 5  # px of the thumbnail
CELLS: Final = (_HEIGHT // _CELL, _WIDTH // _CELL)
"""Rows and columns of a fingerprint's cells: 24 and 32."""
_DIFFERS: Final = 10.0  # grey levels of 256 between two cells; sensor noise stays below 2
_SAME: Final = 0.012  # of all cells: below this two frames are near-identical
_OTHER: Final = 0.5  # ... from here on they show different scenes
_FARTHEST: Final = 0.35  # of a side: a larger shift is no overlap worth the name


@dataclass(frozen=True, kw_only=True, eq=False)
class Fingerprint:
    """A frame made small."""

    thumbnail: NDArray[np.float32]  # [120, 160] luma, 0 to 255


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of two frames."""

    changed: float  # part of the cells that differ, 0 to 1, after the shift
    shift: tuple[float, float]  # of the second against the first, parts of width and height

    @property
    def same(self) -> bool:
        """Whether the frames are near-identical."""
        return self.changed <= _SAME and max(map(abs, self.shift)) <= 0.02

    @property
    def other(self) -> bool:
        """Whether they show different scenes."""
        return self.changed >= _OTHER


def fingerprint(picture: Picture) -> Fingerprint:
    """The fingerprint of a frame; about 1 ms."""
    step = max(1, picture.width // (4 * _WIDTH))
    small = cv2.resize(
        np.ascontiguousarray(picture.pixels[::step, ::step]),
        (_WIDTH, _HEIGHT),
        interpolation=cv2.INTER_AREA,
    )
    return Fingerprint(thumbnail=cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32))


def cells(print: Fingerprint) -> NDArray[np.uint8]:
    """A fingerprint as it is kept: the means of its cells, [24, 32]."""
    return np.asarray(np.rint(_cells(print.thumbnail)), np.uint8)


def changed(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """The part of the cells of two kept fingerprints that differ, exposure taken out."""
    return _apart(first.astype(np.float32), second.astype(np.float32))


def differing(first: Fingerprint, second: Fingerprint) -> NDArray[np.bool_]:
    """Which cells of two fingerprints differ, exposure taken out, [24, 32]."""
    return _differing(_cells(first.thumbnail), _cells(second.thumbnail))


def difference(first: Fingerprint, second: Fingerprint) -> Difference:
    """How the second frame differs from the first; about 2 ms.

    The shift is found by phase correlation (Kuglin and Hines, 1975) and kept only where it
    explains the frame better than no shift.
    """
    plain = _changed(first.thumbnail, second.thumbnail)
    if plain <= _SAME / 2:
        return Difference(changed=plain, shift=(0.0, 0.0))
    window = cv2.createHanningWindow((_WIDTH, _HEIGHT), cv2.CV_32F)
    # It windows what it is given in place.
    copies = first.thumbnail.copy(), second.thumbnail.copy()
    (dx, dy), _ = cv2.phaseCorrelate(*copies, window)
    if abs(dx) > _FARTHEST * _WIDTH or abs(dy) > _FARTHEST * _HEIGHT:
        return Difference(changed=plain, shift=(0.0, 0.0))
    changed = _changed(*_overlapping(first.thumbnail, second.thumbnail, dx, dy))
    if changed >= plain:
        return Difference(changed=plain, shift=(0.0, 0.0))
    return Difference(changed=changed, shift=(dx / _WIDTH, dy / _HEIGHT))


def _overlapping(
    first: NDArray[np.float32], second: NDArray[np.float32], dx: float, dy: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What both show, given that the second is the first moved by dx, dy px."""
    height, width = first.shape
    back = np.array([[1, 0, -dx], [0, 1, -dy]], dtype=np.float32)
    moved = cv2.warpAffine(second, back, (width, height), flags=cv2.INTER_LINEAR)
    across, down = math.ceil(abs(dx)), math.ceil(abs(dy))
    x = slice(across if dx < 0 else 0, width - (across if dx > 0 else 0))
    y = slice(down if dy < 0 else 0, height - (down if dy > 0 else 0))
    return first[y, x], np.asarray(moved, np.float32)[y, x]


def _changed(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The part of the cells that differ, exposure taken out."""
    return _apart(_cells(first), _cells(second))


def _apart(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(_differing(first, second).mean())


def _differing(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    apart = second - first
    middle = float(np.median(apart))
    exposure = middle if abs(middle) < 2 * _DIFFERS else 0.0
    return np.asarray(np.abs(apart - exposure) > _DIFFERS)


def _cells(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = luma.shape[0] // _CELL, luma.shape[1] // _CELL
    cut = luma[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, columns, _CELL)
    means: NDArray[np.float32] = cut.mean(axis=(1, 3))
    return means
