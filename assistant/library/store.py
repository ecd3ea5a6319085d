"""The store of a library: files, what they show, their vectors. SQLite (WAL) is the truth.

Reading never waits for the indexer, which writes a batch at a time; whatever is killed, the
file holds whole batches.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.database import Database
from assistant.errors import DiskFull, SettingsError
from assistant.library.homes import place_of
from assistant.library.records import Entry, Failure, Found, Known, Photo, shown
from assistant.library.schema import MIGRATIONS
from assistant.library.writing import count_up, write_entry, write_file

Ids = NDArray[np.int64]
Half = NDArray[np.float16]

_PHOTO = (
    "c.id, f.folder, f.name, c.width, c.height, c.taken_at, c.zone, c.latitude, c.longitude,"
    " c.camera, c.people, c.caption, c.text, c.tags"
)
_ONE_FILE = "JOIN files f ON f.id = (SELECT min(id) FROM files WHERE content = c.id)"
_AT_ONCE = 500  # values in one statement


class PhotoStore(Database):
    """One library. Thread-safe; several processes may share it."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        """Open or create the library of a folder of photos.

        Args:
            root: the folder of photos.
            folder: where the database lies; by default in the data folder, by `root`'s name.

        Raises:
            SettingsError: the database cannot be used, or a newer version wrote it.
        """
        self.root = root.resolve()
        self.folder = folder or place_of(self.root)
        super().__init__(self.folder / "library.sqlite", MIGRATIONS)
        if self.fact("root") is None:
            self.note("root", os.fsencode(self.root).hex())

    # --- the library as a whole

    def generation(self) -> int:
        """Grows with every change of the vectors."""
        return int(self.fact("generation") or 0)

    def encoder(self, name: str) -> int:
        """The number of an encoder, given when it is first asked for."""
        rows = self.rows("SELECT id FROM encoders WHERE name = ?", name)
        if not rows:
            with self.writing() as connection:
                connection.execute("INSERT OR IGNORE INTO encoders (name) VALUES (?)", (name,))
            rows = self.rows("SELECT id FROM encoders WHERE name = ?", name)
        return int(rows[0][0])

    # --- what the indexer asks and writes

    def known(self, folder: bytes, encoder: int) -> dict[bytes, Known]:
        """The files of one folder that the library knows, by name."""
        rows = self.rows(
            "SELECT name, size, mtime, ctime, error IS NOT NULL, c.encoder IS ?"
            " FROM files LEFT JOIN contents c ON c.id = content WHERE folder = ?",
            encoder, folder,
        )  # fmt: skip
        return {
            row[0]: Known(
                size=row[1], mtime=row[2], ctime=row[3], failed=bool(row[4]), current=bool(row[5])
            )
            for row in rows
        }

    def folders(self) -> list[bytes]:
        """Folders with known files."""
        return [row[0] for row in self.rows("SELECT DISTINCT folder FROM files")]

    def content(self, hash: bytes, encoder: int) -> int | None:
        """The id of a content that has vectors of this encoder."""
        rows = self.rows("SELECT id FROM contents WHERE hash = ? AND encoder = ?", hash, encoder)
        return int(rows[0][0]) if rows else None

    def write(
        self,
        encoder: int,
        entries: Iterable[tuple[Found, Entry]] = (),
        linked: Iterable[tuple[Found, int]] = (),
        failed: Iterable[tuple[Found, str]] = (),
    ) -> None:
        """Write a batch down: all of it, or nothing.

        Args:
            entries: files whose content is new.
            linked: files with a content that is known already, by its id.
            failed: files that cannot be read, and why.
        """
        with self.writing() as connection:
            count_up(connection)
            for found, entry in entries:
                content = write_entry(connection, entry, encoder)
                write_file(connection, found, content, None)
            for found, content in linked:
                write_file(connection, found, content, None)
            for found, reason in failed:
                write_file(connection, found, None, reason)

    def drop(self, files: Iterable[tuple[bytes, bytes]]) -> None:
        """Take files out, given as (folder, name)."""
        with self.writing() as connection:
            connection.executemany("DELETE FROM files WHERE folder = ? AND name = ?", files)

    def sweep(self, encoder: int) -> None:
        """Delete contents that no file has any more, and vectors of other encoders."""
        with self.writing() as connection:
            count_up(connection)
            connection.execute(
                "DELETE FROM contents WHERE NOT EXISTS"
                " (SELECT 1 FROM files WHERE files.content = contents.id)"
            )
            connection.execute("DELETE FROM vectors WHERE encoder <> ?", (encoder,))

    # --- what a search asks

    def count(self) -> int:
        """Files that can be found."""
        return int(self.rows("SELECT count(*) FROM files WHERE content IS NOT NULL")[0][0])

    def vectors(self, encoder: int, space: int) -> tuple[Ids, Half]:
        """Content ids, ascending, and their vectors, [n, d]."""
        rows = self.rows(
            "SELECT content, vector FROM vectors WHERE encoder = ? AND space = ?"
            " ORDER BY content",
            encoder, space,
        )  # fmt: skip
        return _matrix(rows)

    def vectors_after(self, encoder: int, space: int, last: int, count: int) -> tuple[Ids, Half]:
        """The next vectors after a content id, ascending."""
        rows = self.rows(
            "SELECT content, vector FROM vectors WHERE encoder = ? AND space = ?"
            " AND content > ? ORDER BY content LIMIT ?",
            encoder, space, last, count,
        )  # fmt: skip
        return _matrix(rows)

    def vector_count(self, encoder: int, space: int) -> int:
        """How many vectors there are."""
        ((count,),) = self.rows(
            "SELECT count(*) FROM vectors WHERE encoder = ? AND space = ?", encoder, space
        )
        return int(count)

    def tagged(self, names: Iterable[str]) -> dict[int, float]:
        """Contents with any of these tags, and the best confidence of each."""
        rows = self.rows(
            "SELECT content, max(confidence) FROM tagged"
            " WHERE name IN (SELECT value FROM json_each(?)) GROUP BY content",
            json.dumps(sorted(names)),
        )
        return dict(rows)

    def said(self, words: Sequence[str], only: set[int] | None, count: int) -> dict[int, int]:
        """Contents whose text holds any of these words, by BM25, and how many of them it holds."""
        match = " OR ".join(_quoted(word) for word in words)
        rows = self.rows("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank", match)
        ids = [row[0] for row in rows if only is None or row[0] in only][:count]
        held = dict.fromkeys(ids, 0)
        for word in words:
            for (id,) in self.rows("SELECT rowid FROM words WHERE words MATCH ?", _quoted(word)):
                if id in held:
                    held[id] += 1
        return held

    def saying_all(self, words: Sequence[str]) -> list[tuple[int, str]]:
        """Contents whose text holds all of these words, with their text."""
        match = " AND ".join(_quoted(word) for word in words)
        return [
            (row[0], row[1])
            for row in self.rows(
                "SELECT c.id, c.text FROM words w JOIN contents c ON c.id = w.rowid"
                " WHERE words MATCH ?",
                match,
            )
        ]

    def photos(self, ids: Sequence[int]) -> dict[int, Photo]:
        """Photos by content id, each with its first file; those that have gone are left out."""
        found: dict[int, Photo] = {}
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            for row in self.rows(
                f"SELECT {_PHOTO} FROM contents c {_ONE_FILE} WHERE c.id IN ({marks})", *part
            ):
                found[row[0]] = self._photo(row)
        return found

    def encoded(self, encoder: int) -> bool:
        """Whether there are vectors of an encoder."""
        return bool(self.rows("SELECT 1 FROM vectors WHERE encoder = ? LIMIT 1", encoder))

    def content_of(self, file: Path) -> int | None:
        """The content of a file of the library; None where it is not known."""
        try:
            below = os.fsencode(file.resolve().relative_to(self.root))
        except ValueError:
            return None
        rows = self.rows(
            "SELECT content FROM files WHERE folder = ? AND name = ?", *os.path.split(below)
        )
        return rows[0][0] if rows else None

    def files(self, content: int) -> list[Path]:
        """All files with this content."""
        rows = self.rows("SELECT folder, name FROM files WHERE content = ? ORDER BY id", content)
        return [self.root / os.fsdecode(os.path.join(*row)) for row in rows]

    def failures(self) -> list[Failure]:
        """The files that could not be read."""
        rows = self.rows(
            "SELECT folder, name, error FROM files WHERE error IS NOT NULL ORDER BY folder, name"
        )
        return [
            Failure(file=self.root / os.fsdecode(os.path.join(row[0], row[1])), error=row[2])
            for row in rows
        ]

    def matching(self, where: str, values: Sequence[Any] = ()) -> Ids:
        """Ids of the contents `c` for which an SQL condition holds, ascending."""
        rows = self.rows(f"SELECT c.id FROM contents c WHERE {where} ORDER BY c.id", *values)
        return np.fromiter((row[0] for row in rows), np.int64, len(rows))

    def _photo(self, row: Sequence[Any]) -> Photo:
        id, folder, name, width, height, taken, zone, latitude, longitude = row[:9]
        camera, people, caption, text, tags = row[9:]
        moment = datetime.fromisoformat(taken) if taken else None
        if moment is not None and zone is not None:
            moment = moment.replace(tzinfo=timezone(timedelta(minutes=zone)))
        return Photo(
            id=id,
            file=self.root / os.fsdecode(os.path.join(folder, name)),
            width=width,
            height=height,
            taken_at=moment,
            place=None if latitude is None else (latitude, longitude),
            camera=camera,
            people=people,
            caption=caption,
            text=text,
            tags=tuple((str(tag), float(sure)) for tag, sure in json.loads(tags)),
        )

    def _full(self) -> DiskFull:
        return DiskFull(
            f"the disk of {self.path} is full; what was indexed so far is kept",
            fix="free some space and run `assistant index` again",
        )

    def _unusable(self, error: Exception) -> SettingsError:
        return SettingsError(
            f"the library in {self.path} cannot be used: {error}",
            fix=f"assistant library rebuild --anew --library {shown(self.root)}",
        )


def _matrix(rows: Sequence[tuple[Any, ...]]) -> tuple[Ids, Half]:
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    joined = b"".join(row[1] for row in rows)
    return ids, np.frombuffer(joined, np.float16).reshape(len(rows), -1 if rows else 0)


def _quoted(word: str) -> str:
    """A word as FTS5 takes it, whatever it holds."""
    return '"' + word.replace('"', '""') + '"'
