"""Frames out of an open container: from a moment on, upright, whatever is broken.

Times are those a player shows: seconds since the file's own start, by presentation time stamps,
so that a variable frame rate needs no care, and always growing.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.audio import packets_of
from assistant.errors import InputError
from assistant.interfaces import Cancel
from assistant.video.opening import MAX_PIXELS, OTHER_FILE, only, origin

_EARLIER: Final = (0.0, 5.0, 30.0)  # s; some containers find a moment only about
_SAME_S: Final = 0.001  # two times nearer than this are one
_USUAL_RATE: Final = 25.0  # frames per second, where nothing else is known

_DAMAGED: Final = "some of its pictures are missing or cannot be decoded"

_SWAPPED_S: Final = 1.0  # a smaller step back swaps two frames, as in AVI; no new count begins
_MOST_THREADS: Final = 4  # each holds frames

Skip = Literal["none", "leaves", "rough", "changes"]
"""Which frames are not decoded: none; those that no other frame is built on; these, and the
others without the smoothing of block edges, which hardly shows in a small copy; all that are
stored as changes of others."""

Timed = tuple[float, Any]  # s, FFmpeg's frame


@dataclass(kw_only=True)
class Decoder:
    """The frames of one stream of an open container, as FFmpeg gives them, with their times."""

    container: Any
    stream: Any
    path: Path
    skip: Skip = "none"  # which frames are left out
    cancel: Cancel | None = None
    not_before: float = 0.0  # s; of frames that are stored whole, none earlier is decoded
    fault: str | None = None  # what was wrong, once the frames have ended

    def __post_init__(self) -> None:
        context = self.stream.codec_context
        if context is None:
            raise InputError(f"{self.path} is of a kind that FFmpeg cannot decode", fix=OTHER_FILE)
        if context.width * context.height > MAX_PIXELS:
            raise InputError(
                f"{self.path} has frames of {context.width} x {context.height} pixels",
                fix="save it with 8K frames or smaller",
            )
        # Threads that each take a frame are the fastest, but lose those before a damage.
        context.thread_type = "SLICE" if self.skip == "changes" else "AUTO"
        context.thread_count = min(_MOST_THREADS, os.cpu_count() or 1)
        if self.skip in ("leaves", "rough"):
            context.skip_frame = "NONREF"
        if self.skip == "rough":
            context.options = {"skip_loop_filter": "all"}
        only(self.container, self.stream)
        self._origin = origin(self.container)
        self.step = 1.0 / float(self.stream.average_rate or _USUAL_RATE)  # s, on average
        self.aspect = pixel_aspect(self.stream)
        self._moved = False
        self._upright = Upright(self.aspect)

    def upright(self, frame: Any, longest: int | None = None) -> NDArray[np.uint8]:
        """A frame's pixels, [h, w, 3] RGB: square, turned upright, smaller where it is larger.

        Args:
            longest: pixels of the longer side.
        """
        return self._upright.pixels(frame, longest)

    def since(self, start: float, *, shown: bool = False) -> Iterator[Timed]:
        """Times and frames that begin at `start` or later; with `shown`, also the one before
        them, which a player shows at `start`.

        Raises:
            InputError: there are pictures, but not one could be decoded.
            Cancelled
        """
        self.not_before = 0.0
        found, first = self._jumped(start)
        before = None
        for current in itertools.chain([first] if first is not None else [], found):
            if current[0] < start - _SAME_S:
                before = current
                continue
            if before is not None and shown and current[0] > start + _SAME_S:
                yield before
            before = None
            yield current
        if before is not None and shown:
            yield before

    def _jumped(self, start: float) -> tuple[Iterator[Timed], Timed | None]:
        """The first frame from `start` or a little before it, and those that follow."""
        for earlier in _EARLIER:
            moment = max(0.0, start - earlier)
            found = self._from(moment)
            first = next(found, None)
            if moment == 0 or (first is not None and first[0] <= start + _SAME_S):
                break
        if first is None and self.fault is not None and start <= 0:
            raise InputError(f"{self.path} is damaged: {self.fault}", fix=OTHER_FILE)
        return found, first

    def _from(self, moment: float) -> Iterator[Timed]:
        """All frames that are decoded after a jump, often from before the moment on."""
        import av

        if moment > 0 or self._moved:
            try:
                ticks = int((moment + self._origin) / self.stream.time_base)
                self.container.seek(ticks, stream=self.stream)
            except av.error.FFmpegError:  # no way to jump in it, or no such moment
                self.container.seek(self.container.start_time or 0)
        self._moved = True
        clock = _Clock(step=self.step)
        for frame in self._frames():
            yield clock.read(None if frame.pts is None else self._time(frame.pts)), frame

    def _frames(self) -> Iterator[Any]:
        """Decoded frames in order. Damaged packets are left out, a cut end is the end."""
        for packet in self._packets():
            yield from self._decoded(packet)

    def _packets(self) -> Iterator[Any]:
        """The stream's packets, and None at the end, for what the decoder still holds."""
        import av

        self.fault = None
        try:
            for packet in packets_of(self.container, self.stream):
                if self.cancel is not None:
                    self.cancel.check()
                if packet.size and (self.skip != "changes" or self._wanted(packet)):
                    yield packet
        except (av.error.FFmpegError, EOFError):
            self.fault = _DAMAGED
        yield None

    def _wanted(self, packet: Any) -> bool:
        """Whether a packet is one of those that are stored whole, and late enough."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        early = stamp is not None and self._time(stamp) < self.not_before
        return bool(packet.is_keyframe) and not early

    def _time(self, stamp: int) -> float:
        return float(stamp * self.stream.time_base) - self._origin

    def _decoded(self, packet: Any) -> list[Any]:
        """The sound frames that a packet, or the end (None), brings out of the decoder."""
        import av

        try:
            frames = self.stream.codec_context.decode(packet)
        except (av.error.EOFError, EOFError):
            return []
        except av.error.FFmpegError:
            self.fault = _DAMAGED
            return []
        whole = [frame for frame in frames if not frame.is_corrupt]
        if len(whole) < len(frames):
            self.fault = _DAMAGED
        return whole


@dataclass(kw_only=True)
class _Clock:
    """Times that always grow, whatever the file's stamps do."""

    step: float  # s, between two frames where nothing is said
    last: float | None = None  # s
    shift: float = 0.0  # s

    def read(self, stamp: float | None) -> float:
        if stamp is None:
            stamp = 0.0 if self.last is None else self.last + self.step - self.shift
        elif self.last is not None and stamp + self.shift <= self.last:
            after = self.last + self.step
            if self.last - (stamp + self.shift) <= _SWAPPED_S:
                self.last = after
                return after
            self.shift = after - stamp
        self.last = max(0.0, stamp + self.shift)
        return self.last


