"""The only store of conversations and preferences: one SQLite file in the data folder.

Write-ahead logging keeps every turn that was committed when a process is killed. Deleted
turns are overwritten, not only unlinked (`secure_delete`).
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from assistant.errors import SettingsError
from assistant.settings import Strict, data_folder
from assistant.types import ToolCall, ToolResult, Turn

VERSION = 1
"""Of the schema, kept in `PRAGMA user_version`."""

_SCHEMA = """
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    started_at REAL NOT NULL,            -- s since 1970
    marks TEXT NOT NULL DEFAULT '[]'     -- what was said once and is not said again
);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ended_at REAL NOT NULL,              -- s since 1970
    request TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,             -- JSON
    result TEXT,                         -- JSON of the tool's result, null without one
    reply TEXT NOT NULL,                 -- what was really spoken
    language TEXT NOT NULL,
    timings TEXT NOT NULL,               -- JSON, s
    interrupted INTEGER NOT NULL
);
CREATE INDEX turns_of_conversation ON turns (conversation, id);
CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Preferences(Strict):
    """How the user wants to be spoken to; None leaves the choice to the assistant."""

    voice: str | None = None
    rate: float = Field(default=1.0, ge=0.5, le=3.0)  # 1 is the voice's own speed
    language: str | None = None  # BCP-47; None answers in the language of the request
    verbosity: Literal["brief", "full"] = "brief"
    script: Literal["simplified", "traditional"] | None = None  # of transcribed Mandarin
    wake_word: str | None = None  # said before a request while the microphone is open
    open_microphone: bool = False  # listen all the time; else only after a key
    microphone: str | None = None  # name of the device, or of a part of it
    speaker: str | None = None
    camera: str | None = None


class Memory:
    """Conversations and preferences. Thread-safe; several processes may share the file."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or create the store, by default `conversations.sqlite` in the data folder.

        Raises:
            SettingsError: it cannot be opened, or a newer version of the assistant wrote it.
        """
        self.path = path or data_folder() / "conversations.sqlite"
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=10, check_same_thread=False, isolation_level=None
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def begin(self) -> Conversation:
        """Start a new conversation."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO conversations (started_at) VALUES (?)", (time.time(),)
            )
            return Conversation(self, int(cursor.lastrowid or 0))

    def latest(self) -> Conversation | None:
        """The conversation that had the last turn."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT conversation FROM turns ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else Conversation(self, int(row[0]))

    def resume(self, within_s: float) -> Conversation:
        """The latest conversation when its last turn is younger than this, else a new one."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT conversation, ended_at FROM turns ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is not None and time.time() - float(row[1]) <= within_s:
            return Conversation(self, int(row[0]))
        return self.begin()

    def preferences(self) -> Preferences:
        """The user's preferences, defaults where none was set."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT name, value FROM preferences").fetchall()
        return self._validated({name: json.loads(value) for name, value in rows})

    def prefer(self, **changes: Any) -> Preferences:
        """Change preferences and return all of them.

        Raises:
            SettingsError: there is no such preference, or the value is out of range.
        """
        with self._transaction() as connection:
            rows = connection.execute("SELECT name, value FROM preferences").fetchall()
            stored = {name: json.loads(value) for name, value in rows}
            preferences = self._validated(stored | changes)
            connection.executemany(
                "INSERT OR REPLACE INTO preferences (name, value) VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in changes.items()],
            )
        return preferences

    def forget(self) -> None:
        """Delete every conversation; preferences stay."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM turns")
            connection.execute("UPDATE conversations SET marks = '[]'")
        self._scrub()

    def _validated(self, values: Mapping[str, Any]) -> Preferences:
        try:
            return Preferences.model_validate(dict(values))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"]))
            raise SettingsError(
                f"preference {name}: {first['msg']}", fix="ask for another value"
            ) from error

    def _prepare(self) -> None:
        try:
            connection = self._connection
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            with self._transaction():
                version = int(connection.execute("PRAGMA user_version").fetchone()[0])
                if version == 0:
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        if version > VERSION:
            raise SettingsError(
                f"{self.path} was written by a newer version of the assistant "
                f"(schema {version}, this one knows {VERSION})",
                fix="update the assistant, or set ASSISTANT_DATA to another folder",
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One thread and one process at a time; all of it is written, or nothing."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def _scrub(self) -> None:
        """Empty the write-ahead log, which still holds what was deleted."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _unusable(self, error: Exception) -> SettingsError:
        return SettingsError(
            f"the conversations in {self.path} cannot be used: {error}",
            fix="move that file away, or set ASSISTANT_DATA to another folder",
        )


