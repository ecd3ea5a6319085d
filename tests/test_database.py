"""Databases that several processes share."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from assistant.database import Database

TABLE = "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);"


def test_a_new_file_that_another_one_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.3, other.execute, ["COMMIT"])
    later.start()
    try:
        database = Database(path, (TABLE,))
    finally:
        later.join()
    database.note("name", "value")
    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    assert database.fact("name") == "value"
    database.close()
    other.close()
