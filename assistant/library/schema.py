"""The tables of a library's database.

A file and its content are two things: copies share one content, a renamed file keeps its own.
`contents.id` is never used twice, so whatever is kept outside by that id can only be missing,
never wrong. Vectors belong to an encoder, so a library can be encoded anew while it is searched.
"""

from __future__ import annotations

_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE encoders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,           -- BLAKE2b of the whole file, 20 bytes
    encoder INTEGER NOT NULL REFERENCES encoders (id), -- of its vectors
    width INTEGER NOT NULL,              -- pixels, upright
    height INTEGER NOT NULL,
    taken_at TEXT,                       -- 2019-07-14T10:22:01 as the clock there showed
    zone INTEGER,                        -- minutes east of UTC, where EXIF tells
    latitude REAL,                       -- degrees
    longitude REAL,
    camera TEXT NOT NULL DEFAULT '',     -- maker and model
    people INTEGER,                      -- that were seen; null where none was found
    caption TEXT NOT NULL DEFAULT '',    -- of a vision model, where there is one
    text TEXT NOT NULL DEFAULT '',       -- read in the picture, verbatim
    tags TEXT NOT NULL DEFAULT '[]',     -- JSON: [[name, confidence], ...], surest first
    print BLOB                           -- 32 x 24 grey cells, for near-duplicates
);
CREATE INDEX contents_by_time ON contents (taken_at);
CREATE INDEX contents_by_place ON contents (latitude, longitude);
CREATE TABLE tagged (
    name TEXT NOT NULL,
    content INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    confidence REAL NOT NULL,            -- 0 to 1
    PRIMARY KEY (name, content)
) WITHOUT ROWID;
CREATE INDEX tagged_by_content ON tagged (content);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    folder BLOB NOT NULL,                -- below the library's, as the system's bytes; '' is it
    name BLOB NOT NULL,
    size INTEGER NOT NULL,               -- bytes
    mtime INTEGER NOT NULL,              -- ns since 1970
    ctime INTEGER NOT NULL,              -- ns; a failed file is tried again when it changes
    content INTEGER REFERENCES contents (id), -- null where it could not be read
    error TEXT,                          -- why
    UNIQUE (folder, name)
);
CREATE INDEX files_of_content ON files (content);
CREATE INDEX files_failed ON files (error) WHERE error IS NOT NULL;
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    content INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    encoder INTEGER NOT NULL REFERENCES encoders (id),
    space INTEGER NOT NULL,              -- 0: pictures and texts; 1: pictures among themselves
    vector BLOB NOT NULL,                -- float16, L2-normalised
    UNIQUE (encoder, space, content)
);
CREATE INDEX vectors_of_content ON vectors (content);
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61');
CREATE TRIGGER words_go AFTER DELETE ON contents BEGIN
    DELETE FROM words WHERE rowid = old.id;
END
"""
MIGRATIONS = (_FIRST,)
"""Of the schema, in order; see `Database`."""
