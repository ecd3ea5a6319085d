"""A drawn picture as layers, one for each of its few colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Colour = tuple[float, float, float]

_LEVELS: Final = 5  # bits of each channel that tell colours apart
_SHADES: Final = 6  # bits of each channel that are looked at
_LEAST: Final = 0.0006  # share of the picture that a colour holds, to be one of the drawing's
_APART: Final = 36.0  # of 441, between two colours of a drawing
_NEAR: Final = 30.0  # of 441, from a colour's middle to its pixels
_HELD: Final = 0.9  # share of a drawing's pixels that its colours hold
_BACKGROUND: Final = 0.3  # share of a chart's pixels that are background
_EDGES: Final = 0.85  # of a mixed colour's pixels that touch the colour they are mixed of
_MOST: Final = 24  # colours; photos have more


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """All pixels of one colour, and those at its edges that are mixed with the background."""

    colour: Colour
    solid: Mask  # [h, w]
    soft: Mask  # [h, w], with at least two fifths of the colour


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A picture's colours, the background first."""

    background: Colour
    layers: tuple[Layer, ...]
    shape: tuple[int, int]  # height, width


def separate(pixels: Pixels) -> Drawing | None:
    """The layers of a drawing; None for a photo, whose colours are many."""
    colours = _colours(pixels)
    if not colours or len(colours) > _MOST or colours[0][1] < _BACKGROUND:
        return None
    middles = np.array([colour for colour, _ in colours], dtype=np.float32)
    shades, place = _shades(pixels)
    away = np.linalg.norm(shades[:, None] - middles[None], axis=2)
    nearest, near = away.argmin(axis=1), away.min(axis=1) <= _NEAR
    if float(near[place].mean()) < _HELD:
        return None
    layers = []
    for n in range(1, len(middles)):
        other = near & (nearest != n)
        soft = _mixed(shades, middles[0], middles[n]) & ~other
        solid = near & (nearest == n)
        layers.append(Layer(colour=_colour(middles[n]), solid=solid[place], soft=soft[place]))
    height, width = pixels.shape[:2]
    return Drawing(background=_colour(middles[0]), layers=tuple(layers), shape=(height, width))


def _colour(middle: Floats) -> Colour:
    return float(middle[0]), float(middle[1]), float(middle[2])


def _keys(pixels: Pixels, bits: int) -> NDArray[np.int32]:
    """A number for every pixel's colour, of so many bits a channel."""
    bins = (pixels >> (8 - bits)).astype(np.int32)
    return np.asarray((bins[..., 0] << 2 * bits) | (bins[..., 1] << bits) | bins[..., 2])


def _shades(pixels: Pixels) -> tuple[Floats, NDArray[np.int64]]:
    """The picture's shades [n, 3], and which of them each pixel has [h, w]."""
    keys, place = np.unique(_keys(pixels, _SHADES), return_inverse=True)
    return _centres(keys, _SHADES), place.reshape(pixels.shape[:2])


def _centres(keys: NDArray[np.int32] | NDArray[np.int64], bits: int) -> Floats:
    """The middles [n, 3] of the bins that keys number."""
    size, most = 1 << (8 - bits), (1 << bits) - 1
    parts = [(keys >> shift * bits) & most for shift in (2, 1, 0)]
    return np.asarray(np.stack(parts, axis=1) * size + (size - 1) / 2, dtype=np.float32)


def _colours(pixels: Pixels) -> list[tuple[Floats, float]]:
    """Colours with their shares, the most common first; shades of one colour counted once.

    What lies between the background and another colour, and only at its edges, is no colour
    of the drawing but how its edges are smoothed.
    """
    keys = _keys(pixels, _LEVELS)
    counts = np.bincount(keys.ravel(), minlength=1 << 3 * _LEVELS)
    common = np.argsort(-counts)[:400]
    common = common[counts[common] > 0]
    middles = _centres(common, _LEVELS)
    left = counts[common] / keys.size
    found: list[tuple[Floats, float]] = []
    for n, middle in enumerate(middles):
        if left[n] <= 0:
            continue
        near = (np.linalg.norm(middles - middle, axis=1) < _APART) & (left > 0)
        share = float(left[near].sum())
        left[near] = 0.0
        if share >= _LEAST:
            found.append((pixels[keys == common[n]].mean(axis=0).astype(np.float32), share))
        if len(found) > 3 * _MOST:
            break
    return _own(pixels, found)


def _own(pixels: Pixels, found: list[tuple[Floats, float]]) -> list[tuple[Floats, float]]:
    """Those that are not the smoothed edges of a colour with more contrast."""
    background = found[0][0]
    contrast = [float(np.linalg.norm(colour - background)) for colour, _ in found]
    masks: dict[int, Mask] = {}

    def mask(n: int) -> Mask:
        if n not in masks:
            masks[n] = np.abs(pixels - found[n][0]).max(axis=2) <= _NEAR / 2
        return masks[n]

    kept = [found[0]]
    for n in range(1, len(found)):
        stronger = [m for m in range(1, len(found)) if contrast[m] > contrast[n] + _APART / 2]
        between = [m for m in stronger if _mixed(found[n][0][None], background, found[m][0], 0)[0]]
        edge = np.zeros(pixels.shape[:2], bool)
        for m in between:
            edge |= mask(m)
        if between:
            wide = cv2.dilate(edge.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            if float((mask(n) & wide).sum()) >= _EDGES * max(int(mask(n).sum()), 1):
                continue
        kept.append(found[n])
    return kept


def _mixed(
    shades: Floats, background: Floats, colour: Floats, least: float = 0.4
) -> NDArray[np.bool_]:
    """Shades that lie at least so far along the way from the background to the colour."""
    ray = colour - background
    along = (shades - background) @ ray / float(ray @ ray)
    aside = np.linalg.norm(shades - background - along[:, None] * ray, axis=1)
    return np.asarray((along >= least) & (along <= 1.3) & (aside <= _NEAR))


def without_long_lines(mask: Mask, share: float) -> Mask:
    """The mask without rows and columns of which it fills this share: axes and grids."""
    left = mask.copy()
    left[mask.mean(axis=1) >= share, :] = False
    left[:, mask.mean(axis=0) >= share] = False
    return left


def opened(mask: Mask, size: int) -> Mask:
    """The mask without what is thinner than `size` pixels, such as letters and lines."""
    kernel = np.ones((size, size), np.uint8)
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0)
