"""Long work that survives its process: jobs with stages in SQLite, one process at a time each.

A job is known by its kind and its subject, such as `("photos", "/home/me/Pictures")`. Who claims
it holds a lock of the operating system, which goes with its process however that ends; a job
that was not finished is taken up again by the next claim, and knows which stages it has behind
it. Where the work itself is kept (a library's own database) is not this module's affair.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from filelock import FileLock, Timeout

from assistant.database import Database
from assistant.errors import AssistantError, Cancelled, InputError
from assistant.interfaces import Cancel
from assistant.settings import data_folder

State = Literal["running", "stopped", "done", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,                  -- running, stopped, done, failed
    stage TEXT NOT NULL DEFAULT '',       -- the one at work
    done INTEGER NOT NULL DEFAULT 0,      -- of the stage's units
    total INTEGER,                        -- null where it is not known
    stages TEXT NOT NULL DEFAULT '{}',    -- JSON: finished stages -> what they left for later ones
    error TEXT,                           -- why it failed
    pid INTEGER NOT NULL,
    stop INTEGER NOT NULL DEFAULT 0,      -- somebody asked for it to stop
    started_at REAL NOT NULL,             -- s since 1970
    updated_at REAL NOT NULL,
    UNIQUE (kind, subject)
);
"""
_EVERY_S = 0.5  # between two notes of progress; each is a transaction

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """A job as it stands."""

    id: int
    kind: str
    subject: str
    state: State
    stage: str
    done: int
    total: int | None
    error: str | None
    pid: int
    started_at: float  # s since 1970
    updated_at: float  # s since 1970


class Jobs:
    """The table of jobs, by default in the data folder. Several processes may share it."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open or create the table.

        Raises:
            SettingsError: it cannot be used.
        """
        self._folder = folder or data_folder()
        self._table = Database(self._folder / "jobs.sqlite", (_SCHEMA,))

    def close(self) -> None:
        """Close the table."""
        self._table.close()

    def all(self) -> list[JobStatus]:
        """Every job, the latest first; one whose process has gone is `stopped`."""
        rows = self._table.rows("SELECT id FROM jobs ORDER BY updated_at DESC")
        return [status for (id,) in rows if (status := self.status(id)) is not None]

    def status(self, id: int) -> JobStatus | None:
        """One job, or None where there is none of that id."""
        rows = self._table.rows(
            "SELECT id, kind, subject, state, stage, done, total, error, pid, started_at,"
            " updated_at FROM jobs WHERE id = ?",
            id,
        )
        if not rows:
            return None
        names = JobStatus.__dataclass_fields__
        values = dict(zip(names, rows[0], strict=True))
        if values["state"] == "running" and not self._held(values["kind"], values["subject"]):
            values["state"] = "stopped"
        return JobStatus(**values)

    def stop(self, id: int) -> None:
        """Ask the process that works on a job to stop; it does at its next note of progress."""
        self._table.rows("UPDATE jobs SET stop = 1 WHERE id = ?", id)

    @contextlib.contextmanager
    def claim(
        self,
        kind: str,
        subject: str,
        *,
        cancel: Cancel | None = None,
        waiting: Callable[[JobStatus | None], None] | None = None,
    ) -> Iterator[Job]:
        """Work on a job, alone; whatever ends the block is written down.

        Args:
            waiting: called about every second while another process works on it; without it
                the claim is refused at once.

        Raises:
            InputError: another process works on it, and nobody wants to wait.
            Cancelled: `cancel` was set while waiting.
            SettingsError: the table cannot be used.
        """
        subject = subject.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        lock = FileLock(self._lock_file(kind, subject))
        while True:
            try:
                lock.acquire(timeout=1 if waiting else 0, poll_interval=0.1)
                break
            except Timeout:
                self._wait(kind, subject, waiting, cancel)
        try:
            job = self._take(kind, subject, cancel or Cancel())
            with job.noted():
                yield job
        finally:
            lock.release()

    def _wait(
        self,
        kind: str,
        subject: str,
        waiting: Callable[[JobStatus | None], None] | None,
        cancel: Cancel | None,
    ) -> None:
        rows = self._table.rows("SELECT id FROM jobs WHERE kind = ? AND subject = ?", kind, subject)
        other = self.status(rows[0][0]) if rows else None
        if waiting is None:
            who = f" (process {other.pid})" if other else ""
            raise InputError(
                f"another process{who} is at work on {subject}", fix="wait until it has finished"
            )
        if cancel is not None:
            cancel.check()
        waiting(other)

    def _take(self, kind: str, subject: str, cancel: Cancel) -> Job:
        """The unfinished job of that name, or a new one. The lock is held."""
        now, pid = time.time(), os.getpid()
        rows = self._table.rows(
            "SELECT id, state, stages FROM jobs WHERE kind = ? AND subject = ?", kind, subject
        )
        if rows and rows[0][1] != "done":
            id, _, stages = rows[0]
            self._table.rows(
                "UPDATE jobs SET state = 'running', stop = 0, error = NULL, pid = ?,"
                " updated_at = ? WHERE id = ?",
                pid, now, id,
            )  # fmt: skip
            return Job(self._table, int(id), json.loads(stages), cancel)
        self._table.rows("DELETE FROM jobs WHERE kind = ? AND subject = ?", kind, subject)
        ((id,),) = self._table.rows(
            "INSERT INTO jobs (kind, subject, state, pid, started_at, updated_at)"
            " VALUES (?, ?, 'running', ?, ?, ?) RETURNING id",
            kind, subject, pid, now, now,
        )  # fmt: skip
        return Job(self._table, int(id), {}, cancel)

    def _held(self, kind: str, subject: str) -> bool:
        lock = FileLock(self._lock_file(kind, subject))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def _lock_file(self, kind: str, subject: str) -> Path:
        name = hashlib.sha256(f"{kind}\0{subject}".encode()).hexdigest()
        return self._folder / "locks" / f"{name[:32]}.lock"


