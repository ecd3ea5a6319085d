"""What is wrong with a picture, measured, before anything is said about it.

Thresholds are in `data/quality.yaml`, chosen by `scripts/calibrate_quality.py` on graded
degradations of photos (`assistant.evaluation.degraded`). A picture has one fault at most, the
gravest; how a thing or a text lies in it is told by `framing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from assistant.types import Box, Picture
from assistant.vision import framing as frames
from assistant.vision import tilt
from assistant.vision.faults import SENTENCES, fault
from assistant.vision.sharpness import COARSE, FINE, Slopes, greatest, sharpness

__all__ = ["SENTENCES", "Limits", "Quality", "fault", "framing", "limits", "measure"]

_AREA: Final = 130_000  # pixels of the copy that is measured
_FEW: Final = 20  # pixels that may be darker or lighter than all others: noise
_STRUCTURE_PARTS: Final = 12  # along each side
_CHANGE: Final = 0.04  # luma; weaker changes are shading
_MUCH: Final = 0.2  # of the strongest change
_COVER_PARTS: Final = 16  # along each side
_COVER_LUMA: Final = 0.42  # brightest mean of a part that a finger hides
_COVER_DARK: Final = 0.25  # brightest channel of a part to which no light comes
_COVER_RED: Final = 2.0  # red against green and blue of light that came through a finger
_COVER_BORDER: Final = 0.97  # of the border; what is dark all around is a ground, no finger
_COVER_SLOPE: Final = 0.0225  # luma per pixel; a part without edges, noise allowed for


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a measure becomes a fault; each is compared with the field of `Quality` named."""

    black: float  # high
    dark: float  # high
    bright: float  # low
    bright_spread: float  # spread; black print on white paper has nearly all
    blank: float  # structure
    cover_high: float  # high, of an even picture: a lens behind a finger, not a wall
    covered: float  # hidden
    cover_edge: float  # hidden_edge
    blurred: float  # sharpness
    blur_unreadable: float  # sharpness
    smeared: float  # sharpness, where the picture is smeared
    smear: float  # smear
    moved: float  # smear, of a blurred picture
    pale_low: float  # low
    pale_sharpness: float  # sharpness
    pale_contrast: float  # contrast
    pale_spread: float  # spread
    lean: float  # lean, degrees
    lean_share: float  # lean_share
    lean_ratio: float  # lean_ratio


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Measures of a picture, luma in [0, 1]."""

    median: float  # luma
    low: float  # 5th percentile of luma
    high: float  # 98th percentile of luma
    contrast: float  # luma between the 2nd and the 98th percentile
    spread: float  # luma between the darkest and the lightest few pixels, at full size
    structure: float  # luma within a part of the picture, smoothed, where it changes most
    filled: float  # share of the parts in which luma changes about as much
    sharpness: float  # see `sharpness`
    smear: float  # share of the sharpness along the sharpest direction
    hidden: float  # share of the picture in one dark region without edges
    hidden_edge: float  # how sharp its outline is, as `sharpness`
    lean: float  # degrees clockwise, see `tilt`
    lean_share: float
    lean_ratio: float

    @property
    def faults(self) -> tuple[str, ...]:
        """The gravest fault, as a key of `SENTENCES`; none of a good picture."""
        found = self.fault(limits())
        return (found,) if found else ()

    @property
    def unreadable(self) -> bool:
        """Whether the fault is so grave that nothing may be claimed about the picture."""
        return self.lost(limits())

    def fault(self, given: Limits) -> str | None:
        """The gravest fault under other thresholds than the packaged ones."""
        if self.high < given.black:
            return "too_dark:black"
        if self.structure < given.blank:
            return self._even(given)
        if self.high < given.dark:
            return "too_dark"
        if self.hidden > given.covered and self.hidden_edge < given.cover_edge:
            return "covered"
        if self.low > given.bright and self.spread < given.bright_spread:
            lost = 0 < self.sharpness < given.blur_unreadable
            return self._blurred(given) if lost else "too_bright"
        smeared = self.sharpness < given.smeared and self.smear < given.smear
        if smeared or self.sharpness < given.blurred:
            return self._blurred(given)
        if self._pale(given):  # thin print grows pale when it is blurred
            thin = self.sharpness < given.pale_sharpness
            return self._blurred(given) if thin else "low_contrast"
        return self._tilted(given)

    def lost(self, given: Limits) -> bool:
        """`unreadable` under other thresholds than the packaged ones."""
        if self.high < given.black or self.structure < given.blank:
            return True
        return self.sharpness < given.blur_unreadable

    def _even(self, given: Limits) -> str:
        """What a picture without any structure shows."""
        if self.high < given.cover_high:
            return "covered"
        return "too_bright" if self.high > _CLIPPED else "blank"

    def _blurred(self, given: Limits) -> str:
        """Whether the camera moved, or was out of focus."""
        return "blurred:moved" if self.smear < given.moved else "blurred"

    def _pale(self, given: Limits) -> bool:
        """Whether even what is black is grey, and nothing is far lighter."""
        lifted = self.low > given.pale_low and self.spread < given.pale_spread
        return lifted and self.contrast < given.pale_contrast

    def _tilted(self, given: Limits) -> str | None:
        sure = self.lean_share > given.lean_share and self.lean_ratio > given.lean_ratio
        if abs(self.lean) < given.lean or not sure:
            return None
        return "tilted:clockwise" if self.lean > 0 else "tilted:counterclockwise"


_CLIPPED: Final = 0.97  # luma; no wall that is well exposed is so bright


@cache
def limits() -> Limits:
    """The packaged thresholds."""
    text = (resources.files("assistant.vision") / "data" / "quality.yaml").read_text("utf-8")
    return Limits(**yaml.safe_load(text))


def measure(picture: Picture) -> Quality:
    """Light, structure, sharpness, covered parts and tilt of a picture; about 20 ms."""
    small = _small(picture.pixels)
    luma = _luma(small)
    second, low, median, high = (float(v) for v in np.percentile(luma, [2, 5, 50, 98]))
    fine, coarse = Slopes.of(luma, FINE), Slopes.of(luma, COARSE)
    sharp, smear = sharpness(fine, coarse)
    hidden, hidden_edge = _hidden(small, luma, fine, coarse)
    lean, share, ratio = tilt.lean(luma)
    changes = _changes(luma)
    return Quality(
        median=median,
        low=low,
        high=high,
        contrast=high - second,
        spread=_spread(picture.pixels),
        structure=float(changes.max()),
        filled=float((changes > max(_CHANGE, _MUCH * float(changes.max()))).mean()),
        sharpness=sharp,
        smear=smear,
        hidden=hidden,
        hidden_edge=hidden_edge,
        lean=lean,
        lean_share=share,
        lean_ratio=ratio,
    )


def framing(box: Box, picture: Picture) -> str | None:
    """Whether a thing that somebody shows is cut off or too small, as a key of `SENTENCES`."""
    return frames.of_thing(box, picture.width, picture.height)


def _changes(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change of smoothed luma within each part; grain and noise are smoothed away, and shading
    across the whole picture hardly counts. A far sign on a bare wall does."""
    smooth = np.asarray(cv2.GaussianBlur(luma, (0, 0), COARSE), dtype=np.float32)
    most = greatest(smooth, _STRUCTURE_PARTS)
    return most + greatest(-smooth, _STRUCTURE_PARTS)


