"""The frames that stand for a video: of each shot the sharpest, of a long one several.

A shot is parted into stretches of at most half a minute. Of each, some frames spread over it are
looked at and the sharpest is kept; where it has frames that are stored whole, these, since each
of them costs one decoded frame. A frame that shows what the one before it shows is left out, and
that one stands for both stretches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Cancel
from assistant.types import Keyframe, Picture, Shot
from assistant.video.container import as_picture, needed_picture
from assistant.video.decoding import Decoder
from assistant.video.opening import opened
from assistant.vision.motion import Fingerprint, difference, fingerprint
from assistant.vision.sharpness import COARSE, FINE, Slopes, sharpness

LEAST_EVERY_S: Final = 30.0
_EDGE_S: Final = 0.2  # at either end of a shot, where a fade or the camera's jerk may still show
_LOOKED_AT: Final = 6  # frames of a stretch
_ENOUGH: Final = 2  # frames stored whole among which one may choose
_DECODED: Final = 0.7  # of a stretch with fewer: from its beginning on, every frame is decoded
_DECODED_S: Final = 8.0  # ... at most
_SIDE: Final = 480  # pixels of the copy whose sharpness is measured
_LATER: Final = 0.1  # by how much less sharp the last frame may be: a slide fills as one talks


def keyframes(
    path: Path | str,
    shots: Iterable[Shot],
    *,
    most_per_minute: float,
    least_every_s: float = LEAST_EVERY_S,
    cancel: Cancel | None = None,
) -> Iterator[tuple[Keyframe, Picture]]:
    """The keyframes of shots, in order of time, each with its picture at full size.

    Where a minute has more stretches than `most_per_minute`, its longest are kept. Shots and
    pictures are taken one after the other: memory holds a minute of shots and two pictures.

    Raises:
        InputError: no video, or no frame of it can be decoded.
        Cancelled
    """
    kept: tuple[Keyframe, Picture, Fingerprint] | None = None
    with opened(path) as keys, opened(path) as whole:
        looker = _Looker(
            keys=_decoder(keys, Path(path), cancel, keys_only=True),
            whole=_decoder(whole, Path(path), cancel, keys_only=False),
        )
        for stretch in _fewest(_parted(shots, least_every_s), most_per_minute):
            found = looker.sharpest(stretch)
            if found is None:
                continue
            picture = as_picture(path, *found)
            print = fingerprint(picture)
            if kept is not None and difference(kept[2], print).same:
                kept = (replace(kept[0], end=stretch.end), *kept[1:])
                continue
            if kept is not None:
                yield kept[:2]
            keyframe = Keyframe(time=found[0], start=stretch.start, end=stretch.end)
            kept = (keyframe, picture, print)
    if kept is not None:
        yield kept[:2]


def _decoder(container: Any, path: Path, cancel: Cancel | None, *, keys_only: bool) -> Decoder:
    return Decoder(
        container=container,
        stream=needed_picture(container, path),
        path=path,
        skip="changes" if keys_only else "leaves",
        cancel=cancel,
    )


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
class _Looker:
    """Looks for the sharpest frame of a stretch."""

    keys: Decoder  # of the frames that are stored whole
    whole: Decoder  # of all that others are built on

    def sharpest(self, stretch: Shot) -> tuple[float, NDArray[np.uint8]] | None:
        """Its time (s) and its pixels at full size; None where there is no frame."""
        edge = min(_EDGE_S, (stretch.end - stretch.start) / 4)
        inner = Shot(start=stretch.start + edge, end=stretch.end - edge)
        found = list(_judged(self.keys, inner))
        if len(found) < _ENOUGH:
            length = min(_DECODED * (inner.end - inner.start), _DECODED_S)
            found += _judged(self.whole, Shot(start=inner.start, end=inner.start + length))
        if not found:
            found = self._held(stretch)
        if not found:
            return None
        length = max(stretch.end - stretch.start, 1e-6)
        best = max(found, key=lambda seen: seen.sharp + _LATER * (seen.time - inner.start) / length)
        return best.time, self.whole.upright(best.frame)

    def _held(self, stretch: Shot) -> list[_Judged]:
        """The frame that is shown in the middle of a stretch that has few or one."""
        context = self.whole.stream.codec_context
        skipped, context.skip_frame = context.skip_frame, "DEFAULT"
        shown = list(itertools.islice(self.whole.since(_middle(stretch), shown=True), 2))
        context.skip_frame = skipped
        if not shown or (len(shown) == 1 and shown[0][0] < stretch.start - _EDGE_S):
            return []  # the video is over before
        time, frame = shown[0]
        if time >= stretch.end:
            return []
        return [_Judged(time=max(time, stretch.start), frame=frame, sharp=0.0)]


def _middle(stretch: Shot) -> float:
    return (stretch.start + stretch.end) / 2


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    time: float  # s
    frame: Any  # FFmpeg's
    sharp: float  # logarithm of its sharpness


def _judged(decoder: Decoder, stretch: Shot) -> Iterator[_Judged]:
    """Some frames of a stretch, spread over it."""
    spacing = (stretch.end - stretch.start) / _LOOKED_AT
    wanted = stretch.start
    for time, frame in decoder.since(stretch.start):
        if time >= stretch.end:
            return
        if time < wanted:
            continue
        wanted = time + spacing
        decoder.not_before = wanted
        sharp = math.log(max(_sharpness(decoder.upright(frame, _SIDE)), 1e-3))
        yield _Judged(time=time, frame=frame, sharp=sharp)


def _sharpness(pixels: NDArray[np.uint8]) -> float:
    """How sharp a frame is, along its least sharp direction; 0 of an even one."""
    if min(pixels.shape[:2]) < 8:
        return 0.0
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    luma = np.asarray(grey, np.float32) / np.float32(255)
    return sharpness(Slopes.of(luma, FINE), Slopes.of(luma, COARSE))[0]
