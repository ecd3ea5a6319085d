"""Where speech goes: the loudspeaker while it is still being made, or a sound file."""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from assistant.devices import play
from assistant.errors import InputError
from assistant.types import Audio

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes pieces of speech in playing order; leaving the context waits until all is out."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def put(self, audio: Audio) -> None:
        """Add a piece."""


class Loudspeaker:
    """Plays pieces on a thread of its own, so that the next ones are made meanwhile.

    Where no speaker exists the pieces are dropped: a machine without sound still answers.
    """

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[Audio | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._pieces.put(None)
        if error[0] is None:  # else nobody waits for the rest
            self._thread.join()

    def put(self, audio: Audio) -> None:
        """Play this after what was put before."""
        self._pieces.put(audio)

    def _run(self) -> None:
        while (audio := self._pieces.get()) is not None:
            try:
                play(audio)
            except InputError as error:
                _log.info("nothing is played: %s", error)
                return


class SoundFile:
    """Joins the pieces into one WAV file at the rate of the first; none, no file.

    Pieces of other rates (another language's voice) are resampled.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pieces: list[Audio] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._pieces:
            return
        rate = self._pieces[0].rate
        samples = np.concatenate([piece.resampled(rate).samples for piece in self._pieces])
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            Audio(samples=samples, rate=rate).write(self.path)
        except (OSError, RuntimeError) as failure:
            raise InputError(
                f"cannot write {self.path}: {failure}", fix="choose another place with --out"
            ) from failure

    def put(self, audio: Audio) -> None:
        """Add a piece to the file."""
        self._pieces.append(audio)
