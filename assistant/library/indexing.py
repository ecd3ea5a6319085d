"""Bringing a library up to date with its folder: scan, read what is new, settle what has gone.

Everything is written a batch at a time, so a killed run loses one batch at most and the next
one goes on where it ended. One process at a time does this to a library (`jobs.claim`).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from assistant.errors import AssistantError, EngineError, InputError
from assistant.jobs import Job, ahead
from assistant.library import homes
from assistant.library.arranging import arrange
from assistant.library.pending import Pending
from assistant.library.reading import Loaded, load
from assistant.library.records import (
    CONTENT,
    LOOKS,
    Entry,
    Failure,
    Found,
    Indexed,
    Indexing,
    Known,
    shown,
)
from assistant.library.scan import Listing, walk
from assistant.library.seeing import Noted, Seer
from assistant.library.store import PhotoStore
from assistant.types import Picture
from assistant.vision.motion import cells, fingerprint

_log = logging.getLogger(__name__)

BATCH: Final = 64
"""Files written at once, at most."""
_BATCH_S: Final = 3.0  # a batch is closed after this time, however small it is
_HOPELESS: Final = 3  # pictures in a row that an engine fails on: then it is the engine


@dataclass
class _Batch:
    """What waits to be written."""

    entries: list[tuple[Found, Entry]] = field(default_factory=list)
    linked: list[tuple[Found, int]] = field(default_factory=list)
    failed: list[tuple[Found, str]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def __len__(self) -> int:
        return len(self.entries) + len(self.linked) + len(self.failed)

    def full(self, more: int) -> bool:
        """Whether no further look at so many pictures fits in."""
        return len(self) + more > BATCH or time.monotonic() - self.begun >= _BATCH_S


class Indexer:
    """One run. Used by one thread."""

    def __init__(self, store: PhotoStore, seer: Seer, job: Job) -> None:
        self._store = store
        self._seer = seer
        self._job = job
        self._encoder = store.encoder(seer.id)
        self._pending = Pending(store)
        self._unchanged = 0
        self._added = 0
        self._read = 0  # of the files that wait
        self._failing = 0  # pictures in a row that the engine failed on
        self._closed: list[Failure] = []  # folders that cannot be read

    def run(self) -> Iterator[Indexing | Indexed]:
        """Yield how far it is; the last is what was done.

        Raises:
            InputError: the folder cannot be read.
            EngineError: the encoder fails on picture after picture.
            DiskFull, SettingsError: the database cannot be written.
            Cancelled
        """
        began = time.monotonic()
        yield from self._scan()
        yield from self._read_all()
        removed, moved = self._pending.settle()
        self._store.sweep(self._encoder)
        yield from self._arrange()
        homes.stamp(self._store.folder)
        yield Indexed(
            library=self._store.root,
            added=self._added - moved,
            unchanged=self._unchanged + moved,
            removed=removed - moved,
            failed=(*self._closed, *self._store.failures()),
            elapsed_s=time.monotonic() - began,
        )

    # --- scan

    def _scan(self) -> Iterator[Indexing]:
        self._job.begin("scan")
        met = 0
        visited: set[bytes] = set()
        closed: dict[bytes, str] = {}  # folders that cannot be read: what is below stays
        for listing in walk(self._store.root):
            if listing.error is not None:
                if not listing.folder:
                    raise InputError(
                        f"{shown(self._store.root)} cannot be read: {listing.error}",
                        fix="check the folder's name and permissions",
                    )
                closed[listing.folder] = listing.error
                continue
            visited.add(listing.folder)
            self._compare(listing)
            met += len(listing.files)
            self._job.advance(met)
            yield Indexing(stage="scan", done=met)
        for folder in self._store.folders():
            if folder not in visited and not any(_within(folder, other) for other in closed):
                self._pending.gone(folder)
        self._closed = [
            Failure(file=self._store.root / os.fsdecode(folder), error=reason)
            for folder, reason in closed.items()
        ]

    def _compare(self, listing: Listing) -> None:
        known = self._store.known(listing.folder, self._encoder)
        new: list[Found] = []
        for found in listing.files:
            before = known.pop(found.name, None)
            if before is None or _changed(found, before):
                new.append(found)
            elif not before.failed:
                self._unchanged += 1
        for name, _ in listing.broken:
            known.pop(name, None)
        if new:
            self._pending.add(new)
        if listing.broken:
            none = [
                (Found(folder=listing.folder, name=name, size=0, mtime=0, ctime=0), reason)
                for name, reason in listing.broken
            ]
            self._store.write(self._encoder, failed=none)
        if known:
            self._pending.gone(listing.folder, list(known))

    # --- read

    def _read_all(self) -> Iterator[Indexing]:
        total = self._pending.count()
        self._job.begin("read", total)
        yield Indexing(stage="read", done=0, total=total)
        batch = _Batch()
        waiting: list[Loaded] = []  # pictures for the next look
        loaded = ahead(self._load, self._pending.files(), waiting=2 * max(2, self._seer.batch))
        try:
            for item in loaded:
                self._sort(item, batch, waiting)
                if len(waiting) >= self._seer.batch:
                    self._see(waiting, batch)
                if batch.full(self._seer.batch):
                    batch = self._write(batch)
                    self._job.advance(self._read)
                    yield Indexing(stage="read", done=self._read, total=total)
            self._see(waiting, batch)
        finally:
            self._write(batch)
        self._job.advance(self._read)
        yield Indexing(stage="read", done=self._read, total=total)

    def _load(self, found: Found) -> Loaded:
        return load(self._store.root, found, self._known, self._seer.longest)

    def _known(self, hash: bytes) -> int | None:
        return self._store.content(hash, self._encoder)

    def _sort(self, item: Loaded, batch: _Batch, waiting: list[Loaded]) -> None:
        if item.changing:
            self._read += 1
        elif item.error is not None:
            batch.failed.append((item.found, item.error))
        elif item.known is not None:
            batch.linked.append((item.found, item.known))
        else:
            waiting.append(item)

    def _see(self, waiting: list[Loaded], batch: _Batch) -> None:
        """Look at the pictures that wait, one by one where the engine fails on some."""
        if not waiting:
            return
        try:
            self._enter(waiting, self._seer.see([_picture(item) for item in waiting]), batch)
        except Exception as error:
            if not _of_a_picture(error):
                raise
            for item in waiting:
                self._see_one(item, batch)
        waiting.clear()

    def _see_one(self, item: Loaded, batch: _Batch) -> None:
        try:
            self._enter([item], self._seer.see([_picture(item)]), batch)
        except Exception as error:
            self._failing += 1
            if not _of_a_picture(error) or self._failing >= _HOPELESS:
                raise
            _log.info("failed on %s", shown(os.fsdecode(item.found.name)), exc_info=error)
            batch.failed.append((item.found, f"cannot be looked at: {error}"))

    def _enter(self, items: Sequence[Loaded], noted: Sequence[Noted], batch: _Batch) -> None:
        self._failing = 0
        batch.entries += [
            (item.found, _entry(item, note)) for item, note in zip(items, noted, strict=True)
        ]

    def _write(self, batch: _Batch) -> _Batch:
        if len(batch):
            self._store.write(self._encoder, batch.entries, batch.linked, batch.failed)
            self._pending.linked([content for _, content in batch.linked])
            self._added += len(batch.entries) + len(batch.linked)
            self._read += len(batch)
        return _Batch()

    # --- arrange

    def _arrange(self) -> Iterator[Indexing]:
        for space in (CONTENT, LOOKS):
            self._job.begin("arrange")
            for done in arrange(self._store, self._encoder, space):
                self._job.advance(done)
                yield Indexing(stage="arrange", done=done)


def _changed(found: Found, before: Known) -> bool:
    if (found.size, found.mtime) != (before.size, before.mtime):
        return True
    # A failed file is tried again after a change of its permissions too.
    return found.ctime != before.ctime if before.failed else not before.current


def _within(folder: bytes, other: bytes) -> bool:
    return folder == other or folder.startswith(other + b"/")


def _of_a_picture(error: Exception) -> bool:
    """Whether the fault may lie in one picture: an engine's, or one that its library let out."""
    return isinstance(error, EngineError) or not isinstance(error, AssistantError)


def _picture(item: Loaded) -> Picture:
    assert item.picture is not None, "only pictures wait to be looked at"
    return item.picture


def _entry(item: Loaded, note: Noted) -> Entry:
    picture = _picture(item)
    width, height = picture.full_size or (picture.width, picture.height)
    return Entry(
        hash=item.hash,
        width=width,
        height=height,
        taken_at=picture.taken_at,
        place=picture.place,
        camera=picture.camera,
        people=note.look.people,
        caption=note.look.caption,
        text=note.look.text,
        tags=note.look.tags,
        print=cells(fingerprint(picture)).tobytes(),
        vectors=note.vectors,
    )
