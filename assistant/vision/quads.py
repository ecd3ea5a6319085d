"""Quadrilaterals around lines of text: cutting them out, turning them, finding overlaps.

A quad is float32 [4, 2]: its corners clockwise from the one that is top left in the picture.
"""

from __future__ import annotations

import math
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Quad = NDArray[np.float32]  # [4, 2] x, y
Pixels = NDArray[np.uint8]  # [h, w, 3]
Turn = Literal[0, 90, 180, 270]
"""Degrees by which a cut-out must be turned counter-clockwise to read it."""

_CUT_HEIGHT: Final = 72  # px; the recogniser works at 48, more only costs time
TALL: Final = 1.5  # height to width from which a quad is taken for a line that runs down


def size(quad: Quad) -> tuple[float, float]:
    """Width and height in pixels, along the quad's own sides."""
    top, right = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    bottom, left = np.linalg.norm(quad[2] - quad[3]), np.linalg.norm(quad[3] - quad[0])
    return float(max(top, bottom)), float(max(left, right))


def is_tall(quad: Quad) -> bool:
    """Whether the text in it runs down (or up) the picture."""
    width, height = size(quad)
    return height >= TALL * width


def thickness(quad: Quad) -> float:
    """Pixels across the line of text."""
    return min(size(quad))


def bounds(quad: Quad) -> tuple[float, float, float, float]:
    """The upright rectangle around it: x1, y1, x2, y2."""
    x1, y1 = quad.min(axis=0)
    x2, y2 = quad.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2)


def overlap(one: Quad, other: Quad) -> float:
    """Shared area as a share of the smaller quad's."""
    shared, _ = cv2.intersectConvexConvex(np.ascontiguousarray(one), np.ascontiguousarray(other))
    return float(shared) / max(min(math.prod(size(one)), math.prod(size(other))), 1.0)


def same_line(one: Quad, other: Quad) -> bool:
    """Whether two looks saw the same line: much overlap, and letters of like size."""
    thin, thick = sorted((thickness(one), thickness(other)))
    return thick < 2.5 * thin and overlap(one, other) > 0.4


def cut(pixels: Pixels, quad: Quad) -> Pixels:
    """The quad's content as a rectangle; large letters are made smaller without aliasing."""
    x1, y1, x2, y2 = bounds(quad)
    left, top = max(math.floor(x1) - 2, 0), max(math.floor(y1) - 2, 0)
    part = pixels[top : math.ceil(y2) + 3, left : math.ceil(x2) + 3]
    corners = quad - np.array([left, top], dtype=np.float32)
    scale = _CUT_HEIGHT / max(thickness(quad), 1.0)
    if scale < 0.75:
        part = np.asarray(
            cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        corners = corners * np.float32(scale)
    width, height = (max(round(side), 2) for side in size(corners))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    transform = cv2.getPerspectiveTransform(np.ascontiguousarray(corners), target)
    flat = cv2.warpPerspective(
        part, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.uint8)


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """Turned counter-clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, turn // 90))


def upright(quad: Quad, turn: Turn, width: int, height: int) -> Quad:
    """The quad in the picture turned counter-clockwise; corners clockwise from its top left."""
    x, y = quad[:, 0], quad[:, 1]
    moved = {
        0: (x, y),
        90: (y, width - x),
        180: (width - x, height - y),
        270: (height - y, x),
    }[turn]
    # Turning the page by a quarter makes the corner that was second the first.
    return np.roll(np.stack(moved, axis=1), -(turn // 90), axis=0).astype(np.float32)


def angle(quad: Quad) -> float:
    """Degrees of its long sides' slope in (-90, 90], positive downwards to the right."""
    along = (quad[1] - quad[0]) + (quad[2] - quad[3])
    return math.degrees(math.atan2(float(along[1]), float(along[0])))
