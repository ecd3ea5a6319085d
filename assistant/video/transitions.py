"""How one picture of a video turns into another: by a cut, by a flash, by degrees, through black.

Pictures are compared as 32 x 24 grey cells, once brightness and contrast are made equal: a lamp
that goes on changes every pixel and is no new shot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 256  # pixels of the frames that are compared, as PySceneDetect's own

_COLUMNS: Final = 32
_ROWS: Final = 24
_CONTRAST: Final = 40.0  # grey levels, the standard deviation that every picture is given
_FAINTEST: Final = 8.0  # grey levels; a fainter picture is not strengthened further
_DIFFERS: Final = 10.0  # grey levels between two cells
_EVEN: Final = 6.0  # grey levels; a picture that varies less shows nothing
_AROUND: Final = 15  # pixels, of a frame of 256
_STANDS_OUT: Final = 24  # grey levels
_LOST: Final = 40  # grey levels
_LEAST_INK: Final = 0.004  # of the pixels: two short words
_UNMIXED: Final = 0.13  # of the distance of two pictures: what a mixture of them leaves over
_QUARTERS: Final = ((0.1, 0.4), (0.35, 0.65), (0.6, 0.9))  # shares of the second picture


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """A frame made small."""

    time: float  # s
    cells: NDArray[np.float32]  # [24, 32] grey, 0 to 255
    even: bool  # black, white or one grey: it shows nothing
    grey: NDArray[np.uint8]  # [h, w]

    @classmethod
    def at(cls, time: float, pixels: NDArray[np.uint8]) -> Look:
        """A frame, [h, w, 3] RGB."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA)
        cells = np.asarray(small, np.float32)
        even = float(cells.std()) < _EVEN
        return cls(time=time, cells=cells, even=even, grey=np.asarray(grey, np.uint8))

    def levelled(self) -> NDArray[np.float32]:
        """The cells with a fixed mean and contrast."""
        strength = _CONTRAST / max(float(self.cells.std()), _FAINTEST)
        return np.asarray((self.cells - self.cells.mean()) * strength, np.float32)


def apart(first: Look, second: Look) -> float:
    """The part of the cells that differ, 0 to 1, whatever the light."""
    return float((np.abs(first.levelled() - second.levelled()) > _DIFFERS).mean())


def gone(before: Look, after: Look) -> float:
    """The part of what stood out before, 0 to 1, that does so no more; for still pictures.

    Another slide takes the words of the one before away; where a line is added, all stay.
    """
    around = cv2.blur(before.grey, (_AROUND, _AROUND))
    ink = cv2.absdiff(before.grey, around) > _STANDS_OUT
    light = float(before.grey.mean()) / max(float(after.grey.mean()), 1.0)
    lost = cv2.absdiff(before.grey, cv2.convertScaleAbs(after.grey, alpha=light)) > _LOST
    return int((ink & lost).sum()) / max(int(ink.sum()), _LEAST_INK * ink.size)


def dissolves(looks: Sequence[Look]) -> bool:
    """Whether the last of five pictures, evenly spread, grows out of the first as a mixture.

    A mixture lies on the straight line between two pictures; what a moving camera or a moving
    thing shows in between lies off it.
    """
    first, *between, last = (look.cells for look in looks)
    way = last - first
    length = float((way * way).sum())
    if length == 0:
        return False
    for cells, (least, most) in zip(between, _QUARTERS, strict=True):
        part = cells - first
        share = float((part * way).sum()) / length
        rest = part - np.float32(share) * way
        if not least < share < most or float((rest * rest).sum()) > _UNMIXED**2 * length:
            return False
    return True
