"""The shots of a video, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from assistant.interfaces import Cancel
from assistant.types import Shot
from assistant.video.container import frames
from assistant.video.cuts import LONGEST, Cuts

SHORTEST_S: Final = 0.4  # of a shot
_CONTEXT_S: Final = 1.0  # watched before the stretch, so that its border does not matter


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
    found = Cuts()
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
