"""Looking after a library: what it holds, whether all of it is sound, its index made anew."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.library.arranging import arrange
from assistant.library.reading import digest
from assistant.library.records import CONTENT, LOOKS, shown
from assistant.library.store import PhotoStore


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something in a library that is not as it should be."""

    what: str
    fix: str


def statistics(root: Path) -> Mapping[str, Any]:
    """What a library holds."""
    with contextlib.closing(PhotoStore(root)) as store:
        ((photos, contents, tagged, placed, timed, people, text),) = store.rows(
            "SELECT (SELECT count(*) FROM files WHERE content IS NOT NULL), count(*),"
            " sum(tags <> '[]'), sum(latitude IS NOT NULL), sum(taken_at IS NOT NULL),"
            " sum(people > 0), sum(text <> '') FROM contents"
        )
        ((first, last),) = store.rows("SELECT min(taken_at), max(taken_at) FROM contents")
        ((failed,),) = store.rows("SELECT count(*) FROM files WHERE error IS NOT NULL")
        encoders = store.rows("SELECT name FROM encoders WHERE id IN (SELECT encoder FROM vectors)")
        return {
            "library": shown(store.root),
            "photos": photos,
            "copies": photos - contents,
            "failed": failed,
            "with_time": timed or 0,
            "with_place": placed or 0,
            "with_people": people or 0,
            "with_text": text or 0,
            "with_tags": tagged or 0,
            "first": first,
            "last": last,
            "encoder": ", ".join(row[0] for row in encoders),
            "bytes": sum(f.stat().st_size for f in store.folder.rglob("*") if f.is_file()),
        }


def verify(store: PhotoStore, *, files: bool = False) -> Iterator[Fault | int]:
    """What is not sound; numbers in between tell how many contents or files were looked at.

    Args:
        files: also read every file, and compare its content with what was indexed.

    Raises:
        SettingsError: the database cannot be read at all.
    """
    root = shown(store.root)
    anew = f"assistant library rebuild --anew --library {root}"
    again = f"assistant index {root}"
    for (message,) in store.rows("PRAGMA integrity_check(10)"):
        if message != "ok":
            yield Fault(what=f"the database is damaged: {message}", fix=anew)
    for table, *_ in store.rows("PRAGMA foreign_key_check"):
        yield Fault(what=f"a row of {table} refers to one that is not there", fix=anew)
    yield from _vectors(store, again)
    ((lost,),) = store.rows(
        "SELECT count(*) FROM contents WHERE id NOT IN (SELECT rowid FROM words)"
    )
    if lost:
        yield Fault(what=f"{lost} photos lack their words", fix=anew)
    yield from _files(store, again, read=files)


def _vectors(store: PhotoStore, again: str) -> Iterator[Fault]:
    ((without,),) = store.rows(
        "SELECT count(*) FROM contents c WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE"
        " v.content = c.id AND v.encoder = c.encoder AND v.space = ?)",
        CONTENT,
    )
    if without:
        yield Fault(what=f"{without} photos have no vector", fix=again)
    for number, space in store.rows("SELECT DISTINCT encoder, space FROM vectors"):
        last, bad = 0, 0
        while True:
            ids, matrix = store.vectors_after(number, space, last, 10_000)
            if not len(ids):
                break
            lengths = np.linalg.norm(matrix.astype(np.float32), axis=1)
            bad += int((~(np.abs(lengths - 1) < 0.01)).sum())  # NaN too
            last = int(ids[-1])
        if bad:
            yield Fault(what=f"{bad} vectors are not of length 1", fix=again)


def _files(store: PhotoStore, again: str, *, read: bool) -> Iterator[Fault | int]:
    """Files that have gone, or that changed under an unchanged date."""
    last = 0
    while rows := store.rows(
        "SELECT f.id, f.folder, f.name, c.hash FROM files f JOIN contents c ON c.id = f.content"
        " WHERE f.id > ? ORDER BY f.id LIMIT 200",
        last,
    ):
        for _, folder, name, hash in rows:
            path = store.root / os.fsdecode(os.path.join(folder, name))
            if not path.is_file():
                yield Fault(what=f"{shown(path)} has gone", fix=again)
            elif read and digest(path.read_bytes()) != hash:
                yield Fault(what=f"{shown(path)} has changed", fix=f"touch it, then {again}")
        last = rows[-1][0]
        yield last


def rebuild(store: PhotoStore, tell: Callable[[int], None]) -> int:
    """Make the index files anew from the database; returns the vectors that were arranged."""
    arranged = 0
    for number, space in store.rows("SELECT DISTINCT encoder, space FROM vectors"):
        if space in (CONTENT, LOOKS):
            for done in arrange(store, number, space, anew=True):
                tell(done)
            arranged += store.vector_count(number, space)
    return arranged
