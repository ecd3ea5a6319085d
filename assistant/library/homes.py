"""Where libraries lie in the data folder, and which one is meant."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path

from assistant.settings import data_folder


def libraries() -> Path:
    """Where all libraries lie."""
    return data_folder() / "libraries"


def place_of(root: Path) -> Path:
    """Where the database of a folder of photos lies."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    return libraries() / name[:24]


def indexed(root: Path) -> bool:
    """Whether a folder of photos has a library."""
    return (place_of(root) / "library.sqlite").is_file()


def roots() -> list[Path]:
    """The folders of photos that have a library, the one indexed last first."""
    found = sorted(libraries().glob("*/library.sqlite"), key=lambda path: -_touched(path))
    return [root for path in found if (root := _root(path)) is not None]


def stamp(folder: Path) -> None:
    """Note that a library was indexed now."""
    (folder / "indexed").touch()


def _root(path: Path) -> Path | None:
    """The folder of photos of a database; None where it cannot be read."""
    with (
        contextlib.suppress(sqlite3.Error, ValueError),
        contextlib.closing(sqlite3.connect(path, timeout=30)) as connection,
    ):
        row = connection.execute("SELECT value FROM facts WHERE name = 'root'").fetchone()
        return Path(os.fsdecode(bytes.fromhex(row[0]))) if row else None
    return None


def _touched(path: Path) -> float:
    stamped = path.with_name("indexed")
    return (stamped if stamped.exists() else path).stat().st_mtime
