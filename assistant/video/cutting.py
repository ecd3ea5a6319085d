"""Cuts a stretch of a video into shots and keeps a frame of each; one chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assistant.interfaces import Cancel
from assistant.types import Keyframe, Shot
from assistant.video.keyframes import keyframes
from assistant.video.shots import SHORTEST_S, shots
from assistant.video.store import VideoStore

_BORDER_S: Final = (
    0.5  # watched before a chunk whose first shot goes on: a cut may lie on the border
)
_SLIVER_S: Final = 0.1  # that the last frame before the chunk may reach into it


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A chunk of a video, cut."""

    end: float  # s; where the next chunk starts
    shots: tuple[Shot, ...]
    keyframes: tuple[tuple[Keyframe, str], ...]  # with the hash of each picture
    goes_on: bool  # the last shot goes on in the next chunk
    begins: bool  # the first shot begins here, though the one before seemed to go on


def cut(
    path: Path,
    store: VideoStore,
    *,
    start: float,
    until: float,
    last: bool,
    going_on: bool,
    most_per_minute: float,
    cancel: Cancel,
    on_fault: Callable[[str], None],
) -> Generator[float, None, Cut | None]:
    """Return the shots and keyframes of a chunk, None where no frame is left; yield the s of the
    video up to which it is done.

    A chunk ends with a shot, as its last one is left to the next chunk, unless it takes more
    than half of the chunk: then it is cut, and goes on.

    Args:
        start, until: s; with `last`, the end of the video.
        going_on: the last shot of the chunk before seemed to go on in this one.
        on_fault: told what is broken in the chunk.

    Raises:
        InputError: not one frame could be decoded.
        Cancelled
    """
    found: list[Shot] = []
    end = None if last else until
    before = max(0.0, start - _BORDER_S) if going_on else start
    for shot in shots(path, start=before, end=end, cancel=cancel, on_fault=on_fault):
        found.append(shot)
        yield (start + max(start, shot.end)) / 2
    if not found or found[-1].end <= start + (_SLIVER_S if going_on else 0.0):
        return None
    begins = going_on and len(found) > 1 and found[0].end <= start + SHORTEST_S
    if begins:
        del found[0]
    found[0] = Shot(start=start, end=found[0].end)
    goes_on = not last and found[-1].start - start < (until - start) / 2
    end = found[-1].end if last or goes_on else found.pop().start
    kept: list[tuple[Keyframe, str]] = []
    for keyframe, picture in keyframes(path, found, most_per_minute=most_per_minute, cancel=cancel):
        kept.append((keyframe, store.save_picture(keyframe, picture)))
        yield (end + keyframe.end) / 2
    if not kept:  # the frames that were watched lie beside the stretch
        return None
    return Cut(end=end, shots=tuple(found), keyframes=tuple(kept), goes_on=goes_on, begins=begins)
