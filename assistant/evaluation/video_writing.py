"""Made pictures and sound written as a video file, and files repeated without new encoding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32

Pixels = NDArray[np.uint8]

SOUND_RATE: Final = 24_000  # Hz
_BLOCK: Final = 1024  # samples of one frame of AAC


def write(
    path: Path,
    pictures: Iterable[Pixels],
    *,
    rate: float,
    sound: Float32 | None = None,
    preset: str = "veryfast",
    crf: int = 23,
) -> float:
    """Write an H.264 file, with AAC sound where there is any; picture and sound interleaved.

    Args:
        pictures: uint8 [h, w, 3] RGB, all of one size, both sides even.
        rate: pictures a second.
        sound: mono at 24 kHz in [-1, 1], [n].

    Returns:
        The seconds of picture that were written.

    Raises:
        ValueError: there is no picture.
    """
    import av

    count = 0
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001))
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": preset, "g": str(round(rate * 5))}
        voice = _Sound(container, sound) if sound is not None else None
        last, frame = None, None
        for pixels in pictures:
            if not count:
                stream.height, stream.width = pixels.shape[:2]
            if frame is None or pixels is not last:
                last, frame = pixels, av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame = frame.reformat(format="yuv420p")  # once for as long as a slide stands
            frame.pts = count
            container.mux(stream.encode(frame))
            count += 1
            if voice is not None:
                voice.until(count / rate)
        if not count:
            raise ValueError("there is no picture to write")
        container.mux(stream.encode())
        if voice is not None:
            voice.finish()
    return count / rate


class _Sound:
    """Sound that is encoded as far as the picture has come."""

    def __init__(self, container: Any, samples: Float32) -> None:
        self._container, self._samples, self._at = container, samples, 0
        self._stream = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._stream.bit_rate = 64_000

    def until(self, second: float) -> None:
        """Encode whole frames up to a time; silence after the samples' end."""
        while (self._at + _BLOCK) / SOUND_RATE <= second:
            self._encode()

    def finish(self) -> None:
        if self._at < len(self._samples):
            self._encode()
        self._container.mux(self._stream.encode())

    def _encode(self) -> None:
        import av

        block = self._samples[self._at : self._at + _BLOCK]
        block = np.pad(block, (0, _BLOCK - len(block))).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SOUND_RATE, self._at
        frame.time_base = Fraction(1, SOUND_RATE)
        self._container.mux(self._stream.encode(frame))
        self._at += _BLOCK


@dataclass
class _Stream:
    """A stream that is written, and the last time stamp in it."""

    out: Any
    last: int = -(1 << 62)  # of decoding, in ticks


def repeat(source: Path, target: Path, seconds: float, *, sound: Float32 | None = None) -> int:
    """Write a file's packets again and again until `seconds` are full; no picture is encoded.

    Args:
        sound: mono at 24 kHz, [n], under a source that has no sound of its own.

    Returns:
        How often the file was repeated.
    """
    import av

    times = 0
    with av.open(str(target), "w") as out:
        with av.open(str(source)) as container:  # all streams are there before the first packet
            streams = [
                _Stream(out.add_stream_from_template(one, opaque=True)) for one in container.streams
            ]
        voice = _Sound(out, sound) if sound is not None else None
        shift = Fraction(0)  # s
        while shift < seconds:
            shift += _again(source, out, streams, shift, voice)
            times += 1
        if voice is not None:
            voice.finish()
    return times


def _again(
    source: Path, out: Any, streams: list[_Stream], shift: Fraction, voice: _Sound | None
) -> Fraction:
    """Write a file's packets once, `shift` s later; the seconds that they last."""
    import av

    length = Fraction(0)
    with av.open(str(source)) as container:
        for packet in container.demux():
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            length = max(length, end)
            moved = round(shift / packet.time_base)
            packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
            stream = streams[packet.stream_index]
            if packet.dts <= stream.last:  # what an encoder of sound puts before the beginning
                continue
            stream.last, packet.stream = packet.dts, stream.out
            out.mux(packet)
            if voice is not None:
                voice.until(float(shift + end))
    return length
