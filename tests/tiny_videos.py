"""Videos of a few seconds, made for tests: what is seen and heard in them is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
SIZE = (160, 120)  # width, height
RATE = 25


def scene(seed: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A picture of coloured blocks, another for each seed."""
    made = np.random.default_rng(seed)
    small = made.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    tall, wide = size[1], size[0]
    return small.repeat(-(-tall // 6), 0).repeat(-(-wide // 8), 1)[:tall, :wide]


def moved(picture: Pixels, pixels: int) -> Pixels:
    """A picture as a camera sees it that has turned aside."""
    return np.roll(picture, -pixels, axis=1)


def lit(picture: Pixels, light: float) -> Pixels:
    """A picture in more or less light; 1 is its own."""
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def still(picture: Pixels, seconds: float) -> list[Pixels]:
    """One picture for a while."""
    return [picture] * round(seconds * RATE)


def tone(seconds: float, rate: int = 16_000) -> NDArray[np.float32]:
    """A tone of 440 Hz."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def write(
    path: Path,
    pictures: Iterable[Pixels] = (),
    *,
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    sound: NDArray[np.float32] | None = None,
    sound_from: float = 0.0,
    rotation: int = 0,
    mirrored: bool = False,
    aspect: Fraction | None = None,
    format: str | None = None,
    keys: Callable[[int], bool] | None = None,
) -> Path:
    """A video file.

    Args:
        times: s of each picture; 25 a second where nothing is said.
        sound: 16 kHz mono, in [-1, 1], that begins at `sound_from` s.
        rotation: degrees counterclockwise by which a player turns the pictures.
        mirrored: left and right are exchanged after that.
        aspect: width of a pixel against its height.
        keys: whether the picture of that number is stored whole.
    """
    pictures = list(pictures)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=format) as file:
        seen: Any = None
        if pictures:
            seen = file.add_stream(codec, rate=RATE)
            seen.height, seen.width = pictures[0].shape[:2]
            seen.pix_fmt = "yuv420p"
            seen.time_base = seen.codec_context.time_base = Fraction(1, 12_800)
            seen.options = {"preset": "ultrafast", "bf": "0", **(options or {})}
            if aspect is not None:
                seen.codec_context.sample_aspect_ratio = aspect
            if rotation or mirrored:
                seen.set_display_rotation(rotation, hflip=mirrored)
        heard: Any = file.add_stream("aac", rate=16_000) if sound is not None else None
        if heard is not None:
            heard.layout = "mono"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            moment = number / RATE if times is None else times[number]
            frame.pts, frame.time_base = round(moment * 12_800), Fraction(1, 12_800)
            if keys is not None and keys(number):
                frame.pict_type = av.video.frame.PictureType.I
            file.mux(seen.encode(frame))
        if seen is not None:
            file.mux(seen.encode())
        if heard is not None and sound is not None:
            _mux_sound(file, heard, sound, sound_from)
    return path


def _mux_sound(file: Any, stream: Any, samples: NDArray[np.float32], start: float) -> None:
    for at in range(0, len(samples), 1024):
        block = np.ascontiguousarray(samples[None, at : at + 1024])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        frame.pts, frame.time_base = at + round(start * 16_000), Fraction(1, 16_000)
        file.mux(stream.encode(frame))
    file.mux(stream.encode())
