"""Finds where a new shot begins, in frames that are shown to it in order.

PySceneDetect's AdaptiveDetector proposes a cut where a frame differs from the one before it much
more than its neighbours do from theirs, so that a moving camera is none. What it proposes is then
looked at: where the picture is back within half a second, it was a flash; where only the light
changed, it is the same shot. Three things it does not see are found beside it: that of a still
picture words go away (another slide), dissolves, and fades through black or white.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.errors import EngineMissing
from assistant.video.container import Frame
from assistant.video.transitions import Look, apart, dissolves, gone

# Chosen on the films of tests/scripted_films.py.
_PROPOSED: Final = 3.0  # PySceneDetect's content value; 15 is usual, and misses dark scenes
_OTHER: Final = 0.3  # of the cells: another picture; a true cut changes 0.66 and more
_GONE: Final = 0.12  # of what stood out: another slide, of which the least loses 0.14
_STAYS: Final = 0.05  # ... and no more from frame to frame: the picture is still
_STILL_S: Final = 0.5  # before and after
_STILL_LOOKS: Final = 4  # before, at least: there may be few frames a second
_BEFORE_S: Final = 0.1  # before a cut, nothing of it is seen yet
_HELD_S: Final = 1.5  # a picture that was shown for so long may be a shot
_FLASH_S: Final = 0.5  # the longest flash
_DISSOLVES_S: Final = (0.5, 0.8, 1.3, 2.0)  # what is looked at; part of a longer one is enough
_DISSOLVED: Final = 0.35  # of the cells
_DISSOLVE_EVERY_S: Final = 0.12  # between two looks for one
_APART_S: Final = 1.0  # a dissolve is no part of the change before it
_VOID_S: Final = 2.0  # black for longer is a shot of its own
_KEPT_S: Final = 3.5  # of what was seen
_TICKS: Final = 90_000  # a second, of the detector's time stamps
_INSTANT: Final = 0.5 / _TICKS  # s


class Cuts:
    """The beginnings of shots in a row of frames. It lags behind them by up to two seconds."""

    def __init__(self) -> None:
        """Raises EngineMissing where PySceneDetect is not installed."""
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
        self._detector = AdaptiveDetector(min_scene_len=0, min_content_val=_PROPOSED)
        self._size: tuple[int, int] | None = None
        self._seen: deque[Look] = deque()
        self._losses: deque[tuple[float, float]] = deque()  # s; what is gone since the look before
        self._proposed: deque[float] = deque()
        self._slides: deque[float] = deque()  # s; where words went away
        self._ignored = 0.0  # s; until then a flash lasts
        self._changed = 0.0  # s; when the last shot began
        self._looked = 0.0  # s; when a dissolve was last looked for
        self._before_void: Look | None = None  # the last picture before black or white
        self._void: float | None = None  # s; when it became so

    def watch(self, frame: Frame) -> Iterator[float]:
        """The cuts (s) that are certain now."""
        pixels = self._sized(frame.pixels)
        found = self._detector.process_frame(
            self._stamp(frame.time), np.ascontiguousarray(pixels[:, :, ::-1])
        )
        self._proposed += [float(cut.seconds) for cut in found]
        look = Look.at(frame.time, pixels)
        self._compare(look)
        self._seen.append(look)
        while self._seen[0].time < frame.time - _KEPT_S and len(self._seen) > _STILL_LOOKS:
            self._seen.popleft()
            self._losses.popleft()
        while self._proposed and frame.time >= self._proposed[0] + _FLASH_S:
            yield from self._checked(self._proposed.popleft())
        while self._slides and frame.time >= self._slides[0] + _FLASH_S:
            yield from self._another_slide(self._slides.popleft())
        yield from self._through_void(look)
        if frame.time >= self._looked + _DISSOLVE_EVERY_S:
            self._looked = frame.time
            yield from self._dissolved(look)

    def finish(self) -> Iterator[float]:
        """The cuts that were still uncertain when the frames ended."""
        while self._proposed:
            yield from self._checked(self._proposed.popleft())
        while self._slides:
            yield from self._another_slide(self._slides.popleft())

    def _compare(self, look: Look) -> None:
        """Note how much is gone since the look before; propose a slide where it was still."""
        if not self._seen:
            self._losses.append((look.time, 0.0))
            return
        lost = gone(self._seen[-1], look)
        held = look.time > self._seen[-1].time + _HELD_S  # a slide show stores each picture once
        if lost >= _GONE and (held or self._still_before(look.time)):
            self._slides.append(look.time)
        self._losses.append((look.time, lost))

    def _still_before(self, time: float) -> bool:
        """Whether the picture was still for half a second, or four frames where they are few."""
        earlier = [lost for at, lost in self._losses if at < time - _INSTANT]
        recent = sum(time - _STILL_S <= at < time - _INSTANT for at, _ in self._losses)
        return max(earlier[-max(recent, _STILL_LOOKS) :], default=0.0) < _STAYS

    def _sized(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Frames of one size; it may change within a video."""
        size = (pixels.shape[1], pixels.shape[0])
        if self._size is None:
            self._size = size
        if size != self._size:
            pixels = np.asarray(cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA))
        return pixels

    def _between(self, start: float, end: float) -> list[Look]:
        """What was seen from `start` on and before `end`."""
        return [look for look in self._seen if start <= look.time < end]

    def _checked(self, cut: float) -> Iterator[float]:
        """A proposed cut, if it is one."""
        if cut <= self._ignored:
            return
        earlier = self._between(0.0, cut - _INSTANT)
        later = self._between(cut - _INSTANT, cut + _FLASH_S + _INSTANT)
        if not earlier or not later:
            return
        calm = [look for look in earlier if look.time < cut - _BEFORE_S]
        before = (calm or earlier)[-1]
        shown = [look for look in later if not look.even]
        if before.even or not shown or later[0].even:
            return  # see `_through_void`
        differing = [apart(before, look) for look in shown]
        least = min(differing)
        if least >= _OTHER:
            self._changed = cut
            yield cut
        elif differing[0] >= _OTHER:
            self._ignored = shown[differing.index(least)].time

    def _another_slide(self, cut: float) -> Iterator[float]:
        """A time at which words went away, if they stay away and it is still again."""
        earlier = self._between(0.0, cut - _INSTANT)
        later = self._between(cut - _INSTANT, cut + _FLASH_S + _INSTANT)
        known = cut <= max(self._ignored, self._changed + _INSTANT)
        if known or not earlier or not later or earlier[-1].even or later[0].even:
            return
        after = [lost for at, lost in self._losses if cut + _INSTANT < at <= cut + _FLASH_S]
        stays = max(after, default=0.0) < _STAYS
        if stays and min(gone(earlier[-1], look) for look in later) >= _GONE:
            self._changed = cut
            yield cut

    def _through_void(self, look: Look) -> Iterator[float]:
        """The middle of a black or white moment between two shots, or both ends of a long one."""
        if look.even:
            if self._void is None:
                self._void = look.time
            elif self._before_void is not None and look.time >= self._void + _VOID_S:
                self._before_void = None
                self._changed = self._void
                yield self._void
            return
        begun, before = self._void, self._before_void
        self._void, self._before_void = None, look
        if begun is None:
            return
        if before is None:
            self._changed = look.time
            yield look.time
        elif apart(before, look) >= _OTHER:
            self._changed = (begun + look.time) / 2
            yield self._changed

    def _dissolved(self, look: Look) -> Iterator[float]:
        """The middle of a dissolve that is over, or so far that it is certain."""
        times = [seen.time for seen in self._seen]
        for length in _DISSOLVES_S:
            begun = look.time - length
            if begun < max(times[0], self._changed + _APART_S):
                return
            five = [
                self._seen[min(len(times) - 1, bisect.bisect_left(times, begun + part * length))]
                for part in (0, 0.25, 0.5, 0.75, 1)
            ]
            if any(one.even for one in five) or apart(five[0], five[-1]) < _DISSOLVED:
                continue
            if dissolves(five):
                self._changed = five[2].time
                yield five[2].time
                return
