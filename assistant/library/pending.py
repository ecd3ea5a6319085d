"""What a scan found to do, kept in temporary tables: a million files fit into little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.library.records import Found
from assistant.library.store import PhotoStore

_SCHEMA: Final = (
    "DROP TABLE IF EXISTS temp.waiting",
    "DROP TABLE IF EXISTS temp.gone",
    "DROP TABLE IF EXISTS temp.linked",
    "CREATE TEMP TABLE waiting (folder BLOB, name BLOB, size INTEGER, mtime INTEGER,"
    " ctime INTEGER)",
    "CREATE TEMP TABLE gone (folder BLOB, name BLOB, content INTEGER)",
    "CREATE TEMP TABLE linked (content INTEGER)",
)
_PAGE: Final = 500  # files read from the table at once


class Pending:
    """The files that wait to be read, and those that have gone."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        for statement in _SCHEMA:
            store.rows(statement)

    def add(self, files: Sequence[Found]) -> None:
        """Let files wait to be read."""
        self._store.many(
            "INSERT INTO temp.waiting VALUES (?, ?, ?, ?, ?)",
            [(f.folder, f.name, f.size, f.mtime, f.ctime) for f in files],
        )

    def count(self) -> int:
        """Files that wait."""
        return int(self._store.rows("SELECT count(*) FROM temp.waiting")[0][0])

    def files(self) -> Iterator[Found]:
        """The files that wait, in the order of the scan."""
        last = 0
        while rows := self._store.rows(
            "SELECT rowid, * FROM temp.waiting WHERE rowid > ? ORDER BY rowid LIMIT ?", last, _PAGE
        ):
            last = rows[-1][0]
            for _, folder, name, size, mtime, ctime in rows:
                yield Found(folder=folder, name=name, size=size, mtime=mtime, ctime=ctime)

    def gone(self, folder: bytes, names: Sequence[bytes] | None = None) -> None:
        """Note that files have gone from a folder: these, or all that are known."""
        if names is None:
            names = [row[0] for row in self._store.rows(
                "SELECT name FROM files WHERE folder = ?", folder
            )]  # fmt: skip
        self._store.many(
            "INSERT INTO temp.gone SELECT folder, name, content FROM files"
            " WHERE folder = ? AND name = ?",
            [(folder, name) for name in names],
        )

    def linked(self, contents: Sequence[int]) -> None:
        """Note that files with known contents were met."""
        self._store.many("INSERT INTO temp.linked VALUES (?)", [(c,) for c in contents])

    def settle(self) -> tuple[int, int]:
        """Take out what has gone.

        Returns:
            files that have gone, and how many of them were only renamed.
        """
        ((gone,),) = self._store.rows("SELECT count(*) FROM temp.gone")
        ((moved,),) = self._store.rows(
            "SELECT coalesce(sum(min(g.n, l.n)), 0) FROM"
            " (SELECT content, count(*) n FROM temp.gone GROUP BY content) g JOIN"
            " (SELECT content, count(*) n FROM temp.linked GROUP BY content) l USING (content)"
        )
        if gone:
            with self._store.writing() as connection:
                connection.execute(
                    "DELETE FROM files WHERE (folder, name) IN (SELECT folder, name FROM temp.gone)"
                )
        return int(gone), int(moved)
