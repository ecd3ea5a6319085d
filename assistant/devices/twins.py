"""A microphone and a loudspeaker made of sound files: in real time, or as fast as possible."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from assistant.audio import HEARING_RATE
from assistant.devices.sound import BLOCK, RENDER_RATE, Block, Render
from assistant.interfaces import Float32
from assistant.types import Audio

_BLOCK_S = BLOCK / HEARING_RATE
_RENDERED = round(_BLOCK_S * RENDER_RATE)  # samples at 24 kHz of one block
_MOST_AFTER = round(600.0 / _BLOCK_S)  # blocks after the recording, whatever still sounds
_SILENCE = np.zeros(BLOCK, np.float32)


def quantised(samples: Float32) -> Float32:
    """Samples in steps of 16 bits, as a recording keeps them."""
    steps = np.clip(np.round(samples * 32768.0), -32768, 32767)
    return (steps / 32768.0).astype(np.float32)


class FileSound:
    """What the microphone hears comes from a file; what is played is kept."""

    def __init__(
        self,
        microphone: Path | Audio,
        speaker: Path | None = None,
        *,
        realtime: bool = False,
        echo: Float32 | None = None,
        tail_s: float = 10.0,
    ) -> None:
        """Open a recording.

        Args:
            microphone: what is heard, then silence.
            tail_s: how long the silence lasts after the recording and after the last sound
                that was played, so that an answer is never cut off (unless it lasts 10 minutes).
            speaker: where to write what was played; nowhere by default.
            realtime: pace the blocks by the clock.
            echo: impulse response at 16 kHz from the loudspeaker to the microphone, [n].

        Raises:
            InputError: the file cannot be read.
        """
        audio = microphone if isinstance(microphone, Audio) else Audio.open(microphone)
        sound = audio.resampled(HEARING_RATE).samples
        self._sound = np.zeros(-(-len(sound) // BLOCK) * BLOCK, np.float32)
        self._sound[: len(sound)] = sound
        self._tail = round(tail_s / _BLOCK_S)  # blocks
        self._out = speaker
        self._realtime = realtime
        self._response = echo
        self._rendered: list[Float32] = []
        self._closed = False

    @property
    def heard(self) -> Audio:
        """All that was played so far, at 24 kHz."""
        parts = self._rendered or [np.zeros(0, np.float32)]
        return Audio(samples=np.concatenate(parts), rate=RENDER_RATE)

    def blocks(self, render: Render) -> Iterator[Block]:
        """Blocks until the recording and its tail end, or it is closed."""
        recorded = len(self._sound) // BLOCK
        last = recorded + self._tail
        down = soxr.ResampleStream(RENDER_RATE, HEARING_RATE, 1, dtype="float32", quality="QQ")
        waiting = np.zeros(0, np.float32)
        room = _Echo(self._response)
        began = time.monotonic()
        for number in itertools.count():
            if self._closed or number >= min(last, recorded + _MOST_AFTER):
                return
            played = render(_RENDERED)
            self._rendered.append(played)
            if played.any():
                last = max(last, number + 1 + self._tail)
            waiting = np.concatenate([waiting, down.resample_chunk(played)])
            reference = np.zeros(BLOCK, np.float32)
            ready = waiting[:BLOCK]
            reference[: len(ready)] = ready
            waiting = waiting[BLOCK:]
            heard = self._sound[number * BLOCK : (number + 1) * BLOCK]
            microphone = (heard if number < recorded else _SILENCE) + room.next(reference)
            yield Block(
                microphone=quantised(microphone),
                reference=quantised(reference),
                played=(number + 1) * _RENDERED,
            )
            if self._realtime:
                time.sleep(max(0.0, began + (number + 1) * _BLOCK_S - time.monotonic()))

    def close(self) -> None:
        """Stop, and write what was played."""
        if not self._closed and self._out is not None:
            self.heard.write(self._out)
        self._closed = True


class _Echo:
    """A room: what was played comes back through its impulse response."""

    def __init__(self, response: Float32 | None) -> None:
        self._response = response
        self._tail = np.zeros(0, np.float32)

    def next(self, played: Float32) -> Float32:
        """What comes back during a block, [512]."""
        if self._response is None:
            return np.zeros(BLOCK, np.float32)
        whole = np.convolve(played, self._response).astype(np.float32)
        size = max(len(whole), len(self._tail))
        total = np.zeros(size, np.float32)
        total[: len(whole)] += whole
        total[: len(self._tail)] += self._tail
        self._tail = total[BLOCK:]
        return total[:BLOCK]
