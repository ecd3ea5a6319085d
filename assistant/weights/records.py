"""What was proven about files on this machine, kept as small JSON files.

`Records` (beside the weights): the SHA-256 that a file had when it was last read whole, so
that an unchanged file is not read again, and so that a derived file has a known hash.
`HubLock` (in the data folder): the revision and hash that a model hub reported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from assistant.settings import data_folder

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A file as it was when its hash was computed."""

    size: int  # bytes
    mtime_ns: int
    sha256: str
    origin: str  # the source that gave it, or "derived"


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A hub file as the hub described it."""

    repo: str
    revision: str  # commit
    size: int  # bytes
    sha256: str


class Records:
    """The records of one weights folder, by "set/file"."""

    def __init__(self, root: Path) -> None:
        self._path = root / ".records.json"
        self._rows = _read(self._path, Record)

    def unchanged(self, key: str, path: Path) -> str | None:
        """The recorded SHA-256 of a file whose size and time have not changed since."""
        record = self._rows.get(key)
        if record is None:
            return None
        now = path.stat()
        same = (now.st_size, now.st_mtime_ns) == (record.size, record.mtime_ns)
        return record.sha256 if same else None

    def get(self, key: str, origin: str) -> Record | None:
        """The record of a file of this origin, whatever became of the file since."""
        record = self._rows.get(key)
        return record if record is not None and record.origin == origin else None

    def put(self, key: str, path: Path, sha256: str, origin: str) -> None:
        """Record a file whose hash was just computed."""
        now = path.stat()
        self._rows[key] = Record(
            size=now.st_size, mtime_ns=now.st_mtime_ns, sha256=sha256, origin=origin
        )
        self._save()

    def distrust(self, key: str) -> None:
        """Have a file read whole the next time; its expected hash stays known."""
        if key in self._rows:
            self._rows[key] = replace(self._rows[key], mtime_ns=0)
            self._save()

    def forget(self, key: str) -> None:
        """Drop what was known about a file."""
        if self._rows.pop(key, None) is not None:
            self._save()

    def _save(self) -> None:
        _write(self._path, {key: asdict(row) for key, row in self._rows.items()})


class HubLock:
    """The hub's own revisions and hashes, by "set/file"."""

    def __init__(self) -> None:
        self._path = data_folder() / "weights.lock.json"
        self._rows = _read(self._path, Locked)

    def get(self, key: str, repo: str) -> Locked | None:
        """What the hub said about a file of this repository."""
        locked = self._rows.get(key)
        return locked if locked is not None and locked.repo == repo else None

    def put(self, key: str, locked: Locked) -> None:
        """Write down what the hub said."""
        self._rows[key] = locked
        _write(self._path, {key: asdict(row) for key, row in self._rows.items()})


def _read(path: Path, row_type: type[Row]) -> dict[str, Row]:
    """The rows of a file; a file or row that is damaged is found out again, so it is dropped."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows: dict[str, Row] = {}
    for key, row in content.items() if isinstance(content, dict) else ():
        with suppress(TypeError):
            rows[key] = row_type(**row)
    return rows


def _write(path: Path, rows: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(rows, indent=1, sort_keys=True), encoding="utf-8")
    temporary.replace(path)
