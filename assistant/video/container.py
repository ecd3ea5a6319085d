"""A video file: what it is, its pictures one after the other, its sound.

Nothing is kept: memory is bounded whatever the length. Any container and codec that FFmpeg knows
is read by what it holds, not by its name. Times are seconds as a player shows them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.interfaces import Cancel
from assistant.picture import Picture
from assistant.video.decoding import Decoder, Skip, Timed, quarter_turns
from assistant.video.opening import (
    OTHER_FILE,
    codec_name,
    cut_off,
    opened,
    packets_end,
    picture_stream,
    sound_stream,
)
from assistant.video.soundtrack import sound

__all__ = [
    "Frame",
    "VideoFacts",
    "check_length",
    "frame_at",
    "frames",
    "frames_near",
    "probe",
    "sound",
]


@dataclass(frozen=True, kw_only=True)
class VideoFacts:
    """What a file is, before it is watched."""

    path: Path
    duration: float | None  # s; None where neither the file nor its packets tell
    width: int  # pixels, upright and square; 0 without pictures
    height: int  # pixels
    frame_rate: float | None  # frames per second on average
    rotation: int  # degrees counterclockwise by which its frames are turned upright
    picture: bool  # it has moving pictures
    sound: bool  # it has a sound track, silent or not
    video_codec: str | None = None
    audio_codec: str | None = None
    fault: str | None = None  # what is broken, as far as can be told without watching it


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """One picture of a video."""

    time: float  # s
    pixels: NDArray[np.uint8]  # [h, w, 3] RGB, upright
    key: bool = False  # it was stored whole, not as a change of others


def probe(path: Path | str) -> VideoFacts:
    """What a file is. One picture is decoded; a file that tells no duration is read through.

    Raises:
        InputError: missing, empty, a picture, without moving pictures and sound, or damaged so
            that there is no sound and not one of its pictures can be decoded.
    """
    path = Path(path)
    with opened(path) as container:
        seen, heard = picture_stream(container), sound_stream(container)
        if seen is None and heard is None:
            raise InputError(f"there is neither picture nor sound in {path}", fix=OTHER_FILE)
        duration = container.duration / 1_000_000 if container.duration else packets_end(container)
        fault = cut_off(container, path)
        size, turns, undecodable = (0, 0), 0, None
        if seen is not None:
            try:
                size, turns = _look(Decoder(container=container, stream=seen, path=path))
            except InputError as error:
                if heard is None:
                    raise
                undecodable = str(error)
        rate = seen.average_rate if seen is not None else None
        return VideoFacts(
            path=path,
            duration=duration,
            width=size[0],
            height=size[1],
            frame_rate=float(rate) if rate else None,
            rotation=90 * turns,
            picture=size != (0, 0),
            sound=heard is not None,
            video_codec=codec_name(seen),
            audio_codec=codec_name(heard),
            fault=undecodable or fault,
        )


def _look(decoder: Decoder) -> tuple[tuple[int, int], int]:
    """Width and height of the first frame, upright, and the quarter turns it needs."""
    for _, frame in decoder.since(0.0):
        height, width = decoder.upright(frame).shape[:2]
        return (width, height), quarter_turns(frame)
    raise InputError(f"{decoder.path} holds no picture that can be decoded", fix=OTHER_FILE)


def check_length(facts: VideoFacts, longest_hours: float) -> None:
    """Refuse a video that is longer than the profile allows.

    Raises:
        InputError: it is.
    """
    if facts.duration is not None and facts.duration > longest_hours * 3600:
        raise InputError(
            f"{facts.path} lasts {facts.duration / 3600:.1f} hours, and videos of up to"
            f" {longest_hours:g} hours are taken",
            fix="cut it into parts, or raise video.longest_hours in the profile",
        )


def frames(
    path: Path | str,
    *,
    start: float = 0.0,
    end: float | None = None,
    longest: int | None = None,
    key_only: bool = False,
    cancel: Cancel | None = None,
    on_fault: Callable[[str], None] | None = None,
) -> Generator[Frame]:
    """The frames that begin at `start` (s) or later and before `end`, in order.

    A damaged part is left out and a cut end is the end; `on_fault` is told when that happened.

    Args:
        longest: pixels of the longer side to which larger frames are made smaller.
        key_only: only frames that are stored whole, at a small part of the work.

    Raises:
        InputError: no video, or not one frame could be decoded.
        Cancelled
    """
    with opened(path) as container:
        decoder = _decoder(container, Path(path), "changes" if key_only else "none", cancel)
        for frame in taken(decoder, start, longest):
            if end is not None and frame.time >= end:
                break
            yield frame
        if decoder.fault is not None and on_fault is not None:
            on_fault(decoder.fault)


def taken(decoder: Decoder, start: float, longest: int | None) -> Iterator[Frame]:
    """What a decoder gives from `start` (s) on, upright, made smaller where it is larger."""
    for time, frame in decoder.since(start):
        pixels = decoder.upright(frame, longest)
        yield Frame(time=time, pixels=pixels, key=bool(frame.key_frame))


def frame_at(path: Path | str, time: float, *, cancel: Cancel | None = None) -> Picture:
    """The picture that a player shows at a time (s); the last one after the end.

    Raises:
        InputError: no video, or no picture could be decoded.
        Cancelled
    """
    found = _shown_at(path, time, cancel) or _last_before(path, time, cancel)
    if found is None:
        raise InputError(f"there is no picture in {path} at {time:.1f} s", fix="name another time")
    return found


def _shown_at(path: Path | str, time: float, cancel: Cancel | None) -> Picture | None:
    with opened(path) as container:
        decoder = _decoder(container, Path(path), "none", cancel)
        for moment, frame in decoder.since(max(0.0, time), shown=True):
            return as_picture(path, moment, decoder.upright(frame))
    return None


def _last_before(path: Path | str, time: float, cancel: Cancel | None) -> Picture | None:
    """The last frame of a file whose index promises more than there is."""
    last: Frame | None = None
    for frame in frames(path, end=time, longest=None, key_only=True, cancel=cancel):
        last = frame
    return None if last is None else as_picture(path, last.time, last.pixels)


def frames_near(
    path: Path | str,
    time: float,
    *,
    within: float = 2.0,
    most: int = 5,
    longest: int | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Frame]:
    """Up to `most` frames spread evenly from `within` s before a time to as long after it.

    Raises:
        InputError: no video, or not one frame could be decoded.
        Cancelled
    """
    wanted = deque(times_near(time, within, most))
    first = wanted[0]
    with opened(path) as container:
        decoder = _decoder(container, Path(path), "none", cancel)
        for moment, frame in _shown(decoder.since(first, shown=True), wanted):
            pixels = decoder.upright(frame, longest)
            yield Frame(time=moment, pixels=pixels, key=bool(frame.key_frame))


def times_near(time: float, within: float, most: int) -> list[float]:
    """So many times, s, from `within` s before a time to as long after it, none before 0."""
    first = max(0.0, time - within) if most > 1 else max(0.0, time)
    return [float(at) for at in np.linspace(first, max(first, time + within), most)]


def _shown(found: Iterator[Timed], wanted: deque[float]) -> Iterator[Timed]:
    """Of frames in order, those that are shown at the wanted times, each once."""
    before: Timed | None = None
    for current in found:
        if before is not None and wanted and current[0] > wanted[0]:
            yield before
        while wanted and current[0] > wanted[0] and before is not None:
            wanted.popleft()
        if not wanted:
            return
        before = current
    if before is not None:
        yield before


def as_picture(path: Path | str, time: float, pixels: NDArray[np.uint8]) -> Picture:
    """A frame as a picture whose source says where it was taken from."""
    return Picture(pixels=pixels, source=f"{path} at {time:.1f} s")


def _decoder(container: Any, path: Path, skip: Skip, cancel: Cancel | None) -> Decoder:
    stream = needed_picture(container, path)
    return Decoder(container=container, stream=stream, path=path, skip=skip, cancel=cancel)


def needed_picture(container: Any, path: Path) -> Any:
    """The stream of moving pictures.

    Raises:
        InputError: there is none.
    """
    stream = picture_stream(container)
    if stream is None:
        raise InputError(f"there is no picture in {path}", fix=OTHER_FILE)
    return stream
