"""Speex's echo canceller: an adaptive filter and nothing else, through the package pyaec.

Where WebRTC's canceller suppresses what its filter leaves, and a person's voice with it, this
one takes out what follows from the reference only. What it leaves of an echo is audible, but a
voice over the echo comes through whole. Its filter is the multidelay block frequency domain one
of J.-S. Valin, "On Adjusting the Learning Rate in Frequency Domain Echo Cancellation With
Double-Talk" (2007), which holds still while somebody speaks.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pyaec import Aec

from assistant.audio import HEARING_RATE
from assistant.interfaces import EngineContext, Float32

_FRAME = 256  # samples, 16 ms; divides a block, so nothing is held back
_TAIL_S = 0.512  # of the way through the devices and the room's reverberation


class SpeexEcho:
    """A linear echo canceller. Keeps state: one conversation a process."""

    name: ClassVar[str] = "speex"

    def __init__(self, *, tail_s: float = _TAIL_S) -> None:
        taps = round(tail_s * HEARING_RATE / _FRAME) * _FRAME
        self._filter = Aec(_FRAME, taps, HEARING_RATE, enable_preprocess=False)
        # It takes the bass away first. The same with nothing to cancel tells what that does.
        self._bass = Aec(_FRAME, _FRAME, HEARING_RATE, enable_preprocess=False)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Options: tail_s, how late an echo may come and still be foretold (0.512)."""
        return cls(tail_s=float(context.options.get("tail_s", _TAIL_S)))

    def split(self, microphone: Float32, reference: Float32) -> tuple[Float32, Float32]:
        """The microphone above about 250 Hz: without the echo that is foretold, and that echo.

        Whole frames of 256 samples, as the session's blocks of 512 are; nothing is held back.
        """
        near, far = _steps(microphone).reshape(-1, _FRAME), _steps(reference).reshape(-1, _FRAME)
        silence = [0] * _FRAME
        rest, both = [], []
        for heard, played in zip(near.tolist(), far.tolist(), strict=True):
            rest.append(self._filter.cancel_echo(heard, played))
            both.append(self._bass.cancel_echo(heard, silence))
        scale = np.float32(1 / 32768.0)
        left = np.concatenate(rest, dtype=np.float32) * scale
        return left, np.concatenate(both, dtype=np.float32) * scale - left


def _steps(samples: Float32) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """As the filter takes them: 16 bits."""
    return np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)
