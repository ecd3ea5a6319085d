"""Where a watch's frames come from: a camera, a stream, a video file, a folder of pictures.

Ten frames a second are enough to see what changes; the rest is decoded at most, never copied.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.devices.camera import Camera
from assistant.errors import InputError
from assistant.picture import Picture
from assistant.video.container import needed_picture
from assistant.video.decoding import Decoder, Upright, pixel_aspect
from assistant.video.following import VIDEOS
from assistant.video.opening import opened, opened_stream, picture_stream
from assistant.watching.seen import Frame

EVERY_S: Final = 0.1  # s between two frames
_LATE_S: Final = 0.3  # s; a frame that is later than this is left out
_LONGEST: Final = 1280  # px of the longer side
_HELD_S: Final = 1.0  # s for which each picture of a folder is shown
_ANSWER_S: Final = 10.0  # s that a stream may take to open, or to send on

Wanted = Callable[[float], bool]
"""Whether the frame of that time, s, is wanted; may wait for its time."""


def is_live(source: str) -> bool:
    """Whether a source goes on by itself: a camera or a stream."""
    return "://" in source or not (Path(source).exists() or Path(source).suffix.lower() in VIDEOS)


def every(seconds: float = EVERY_S) -> Wanted:
    """Frames at that distance, as fast as they can be had."""
    last = [-1e9]

    def wanted(at: float) -> bool:
        if at - last[0] < seconds - 1e-6:
            return False
        last[0] = at
        return True

    return wanted


def _by(clock: Callable[[], float]) -> Wanted:
    """Ten frames a second of that clock: many streams carry no times, or wrong ones."""
    due = every()
    return lambda at: due(clock())


def paced(clock: Callable[[], float], sleep: Callable[[float], None] = time.sleep) -> Wanted:
    """Frames at their own time; those that are late are left out."""
    due = every()

    def wanted(at: float) -> bool:
        early = at - clock()
        if early < -_LATE_S or not due(at):
            return False
        if early > 0:
            sleep(early)
        return True

    return wanted


def footage(source: str, wanted: Wanted | None = None) -> Iterator[Frame]:
    """The frames of a file or a folder, those that are `wanted`, by their own time.

    Raises:
        InputError: it cannot be read.
    """
    path = Path(source)
    if path.is_dir():
        return _folder(path, wanted or every())
    if not path.is_file():
        raise InputError(
            f"there is no video {source}", fix="name a video, a folder, a camera or a URL"
        )
    return _video(path, wanted or every())


def live(source: str, clock: Callable[[], float]) -> Iterator[Frame]:
    """The newest frame of a camera or a stream, ten times a second, until it stops.

    Raises:
        CameraError, InputError: it cannot be opened, or stopped.
    """
    if "://" in source:
        return newest(lambda: _stamped(_stream(source, _by(clock)), clock))
    return newest(lambda: _camera(source, clock))


def newest(open_frames: Callable[[], Iterable[Frame]]) -> Iterator[Frame]:
    """Read frames on a thread of their own and yield the newest; what waited is dropped."""
    changed = threading.Condition()
    latest: list[Frame] = []
    ended: list[BaseException | None] = []
    stop = threading.Event()

    def read() -> None:
        error: BaseException | None = None
        try:
            for frame in open_frames():
                with changed:
                    latest[:] = [frame]
                    changed.notify()
                if stop.is_set():
                    break
        except Exception as raised:
            error = raised
        with changed:
            ended.append(error)
            changed.notify()

    threading.Thread(target=read, name="watch-frames", daemon=True).start()
    try:
        while True:
            began = time.monotonic()
            with changed:
                changed.wait_for(lambda: latest or ended, timeout=_ANSWER_S)
                if latest:
                    frame = latest.pop()
                elif ended and ended[0] is not None:
                    raise ended[0]
                elif ended:
                    return
                else:
                    raise InputError("no picture comes any more", fix="check the camera's cable")
            yield frame
            time.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
    finally:
        stop.set()


def _camera(which: str, clock: Callable[[], float]) -> Iterator[Frame]:
    with Camera.open(which) as camera:
        for picture in camera.frames():
            yield Frame(at=clock(), picture=picture)


def _stamped(frames: Iterable[Frame], clock: Callable[[], float]) -> Iterator[Frame]:
    for frame in frames:
        yield Frame(at=clock(), picture=frame.picture)


def _folder(path: Path, wanted: Wanted) -> Iterator[Frame]:
    """Each picture for a second, in the order of their names; what is no picture is left out."""
    files = sorted(file for file in path.iterdir() if file.is_file() and file.name[0] != ".")
    at, shown = 0.0, 0
    for file in files:
        try:
            picture = Picture.open(file)
        except InputError:
            continue
        shown += 1
        until = at + _HELD_S
        while at < until - 1e-6:
            if wanted(at):
                yield Frame(at=round(at, 3), picture=picture)
            at += EVERY_S
    if not shown:
        raise InputError(f"the folder {path} holds no picture", fix="put pictures into it")


def _video(path: Path, wanted: Wanted) -> Iterator[Frame]:
    with opened(path) as container:
        decoder = Decoder(container=container, stream=needed_picture(container, path), path=path)
        first: float | None = None
        for moment, frame in decoder.since(0.0):
            first = moment if first is None else first
            at = moment - first
            if wanted(at):
                yield _frame(path, at, decoder.upright(frame, _LONGEST))
        if decoder.fault is not None:  # what could be shown was
            raise InputError(f"{path} is damaged or incomplete", fix="copy or record it again")


def _stream(url: str, wanted: Wanted) -> Iterator[Frame]:
    """The frames of a stream, as they come; threads that each take one would hold them back."""
    import av

    with opened_stream(url, _ANSWER_S) as container:
        stream: Any = picture_stream(container)
        shown = Upright(pixel_aspect(stream))
        rate = float(stream.average_rate or 25)
        first: float | None = None
        try:
            for number, frame in enumerate(container.decode(stream)):
                moment = frame.time if frame.time is not None else number / rate
                first = moment if first is None else first
                at = max(0.0, moment - first)
                if wanted(at):
                    yield _frame(url, at, shown.pixels(frame, _LONGEST))
        except av.FFmpegError as error:
            raise InputError(
                f"the stream {url} stopped", fix="check the camera and the network"
            ) from error


def _frame(source: str | Path, at: float, pixels: NDArray[np.uint8]) -> Frame:
    return Frame(
        at=round(at, 3), picture=Picture.from_array(pixels, source=f"{source} at {at:.1f} s")
    )
