"""A model's work in a thread of its own, so that whoever waits for it can stop waiting.

Libraries return from a step when they like. The thread at work looks at `Cancel` between
steps and ends by itself; nobody closes its generator from outside.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from assistant.errors import Cancelled, DeadlineExceeded
from assistant.interfaces import Cancel

LOOK_S: Final = 0.05  # s between looks at a cancel and a deadline

Emit = Callable[[str], None]
Work = Callable[[Emit, Cancel], None]


def streamed(
    work: Work, *, cancel: Cancel | None = None, deadline_s: float | None = None, name: str = ""
) -> Iterator[str]:
    """Yield the pieces that `work(emit, stop)` emits, as they come.

    Stops within 0.05 s of a cancel, of the deadline and of being closed; the work then finds
    `stop` set and ends at its next look, which may be a step later.

    Raises:
        Cancelled
        DeadlineExceeded: the work took longer than `deadline_s`; pieces may have come before.
        Exception: whatever the work raised.
    """
    until = None if deadline_s is None else time.monotonic() + deadline_s
    pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    stop = Cancel()

    def run() -> None:
        try:
            work(pieces.put, stop)
        except BaseException as error:
            pieces.put(error)
        else:
            pieces.put(None)

    threading.Thread(target=run, name=name or "vision", daemon=True).start()
    try:
        while True:
            try:
                piece = pieces.get(timeout=LOOK_S)
            except queue.Empty:
                piece = ""
            if cancel is not None and cancel.is_set:
                raise Cancelled
            if until is not None and time.monotonic() > until and piece is not None:
                raise DeadlineExceeded(
                    f"{name or 'the model'} took longer than {deadline_s:g} s",
                    fix="allow it more time, or use a smaller model",
                )
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            if piece:
                yield piece
    finally:
        stop.set()
