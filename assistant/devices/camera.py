"""The camera, its file-backed twin, and the speaker. Reads no settings."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from assistant.audio import Audio
from assistant.devices.names import camera_number, cameras, unknown
from assistant.errors import CameraError, InputError
from assistant.picture import Picture
from assistant.video import container

_WARM_UP: Final = 8  # frames; auto exposure and focus settle meanwhile
_CHOICES: Final = 5  # frames, of which the sharpest is taken
_WIDTH, _HEIGHT = 1920, 1080  # px asked for; a camera gives the nearest it has
_DEVICES: Final = Path("/dev")
_PLAYERS: Final = (("paplay",), ("pw-play",), ("aplay", "-q"), ("afplay",))


class _Frames(Protocol):
    """Where frames come from."""

    def __iter__(self) -> Iterator[Picture]: ...

    def close(self) -> None: ...


class Camera:
    """A camera, a video file or a folder of pictures; a context manager that releases it."""

    def __init__(self, frames: _Frames, *, warm_up: int = 0) -> None:
        self._frames = frames
        self._warm_up = warm_up

    @classmethod
    def open(cls, which: str | int = 0) -> Self:
        """A camera by its number or name; the path of a video or a folder stands in for one.

        Raises:
            CameraError: it is not there, or is in use.
            InputError: the file is no video.
        """
        path = Path(str(which))
        if path.is_dir():
            return cls(_Pictures(_in_folder(path)))
        if path.is_file():
            return cls(_file(path))
        number = camera_number(str(which))
        if number is None:
            error = unknown("camera", str(which), cameras().values())
            fix = f"{error.fix}, or give a video or a folder"
            raise CameraError(str(error), fix=fix, fault="missing")
        return cls(_Device(number), warm_up=_WARM_UP)

    def frames(self) -> Iterator[Picture]:
        """Pictures in time order, until the camera is closed or the file ends.

        Raises:
            InputError: the camera fails, or a frame cannot be decoded.
        """
        return iter(self._frames)

    def take(self, choices: int = _CHOICES) -> Picture:
        """The sharpest of a few frames, after the camera has settled.

        Raises:
            InputError: no frame came.
        """
        frames = islice(self.frames(), self._warm_up, self._warm_up + choices)
        best = max(frames, key=lambda picture: sharpness(picture.pixels), default=None)
        if best is None:
            raise InputError("the camera gave no picture", fix="check its cover and its cable")
        return best

    def close(self) -> None:
        """Release the camera."""
        self._frames.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def sharpness(pixels: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of the green channel (Pech-Pacheco et al., ICPR 2000)."""
    step = max(1, max(pixels.shape[:2]) // 1024)
    grey = pixels[::step, ::step, 1].astype(np.float32)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((sides - 4 * grey[1:-1, 1:-1]).var())


class _Device:
    """A camera of this machine, through OpenCV (Video4Linux, AVFoundation, Media Foundation)."""

    def __init__(self, number: int) -> None:
        try:
            import cv2
        except ImportError as error:
            raise InputError(
                "cameras need OpenCV", fix="pip install 'assistant[embedded]'"
            ) from error
        silence: Any = cv2.utils.logging  # its warnings about missing devices
        silence.setLogLevel(silence.LOG_LEVEL_SILENT)
        self._name = f"camera {number}"
        self._capture: Any = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            fault, fix = _fault(number)
            raise CameraError(f"{self._name} cannot be opened", fix=fix, fault=fault)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the frame of now, none that waited

    def __iter__(self) -> Iterator[Picture]:
        while self._capture.isOpened():
            there, frame = self._capture.read()
            if not there:
                raise CameraError(f"{self._name} stopped", fix="plug it in again", fault="stopped")
            yield Picture.from_array(np.ascontiguousarray(frame[:, :, ::-1]), source=self._name)

    def close(self) -> None:
        self._capture.release()


def _fault(number: int) -> tuple[str, str]:
    """Why a camera cannot be opened, and the fix."""
    device = _DEVICES / f"video{number}"
    if device.exists() and not os.access(device, os.R_OK | os.W_OK):
        return "forbidden", "sudo usermod -aG video $USER, then log in again"
    if device.exists():
        return "busy", "close the program that uses it"
    return "missing", "plug a camera in, name another (--camera 1), or give a picture file"


class _Video:
    """The frames of a video file; of a damaged one, those that can be shown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames = container.frames(path)
        self._number = 0  # of the next frame
        self._first = next(self._frames, None)  # what is no video is told at once
        if self._first is None:
            raise InputError(f"there is no picture in {path}", fix="give another video")

    def __iter__(self) -> Iterator[Picture]:
        first = [self._first] if self._first is not None else []
        for number, frame in enumerate(chain(first, self._frames), self._number):
            self._first, self._number = None, number + 1
            yield Picture.from_array(frame.pixels, source=f"{self._path} frame {number}")

    def close(self) -> None:
        self._frames.close()


def _file(path: Path) -> _Frames:
    """The frames of a video, or a picture alone."""
    try:
        return _Video(path)
    except InputError as error:
        try:
            Picture.open(path)
        except InputError:
            raise error from None
        return _Pictures([path])


def _in_folder(path: Path) -> list[Path]:
    files = sorted(file for file in path.iterdir() if file.is_file())
    if not files:
        raise InputError(f"the folder {path} is empty", fix="put pictures into it")
    return files


class _Pictures:
    """Pictures, one after the other."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def __iter__(self) -> Iterator[Picture]:
        return (Picture.open(file) for file in self._files)

    def close(self) -> None:
        """Nothing is held open."""


def play(audio: Audio) -> None:
    """Play a sound through the speaker and wait until it ends.

    Raises:
        InputError: there is no way to play sound here, or it failed.
    """
    if importlib.util.find_spec("sounddevice") is not None and _played_by_portaudio(audio):
        return
    player = next((command for command in _PLAYERS if shutil.which(command[0])), None)
    if player is None:
        raise InputError(
            "there is no program that plays sound", fix="sudo apt-get install alsa-utils"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        audio.write(path)
        done = subprocess.run([*player, str(path)], capture_output=True, check=False, text=True)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise InputError(
            f"{player[0]} cannot play sound: {reason[0]}", fix="connect a speaker and turn it on"
        )


def _played_by_portaudio(audio: Audio) -> bool:
    """Play through `sounddevice`; False where PortAudio or an output device is missing."""
    try:
        import sounddevice
    except OSError:  # the package is there, the PortAudio library is not
        return False
    try:
        sounddevice.play(audio.samples, audio.rate, blocking=True)
    except sounddevice.PortAudioError:
        return False
    return True
