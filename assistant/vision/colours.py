"""Colour names of regions: each pixel takes the name of the nearest example in CIELAB.

The thirteen names are the eleven basic colour terms (Berlin and Kay, Basic Color Terms,
1969) and two that people use for clothes and walls, beige and turquoise. Each has several
examples, dark to light, so that shade and light change the name as they do for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.languages import base
from assistant.types import Box, Picture

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

CHINESE = {
    "black": "黑色",
    "white": "白色",
    "grey": "灰色",
    "red": "红色",
    "orange": "橙色",
    "yellow": "黄色",
    "green": "绿色",
    "blue": "蓝色",
    "purple": "紫色",
    "pink": "粉色",
    "brown": "棕色",
    "beige": "米色",
    "turquoise": "青绿色",
}

_EXAMPLES = {
    "black": "000000 101010 1e1e1e 141820 201814",
    "white": "ffffff f5f5f5 e6e6e6 f4f2ec e4eaf0 d6dadf",
    "grey": "3c3c3c 585858 787878 989898 b4b4b4 6a7078 8a9098 a8a49c",
    "red": "ff0000 dc143c c81e1e a01414 780c0c e03a30 b03028",
    "orange": "ff8000 ff9a1e f07828 e86410 ffa500",
    "yellow": "ffff00 ffe000 f5d020 e6c800 fff06e d2b400",
    "green": "00c000 008000 005000 50c850 96dc64 6b8e23 465a28 2e7d46 a0d2a0 1e3c1e",
    "blue": "0000ff 0050c8 1e3c96 001e50 4682c8 64aaf0 add8f0 28466e 7890be 3c5a8c",
    "purple": "800080 5a1e78 8c50b4 b482d2 4b2864 d2b4e6 96288c",
    "pink": "ffc0cb ff69b4 f08cb4 e6328c ffaaaa e696a0 f5d2dc",
    "brown": "8b4513 6e4628 5a3214 3c2814 a06e46 785a3c 8c6446 4b372d",
    "beige": "f5e6c8 e6d2aa d2b991 dccdb4 c8aa82",
    "turquoise": "40e0d0 00a0a0 20786e 78d2c8 008080",
}

DOMINANT = 0.5
"""Share of a region from which a colour is its colour (and 1.6 times the next one)."""
_LEAD = 1.6
_NOT_GREY = 0.2
_SAMPLES = 64  # pixels along the longer side of the measured copy


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of a region has a colour."""

    name: str  # English, a key of `CHINESE`
    share: float  # 0 to 1


def say(name: str, language: str) -> str:
    """The colour's name in a language: `red`, `红色`."""
    return CHINESE[name] if base(language) == "zh" else name


def lab(pixels: NDArray[np.uint8]) -> Floats:
    """sRGB [..., 3] to CIELAB [..., 3] under D65 (IEC 61966-2-1; CIE 15:2004)."""
    rgb = pixels.astype(np.float64) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    ratio = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


_NAMES = [name for name, codes in _EXAMPLES.items() for _ in codes.split()]
_POINTS = lab(
    np.array(
        [[*bytes.fromhex(code)] for codes in _EXAMPLES.values() for code in codes.split()],
        dtype=np.uint8,
    )
)


def shares(pixels: Pixels, weights: Floats | None = None) -> list[Share]:
    """The colours of pixels [h, w, 3], the largest share first; weights are [h, w]."""
    points = lab(pixels).reshape(-1, 3)
    nearest = ((points[:, None, :] - _POINTS[None]) ** 2).sum(axis=2).argmin(axis=1)
    weight = np.ones(len(points)) if weights is None else weights.reshape(-1)
    totals = dict.fromkeys(_EXAMPLES, 0.0)
    for index, amount in enumerate(np.bincount(nearest, weight, minlength=len(_NAMES))):
        totals[_NAMES[index]] += float(amount)
    whole = sum(totals.values()) or 1.0
    found = [Share(name=name, share=total / whole) for name, total in totals.items() if total]
    return sorted(found, key=lambda s: -s.share)


def region(picture: Picture, box: Box | None = None) -> list[Share]:
    """The colours inside a box, or the middle third of the picture.

    Only the ellipse in the middle 70 % of the box counts: its corners show the background.
    """
    if box is None:
        w, h = picture.width, picture.height
        box = (w // 3, h // 3, w - w // 3, h - h // 3)
    x1, y1, x2, y2 = box
    inner = picture.pixels[max(0, y1) : max(y2, y1 + 1), max(0, x1) : max(x2, x1 + 1)]
    if inner.size == 0:
        return []
    step = max(1, max(inner.shape[:2]) // _SAMPLES)
    inner = inner[::step, ::step]
    h, w = inner.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j] if min(h, w) > 1 else np.zeros((2, h, w))
    mask = ((x / 0.7) ** 2 + (y / 0.7) ** 2 <= 1).astype(np.float64)
    return shares(inner, mask if mask.any() else None)


def of_thing(picture: Picture, box: Box) -> tuple[str, ...]:
    """The one or two colours of what is in a box; none when its surroundings have them too.

    A thin thing leaves most of its box to the background, and the background's colour must
    not be taken for the thing's.
    """
    main = main_colours(region(picture, box))
    around = dominant(_ring(picture, box))
    return () if around in main else main


def whole(picture: Picture) -> list[Share]:
    """The colours of a picture."""
    step = max(1, max(picture.width, picture.height) // _SAMPLES)
    return shares(picture.pixels[::step, ::step])


def _ring(picture: Picture, box: Box) -> list[Share]:
    """The colours of a frame around a box, a sixth of its size wide."""
    x1, y1, x2, y2 = box
    dx, dy = max(1, (x2 - x1) // 6), max(1, (y2 - y1) // 6)
    left, top = max(0, x1 - dx), max(0, y1 - dy)
    outer = picture.pixels[top : y2 + dy, left : x2 + dx]
    if outer.size == 0:
        return []
    mask = np.ones(outer.shape[:2])
    mask[y1 - top : y2 - top, x1 - left : x2 - left] = 0
    step = max(1, max(outer.shape[:2]) // _SAMPLES)
    mask = mask[::step, ::step]
    return shares(outer[::step, ::step], mask) if mask.any() else []


def dominant(found: list[Share]) -> str | None:
    """The colour that a region has as a whole, or None when there is no such one.

    White in the shade and black in the light both measure grey, so grey beside either is
    left untold.
    """
    if not found or found[0].share < DOMINANT:
        return None
    if found[0].name == "grey" and _share(found, "white") + _share(found, "black") > _NOT_GREY:
        return None
    second = found[1].share if len(found) > 1 else 0.0
    return found[0].name if found[0].share >= _LEAD * second else None


def _share(found: list[Share], name: str) -> float:
    return next((s.share for s in found if s.name == name), 0.0)


def main_colours(found: list[Share]) -> tuple[str, ...]:
    """The one dominant colour, else the two that make up most of a region, else none."""
    one = dominant(found)
    if one is not None:
        return (one,)
    if (
        len(found) > 1
        and "grey" not in (found[0].name, found[1].name)
        and found[1].share >= 0.25
        and found[0].share + found[1].share >= 0.7
    ):
        return (found[0].name, found[1].name)
    return ()
