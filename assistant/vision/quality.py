"""What is wrong with a picture, measured, and the one thing that would make it better.

All thresholds were set on photos and on darkened, brightened, blurred and flattened copies
of them, so that sharp, ordinarily lit photos show no fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.languages import base
from assistant.types import Box, Fault, Picture

_SIDE = 512  # pixels; measured on a copy whose longer side is about this
_GRID = 6  # blocks along each side, so that a sharp subject before a soft background is sharp

SENTENCES = {
    "too_dark": (
        "The picture is too dark; turn towards the light or switch on a lamp.",
        "画面太暗了，请转向光亮处，或者开一盏灯。",
    ),
    "too_bright": (
        "The picture is too bright; turn away from the light.",
        "画面太亮了，请背对着光。",
    ),
    "blurred": (
        "The picture is blurred; hold still for a moment and a little further away.",
        "画面模糊，请拿稳一会儿，再稍微离远一点。",
    ),
    "low_contrast": (
        "The picture is pale, as through fog; wipe the lens or try more light.",
        "画面发白，像隔着雾，请擦一擦镜头，或者换个亮一点的地方。",
    ),
    "blank": (
        "The picture shows one even surface; move back, and check that the lens is uncovered.",
        "画面只是一片颜色，请往后退一点，并检查镜头有没有被挡住。",
    ),
    "cut_off": (
        "It reaches over the edge of the picture; move back a little.",
        "它超出了画面，请稍微往后退一点。",
    ),
    "too_small": (
        "It is small in the picture; bring it closer.",
        "它在画面里很小，请拿近一点。",
    ),
}
"""Fault -> what is said about it in English and Chinese."""

_DARK, _DARK_UNREADABLE = 0.25, 0.05  # the brightest 2 % of luma lie below
_BRIGHT, _BRIGHT_UNREADABLE = 0.75, 0.94  # the darkest 5 % of luma lie above
_LINE_ART = 0.8  # white paper with lines this crisp is no overexposed photo
_BLURRED, _BLURRED_UNREADABLE = 0.15, 0.012  # sharpness below; sharp photos have 0.3 and more
_PALE_SPREAD, _PALE_CONTRAST = 0.55, 0.42
_BLANK = 0.035  # luma between the lowest and the highest pixel


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Measures of a picture, luma in [0, 1]."""

    median: float  # luma
    low: float  # 5th percentile of luma
    high: float  # 98th percentile of luma
    contrast: float  # luma between the 2nd and the 98th percentile
    spread: float  # luma between the lowest and the highest pixel
    edge: float  # change of luma from pixel to pixel at the crispest edges
    sharpness: float  # `edge` against the contrast

    @property
    def faults(self) -> tuple[str, ...]:
        """Keys of `SENTENCES` that hold, the gravest first; at most one of each pair."""
        found = []
        if self.high < _DARK:
            found.append("too_dark")
        elif self.low > _BRIGHT and self.edge < _LINE_ART:
            found.append("too_bright")
        elif self.spread < _BLANK:
            found.append("blank")
        elif self.spread < _PALE_SPREAD and self.contrast < _PALE_CONTRAST:
            found.append("low_contrast")
        if not found and self.sharpness < _BLURRED:
            found.append("blurred")
        return tuple(found)

    @property
    def unreadable(self) -> bool:
        """Whether the fault is so grave that nothing may be claimed about the picture."""
        return bool(self.faults) and (
            self.spread < _BLANK
            or self.high < _DARK_UNREADABLE
            or (self.low > _BRIGHT_UNREADABLE and self.edge < _LINE_ART)
            or self.sharpness < _BLURRED_UNREADABLE
        )


def measure(picture: Picture) -> Quality:
    """Light, contrast and sharpness of a picture."""
    luma = _luma(picture.pixels)
    second, low, median, high = (float(v) for v in np.percentile(luma, [2, 5, 50, 98]))
    laplacian = np.zeros_like(luma)
    laplacian[1:-1, 1:-1] = np.abs(
        4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
    )
    crispest = [np.percentile(block, 99) for block in _blocks(laplacian)]
    edge = float(np.percentile(crispest, 90))
    return Quality(
        median=median,
        low=low,
        high=high,
        contrast=high - second,
        spread=float(luma.max() - luma.min()),
        edge=edge,
        sharpness=edge / max(high - second, 0.05),
    )


def fault(kind: str, language: str) -> Fault:
    """The fault with its fix, in words."""
    english, chinese = SENTENCES[kind]
    return Fault(kind=kind, sentence=chinese if base(language) == "zh" else english)


def framing(box: Box, picture: Picture) -> str | None:
    """Whether a thing that somebody shows is cut off or too small, as a key of `SENTENCES`."""
    x1, y1, x2, y2 = box
    edge = 0.01 * max(picture.width, picture.height)
    sides = (x1 <= edge, y1 <= edge, x2 >= picture.width - edge, y2 >= picture.height - edge)
    if sum(sides) >= 2:
        return "cut_off"
    if (x2 - x1) * (y2 - y1) < 0.04 * picture.width * picture.height:
        return "too_small"
    return None


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma (ITU-R BT.601) in [0, 1] of a copy made smaller by averaging."""
    picture = Image.fromarray(pixels)
    factor = max(1, max(picture.size) // _SIDE)
    if min(picture.size) >= factor > 1:
        picture = picture.reduce(factor)
    cut = np.asarray(picture)
    luma = cut.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255
    return np.asarray(luma, dtype=np.float32)


def _blocks(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    rows = np.array_split(values, min(_GRID, values.shape[0]))
    return [b for row in rows for b in np.array_split(row, min(_GRID, row.shape[1]), axis=1)]
