"""Looks at what moves within the shots of a video: two frames a second.

A frame that shows what the last one showed is not looked at again, and while all that could move
stays where it is the frames are a second apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Cancel, ObjectDetector
from assistant.types import Picture, Shot
from assistant.video.container import as_picture
from assistant.video.movements import Movement, movements
from assistant.video.skimming import sparse
from assistant.video.tracks import Look, Spotted, spotted
from assistant.vision.motion import CELLS, Fingerprint, difference, differing, fingerprint
from assistant.vision.tiles import overlap

_OFTEN_S: Final = 0.5  # between two looks
_SELDOM_S: Final = 1.0  # ... while all that could move stays where it is
_SIDE: Final = 640  # px; a detector's network takes 300
_STILL: Final = 0.8  # intersection over union of a box with itself a look later
_SHIFT: Final = 0.02  # of a side: a camera that is held moves less from look to look
_AROUND: Final = 0.25  # of the cells, by which a camera can be judged alone
_SAME: Final = 0.02  # of the cells around what moves
_BLUR: Final = 0.35  # of the cells: of more that changed no shift can be told
_SHORTEST_S: Final = 2.0  # of a shot in which anything can come or go
_EDGE_S: Final = 0.1  # at either end of a shot, which a dissolve may reach into


def observed(
    path: Path,
    detector: ObjectDetector,
    shots: Sequence[Shot],
    *,
    start: float,
    until: float,
    cancel: Cancel,
) -> Iterator[float | list[Movement]]:
    """Yield the s of the video up to which it is done; of each shot what happened in it.

    A shot that reaches over `start` or `until` is looked at between them.

    Raises:
        InputError: not one frame could be decoded.
        Cancelled
    """
    for shot in shots:
        begin = max(shot.start + _EDGE_S, start)
        end = min(shot.end - _EDGE_S, until)
        if end - begin < _SHORTEST_S:
            continue
        watch = _Watch(detector, cancel)
        frames = sparse(path, start=begin, wait=watch.wait, longest=_SIDE, cancel=cancel)
        for frame in frames:
            if frame.time >= end:
                break
            watch.look(frame.time, as_picture(path, frame.time, frame.pixels))
            yield frame.time
        yield movements(watch.looks)


class _Watch:
    """The looks at one shot."""

    def __init__(self, detector: ObjectDetector, cancel: Cancel) -> None:
        self.looks: list[Look] = []
        self._wait = _OFTEN_S
        self._detector = detector
        self._cancel = cancel
        self._print: Fingerprint | None = None  # of the last frame that was looked at
        self._before: Fingerprint | None = None  # of the last frame

    def wait(self) -> float:
        """How long it takes to the next look, s."""
        return self._wait

    def look(self, time: float, picture: Picture) -> None:
        """Take a frame."""
        print = fingerprint(picture)
        known = self.looks[-1].things if self.looks else ()
        if self._print is not None and _shows_the_same(self._print, print, known, picture):
            things = known
        else:
            found = self._detector.detect(picture, self._cancel)
            things, self._print = spotted(found, picture.width), print
        steady = self._before is None or _steady(self._before, print, (*known, *things), picture)
        self.looks.append(Look(time=time, things=things, steady=steady))
        self._wait = _SELDOM_S if things and steady and _still(known, things) else _OFTEN_S
        self._before = print


def _shows_the_same(
    before: Fingerprint, now: Fingerprint, things: Sequence[Spotted], picture: Picture
) -> bool:
    """Whether a frame is like the one before, and each thing is still where it was in that."""
    things_changed = differing(before, now)[~_around(things, picture)]
    return not things_changed.any() and difference(before, now).same


def _steady(
    before: Fingerprint, now: Fingerprint, things: Sequence[Spotted], picture: Picture
) -> bool:
    """Whether the camera stands still: what is around the things stays where it is."""
    around = _around(things, picture)
    if around.mean() >= _AROUND and float(differing(before, now)[around].mean()) <= _SAME:
        return True
    found = difference(before, now)
    return max(map(abs, found.shift)) <= _SHIFT and found.changed <= _BLUR


def _around(things: Sequence[Spotted], picture: Picture) -> NDArray[np.bool_]:
    """Which cells of a picture's fingerprint lie around the things."""
    around = np.ones(CELLS, bool)
    rows, columns = CELLS
    tall = picture.height / picture.width
    for thing in things:
        left, top, right, bottom = thing.spot
        across = slice(int(left * columns), math.ceil(right * columns))
        around[int(top / tall * rows) : math.ceil(bottom / tall * rows), across] = False
    return around


def _still(before: Sequence[Spotted], now: Sequence[Spotted]) -> bool:
    """Whether everything that could move by itself stays where it was."""
    return len(before) == len(now) and all(
        any(overlap(one.spot, other.spot)[0] >= _STILL for other in before) for one in now
    )
