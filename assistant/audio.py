"""Sound: one way in (`Audio.open`), whatever the file format, and one way out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError

HEARING_RATE = 16_000  # Hz, what Whisper and Silero were trained on

_OTHER_FILE = "give a sound or video file, such as WAV, MP3, M4A, FLAC or WebM"


@dataclass(frozen=True, kw_only=True, eq=False)
class Audio:
    """Mono sound."""

    samples: NDArray[np.float32]  # [n], in [-1, 1]
    rate: int  # Hz

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @classmethod
    def open(cls, path: Path | str, *, rate: int = HEARING_RATE) -> Audio:
        """Decode a sound or video file's first audio stream, mixed to mono at `rate` Hz.

        The extension is not trusted. A file that ends too early gives what is there; a sound
        of zero seconds is allowed. Memory holds the decoded mono sound and little more.

        Raises:
            InputError: missing, empty, or not a sound that FFmpeg can decode.
        """
        path = Path(path)
        try:
            if path.is_dir():
                raise InputError(f"{path} is a folder", fix="name a sound file in it")
            if not path.exists():
                raise InputError(f"there is no file {path}", fix="check the name")
            if not path.is_file():
                raise InputError(f"{path} is not an ordinary file", fix=_OTHER_FILE)
            with path.open("rb") as file:
                return cls._decode(file, str(path), rate)
        except (OSError, ValueError) as error:
            raise InputError(f"cannot open {path}: {error}", fix="check the file") from error

    @classmethod
    def decode(cls, data: bytes, *, name: str = "the recording", rate: int = HEARING_RATE) -> Audio:
        """The same for a file's content, such as an upload; `name` is used in messages.

        Raises:
            InputError: empty, or not a sound that FFmpeg can decode.
        """
        return cls._decode(io.BytesIO(data), name, rate)

    @classmethod
    def silence(cls, seconds: float, *, rate: int = HEARING_RATE) -> Audio:
        """Digital silence."""
        return cls(samples=np.zeros(round(seconds * rate), np.float32), rate=rate)

    @classmethod
    def _decode(cls, file: BinaryIO, name: str, rate: int) -> Audio:
        if not file.read(1):
            raise InputError(f"{name} is empty", fix=_OTHER_FILE)
        file.seek(0)
        content = bytearray()  # grows in place: no second copy of a long sound
        for samples in resampled_blocks(_mono_blocks(file, name), rate):
            content += samples.tobytes()
        return cls(samples=np.frombuffer(content, np.float32), rate=rate)

    def resampled(self, rate: int) -> Audio:
        """The same sound at another rate (soxr, high quality)."""
        if rate == self.rate:
            return self
        import soxr

        return Audio(samples=soxr.resample(self.samples, self.rate, rate), rate=rate)

    def write(self, path: Path | str) -> None:
        """Write a 16-bit WAV file; its folder is made when missing.

        Raises:
            InputError: the file cannot be written.
        """
        import soundfile

        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                soundfile.write(file, self.samples, self.rate, format="WAV", subtype="PCM_16")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error}", fix="name another file") from error


@dataclass(frozen=True, kw_only=True, eq=False)
class AudioChunk(Audio):
    """A piece of a stream of sound."""

    start: float  # s since the stream began


def _mono_blocks(file: BinaryIO, name: str) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decoded blocks and their rate in Hz, mixed to mono."""
    import av

    try:
        # An empty whitelist: a playlist that names other files or addresses opens none of them.
        with av.open(
            file, metadata_errors="ignore", options={"protocol_whitelist": "pyav"}
        ) as container:
            if not container.streams.audio:
                raise InputError(f"there is no sound in {name}", fix=_OTHER_FILE)
            for _, samples, block_rate in decoded_blocks(container, name):
                yield samples, block_rate
    except (av.error.FFmpegError, ValueError, OverflowError, MemoryError) as error:
        raise InputError(f"{name} is not a sound that can be decoded", fix=_OTHER_FILE) from error


def decoded_blocks(
    container: Any, name: str
) -> Iterator[tuple[float | None, NDArray[np.float32], int]]:
    """Blocks of the first audio stream of an open container: the time that the file gives (s),
    samples mixed to mono, their rate (Hz). Damaged packets are left out, a cut end is the end.

    Raises:
        InputError: there were packets, but nothing in them could be decoded.
    """
    import av

    floats: Any = None
    form = None  # of the frames that `floats` takes; it may change within a stream
    got = damaged = False
    packets = packets_of(container, container.streams.audio[0])
    while True:
        frames = []
        try:
            packet = next(packets, None)
            if packet is None:
                break
            frames = packet.decode()
        except (av.error.EOFError, EOFError):
            break
        except av.error.InvalidDataError:
            damaged = True
            continue
        except av.error.FFmpegError:
            damaged = True
            break
        for frame in frames:
            if form != (frame.format.name, frame.layout.name, frame.sample_rate):
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                floats = av.AudioResampler(format="fltp", layout=frame.layout)
            moment = frame.time
            frame.pts = None  # recordings often have broken times
            for block in floats.resample(frame):
                got = True
                # The mean never clips; FFmpeg's own mix to mono adds 3 dB to floats.
                samples = block.to_ndarray().mean(axis=0, dtype=np.float32)
                yield moment, samples, block.sample_rate
    if damaged and not got:
        raise InputError(f"{name} is damaged: no sound could be decoded", fix=_OTHER_FILE)


def packets_of(container: Any, stream: Any) -> Iterator[Any]:
    """The packets of one stream of an open container."""
    while True:
        try:
            yield from container.demux(stream)
            return
        except IndexError:  # PyAV's, at a packet of a stream that began in the middle of the file
            continue


def resampled_blocks(
    blocks: Iterable[tuple[NDArray[np.float32], int]], rate: int
) -> Iterator[NDArray[np.float32]]:
    """Blocks (samples, rate in Hz) of one sound at one rate, finite and within [-1, 1]."""
    import soxr

    stream = None
    source = rate
    for block, block_rate in blocks:
        if block_rate != source:
            if stream is not None:
                yield _within(stream.resample_chunk(np.zeros(0, np.float32), last=True))
            source = block_rate
            stream = soxr.ResampleStream(source, rate, 1, dtype="float32")
        yield _within(stream.resample_chunk(block) if stream is not None else block)
    if stream is not None:
        yield _within(stream.resample_chunk(np.zeros(0, np.float32), last=True))


def _within(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(np.nan_to_num(samples, posinf=1.0, neginf=-1.0), -1.0, 1.0).astype(np.float32)
