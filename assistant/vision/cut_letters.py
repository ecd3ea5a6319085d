"""Whether the edge of a picture cuts through the letters of a line, from its pixels.

A page that fills its picture has hardly any margin, and is whole nevertheless; a box tells
nothing, since detectors of text widen what they find. Ink that lies on the picture's outermost
pixels tells it: of several lines cut at once nearly always one is cut through a letter.
"""

from __future__ import annotations

from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.types import Box, Picture

Side = Literal["left", "right", "top", "bottom"]

_NEAR: Final = 0.25  # of a line's thickness: how near the edge the box of a cut line ends
_AROUND: Final = 3  # thicknesses of the line, in from the edge, that are looked at
_LEAST: Final = 4  # pixels of thickness
_STROKE: Final = 0.03  # of the thickness: the thinnest stroke, of a pen on a white board
_THINNEST: Final = 2  # pixels of it; one is noise
_FRAME: Final = 0.9  # of the edge: more is no letter but a frame, or a picture's ground
_INK: Final = 0.35  # of the area; letters cover less, drawings and photos more
_CONTRAST: Final = 0.15  # luma between ink and paper
_TURNS: Final = {"left": 0, "top": 1, "right": 2, "bottom": 3}
"""Quarter turns counterclockwise that bring a side to the left."""


def cut(picture: Picture, box: Box, side: Side) -> bool:
    """Whether the line in a box goes on beyond that edge of the picture."""
    x1, y1, x2, y2 = box
    thickness = min(x2 - x1, y2 - y1)
    gaps = {"left": x1, "right": picture.width - x2, "top": y1, "bottom": picture.height - y2}
    if thickness < _LEAST or gaps[side] >= _NEAR * thickness:
        return False
    part = _at_edge(picture, box, side, _AROUND * thickness)
    if min(part.shape) < _LEAST:
        return False
    # Ink and paper are parted by Otsu's threshold (IEEE Trans. SMC 9, 1979).
    level, _ = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = part > level
    if light.all() or not light.any():
        return False
    ink = light if light.mean() < 0.5 else ~light
    contrast = abs(float(part[light].mean()) - float(part[~light].mean())) / 255
    edge = ink[:, 0]
    stroke = max(_THINNEST, _STROKE * thickness)
    return bool(
        ink.mean() < _INK
        and contrast > _CONTRAST
        and edge.mean() < _FRAME
        and _longest(edge) >= stroke
    )


def _at_edge(picture: Picture, box: Box, side: Side, depth: int) -> NDArray[np.uint8]:
    """Luma of the line's last part before the edge, turned so that the edge is on the left."""
    x1, y1 = max(box[0], 0), max(box[1], 0)
    x2, y2 = min(box[2], picture.width), min(box[3], picture.height)
    if side == "left":
        x1, x2 = 0, min(x2, depth)
    elif side == "right":
        x1, x2 = max(x1, picture.width - depth), picture.width
    elif side == "top":
        y1, y2 = 0, min(y2, depth)
    else:
        y1, y2 = max(y1, picture.height - depth), picture.height
    part = np.rot90(picture.pixels[y1:y2, x1:x2], _TURNS[side])
    if min(part.shape[:2]) < 1:
        return np.zeros((0, 0), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY), np.uint8)


def _longest(marks: NDArray[np.bool_]) -> int:
    """The longest unbroken run."""
    steps = np.nonzero(np.diff(np.concatenate(([0], marks.astype(np.int8), [0]))))[0]
    return int((steps[1::2] - steps[::2]).max(initial=0))
