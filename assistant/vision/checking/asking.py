"""Asks a vision model within a deadline, whatever the model does meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from assistant.errors import DeadlineExceeded, EngineError
from assistant.interfaces import Cancel, Options, VisionModel
from assistant.types import Picture

_MOST = 4000  # characters of an answer; a model that rambles on is stopped
_LOOK_S = 0.05  # how often a stop is looked for


def ask(
    model: VisionModel,
    pictures: Sequence[Picture],
    prompt: str,
    options: Options,
    cancel: Cancel | None = None,
) -> str:
    """The whole answer of a model, at most 4,000 characters.

    A model that ignores `options.deadline_s` is left behind, told to stop, and its answer thrown
    away. Stops within 0.05 s of a cancel; the model itself stops when it can.

    Raises:
        DeadlineExceeded: it did not finish within `options.deadline_s`.
        EngineError: it failed.
        Cancelled
    """
    own = Cancel()
    pieces: queue.Queue[str | BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            for piece in model.answer(pictures, prompt, options, own):
                pieces.put(piece)
                if own.is_set:
                    return
            pieces.put(None)
        except BaseException as error:  # carried to the asking thread
            pieces.put(error)

    threading.Thread(target=work, name="vision-model", daemon=True).start()
    until = None if options.deadline_s is None else time.monotonic() + options.deadline_s
    try:
        return _gathered(pieces, until, cancel)
    finally:
        own.set()


def _gathered(
    pieces: queue.Queue[str | BaseException | None], until: float | None, cancel: Cancel | None
) -> str:
    answer = ""
    while len(answer) < _MOST:
        if cancel is not None:
            cancel.check()
        if until is not None and time.monotonic() >= until:
            raise DeadlineExceeded(
                "the vision model took too long", fix="choose a smaller one or a longer deadline"
            )
        try:
            piece = pieces.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if piece is None:
            break
        if isinstance(piece, EngineError):
            raise piece
        if isinstance(piece, BaseException):
            raise EngineError(
                f"the vision model failed: {piece}", fix="assistant doctor"
            ) from piece
        answer += piece
    return answer


def left(options: Options, since: float) -> Options:
    """The same options with what is left of the deadline that began at `since`, s monotonic."""
    if options.deadline_s is None:
        return options
    return replace(options, deadline_s=max(0.0, options.deadline_s - (time.monotonic() - since)))