def _hidden(
    pixels: NDArray[np.uint8], luma: NDArray[np.float32], fine: Slopes, coarse: Slopes
) -> tuple[float, float]:
    """The share of the largest dark region without edges, and how sharp its outline is.

    A finger comes from a side: a region along all edges of the picture is the ground on which
    something lies. It lets no light through, or red light; a dim wall is grey.
    """
    steep = greatest(fine.length, _COVER_PARTS)
    smooth = greatest(coarse.length, _COVER_PARTS)
    size = (steep.shape[1], steep.shape[0])
    mean = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    other = colour[..., 1:].max(axis=2)
    finger = (colour.max(axis=2) < _COVER_DARK) | (colour[..., 0] > _COVER_RED * other)
    dark = (finger & (mean < _COVER_LUMA) & (steep < _COVER_SLOPE)).astype(np.uint8)
    count, labels, table, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    if count < 2:
        return 0.0, 0.0
    region = labels == 1 + int(np.argmax(table[1:, cv2.CC_STAT_AREA]))
    border = np.concatenate((region[0], region[-1], region[:, 0], region[:, -1]))
    if border.mean() > _COVER_BORDER:
        return 0.0, 0.0
    around = cv2.dilate(region.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~region
    edge = steep[around] / np.maximum(smooth[around], 1e-4)
    return float(region.mean()), float(np.median(edge)) if around.any() else 0.0


def _spread(pixels: NDArray[np.uint8]) -> float:
    """Luma between the `_FEW` darkest and lightest pixels: thin print is black at full size
    and grey on a smaller copy."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    count = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().astype(np.int64))
    few = min(_FEW, int(count[-1]) // 4)
    low, high = np.searchsorted(count, (few, int(count[-1]) - few), side="right")
    return float(max(high - low, 0)) / 255


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy made smaller by averaging."""
    height, width = pixels.shape[:2]
    scale = (_AREA / (height * width)) ** 0.5
    if scale >= 1:
        return pixels
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma (ITU-R BT.601) in [0, 1]."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, dtype=np.float32) / np.float32(255)
