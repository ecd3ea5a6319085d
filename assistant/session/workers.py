"""The session's only concurrency: one thread a lane, each at work on one job at a time.

A job is a generator; each value that it yields comes back as an `Item` with the job's
generation. The session compares it with the generation that it waits for and drops the rest,
so nothing stale is ever played or stored. A new job takes the place of the one before: that
one is cancelled, and one that had not begun never begins.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from assistant.errors import Cancelled
from assistant.interfaces import Cancel

Lane = Literal["ears", "turn", "mind", "eyes", "idle", "behind"]
Job = Callable[[Cancel], Iterator[Any]]


@dataclass(frozen=True, kw_only=True)
class Done:
    """The job has come to its end."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The job failed."""

    message: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What a job yielded."""

    lane: Lane
    generation: int
    value: Any  # last of a job: Done or Broken


class Workers(Protocol):
    """Where jobs run; `Threads` in a conversation, others on a virtual clock."""

    def start(self, lane: Lane, generation: int, job: Job) -> None:
        """Run a job instead of the lane's present one."""

    def cancel(self, lane: Lane) -> None:
        """Stop the lane's job as soon as its engine can."""

    def tell(self, value: Any) -> None:
        """Hand in what comes from no job: work behind the conversation. Thread-safe."""

    def items(self) -> list[Item]:
        """What jobs have yielded since the last call, and what was told."""

    def close(self) -> None:
        """Cancel everything."""


class Threads:
    """Workers on threads."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._lanes: dict[Lane, _Lane] = {}

    def start(self, lane: Lane, generation: int, job: Job) -> None:
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, self._items)
        self._lanes[lane].start(generation, job)

    def cancel(self, lane: Lane) -> None:
        if lane in self._lanes:
            self._lanes[lane].cancel()

    def tell(self, value: Any) -> None:
        self._items.put(told(value))

    def items(self) -> list[Item]:
        return _taken(self._items)

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.close()


class _Lane:
    """One thread, which always takes the newest job."""

    def __init__(self, name: Lane, items: queue.SimpleQueue[Item]) -> None:
        self._name = name
        self._items = items
        self._changed = threading.Condition()
        self._next: tuple[int, Job] | None = None
        self._cancel = Cancel()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"session-{name}", daemon=True)
        self._thread.start()

    def start(self, generation: int, job: Job) -> None:
        with self._changed:
            self._cancel.set()
            self._next = (generation, job)
            self._changed.notify()

    def cancel(self) -> None:
        with self._changed:
            self._cancel.set()
            self._next = None

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._cancel.set()
            self._next = None
            self._changed.notify()
        self._thread.join(timeout=5.0)  # s; a daemon thread does not keep the process alive

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._next is None and not self._closed:
                    self._changed.wait()
                if self._closed or self._next is None:
                    return
                generation, job = self._next
                self._next = None
                self._cancel = cancel = Cancel()
            for value in values(job, cancel):
                self._items.put(Item(lane=self._name, generation=generation, value=value))


def told(value: Any) -> Item:
    """What comes from no job, as an item; nobody waits for it, so it needs no generation."""
    return Item(lane="behind", generation=0, value=value)


def _taken(items: queue.SimpleQueue[Item]) -> list[Item]:
    """All that waits in a queue."""
    found = []
    while True:
        try:
            found.append(items.get_nowait())
        except queue.Empty:
            return found


def values(job: Job, cancel: Cancel) -> Iterator[Any]:
    """What a job yields, then `Done`, or `Broken` when it raised; nothing more once cancelled."""
    try:
        for value in job(cancel):
            yield value
            if cancel.is_set:
                return
    except Cancelled:
        return
    except Exception as error:
        yield Broken(message=str(error) or type(error).__name__, fix=getattr(error, "fix", ""))
    else:
        yield Done()


class Inline:
    """Workers that take no time: a job runs to its end when it is started.

    For sound files at full speed, where no clock runs while engines work.
    """

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def start(self, lane: Lane, generation: int, job: Job) -> None:
        if lane == "idle":
            return  # there is no time between two turns
        for value in values(job, Cancel()):
            self._items.put(Item(lane=lane, generation=generation, value=value))

    def cancel(self, lane: Lane) -> None:
        """Nothing is ever at work."""

    def tell(self, value: Any) -> None:
        self._items.put(told(value))

    def items(self) -> list[Item]:
        return _taken(self._items)

    def close(self) -> None:
        """Nothing is at work."""