class Conversation:
    """One conversation in the store."""

    def __init__(self, memory: Memory, number: int) -> None:
        self.memory = memory
        self.number = number

    def remember(self, turn: Turn) -> None:
        """Add a turn that has ended."""
        result = None
        if turn.result is not None:
            result = _json({"spoken": turn.result.spoken, "data": dict(turn.result.data)})
        with self.memory._transaction() as connection:
            connection.execute(
                "INSERT INTO turns (conversation, ended_at, request, tool, arguments, result,"
                " reply, language, timings, interrupted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.number,
                    time.time(),
                    turn.request,
                    turn.call.name,
                    _json(dict(turn.call.arguments)),
                    result,
                    turn.reply,
                    turn.language,
                    _json(dict(turn.timings)),
                    turn.interrupted,
                ),
            )

    def amend(self, turn: Turn) -> None:
        """Replace the last turn's reply with what was spoken before it was cut short."""
        with self.memory._transaction() as connection:
            connection.execute(
                "UPDATE turns SET reply = ?, interrupted = ? WHERE id ="
                " (SELECT max(id) FROM turns WHERE conversation = ?) AND request = ?",
                (turn.reply, turn.interrupted, self.number, turn.request),
            )

    def turns(self, last: int = 20) -> list[Turn]:
        """The last turns, oldest first."""
        with self.memory._transaction() as connection:
            rows = connection.execute(
                "SELECT request, tool, arguments, result, reply, language, timings, interrupted"
                " FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT ?",
                (self.number, last),
            ).fetchall()
        return [_turn(row) for row in reversed(rows)]

    def first_time(self, mark: str) -> bool:
        """Whether something is to be said now because it was not said before; remembers it."""
        with self.memory._transaction() as connection:
            row = connection.execute(
                "SELECT marks FROM conversations WHERE id = ?", (self.number,)
            ).fetchone()
            marks = json.loads(row[0]) if row else []
            if mark in marks:
                return False
            connection.execute(
                "UPDATE conversations SET marks = ? WHERE id = ?",
                (json.dumps([*marks, mark]), self.number),
            )
        return True

    def said(self, mark: str) -> bool:
        """Whether something that is said once was said already; changes nothing."""
        with self.memory._transaction() as connection:
            row = connection.execute(
                "SELECT marks FROM conversations WHERE id = ?", (self.number,)
            ).fetchone()
        return row is not None and mark in json.loads(row[0])

    def forget(self) -> None:
        """Delete every turn of this conversation."""
        with self.memory._transaction() as connection:
            connection.execute("DELETE FROM turns WHERE conversation = ?", (self.number,))
        self.memory._scrub()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _turn(row: tuple[Any, ...]) -> Turn:
    request, tool, arguments, stored, reply, language, timings, interrupted = row
    result = None
    if stored is not None:
        content = json.loads(stored)
        result = ToolResult(spoken=content["spoken"], data=content["data"])
    return Turn(
        request=request,
        call=ToolCall(name=tool, arguments=json.loads(arguments)),
        result=result,
        reply=reply,
        language=language,
        timings=json.loads(timings),
        interrupted=bool(interrupted),
    )
