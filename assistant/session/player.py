"""What is to be played, in order, as samples that a loudspeaker pulls.

The loudspeaker calls `render` on its own thread; everything else is called by the session.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.interfaces import Float32
from assistant.types import Audio

RATE = 24_000  # Hz, of everything that is played
_RAMP_S = 0.015  # s that a change of loudness takes, so that it does not click
_FADE_S = 0.01  # s that speech takes to fall silent when it is stopped


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far playing has come: every piece before `piece` was played, of it `samples`."""

    piece: int = 0
    samples: int = 0


class Player:
    """A queue of speech with earcons laid over it. Thread-safe; `render` never waits for work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[Float32] = deque()
        self._number = 0  # of the piece at the head of the queue
        self._at = 0  # samples of it that were rendered
        self._over: deque[Float32] = deque()  # earcons
        self._over_at = 0
        self._gain = 1.0
        self._wanted = 1.0
        self._tail = np.zeros(0, np.float32)  # what fades out after a stop

    def add(self, audio: Audio) -> int:
        """Play this after what was added before; returns the piece's number."""
        with self._lock:
            self._pieces.append(audio.resampled(RATE).samples.astype(np.float32))
            return self._number + len(self._pieces) - 1

    def overlay(self, audio: Audio) -> None:
        """Play an earcon now, whatever else sounds."""
        with self._lock:
            self._over.append(audio.resampled(RATE).samples.astype(np.float32))

    def duck(self, decibels: float) -> None:
        """Set the loudness of speech; 0 is its own."""
        with self._lock:
            self._wanted = float(10 ** (decibels / 20))

    def stop(self) -> None:
        """Drop all speech; what sounds fades out within 10 ms."""
        with self._lock:
            if self._pieces:
                fade = self._pieces[0][self._at : self._at + round(_FADE_S * RATE)]
                self._tail = fade * np.linspace(1, 0, len(fade), dtype=np.float32) * self._gain
            self._number += len(self._pieces)
            self._pieces.clear()
            self._at = 0
            self._wanted = self._gain = 1.0

    def position(self) -> Position:
        """How far `render` has come."""
        with self._lock:
            return Position(piece=self._number, samples=self._at)

    def render(self, count: int) -> Float32:
        """The next `count` samples at 24 kHz, [count]; silence where nothing is to be played."""
        out = np.zeros(count, np.float32)
        with self._lock:
            filled = 0
            while self._pieces and filled < count:
                piece = self._pieces[0]
                taken = piece[self._at : self._at + count - filled]
                out[filled : filled + len(taken)] = taken
                filled += len(taken)
                self._at += len(taken)
                if self._at >= len(piece):
                    self._pieces.popleft()
                    self._number += 1
                    self._at = 0
            out *= self._gains(count)
            if len(self._tail):
                fade, self._tail = self._tail[:count], self._tail[count:]
                out[: len(fade)] += fade
            self._lay_over(out)
        np.clip(out, -1.0, 1.0, out=out)
        return out

    def _gains(self, count: int) -> Float32:
        """The gain of each sample on the way to the one that is wanted."""
        if self._gain == self._wanted:
            return np.full(count, self._gain, np.float32)
        step = 1.0 / (_RAMP_S * RATE)
        away = self._wanted - self._gain
        path = self._gain + np.sign(away) * np.minimum(step * np.arange(1, count + 1), abs(away))
        self._gain = float(path[-1])
        gains: Float32 = path.astype(np.float32)
        return gains

    def _lay_over(self, out: Float32) -> None:
        filled = 0
        while self._over and filled < len(out):
            earcon = self._over[0]
            taken = earcon[self._over_at : self._over_at + len(out) - filled]
            out[filled : filled + len(taken)] += taken
            filled += len(taken)
            self._over_at += len(taken)
            if self._over_at >= len(earcon):
                self._over.popleft()
                self._over_at = 0
