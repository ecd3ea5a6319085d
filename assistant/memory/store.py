"""The SQLite file: its schema, its transactions, whose conversations and preferences it holds.

Write-ahead logging keeps every turn that was committed when a process is killed. Deleted
turns are overwritten, not only unlinked (`secure_delete`).
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from assistant.database import Database
from assistant.errors import SettingsError
from assistant.memory.conversations import Conversation
from assistant.memory.preferences import Preferences, readable, validated
from assistant.settings import data_folder

_log = logging.getLogger(__name__)

_FIRST = """
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
_SUMMARIES = """
-- JSON: what is kept of the conversation's turns, oldest first
ALTER TABLE conversations ADD COLUMN summary TEXT NOT NULL DEFAULT '[]';
-- the last turn that it holds
ALTER TABLE conversations ADD COLUMN summarised INTEGER NOT NULL DEFAULT 0;
"""
_MIGRATIONS = (_FIRST, _SUMMARIES)  # the first makes an empty file version 1, and so on

VERSION = len(_MIGRATIONS)
"""Of the schema, kept in `PRAGMA user_version`."""


class Memory:
    """Conversations and preferences. Thread-safe; several processes may share the file."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or create the store, by default `conversations.sqlite` in the data folder.

        Raises:
            SettingsError: it cannot be opened, or a newer version of the assistant wrote it.
        """
        self.path = path or data_folder() / "conversations.sqlite"
        self._told: set[str] = set()  # faults that were told already
        self._file = Database(
            self.path,
            _MIGRATIONS,
            "synchronous = FULL",  # a turn is not written again, as a photo is indexed again
            "secure_delete = ON",
        )

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._file.close()

    def begin(self) -> Conversation:
        """Start a new conversation."""
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO conversations (started_at) VALUES (?)", (time.time(),)
            )
            return Conversation(self, int(cursor.lastrowid or 0))

    def latest(self) -> Conversation | None:
        """The conversation that had the last turn."""
        with self.transaction() as connection:
            row = connection.execute(
                "SELECT conversation FROM turns ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else Conversation(self, int(row[0]))

    def resume(self, within_s: float) -> Conversation:
        """The latest conversation when its last turn is younger than this, else a new one."""
        with self.transaction() as connection:
            row = connection.execute(
                "SELECT conversation, ended_at FROM turns ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is not None and time.time() - float(row[1]) <= within_s:
            return Conversation(self, int(row[0]))
        return self.begin()

    def preferences(self) -> Preferences:
        """The user's preferences; where none was set, or one cannot be read, the default."""
        with self.transaction() as connection:
            return Preferences(**self._stored(connection))

    def prefer(self, **changes: Any) -> Preferences:
        """Change preferences and return all of them.

        Raises:
            SettingsError: there is no such preference, or the value is out of range.
        """
        with self.transaction() as connection:
            preferences = validated(self._stored(connection) | changes)
            connection.executemany(
                "INSERT OR REPLACE INTO preferences (name, value) VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in changes.items()],
            )
        return preferences

    def reset(self, *names: str) -> Preferences:
        """Take preferences back to their defaults, all of them where none is named."""
        with self.transaction() as connection:
            if names:
                connection.executemany(
                    "DELETE FROM preferences WHERE name = ?", [(name,) for name in names]
                )
            else:
                connection.execute("DELETE FROM preferences")
        return self.preferences()

    def forget(self) -> None:
        """Delete every conversation; preferences stay."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM turns")
            connection.execute(
                "UPDATE conversations SET marks = '[]', summary = '[]', summarised = 0"
            )
        self.scrub()

    def _stored(self, connection: sqlite3.Connection) -> dict[str, Any]:
        """The preferences that were set and can be used; each of the others is told of once."""
        values, faults = readable(connection.execute("SELECT name, value FROM preferences"))
        for name in faults.keys() - self._told:
            self._told.add(name)
            _log.warning(
                "the stored preference %r cannot be used (%s), so its default holds;"
                " fix: assistant preferences --set %s=",
                name, faults[name], name,
            )  # fmt: skip
        return values

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """One thread and one process at a time; all of it is written, or nothing."""
        return self._file.writing()

    def scrub(self) -> None:
        """Empty the write-ahead log, which still holds what was deleted.

        Raises:
            SettingsError: another process reads the file all the while; the words are deleted,
                and leave the log with the next call, or when the last process closes the file.
        """
        ((busy, _, _),) = self._file.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise SettingsError(
                f"what was forgotten may still be in {self.path}-wal, which is in use",
                fix="close the assistant everywhere",
            )
