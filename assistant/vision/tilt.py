"""How far a camera was turned about its axis, from the directions of edges.

Buildings, furniture, horizons and lines of print are level or upright, so their edges lie in
two directions at a right angle. Every part of the picture has one vote, however strong its
edges are: a single fork that lies aslant on a table tilts nothing.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]  # [h, w] in [0, 1]

_PARTS: Final = 6  # along each side
_STEP: Final = 2  # degrees
_BINS: Final = 180 // _STEP
_COHERENT: Final = 0.7  # of the structure tensor, from which a pixel's edge has a direction
_FULL_VOTE: Final = 0.3  # of the edges in the busiest parts, from which a part's vote is whole
_WIDTH: Final = 2.5  # degrees, standard deviation within which edges agree
_LEVEL: Final = 6.0  # degrees either way that count as level
_WEAKEST: Final = 1e-4  # mean gradient of a part; below, there is nothing but noise


def lean(luma: Luma) -> tuple[float, float, float]:
    """How far the content leans clockwise, and how surely.

    Returns:
        degrees in [-45, 45), the share of votes for it in [0, 1], and the ratio of that share
        to the greatest share for any direction that is level.
    """
    shares = _shares(luma)
    angles = (np.arange(len(shares)) - len(shares) // 2) * _STEP + _STEP / 2
    best = int(shares.argmax())
    level = float(shares[np.abs(angles) <= _LEVEL].max())
    return float(angles[best]), float(shares[best]), float(shares[best]) / max(level, 1e-9)


def _shares(luma: Luma) -> NDArray[np.float64]:
    """Votes for each lean, [45]; level and upright edges of one lean count together."""
    parts = _histograms(luma)
    total = parts.sum(axis=1)
    full = max(_FULL_VOTE * float(np.quantile(total, 0.9)), _WEAKEST)
    weight = np.minimum(total / full, 1) / np.maximum(total, 1e-12)
    votes = (parts * weight[:, None]).sum(axis=0) / len(parts)
    folded = np.roll(votes[: _BINS // 2] + votes[_BINS // 2 :], _BINS // 4)
    reach = np.arange(-6, 7)
    kernel = np.exp(-0.5 * (reach * _STEP / _WIDTH) ** 2)
    return np.convolve(np.concatenate((folded[-6:], folded, folded[:6])), kernel, "valid")


def _histograms(luma: Luma) -> NDArray[np.float64]:
    """Edge strength by the direction of the edge, [parts, bins], from the structure tensor."""
    half = (
        cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        if min(luma.shape) >= 60
        else luma
    )
    smooth = cv2.GaussianBlur(half, (0, 0), 1.0)
    across, down = cv2.Sobel(smooth, -1, 1, 0), cv2.Sobel(smooth, -1, 0, 1)
    xx, yy, xy = (cv2.boxFilter(v, -1, (5, 5)) for v in (across**2, down**2, across * down))
    strength = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / np.maximum(strength, 1e-9)
    weights = np.where(coherence > _COHERENT, np.sqrt(np.maximum(strength, 0)), 0)
    edge = (np.degrees(0.5 * np.arctan2(2 * xy, xx - yy)) + 90) % 180
    height, width = half.shape
    rows, columns = np.arange(height) * _PARTS // height, np.arange(width) * _PARTS // width
    part = rows[:, None] * _PARTS + columns[None]
    place = part * _BINS + (edge / _STEP).astype(np.int64) % _BINS
    counts = np.bincount(place.ravel(), weights.ravel(), minlength=_PARTS**2 * _BINS)
    return np.asarray(counts.reshape(_PARTS**2, _BINS) / half.size)
