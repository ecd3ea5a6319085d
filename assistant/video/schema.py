"""The tables of a video's database; a later version appends its changes."""

from __future__ import annotations

from typing import Final

_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE chunks (
    stage TEXT NOT NULL,
    start REAL NOT NULL,                 -- s
    end REAL NOT NULL,                   -- s; where the next one starts
    last INTEGER NOT NULL,               -- nothing comes after it
    PRIMARY KEY (stage, start)
) WITHOUT ROWID;
CREATE TABLE shots (
    start REAL PRIMARY KEY,              -- s
    end REAL NOT NULL,
    goes_on INTEGER NOT NULL             -- its chunk ended, it did not
);
CREATE TABLE keyframes (
    time REAL PRIMARY KEY,               -- s
    start REAL NOT NULL,                 -- s; the stretch that it stands for
    end REAL NOT NULL,
    hash TEXT NOT NULL                   -- of its file's content
);
CREATE TABLE segments (
    start REAL NOT NULL,                 -- s
    end REAL NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL
);
CREATE TABLE readings (hash TEXT NOT NULL, maker TEXT NOT NULL, reading TEXT NOT NULL,
    PRIMARY KEY (hash, maker));
CREATE TABLE scenes (hash TEXT NOT NULL, maker TEXT NOT NULL, scene TEXT NOT NULL,
    PRIMARY KEY (hash, maker));
CREATE TABLE vectors (hash TEXT NOT NULL, maker TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (hash, maker));          -- float16
CREATE TABLE told (name TEXT PRIMARY KEY, value TEXT NOT NULL); -- JSON: finished parts of tales
CREATE TABLE summaries (
    name TEXT PRIMARY KEY,               -- of the evidence and of who told it
    evidence TEXT NOT NULL,              -- JSON
    summary TEXT NOT NULL                -- JSON
);
"""
_MOVEMENTS = """
CREATE TABLE movements (
    start REAL NOT NULL,                 -- s
    movement TEXT NOT NULL               -- JSON
);
"""
MIGRATIONS: Final = (_FIRST, _MOVEMENTS)
