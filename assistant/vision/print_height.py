"""How high the letters of a text are in a picture, in pixels, whatever reader found its lines.

A reader's boxes do not tell: around letters of 4 pixels they are as high as around letters of
12, since detectors of text widen what they find. The height is that of the band in which the
lines change along their length, which is about the height of a small letter without ascenders.
"""

from __future__ import annotations

from statistics import median
from typing import Final

import cv2
import numpy as np

from assistant.interfaces import Cancel, TextReader
from assistant.types import Box, Picture, Reading

_BAND: Final = 0.35  # of a line's strongest change: rows above it are letters
_LEAST: Final = 0.01  # luma; weaker changes are grain
_GROUND: Final = 0.5  # of the strongest change: above and below letters there is less
_LOWEST: Final = 3.0  # pixels; no letters are told apart in a lower band
_MIDDLE: Final = 0.25  # of each side: the middle half of the picture is looked at again


def boxes(reading: Reading) -> list[Box]:
    """Where writing was found, read or not."""
    return [line.box for line in reading.lines] + list(reading.unread)


def height(reading: Reading, picture: Picture) -> float | None:
    """Pixels of the picture's small letters, the median over its lines; None without any."""
    found = [h for box in boxes(reading) if (h := _band(picture, box)) is not None]
    return median(found) if found else None


def overlooked(picture: Picture, reader: TextReader, cancel: Cancel | None = None) -> float | None:
    """Pixels of the letters in the middle of a picture in which a reader found no text.

    Readers look at large pictures made smaller; of its middle they see more. None where there
    is no text either.

    Raises:
        Cancelled
    """
    left, top = round(_MIDDLE * picture.width), round(_MIDDLE * picture.height)
    pixels = picture.pixels[top : picture.height - top, left : picture.width - left]
    if min(pixels.shape[:2]) < 1:
        return None
    middle = Picture(pixels=np.ascontiguousarray(pixels))
    return height(reader.read(middle, cancel), middle)


def _band(picture: Picture, box: Box) -> float | None:
    """The rows of a line between which letters change most, or columns of an upright one."""
    x1, y1, x2, y2 = (max(v, 0) for v in box)
    pixels = picture.pixels[y1:y2, x1:x2]
    if min(pixels.shape[:2]) < 2:
        return None
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    luma = grey.astype(np.float32) / 255
    if luma.shape[0] > luma.shape[1]:
        luma = luma.T
    change = np.abs(np.diff(luma, axis=1)).mean(axis=1)
    low, high = float(change.min()), float(change.max())
    if high - low < _LEAST or low > _GROUND * high:
        return None
    # A box may hold two lines: the longest unbroken run of rows is one of them.
    inside = np.concatenate(([0], (change - low > _BAND * (high - low)).astype(np.int8), [0]))
    steps = np.nonzero(np.diff(inside))[0]
    band = float((steps[1::2] - steps[::2]).max())
    return band if band >= _LOWEST else None
