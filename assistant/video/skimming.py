"""The frames of a video that its cuts can be told from, with little decoding.

Key frames are decoded first. Between two that show the same, where no frame in between took many
bytes, there was no cut: all that is new in a frame has to be stored in it, so the first frame of
another shot takes about as much as a key frame. Only the rest is decoded, and of that only the
frames that others are built on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assistant.interfaces import Cancel
from assistant.video.container import Frame, needed_picture, taken
from assistant.video.decoding import Decoder, Skip
from assistant.video.opening import opened
from assistant.video.transitions import LONGEST, Look, apart, gone

_SAME: Final = 0.08  # of the cells
_STAYS: Final = 0.05  # of what stands out; the next slide loses 0.14
_SMALL: Final = 0.1  # of the key frame's bytes
_MOST_PACKETS: Final = 600  # between two key frames; more are not waited for
_MOST_BYTES: Final = 32_000_000
_DENSE_S: Final = 0.11  # between two frames; where one is shown for longer, all are decoded
_LOOK_EVERY: Final = 50  # packets, between two checks of that


def skim(
    path: Path | str,
    *,
    start: float = 0.0,
    longest: int | None = None,
    cancel: Cancel | None = None,
    on_fault: Callable[[str], None] | None = None,
) -> Iterator[Frame]:
    """Frames from `start` (s) on: where a stretch shows the same all along, its first alone.

    Raises:
        InputError: no video, or not one frame could be decoded.
        Cancelled
    """
    with _skimmer(path, "rough", cancel) as skimmer:
        yield from taken(skimmer, start, longest)
        if skimmer.fault is not None and on_fault is not None:
            on_fault(skimmer.fault)


def sparse(
    path: Path | str,
    *,
    start: float,
    wait: Callable[[], float],
    longest: int,
    cancel: Cancel | None = None,
) -> Iterator[Frame]:
    """Frames from `start` (s) on, each at least `wait()` seconds after the one before.

    Where a stretch shows the same all along, its first alone.

    Args:
        longest: pixels of the longer side.

    Raises:
        InputError: no video, or not one frame could be decoded.
        Cancelled
    """
    with _skimmer(path, "leaves", cancel) as skimmer:
        after = start
        for time, frame in skimmer.since(start):
            if time >= after:
                yield Frame(
                    time=time,
                    pixels=skimmer.upright(frame, longest),
                    key=bool(frame.key_frame),
                )
                after = time + wait()


@contextmanager
def _skimmer(path: Path | str, skip: Skip, cancel: Cancel | None) -> Iterator[_Skimmer]:
    with opened(path) as container:
        stream = needed_picture(container, Path(path))
        yield _Skimmer(
            container=container, stream=stream, path=Path(path), skip=skip, cancel=cancel
        )


@dataclass(kw_only=True)
class _Group:
    """A key frame and the packets of the frames that are built on it."""

    key: Any  # the key frame, decoded; None where that failed
    packets: list[Any]
    running: bool = False  # it was too long to be waited for, and is decoded as it comes

    @property
    def full(self) -> bool:
        return len(self.packets) >= _MOST_PACKETS or sum(p.size for p in self.packets) > _MOST_BYTES

    @property
    def small(self) -> bool:
        """Whether each frame took few bytes beside the key frame."""
        first, *rest = (packet.size for packet in self.packets)
        return bool(max(rest, default=0) <= _SMALL * first)


class _Skimmer(Decoder):
    """A decoder that leaves out what shows nothing new."""

    def _frames(self) -> Iterator[Any]:
        group: _Group | None = None
        for packet in self._packets():
            if packet is not None and not packet.is_keyframe:
                if group is not None:  # else nothing can be decoded
                    yield from self._added(group, packet)
                continue
            if group is not None and group.running:
                yield from self._rest()
                group = None
            following = None if packet is None else self._alone(packet)
            if group is not None:
                yield from self._shown(group, following)
            group = None if packet is None else _Group(key=following, packets=[packet])

    def _added(self, group: _Group, packet: Any) -> Iterator[Any]:
        """Keep a packet for later; or, where too much is kept, decode all from here on."""
        if group.running:
            yield from self._decoded(packet)
            return
        group.packets.append(packet)
        if len(group.packets) % _LOOK_EVERY == 0 and group.full:
            group.running = True
            self._skip_leaves(group)
            for kept in group.packets:
                yield from self._decoded(kept)
            group.packets.clear()

    def _shown(self, group: _Group, following: Any) -> Iterator[Any]:
        """The frames of a group, or its key frame alone where that says it all."""
        alone = len(group.packets) == 1 and group.key is not None
        if alone or (group.small and self._same(group.key, following)):
            yield group.key
            return
        self._skip_leaves(group)
        for packet in group.packets:
            yield from self._decoded(packet)
        yield from self._rest()

    def _same(self, first: Any | None, second: Any | None) -> bool:
        """Whether two frames show the same."""
        if first is None or second is None:
            return False
        one, other = (Look.at(0.0, self.upright(frame, LONGEST)) for frame in (first, second))
        if one.grey.shape != other.grey.shape:  # the size changed
            return False
        return apart(one, other) < _SAME and gone(one, other) < _STAYS

    def _skip_leaves(self, group: _Group) -> None:
        """Leave out frames that no other is built on, unless one may be shown for long."""
        stamps = sorted(packet.pts for packet in group.packets if packet.pts is not None)
        apart = max((b - a for a, b in itertools.pairwise(stamps)), default=0)
        dense = float(apart * self.stream.time_base) <= _DENSE_S
        self.stream.codec_context.skip_frame = "NONREF" if dense else "DEFAULT"

    def _alone(self, packet: Any) -> Any | None:
        """A key frame, decoded by itself."""
        found = [*self._decoded(packet), *self._rest()]
        return found[0] if found else None

    def _rest(self) -> list[Any]:
        """What the decoder still holds; it is empty then."""
        frames = self._decoded(None)
        self.stream.codec_context.flush_buffers()
        return frames
