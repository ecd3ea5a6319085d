"""What is known of one video: cuts, frames, words, what is seen and read. SQLite is the truth.

A video is known by its content, so a file that was moved or copied is not watched twice. Each
stage writes a chunk and the note that it is done in one transaction: whatever is killed, the
next run goes on with the chunk after the last one written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from assistant.database import Database
from assistant.interfaces import Cancel, Float32
from assistant.settings import data_folder
from assistant.types import (
    Evidence,
    Keyframe,
    Picture,
    Reading,
    Scene,
    Segment,
    Shot,
    VideoSummary,
)
from assistant.video.frame_files import FrameFiles
from assistant.video.movements import Movement
from assistant.video.schema import MIGRATIONS

_SCENE: Final = TypeAdapter(Scene)
_READING: Final = TypeAdapter(Reading)
_EVIDENCE: Final = TypeAdapter(tuple[Evidence, ...])
_SUMMARY: Final = TypeAdapter(VideoSummary)
_MOVEMENT: Final = TypeAdapter(Movement)


def videos() -> Path:
    """Where all videos' stores lie."""
    return data_folder() / "videos"


class VideoStore(Database):
    """One video. Thread-safe; several processes may read while one works on it."""

    def __init__(self, hash: str, folder: Path | None = None) -> None:
        """Open or create the store of the video with this content.

        Raises:
            SettingsError: the database cannot be used, or a newer version wrote it.
        """
        self.hash = hash
        self.folder = folder or videos() / hash[:24]
        self._files = FrameFiles(self.folder / "frames")
        super().__init__(self.folder / "video.sqlite", MIGRATIONS)

    def alone(self, cancel: Cancel | None = None) -> FileLock:
        """A lock that only one process holds: two paths may lead to one content.

        Raises:
            Cancelled: while waiting.
        """
        lock = FileLock(self.folder / "lock")
        while True:
            try:
                lock.acquire(timeout=0.5)
                return lock
            except Timeout:
                if cancel is not None:
                    cancel.check()

    # --- how far each stage is

    def reached(self, stage: str) -> float:
        """Where the stage goes on, s."""
        ((end,),) = self.rows("SELECT max(end) FROM chunks WHERE stage = ?", stage)
        return float(end or 0.0)

    def finished(self, stage: str) -> bool:
        """Whether the stage's last chunk was written."""
        return bool(self.rows("SELECT 1 FROM chunks WHERE stage = ? AND last LIMIT 1", stage))

    def begin(self, stage: str, maker: str) -> None:
        """Start or go on with a stage; what another maker left of it is thrown away."""
        if self.fact(f"maker of {stage}") == maker:
            return
        with self.writing() as connection:
            connection.execute("DELETE FROM chunks WHERE stage = ?", (stage,))
            for table in _TABLES[stage]:
                connection.execute(f"DELETE FROM {table}")
            connection.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", (f"maker of {stage}", maker)
            )

    # --- frames

    def write_frames(
        self,
        chunk: tuple[float, float],
        shots: Sequence[Shot],
        keyframes: Iterable[tuple[Keyframe, str]],
        *,
        goes_on: bool,
        begins: bool = False,
        last: bool,
    ) -> None:
        """Write the shots and keyframes of a chunk, each frame with its hash.

        What an unfinished run left after the chunk's start is written over.

        Args:
            goes_on: the last shot goes on in the next chunk.
            begins: the first shot does not go on from the chunk before.
        """
        with self.writing() as connection:
            connection.execute("DELETE FROM shots WHERE start >= ?", (chunk[0],))
            connection.execute("DELETE FROM keyframes WHERE start >= ?", (chunk[0],))
            if begins:
                connection.execute("UPDATE shots SET goes_on = 0 WHERE end >= ?", (chunk[0],))
            connection.executemany(
                "INSERT INTO shots VALUES (?, ?, ?)",
                [(s.start, s.end, goes_on and s is shots[-1]) for s in shots],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO keyframes VALUES (?, ?, ?, ?)",
                [(k.time, k.start, k.end, hash) for k, hash in keyframes],
            )
            _note_chunk(connection, "frames", chunk, last)

    def write_still(self, chunk: tuple[float, float], *, shown: bool, last: bool) -> None:
        """Write a chunk without a frame of its own: with `shown`, the one before stays.

        A frame that comes after such a stretch was stored as something had changed.
        """
        with self.writing() as connection:
            connection.execute(
                "UPDATE shots SET goes_on = 0 WHERE start = (SELECT max(start) FROM shots)"
            )
            if shown:
                for table, key in (("shots", "start"), ("keyframes", "time")):
                    connection.execute(
                        f"UPDATE {table} SET end = ?"
                        f" WHERE {key} = (SELECT max({key}) FROM {table})",
                        (chunk[1],),
                    )
            _note_chunk(connection, "frames", chunk, last)

    def save_picture(self, keyframe: Keyframe, picture: Picture) -> str:
        """Keep a keyframe's picture as a file; its hash."""
        try:
            return self._files.save(keyframe, picture)
        except OSError as error:
            raise self._failed(error) from error

    def frame(self, keyframe: Keyframe) -> Path:
        """The file of a keyframe's picture."""
        return self._files.path(keyframe)

    def picture(self, keyframe: Keyframe, *, longest: int | None = None) -> Picture:
        """A keyframe's picture.

        Raises:
            InputError: its file has gone.
        """
        return self._files.open(keyframe, longest=longest)

    def going_on(self) -> bool:
        """Whether the last shot seemed to go on after its chunk."""
        rows = self.rows("SELECT goes_on FROM shots ORDER BY start DESC LIMIT 1")
        return bool(rows and rows[0][0])

    def watched(self) -> float:
        """Where the last shot ends, s."""
        ((end,),) = self.rows("SELECT max(end) FROM shots")
        return float(end or 0.0)

    def shots(self) -> tuple[Shot, ...]:
        """In order of time; one that was cut by the end of a chunk is whole again."""
        found: list[Shot] = []
        open = False
        for start, end, goes_on in self.rows("SELECT * FROM shots ORDER BY start"):
            if open:
                found[-1] = Shot(start=found[-1].start, end=end)
            else:
                found.append(Shot(start=start, end=end))
            open = bool(goes_on)
        return tuple(found)

    def frames(self) -> list[tuple[Keyframe, str]]:
        """Keyframes, not looked at, each with its hash, in order of time."""
        rows = self.rows("SELECT time, start, end, hash FROM keyframes ORDER BY time")
        return [(Keyframe(time=row[0], start=row[1], end=row[2]), row[3]) for row in rows]

    # --- movements

    def write_movements(
        self, chunk: tuple[float, float], movements: Sequence[Movement], *, last: bool
    ) -> None:
        """Write what happens within the shots of a chunk."""
        with self.writing() as connection:
            connection.execute("DELETE FROM movements WHERE start >= ?", (chunk[0],))
            connection.executemany(
                "INSERT INTO movements VALUES (?, ?)",
                [(one.start, _MOVEMENT.dump_json(one).decode()) for one in movements],
            )
            _note_chunk(connection, "movements", chunk, last)

    def movements(self) -> list[Movement]:
        """What happens within shots, in order of time."""
        rows = self.rows("SELECT movement FROM movements ORDER BY start, rowid")
        return [_MOVEMENT.validate_json(row[0]) for row in rows]

    # --- words

    def write_words(
        self,
        chunk: tuple[float, float],
        segments: Sequence[Segment],
        language: str,
        *,
        last: bool,
    ) -> None:
        """Write what is said in a chunk."""
        with self.writing() as connection:
            connection.execute("DELETE FROM segments WHERE start >= ?", (chunk[0],))
            connection.executemany(
                "INSERT INTO segments VALUES (?, ?, ?, ?)",
                [(s.start, s.end, s.text, language) for s in segments],
            )
            _note_chunk(connection, "words", chunk, last)

    def segments(self) -> list[tuple[Segment, str]]:
        """What is said, each with its language, in order of time."""
        rows = self.rows("SELECT start, end, text, language FROM segments ORDER BY start, rowid")
        return [(Segment(start=row[0], end=row[1], text=row[2]), row[3]) for row in rows]

    # --- what is read and seen in frames, by their hash and by who read or saw it

    def reading(self, hash: str, maker: str) -> Reading | None:
        """What was read in a frame."""
        row = self.rows("SELECT reading FROM readings WHERE hash = ? AND maker = ?", hash, maker)
        return _READING.validate_json(row[0][0]) if row else None

    def scene(self, hash: str, maker: str) -> Scene | None:
        """What was seen in a frame."""
        row = self.rows("SELECT scene FROM scenes WHERE hash = ? AND maker = ?", hash, maker)
        return _SCENE.validate_json(row[0][0]) if row else None

    def write_reading(self, hash: str, maker: str, reading: Reading) -> None:
        """Write what is read in a frame."""
        self._write_one("readings", hash, maker, _READING.dump_json(reading).decode())

    def write_scene(self, hash: str, maker: str, scene: Scene) -> None:
        """Write what is seen in a frame."""
        self._write_one("scenes", hash, maker, _SCENE.dump_json(scene).decode())

    def vector(self, hash: str, maker: str) -> Float32 | None:
        """A frame's or a text's vector by an encoder, [d]."""
        row = self.rows("SELECT vector FROM vectors WHERE hash = ? AND maker = ?", hash, maker)
        return np.frombuffer(row[0][0], np.float16).astype(np.float32) if row else None

    def write_vector(self, hash: str, maker: str, vector: Float32) -> None:
        """Keep a vector."""
        self._write_one("vectors", hash, maker, np.asarray(vector, np.float16).tobytes())

    def keyframes(self, reader: str, describer: str) -> tuple[Keyframe, ...]:
        """Keyframes with what these makers read and saw, in order of time."""
        return tuple(
            replace(
                keyframe,
                reading=self.reading(hash, reader),
                scene=self.scene(hash, describer),
            )
            for keyframe, hash in self.frames()
        )

    def _write_one(self, table: str, hash: str, maker: str, value: object) -> None:
        with self.writing() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", (hash, maker, value)
            )

    # --- telling

    def get(self, key: str) -> Any | None:
        """A finished part of a tale, or None."""
        row = self.rows("SELECT value FROM told WHERE name = ?", key)
        return json.loads(row[0][0]) if row else None

    def put(self, key: str, value: Any) -> None:
        """Keep a finished part of a tale."""
        with self.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO told VALUES (?, ?)",
                (key, json.dumps(value, ensure_ascii=False)),
            )

    def summary(self, name: str) -> VideoSummary | None:
        """The summary of that name; see `name_of`."""
        row = self.rows("SELECT summary FROM summaries WHERE name = ?", name)
        return _SUMMARY.validate_json(row[0][0]) if row else None

    def write_summary(self, name: str, evidence: tuple[Evidence, ...], found: VideoSummary) -> None:
        """Keep a summary with the evidence that its numbers mean."""
        with self.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)",
                (name, _EVIDENCE.dump_json(evidence).decode(), _SUMMARY.dump_json(found).decode()),
            )


def name_of(evidence: tuple[Evidence, ...], language: str, teller: str) -> str:
    """What a summary is known by: its evidence, its language and who told it."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(_EVIDENCE.dump_json(evidence))
    digest.update(json.dumps([language, teller]).encode())
    return digest.hexdigest()


_TABLES: Final = {
    "frames": ("shots", "keyframes"),
    "movements": ("movements",),
    "words": ("segments",),
}


def _note_chunk(connection: Any, stage: str, chunk: tuple[float, float], last: bool) -> None:
    connection.execute("DELETE FROM chunks WHERE stage = ? AND start >= ?", (stage, chunk[0]))
    connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?)", (stage, *chunk, last))
