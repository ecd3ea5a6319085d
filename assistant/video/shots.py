"""The shots of a video, one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assistant.interfaces import Cancel
from assistant.types import Shot
from assistant.video.container import Frame
from assistant.video.cuts import Cuts
from assistant.video.skimming import skim
from assistant.video.transitions import LONGEST

SHORTEST_S: Final = 0.4  # of a shot
_STEP_S: Final = 0.04  # that the last frame is shown, where no other frame tells
_LONGEST_STEP_S: Final = 1.0
_CONTEXT_S: Final = 1.0  # watched before and after the stretch, so that its borders do not matter


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
    until = math.inf if end is None else end
    seen = _Seen()
    watched = skim(
        path,
        start=max(0.0, start - _CONTEXT_S),
        longest=LONGEST,
        cancel=cancel,
        on_fault=on_fault,
    )
    begun = start
    for cut in _far_enough(_cuts(seen, watched, until + _CONTEXT_S)):
        if begun < cut < until:
            yield Shot(start=begun, end=cut)
            begun = cut
    last = min(seen.end, until)
    if last > begun:
        yield Shot(start=begun, end=last)


def _far_enough(cuts: Iterator[float]) -> Iterator[float]:
    """Without those that come too soon after another."""
    last = -math.inf
    for cut in cuts:
        if cut >= last + SHORTEST_S:
            yield cut
            last = cut


@dataclass(kw_only=True)
class _Seen:
    """How far a video was watched."""

    last: float | None = None  # s; when the last frame began
    step: float = _STEP_S  # s; how long it is shown, as far as can be told

    @property
    def end(self) -> float:
        """Where the last frame ends, s."""
        return 0.0 if self.last is None else self.last + self.step

    def watch(self, frame: Frame) -> None:
        if self.last is not None and frame.time - self.last < _LONGEST_STEP_S:
            self.step = frame.time - self.last
        self.last = frame.time


def _cuts(seen: _Seen, watched: Iterator[Frame], until: float) -> Iterator[float]:
    """The cuts in frames up to a time (s)."""
    found = Cuts()
    for frame in watched:
        seen.watch(frame)
        yield from found.watch(frame)
        if frame.time >= until:
            break
    yield from found.finish()
