"""Videos that are understood in the background, so that other questions can be asked meanwhile.

One thread a video; whoever asks about a video joins the thread that is at work on it. The work
itself is a job that survives the process (`working`), so nothing is lost when it is stopped.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.errors import AssistantError, Cancelled
from assistant.interfaces import Cancel
from assistant.registry import Engines
from assistant.video.understood import Understood, Working

_log = logging.getLogger(__name__)

_KEPT = 4  # videos that stay open for further questions
_LOOK_S = 0.1  # how often a stop is looked for

Understanding = Callable[[Cancel], Iterator[Working | Understood]]


class Task:
    """A video at work, or understood."""

    def __init__(self, work: Understanding) -> None:
        self.progress: Working | None = None
        self.understood: Understood | None = None
        self.error: BaseException | None = None
        self.cancel = Cancel()
        self._done = threading.Event()
        self._work = work
        self._lock = threading.Lock()
        self._told: Callable[[Task], None] | None = None
        threading.Thread(target=self._run, name="video", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done.is_set()

    def wait(self, seconds: float | None, cancel: Cancel) -> Iterator[Working]:
        """Wait at most so long, for ever with None; yield how far it is, about twice a second.

        Raises:
            Cancelled: the waiting was cancelled; the work goes on.
        """
        waited, told = 0.0, 0.0
        while not self._done.wait(_LOOK_S):
            cancel.check()
            waited += _LOOK_S
            if self.progress is not None and waited - told >= 0.5:
                told = waited
                yield self.progress
            if seconds is not None and waited >= seconds:
                return

    def then(self, told: Callable[[Task], None] | None) -> None:
        """Have this called once, on any thread, when it has ended; None calls nothing.

        There is one listener, the last; where the work has ended it is called at once.
        """
        with self._lock:
            self._told = told if not self.done else None
            ended = self.done
        if ended and told is not None:
            told(self)

    def close(self) -> None:
        """Close what is kept open."""
        if self.understood is not None:
            self.understood.store.close()

    def _run(self) -> None:
        try:
            for event in self._work(self.cancel):
                if isinstance(event, Understood):
                    self.understood = event
                else:
                    self.progress = event
        except Cancelled as error:
            self.error = error
        except BaseException as error:  # carried to whoever asks
            if not isinstance(error, AssistantError):
                _log.exception("a video could not be understood")
            self.error = error
        finally:
            with self._lock:
                self._done.set()
                told, self._told = self._told, None
            if told is not None:
                told(self)


class Background:
    """The videos of this process."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[tuple[str, int, int, str], Task] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self,
        engines: Engines,
        path: Path,
        language: str,
        understand: Callable[..., Iterator[Working | Understood]] | None = None,
    ) -> Task:
        """The task of a video in a language, begun where there is none or it failed."""
        if understand is None:
            from assistant.video.working import understand as real

            understand = real
        begin = understand
        path = path.resolve()
        known = path.stat()
        key = (str(path), known.st_mtime_ns, known.st_size, language)
        with self._lock:
            task = self._tasks.get(key)
            if task is None or (task.done and task.error is not None):
                task = Task(
                    lambda cancel: begin(
                        engines, path, language=language, waiting=_wait, cancel=cancel
                    )
                )
                self._tasks[key] = task
                self._forget()
            self._tasks.move_to_end(key)
            return task

    @property
    def several(self) -> bool:
        """Whether more than one video was asked for, so that each is to be named."""
        with self._lock:
            return len({path for path, *_ in self._tasks}) > 1

    def _forget(self) -> None:
        """Close the oldest that have ended."""
        ended = [key for key, task in self._tasks.items() if task.done]
        for key in ended[: max(0, len(self._tasks) - _KEPT)]:
            self._tasks.pop(key).close()


def _wait(text: str) -> None:
    _log.info("%s", text)


background = Background()
"""The one of this process."""
