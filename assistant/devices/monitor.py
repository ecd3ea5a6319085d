"""All that sounds on this machine, for the echo canceller."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
import time
from typing import Final

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices.resampling import Resampled
from assistant.devices.sound import BLOCK
from assistant.interfaces import Float32

_AGAIN_S: Final = 1.0  # s before a reader that ended is started again


class Monitor:
    """The sound of a sink, from its monitor; starts again when the sink changes or comes back."""

    def __init__(self) -> None:
        self._sink: str | None = None
        self._reader: _Reader | None = None
        self._due = 0.0  # monotonic s of the next start

    @staticmethod
    def offered() -> bool:
        """Whether this machine can read one."""
        return shutil.which("parec") is not None

    def follow(self, sink: str | None) -> None:
        """Read this sink from now on; None where there is none."""
        ended = self._reader is not None and self._reader.ended
        if sink != self._sink or ended:
            self.close()
            self._due = time.monotonic() + (_AGAIN_S if ended and sink == self._sink else 0.0)
            self._sink = sink
        if self._reader is None and sink is not None and time.monotonic() >= self._due:
            self._reader = _Reader(sink)

    def read(self, waiting: int) -> Float32 | None:
        """The next block; None while nothing can be read.

        Args:
            waiting: samples of the microphone that came after the block beside it.
        """
        return self._reader.read(waiting) if self._reader is not None else None

    def drop(self, count: int) -> None:
        """Leave so many samples out."""
        if self._reader is not None:
            self._reader.drop(count)

    def close(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


class _Reader:
    """One run of `parec`."""

    def __init__(self, sink: str) -> None:
        self._process = subprocess.Popen(
            ["parec", f"--device={sink}.monitor", f"--rate={HEARING_RATE}", "--channels=1",
             "--format=s16le", "--latency-msec=20", "--raw"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._samples = Resampled(HEARING_RATE)
        self._pieces: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="monitor", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether it has stopped by itself."""
        return self._process.poll() is not None

    def _read(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and (data := pipe.read(2 * BLOCK // 2)):
            self._pieces.put(np.frombuffer(data, np.int16).astype(np.float32) / 32768.0)

    def read(self, waiting: int) -> Float32 | None:
        self._samples.expect(self._pieces)
        if self.ended and self._samples.waiting < BLOCK:
            return None
        block = self._samples.take()
        self._samples.follow(waiting)
        return block

    def drop(self, count: int) -> None:
        self._samples.take_in(self._pieces)
        self._samples.drop(count)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
