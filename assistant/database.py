"""SQLite files in the data folder: opened with their schema, read by rows, written all or nothing.

Write-ahead logging: who reads never waits for who writes, and whatever is killed, the file holds
whole transactions.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from assistant.errors import AssistantError, DiskFull, SettingsError

_WAIT_S: Final = 30.0  # for other processes that write
_AGAIN_S: Final = 0.02


class Database:
    """One file. Thread-safe; several processes may share it."""

    def __init__(self, path: Path, migrations: Sequence[str], *pragmas: str) -> None:
        """Open or create it.

        Args:
            migrations: SQL scripts; the first makes an empty file version 1, and so on. The
                version is kept in `PRAGMA user_version`.
            pragmas: more settings of the connection, such as "secure_delete = ON".

        Raises:
            SettingsError: it cannot be used, or a newer version of the assistant wrote it.
        """
        self.path = path
        self._lock = threading.RLock()
        try:
            self._connection = _connect(path, migrations, pragmas)
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement; one that writes is a transaction of its own.

        Raises:
            DiskFull: there is no space left.
            SettingsError: the database cannot be used.
        """
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._failed(error) from error

    def many(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        """Run one statement with each of the values, outside a transaction.

        Raises:
            SettingsError: the database cannot be used.
        """
        with self._lock:
            try:
                self._connection.executemany(statement, values)
            except sqlite3.Error as error:
                raise self._failed(error) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; all of it is written, or nothing.

        Raises:
            DiskFull: there is no space left.
            SettingsError: the database cannot be used.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):  # a full disk has rolled back itself
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self._failed(error) from error

    # --- facts about the whole: names and texts, where the schema has a table for them

    def fact(self, name: str) -> str | None:
        """A noted fact, or None."""
        row = self.rows("SELECT value FROM facts WHERE name = ?", name)
        return str(row[0][0]) if row else None

    def note(self, name: str, value: str) -> None:
        """Note a fact."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # --- what went wrong, in words

    def _failed(self, error: Exception) -> AssistantError:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" or "No space" in str(error):
            return self._full()
        return self._unusable(error)

    def _full(self) -> DiskFull:
        return DiskFull(
            f"the disk of {self.path} is full; what was done so far is kept",
            fix="free some space and run the command again",
        )

    def _unusable(self, error: Exception) -> SettingsError:
        return SettingsError(
            f"{self.path} cannot be used: {error}",
            fix="move that file away, or set ASSISTANT_DATA to another folder",
        )


def _connect(path: Path, migrations: Sequence[str], pragmas: Sequence[str]) -> sqlite3.Connection:
    """Open or create a database; transactions are begun by hand.

    Raises:
        sqlite3.Error, OSError: it cannot be opened.
        SettingsError: a newer version of the assistant wrote it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=_WAIT_S, check_same_thread=False, isolation_level=None
    )
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing by it
        connection.execute("PRAGMA foreign_keys = ON")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        _migrate(connection, path, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on.

    SQLite refuses at once, whatever its timeout, while another process writes a file that has
    none yet: two that open the same new file.

    Raises:
        sqlite3.OperationalError: others hold the file for too long.
    """
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        time.sleep(_AGAIN_S)


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    version = _version(connection)
    if version < len(migrations):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for number in range(_version(connection), len(migrations)):
                for statement in _statements(migrations[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    if version > len(migrations):
        raise SettingsError(
            f"{path} was written by a newer version of the assistant "
            f"(schema {version}, this one knows {len(migrations)})",
            fix="update the assistant, or set ASSISTANT_DATA to another folder",
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """The statements of a script; a trigger's own end inside it."""
    statements, begun = [], ""
    for line in script.splitlines():
        begun += line + "\n"
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return [*statements, begun] if begun.strip() else statements
