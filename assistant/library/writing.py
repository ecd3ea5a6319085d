"""How an entry becomes rows of the database. Called inside a transaction of the store."""

from __future__ import annotations

import json
import sqlite3

import numpy as np

from assistant.library.records import Entry, Found
from assistant.library.words import tokens


def count_up(connection: sqlite3.Connection) -> None:
    """Note that vectors change."""
    connection.execute(
        "INSERT INTO facts VALUES ('generation', '1')"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )


def write_entry(connection: sqlite3.Connection, entry: Entry, encoder: int) -> int:
    """Write a content and its vectors; one that is there already is written anew."""
    offset = entry.taken_at.utcoffset() if entry.taken_at else None
    values = {
        "hash": entry.hash,
        "encoder": encoder,
        "width": entry.width,
        "height": entry.height,
        "taken_at": entry.taken_at.replace(tzinfo=None).isoformat(timespec="seconds")
        if entry.taken_at
        else None,
        "zone": None if offset is None else int(offset.total_seconds() // 60),
        "latitude": entry.place[0] if entry.place else None,
        "longitude": entry.place[1] if entry.place else None,
        "camera": entry.camera,
        "people": entry.people,
        "caption": entry.caption,
        "text": entry.text,
        "tags": json.dumps(
            [(tag, round(float(sure), 4)) for tag, sure in entry.tags], ensure_ascii=False
        ),
        "print": entry.print,
    }
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    anew = ", ".join(f"{name} = excluded.{name}" for name in values if name != "hash")
    ((content,),) = connection.execute(
        f"INSERT INTO contents ({names}) VALUES ({marks})"
        f" ON CONFLICT (hash) DO UPDATE SET {anew} RETURNING id",
        values,
    ).fetchall()
    connection.execute("DELETE FROM words WHERE rowid = ?", (content,))
    connection.execute(
        "INSERT INTO words (rowid, text) VALUES (?, ?)",
        (content, " ".join(tokens(f"{entry.text} {entry.caption}"))),
    )
    connection.execute("DELETE FROM tagged WHERE content = ?", (content,))
    connection.executemany(
        "INSERT OR REPLACE INTO tagged (name, content, confidence) VALUES (?, ?, ?)",
        [(tag, content, round(float(sure), 4)) for tag, sure in entry.tags],
    )
    for space, vector in entry.vectors.items():
        connection.execute(
            "INSERT OR REPLACE INTO vectors (content, encoder, space, vector) VALUES (?, ?, ?, ?)",
            (content, encoder, space, np.asarray(vector, np.float16).tobytes()),
        )
    return int(content)


def write_file(
    connection: sqlite3.Connection, found: Found, content: int | None, error: str | None
) -> None:
    """Write a file down, with its content or with the reason why it has none."""
    connection.execute(
        "INSERT INTO files (folder, name, size, mtime, ctime, content, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (folder, name) DO UPDATE SET"
        " size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime,"
        " content = excluded.content, error = excluded.error",
        (found.folder, found.name, found.size, found.mtime, found.ctime, content, error),
    )