class Job:
    """A claimed job. Used by one thread; its `cancel` by any."""

    def __init__(self, table: Database, id: int, stages: dict[str, Any], cancel: Cancel) -> None:
        self.id = id
        self.cancel: Cancel = _Stop(table, id, cancel)
        """Set when the claim's own is, or when another process asked for the work to stop:
        for engines that work for long between two notes of progress."""
        self._table = table
        self._stages = stages
        self._cancel = cancel
        self._written = 0.0  # monotonic s

    def finished(self, stage: str) -> bool:
        """Whether the stage was finished, by this process or by one before."""
        return stage in self._stages

    def left(self, stage: str) -> Any:
        """What a finished stage left for later ones."""
        return self._stages[stage]

    def begin(self, stage: str, total: int | None = None) -> None:
        """Start a stage of so many units."""
        self._table.rows(
            "UPDATE jobs SET stage = ?, done = 0, total = ?, updated_at = ? WHERE id = ?",
            stage, total, time.time(), self.id,
        )  # fmt: skip
        self._written = time.monotonic()

    def advance(self, done: int) -> None:
        """Note how many units are done, at most twice a second.

        Raises:
            Cancelled: somebody asked for the work to stop.
        """
        self._cancel.check()
        if time.monotonic() - self._written < _EVERY_S:
            return
        self._written = time.monotonic()
        rows = self._table.rows(
            "UPDATE jobs SET done = ?, updated_at = ? WHERE id = ? RETURNING stop",
            done, time.time(), self.id,
        )  # fmt: skip
        if rows and rows[0][0]:
            raise Cancelled

    def finish(self, stage: str, left: Any = None) -> None:
        """Mark a stage as finished; `left` is any JSON value."""
        self._stages[stage] = left
        self._table.rows(
            "UPDATE jobs SET stages = ?, updated_at = ? WHERE id = ?",
            json.dumps(self._stages), time.time(), self.id,
        )  # fmt: skip

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Write down how the block ends."""
        try:
            yield
        except (Cancelled, KeyboardInterrupt, GeneratorExit):
            self._end("stopped")
            raise
        except BaseException as error:
            with contextlib.suppress(AssistantError):  # a full disk must not hide the first error
                self._end("failed", str(error))
            raise
        self._end("done")

    def _end(self, state: State, error: str | None = None) -> None:
        self._table.rows(
            "UPDATE jobs SET state = ?, error = ?, updated_at = ? WHERE id = ?",
            state, error, time.time(), self.id,
        )  # fmt: skip


class _Stop(Cancel):
    """A job's request to stop, looked for in the table at most twice a second."""

    def __init__(self, table: Database, id: int, given: Cancel) -> None:
        super().__init__()
        self._table = table
        self._id = id
        self._given = given
        self._looked = time.monotonic()

    @property
    def is_set(self) -> bool:
        if super().is_set or self._given.is_set:
            return True
        if time.monotonic() - self._looked >= _EVERY_S:
            self._looked = time.monotonic()
            rows = self._table.rows("SELECT stop FROM jobs WHERE id = ?", self._id)
            if rows and rows[0][0]:
                self.set()
        return super().is_set

    def check(self) -> None:
        """Raise `Cancelled` when a stop was asked for."""
        if self.is_set:
            raise Cancelled


def ahead(
    work: Callable[[Given], Made], items: Iterable[Given], *, threads: int = 2, waiting: int = 4
) -> Iterator[Made]:
    """Results in the order of the items, made by threads a little ahead of who takes them.

    At most `waiting` results lie ready or are being made, so memory stays flat. What `work`
    raises, raises here.
    """
    source = iter(items)
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="ahead") as pool:
        begun: deque[Future[Made]] = deque()
        try:
            while True:
                while len(begun) < waiting and (item := next(source, _END)) is not _END:
                    begun.append(pool.submit(work, item))
                if not begun:
                    return
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


_END: Any = object()
