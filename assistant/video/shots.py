"""Where one shot ends and the next begins.

PySceneDetect's AdaptiveDetector compares each frame with the one before it, against how much the
frames around them change, so that a moving camera is no cut. What it proposes is looked at once
more: where the picture is back within half a second, it was a flash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.errors import EngineMissing
from assistant.interfaces import Cancel
from assistant.types import Shot
from assistant.video.container import Frame, frames
from assistant.vision.motion import changed

LONGEST: Final = 256  # pixels of the frames that are compared, as PySceneDetect's own
SHORTEST_S: Final = 0.4  # of a shot
_CONTEXT_S: Final = 1.0  # watched before the stretch, so that its border does not matter
_FLASH_S: Final = 0.5  # the longest flash
_BEFORE_S: Final = 0.1  # before a cut, nothing of it is seen yet
_BACK: Final = 0.3  # of the picture's cells; if fewer differ, it is the same picture again
_TICKS: Final = 90_000  # a second, of the detector's time stamps

_Cells = NDArray[np.uint8]  # [24, 32] grey


def shots(
    path: Path | str,
    *,
    start: float = 0.0,
    end: float | None = None,
    cancel: Cancel | None = None,
    on_fault: Callable[[str], None] | None = None,
) -> Iterator[Shot]:
    """The shots of the stretch from `start` to `end` (s), in order, without gaps.

    The first begins at `start` and the last ends at `end`, or with the last frame. Nothing is
    yielded where the stretch has no frame.

    Raises:
        InputError: no video, or not one frame could be decoded.
        EngineMissing: PySceneDetect is not installed.
        Cancelled
    """
    begun, last = start, start
    found = _Cuts()
    watched = frames(
        path,
        start=max(0.0, start - _CONTEXT_S),
        end=end,
        longest=LONGEST,
        cancel=cancel,
        on_fault=on_fault,
    )
    for frame in watched:
        last, step = frame.time, frame.time - last
        for cut in found.watch(frame):
            if cut - begun >= SHORTEST_S:
                yield Shot(start=begun, end=cut)
                begun = cut
    for cut in found.finish():
        if cut - begun >= SHORTEST_S:
            yield Shot(start=begun, end=cut)
            begun = cut
    if last >= start and last + step > begun:
        yield Shot(start=begun, end=last + step if end is None else min(end, last + step))


class _Cuts:
    """Finds cuts in frames that are shown to it in order."""

    def __init__(self) -> None:
        try:
            from scenedetect.common import FrameTimecode, Timecode
            from scenedetect.detectors import AdaptiveDetector
        except ImportError as error:
            raise EngineMissing(
                "PySceneDetect is not installed", fix="pip install 'assistant[video]'"
            ) from error
        self._stamp: Callable[[float], Any] = lambda time: FrameTimecode(
            Timecode(pts=round(time * _TICKS), time_base=Fraction(1, _TICKS)), fps=25.0
        )
        self._detector = AdaptiveDetector(min_scene_len=SHORTEST_S)
        self._seen: deque[tuple[float, _Cells]] = deque()
        self._proposed: deque[float] = deque()
        self._size: tuple[int, int] | None = None

    def watch(self, frame: Frame) -> Iterator[float]:
        """The cuts (s) that are certain now; they lag behind the frame by about half a second."""
        pixels = frame.pixels
        if self._size is None:
            self._size = (pixels.shape[1], pixels.shape[0])
        if self._size != (pixels.shape[1], pixels.shape[0]):  # it may change within a video
            pixels = np.asarray(cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA))
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        self._proposed += [
            float(cut.seconds) for cut in self._detector.process_frame(self._stamp(frame.time), bgr)
        ]
        grey = cv2.resize(
            cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (32, 24), interpolation=cv2.INTER_AREA
        )
        self._seen.append((frame.time, np.asarray(grey, np.uint8)))
        while self._proposed and frame.time >= self._proposed[0] + _FLASH_S:
            yield from self._checked(self._proposed.popleft())
        oldest = (self._proposed[0] if self._proposed else frame.time) - _CONTEXT_S
        while self._seen[0][0] < oldest:
            self._seen.popleft()

    def finish(self) -> Iterator[float]:
        """The cuts that were still uncertain when the frames ended."""
        while self._proposed:
            yield from self._checked(self._proposed.popleft())

    def _checked(self, cut: float) -> Iterator[float]:
        """The cut, unless the picture before it is back soon after it."""
        near = 0.5 / _TICKS
        earlier = [cells for time, cells in self._seen if time < cut - near]
        calm = [cells for time, cells in self._seen if time < cut - _BEFORE_S]
        before = (calm or earlier)[-1] if earlier else None
        after = [cells for time, cells in self._seen if cut - near <= time <= cut + _FLASH_S]
        if before is None or min(changed(before, cells) for cells in after) >= _BACK:
            yield cut
