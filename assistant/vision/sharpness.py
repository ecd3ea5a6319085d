"""How sharp the edges of a picture are, whatever their contrast, and along which direction.

The slope of an edge is compared with its slope after smoothing by 4 pixels. A step that the
lens has spread by s pixels keeps sqrt((s^2 + 16) / (s^2 + 1)) times its smoothed slope when it
is smoothed by 1 pixel: about 4 when it is sharp, hardly more than 1 when it is lost. A moving
camera smears along one direction only, so the least sharp direction counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [h, w]

FINE, COARSE = 1.0, 4.0  # pixels, standard deviations of the smoothing
_PARTS: Final = 8  # along each side; a sharp subject before a soft ground is sharp
_SHARPEST: Final = 75  # percentile over the parts
_FIXED: Final = (0.0, 45.0, 90.0, 135.0)  # degrees
_NOISE: Final = 0.003  # luma; what JPEG and sensors leave after the picture is made smaller
_NOISE_SLOPE: Final = 4 * _NOISE / (math.sqrt(8 * math.pi) * FINE**2)
"""Four standard deviations of the slope of smoothed white noise."""
_EDGE: Final = 0.004  # slope of the weakest edge that counts, luma per pixel


@dataclass(frozen=True, kw_only=True, eq=False)
class Slopes:
    """Horizontal and vertical slopes at one scale, luma per pixel."""

    across: Plane
    down: Plane

    @classmethod
    def of(cls, luma: Plane, scale: float) -> Slopes:
        """The slopes after smoothing by `scale` pixels."""
        smooth = cv2.GaussianBlur(luma, (0, 0), scale)
        return cls(
            across=np.asarray(cv2.Sobel(smooth, -1, 1, 0, ksize=1) / 2, dtype=np.float32),
            down=np.asarray(cv2.Sobel(smooth, -1, 0, 1, ksize=1) / 2, dtype=np.float32),
        )

    @property
    def length(self) -> Plane:
        """The slope along its own direction."""
        return np.asarray(cv2.magnitude(self.across, self.down), dtype=np.float32)

    def steepest(self, degrees: float, parts: int = _PARTS) -> Plane:
        """The steepest slope along a direction in each part of the picture."""
        angle = math.radians(degrees)
        along = self.across * np.float32(math.cos(angle)) + self.down * np.float32(math.sin(angle))
        return greatest(np.abs(along), parts)


def sharpness(fine: Slopes, coarse: Slopes) -> tuple[float, float]:
    """Slope against smoothed slope along the least sharp direction, and its share of that along
    the sharpest one: near 1 out of focus, less where the camera moved. 0 and 1 without edges.

    Args:
        fine, coarse: slopes at `FINE` and at `COARSE`.
    """
    ratios = []
    softest = _softest(fine, coarse)
    for degrees in (*_FIXED, softest, softest + 90):
        sharp, smooth = fine.steepest(degrees), coarse.steepest(degrees)
        edges = smooth > max(_EDGE, 0.1 * float(np.percentile(smooth, 98)))
        if edges.sum() >= 2:
            clean = np.sqrt(np.maximum(sharp[edges] ** 2 - np.float32(_NOISE_SLOPE**2), 0))
            ratios.append(float(np.percentile(clean / smooth[edges], _SHARPEST)))
    least, most = min(ratios, default=0.0), max(ratios, default=0.0)
    return least, least / most if most else 1.0


def _softest(fine: Slopes, coarse: Slopes) -> float:
    """Degrees of the direction along which edges lose most: the smear of a moving camera.

    The least generalised eigenvector of the structure tensors at the two scales; every part of
    the picture counts alike.
    """
    small, large = _tensors(fine), _tensors(coarse)
    weight = 1 / (large[0] + large[1] + _EDGE**2 / 10)
    a, c, b = (float((part * weight).sum()) for part in small)
    d, f, e = (float((part * weight).sum()) for part in large)
    floor = 0.02 * (d + f) + 1e-9
    values, vectors = np.linalg.eig(
        np.linalg.solve(np.array([[d + floor, e], [e, f + floor]]), np.array([[a, b], [b, c]]))
    )
    x, y = np.real(vectors[:, int(np.argmin(np.real(values)))])
    return math.degrees(math.atan2(y, x)) % 180


def _tensors(slopes: Slopes) -> tuple[Plane, Plane, Plane]:
    """Mean xx, yy and xy of the slopes in each part."""
    height, width = slopes.across.shape
    size = min(_PARTS, width), min(_PARTS, height)
    planes = (slopes.across**2, slopes.down**2, slopes.across * slopes.down)
    xx, yy, xy = (cv2.resize(v, size, interpolation=cv2.INTER_AREA) for v in planes)
    return np.asarray(xx), np.asarray(yy), np.asarray(xy)


def greatest(values: Plane, parts: int) -> Plane:
    """The greatest value in each of parts x parts tiles (fewer in a picture of fewer pixels)."""
    height, width = values.shape
    rows = np.linspace(0, height, min(parts, height), endpoint=False).astype(np.int64)
    columns = np.linspace(0, width, min(parts, width), endpoint=False).astype(np.int64)
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(values, rows, 0), columns, 1))
