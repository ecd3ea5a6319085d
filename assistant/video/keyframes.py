"""The frames that stand for a video: of each shot the sharpest, of a long one several.

A shot is parted into stretches of at most half a minute. In each, some frames are looked at, most
of them such that are stored whole (a jump there costs one decoded frame), and the sharpest is
kept. A frame that shows what the one before it shows is left out, and that one stands for both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from assistant.interfaces import Cancel
from assistant.types import Keyframe, Picture, Shot
from assistant.video.container import Frame, as_picture, frames
from assistant.vision.motion import Fingerprint, difference, fingerprint
from assistant.vision.sharpness import COARSE, FINE, Slopes, sharpness

LEAST_EVERY_S: Final = 30.0
_EDGE_S: Final = 0.2  # at either end of a shot, where a fade or the camera's jerk may still show
_LOOKED_AT: Final = 6  # frames of a stretch among which the sharpest is chosen
_SIDE: Final = 480  # pixels of the copy whose sharpness is measured


def keyframes(
    path: Path | str,
    shots: Iterable[Shot],
    *,
    most_per_minute: float,
    least_every_s: float = LEAST_EVERY_S,
    cancel: Cancel | None = None,
) -> Iterator[tuple[Keyframe, Picture]]:
    """The keyframes of shots, in order of time, each with its picture at full size.

    Raises:
        InputError: no video, or not one frame could be decoded.
        Cancelled
    """
    kept: tuple[Keyframe, Picture, Fingerprint] | None = None
    for stretch in _fewest(_parted(shots, least_every_s), most_per_minute):
        frame = _sharpest(path, stretch, cancel)
        if frame is None:
            continue
        picture = as_picture(path, frame.time, frame.pixels)
        print = fingerprint(picture)
        if kept is not None and difference(kept[2], print).same:
            kept = (replace(kept[0], end=stretch.end), *kept[1:])
            continue
        if kept is not None:
            yield kept[:2]
        keyframe = Keyframe(time=frame.time, start=stretch.start, end=stretch.end)
        kept = (keyframe, picture, print)
    if kept is not None:
        yield kept[:2]


def _parted(shots: Iterable[Shot], longest_s: float) -> Iterator[Shot]:
    """Stretches of shots, none longer than allowed."""
    for shot in shots:
        parts = max(1, math.ceil((shot.end - shot.start) / longest_s - 1e-6))
        borders = np.linspace(shot.start, shot.end, parts + 1)
        for start, end in itertools.pairwise(borders):
            yield Shot(start=float(start), end=float(end))


def _fewest(stretches: Iterable[Shot], most_per_minute: float) -> Iterator[Shot]:
    """Without the shortest of each minute that has too many."""
    minute: list[Shot] = []
    for stretch in stretches:
        if minute and stretch.start >= minute[0].start + 60:
            yield from _longest(minute, most_per_minute)
            minute = []
        minute.append(stretch)
    yield from _longest(minute, most_per_minute)


def _longest(minute: list[Shot], most: float) -> list[Shot]:
    kept = sorted(minute, key=lambda shot: shot.start - shot.end)[: max(1, int(most))]
    return sorted(kept, key=lambda shot: shot.start)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    frame: Frame
    sharpness: float


def _sharpest(path: Path | str, stretch: Shot, cancel: Cancel | None) -> Frame | None:
    """The sharpest of the frames of a stretch that are cheap to have, else its middle one."""
    edge = min(_EDGE_S, (stretch.end - stretch.start) / 4)
    start, end = stretch.start + edge, stretch.end - edge
    best: _Judged | None = None
    for frame in frames(path, start=start, end=end, key_only=True, cancel=cancel):
        judged = _Judged(frame=frame, sharpness=_sharpness(frame))
        if best is None or judged.sharpness > best.sharpness:
            best = judged
    if best is not None:
        return best.frame
    middle = (start + end) / 2
    for frame in frames(path, start=middle, end=stretch.end, cancel=cancel):
        return frame
    for frame in frames(path, start=stretch.start, end=stretch.end, cancel=cancel):
        return frame
    return None


def _sharpness(frame: Frame) -> float:
    """How sharp a frame is, along its least sharp direction."""
    height, width = frame.pixels.shape[:2]
    scale = min(1.0, _SIDE / max(width, height))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    return sharpness(Slopes.of(luma, FINE), Slopes.of(luma, COARSE))[0]
