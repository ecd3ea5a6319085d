"""Frames at given times, by the reader that the profile names: PyAV, or torchcodec.

torchcodec is optional. It is given only what PyAV opened safely, of which nothing has to be turned,
mirrored or stretched; the rest is read by PyAV with either setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from assistant.errors import EngineMissing
from assistant.interfaces import Cancel
from assistant.video import container
from assistant.video.container import Frame, needed_picture, times_near
from assistant.video.decoding import Decoder, Turn, pixels_of
from assistant.video.opening import opened, origin

Reader = Literal["pyav", "torchcodec"]

_SAME_S = 0.001  # s; two times nearer than this are one


class FramesNear(Protocol):
    """`container.frames_near`, or a reader that does the same."""

    def __call__(
        self,
        path: Path | str,
        time: float,
        *,
        within: float = 2.0,
        most: int = 5,
        longest: int | None = None,
        cancel: Cancel | None = None,
    ) -> Iterator[Frame]:
        """Up to `most` frames spread evenly around a time, s."""


def frames_near(reader: Reader) -> FramesNear:
    """The function of a reader.

    Raises:
        EngineMissing: it cannot be used here.
    """
    if reader == "pyav":
        return container.frames_near
    _torchcodec()
    return _by_torchcodec


def _torchcodec() -> Any:
    try:
        from torchcodec import decoders
    except (ImportError, OSError, RuntimeError) as error:  # it, or libraries that it needs
        raise EngineMissing(
            "torchcodec cannot be used here",
            fix="pip install 'assistant[torchcodec]' and FFmpeg's shared libraries, or set"
            " video.reader to pyav",
        ) from error
    return decoders


def _by_torchcodec(
    path: Path | str,
    time: float,
    *,
    within: float = 2.0,
    most: int = 5,
    longest: int | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Frame]:
    """As `container.frames_near`; the keys of frames are not known and stay False."""
    with opened(path) as file:
        decoder = Decoder(container=file, stream=needed_picture(file, Path(path)), path=Path(path))
        first = next((frame for _, frame in decoder.since(0.0)), None)
        plain = first is not None and Turn.of(first) == Turn(1, 0, 0, 1) and decoder.aspect == 1
        begins, place = origin(file), decoder.stream.index
    wanted = times_near(time, within, most)
    found = _shown(path, place, [at + begins for at in wanted]) if plain else None
    if found is None:
        yield from container.frames_near(
            path, time, within=within, most=most, longest=longest, cancel=cancel
        )
        return
    last = -1.0
    for at, pixels in found:
        if cancel is not None:
            cancel.check()
        if at - last > _SAME_S:  # each once
            yield Frame(time=max(0.0, at - begins), pixels=_smaller(pixels, longest))
        last = at


def _shown(path: Path | str, place: int, times: list[float]) -> list[tuple[float, Any]] | None:
    """Times and pixels [h, w, 3] of what is shown then; None where torchcodec fails."""
    try:
        decoder = _torchcodec().VideoDecoder(
            str(path), stream_index=place, seek_mode="approximate", dimension_order="NHWC"
        )
        facts = decoder.metadata
        first, end = facts.begin_stream_seconds, facts.end_stream_seconds
        batch = decoder.get_frames_played_at([min(max(at, first), end - _SAME_S) for at in times])
    except (RuntimeError, ValueError, IndexError, TypeError):  # damaged: PyAV passes that over
        return None
    return list(zip(batch.pts_seconds.tolist(), batch.data.numpy(), strict=True))


def _smaller(pixels: Any, longest: int | None) -> Any:
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    return pixels_of(frame, aspect=1.0, longest=longest)
