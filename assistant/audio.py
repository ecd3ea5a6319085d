"""Sound: one way in (`Audio.open`), whatever the file format, and one way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError


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
    def open(cls, path: Path | str, *, rate: int = 16_000) -> Audio:
        """Decode a sound or video file's first audio stream, mixed to mono at `rate` Hz.

        Raises:
            InputError: missing, empty, or not a sound that FFmpeg can decode.
        """
        raise InputError(f"{path}: not written yet", fix="wait")

    def resampled(self, rate: int) -> Audio:
        """The same sound at another rate (soxr, very high quality)."""
        if rate == self.rate:
            return self
        import soxr

        return Audio(samples=soxr.resample(self.samples, self.rate, rate), rate=rate)

    def write(self, path: Path | str) -> None:
        """Write a 16-bit WAV file."""
        import soundfile

        soundfile.write(str(path), self.samples, self.rate, subtype="PCM_16")


@dataclass(frozen=True, kw_only=True, eq=False)
class AudioChunk(Audio):
    """A piece of a stream of sound."""

    start: float  # s since the stream began
