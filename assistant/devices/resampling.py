"""Sound at the rates of devices, turned into the blocks of a conversation and back."""

from __future__ import annotations

import queue
import time
from collections import deque
from typing import Final

import numpy as np
import soxr

from assistant.audio import HEARING_RATE
from assistant.devices.sound import BLOCK, RENDER_RATE, Render
from assistant.interfaces import Float32

_MOST: Final = 8 * BLOCK  # samples (0.26 s) of a reference that no unevenness of devices explains
_PATIENCE_S: Final = 0.25  # s for which the rest of a block is waited for on a busy machine
_WATCHED: Final = 32  # blocks (1 s) after whose least spare a reference is brought forward


class Resampled:
    """Samples that come in pieces at any rate and are taken in blocks at 16 kHz."""

    def __init__(self, rate: int) -> None:
        self._samples = np.zeros(0, np.float32)
        self._spare: deque[int] = deque(maxlen=_WATCHED)
        self._dry = False  # nothing came for as long as one waits
        self.rate = rate

    @property
    def rate(self) -> int:
        """Hz, of what comes."""
        return self._rate

    @rate.setter
    def rate(self, rate: int) -> None:
        self._rate = rate
        same = rate == HEARING_RATE
        self._stream = None if same else soxr.ResampleStream(rate, HEARING_RATE, 1, dtype="float32")

    @property
    def waiting(self) -> int:
        """Samples at 16 kHz that can be taken."""
        return len(self._samples)

    def add(self, samples: Float32) -> None:
        """Take a piece, [n]."""
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples)
        self._samples = np.concatenate([self._samples, samples])

    def take_in(self, pieces: queue.SimpleQueue[Float32]) -> None:
        """Take all that waits in a queue."""
        while not pieces.empty():
            self.add(pieces.get())

    def expect(self, pieces: queue.SimpleQueue[Float32]) -> None:
        """Take all that waits in a queue, and wait a moment for the rest of a block.

        Whoever is late on a busy machine comes soon; silence in its place would be taken for
        what was played. Where nothing comes, later calls do not wait until something does.
        """
        self.take_in(pieces)
        until = time.monotonic() + _PATIENCE_S
        while self.waiting < BLOCK and not self._dry:
            try:
                self.add(pieces.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        self._dry = self.waiting < BLOCK

    def drop(self, count: int) -> None:
        """Drop so many of the oldest samples."""
        self._samples = self._samples[count:]

    def follow(self, waiting: int) -> None:
        """After each block: keep beside another stream, of which so many samples still wait.

        Each time that too little has come, silence is taken in its place and all that follows
        is late by as much, as it is where clocks drift. A reference that is later than its
        echo is of no use, so what was never needed for a second is dropped, and much at once;
        what waits because the reader was held up waits in both streams, and stays.
        """
        spare = self.waiting - waiting
        self._spare.append(spare)
        never_needed = min(self._spare) - BLOCK // 2
        if spare > _MOST:
            self.drop(spare - 2 * BLOCK)
        elif len(self._spare) == _WATCHED and never_needed > BLOCK // 2:
            self.drop(never_needed)
        else:
            return
        self._spare.clear()

    def take(self) -> Float32:
        """The next block; silence where too little has come."""
        block = np.zeros(BLOCK, np.float32)
        ready = self._samples[:BLOCK]
        block[: len(ready)] = ready
        self._samples = self._samples[BLOCK:]
        return block


class Rendered:
    """What is rendered at 24 kHz, at the rate of a loudspeaker."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._left = np.zeros(0, np.float32)
        self._stream = (
            None if rate == RENDER_RATE else soxr.ResampleStream(RENDER_RATE, rate, 1, "float32")
        )

    def next(self, count: int, render: Render, played: queue.SimpleQueue[Float32]) -> Float32:
        """The next samples to be played; a copy of what was rendered goes to `played`."""
        if self._stream is None:
            samples = render(count)
            played.put(samples)
            return samples
        while len(self._left) < count:
            rendered = render(max(64, round((count - len(self._left)) * RENDER_RATE / self._rate)))
            played.put(rendered)
            self._left = np.concatenate([self._left, self._stream.resample_chunk(rendered)])
        samples, self._left = self._left[:count], self._left[count:]
        return samples