def pixels_of(frame: Any, *, aspect: float, longest: int | None) -> NDArray[np.uint8]:
    """A frame's pixels as they are stored, [h, w, 3] RGB, but square.

    A smaller picture is made by averaging (FFmpeg's area scaling).
    """
    wide = frame.width * aspect if aspect >= 1 else frame.width
    tall = frame.height if aspect >= 1 else frame.height / aspect
    scale = 1.0 if longest is None else min(1.0, longest / max(wide, tall))
    small = frame.reformat(
        max(1, round(wide * scale)),
        max(1, round(tall * scale)),
        "rgb24",
        interpolation="AREA" if scale < 1 else "BICUBIC",
    )
    return np.asarray(small.to_ndarray(), np.uint8)


@dataclass(frozen=True)
class Turn:
    """How stored pixels are shown: a stored (x, y) at (a x + c y, b x + d y).

    The display matrix of ISO/IEC 14496-12, 8.5.3, of which quarter turns and mirroring count.
    """

    a: int
    b: int
    c: int
    d: int

    @classmethod
    def of(cls, frame: Any) -> Turn:
        """What is said of a frame; else it is shown as it is stored."""
        from av.sidedata.sidedata import Type

        found = frame.side_data.get(Type.DISPLAYMATRIX)
        if found is None:
            return cls(1, 0, 0, 1)
        a, b, _, c, d = np.frombuffer(bytes(found), np.int32)[:5].tolist()
        return cls(a, b, c, d)

    def applied(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels, [h, w, 3], as they are shown."""
        if abs(self.b) + abs(self.c) > abs(self.a) + abs(self.d):
            pixels, across, down = pixels.swapaxes(0, 1), self.c, self.b
        else:
            across, down = self.a, self.d
        turned = pixels[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]
        return np.ascontiguousarray(turned)


class Upright:
    """The pixels of a stream's frames as they are shown."""

    def __init__(self, aspect: float) -> None:
        """`aspect` is the width of a stored pixel against its height."""
        self._aspect = aspect
        self._turn: tuple[float, Turn] | None = None  # and the rotation (degrees) it was read for

    def pixels(self, frame: Any, longest: int | None = None) -> NDArray[np.uint8]:
        """A frame's pixels, [h, w, 3] RGB: square, turned upright, smaller where it is larger.

        Args:
            longest: pixels of the longer side.
        """
        # What PyAV reads beside a frame keeps the frame in a circle of references, 3 MB each
        # until Python looks for such: it is read once.
        if self._turn is None or self._turn[0] != frame.rotation:
            self._turn = (frame.rotation, Turn.of(frame))
        return self._turn[1].applied(pixels_of(frame, aspect=self._aspect, longest=longest))


def pixel_aspect(stream: Any) -> float:
    """Width of a stored pixel against its height; 1 where nothing sensible is said."""
    value = float(stream.sample_aspect_ratio or 1)
    return value if 0.1 <= value <= 10 else 1.0


def quarter_turns(frame: Any) -> int:
    """How many quarters, counterclockwise, turn a frame upright: 0 to 3."""
    return int(round(frame.rotation / 90) % 4)
