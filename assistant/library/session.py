"""Opening libraries with a profile's engines: to index one, or to search it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.errors import InputError
from assistant.interfaces import Cancel
from assistant.jobs import Jobs, JobStatus
from assistant.library import homes
from assistant.library.indexing import Indexer
from assistant.library.keeping import rebuild
from assistant.library.records import Indexed, Indexing, shown
from assistant.library.search import Searcher
from assistant.library.seeing import seer
from assistant.library.store import PhotoStore
from assistant.registry import Engines

KIND = "photos"
"""Of the jobs that index libraries."""


def indexing(
    engines: Engines,
    root: Path,
    *,
    cancel: Cancel | None = None,
    waiting: Callable[[str], None] | None = None,
    anew: bool = False,
) -> Iterator[Indexing | Indexed]:
    """Bring the library of a folder up to date; yields how far it is, at last the result.

    Args:
        waiting: told once, in a sentence, that another process is at work on the library.
        anew: throw away what the library holds, and begin from nothing.

    Raises:
        AssistantError: the folder cannot be read, the engines fail, the disk is full.
    """
    told = False

    def wait(other: JobStatus | None) -> None:
        nonlocal told
        if waiting is not None and not told:
            who = f"process {other.pid}" if other is not None else "another process"
            waiting(f"{who} is indexing {shown(root)}; waiting until it has finished")
            told = True

    root = root.resolve()
    with (
        contextlib.closing(Jobs()) as jobs,
        jobs.claim(KIND, os.fspath(root), cancel=cancel, waiting=wait) as job,
    ):
        if anew:
            shutil.rmtree(homes.place_of(root), ignore_errors=True)
        with contextlib.closing(PhotoStore(root)) as store:
            yield from Indexer(store, seer(engines), job).run()


def rebuilding(root: Path, tell: Callable[[int], None]) -> int:
    """Make the index files of a library anew; returns its vectors.

    Raises:
        InputError: another process is indexing it.
    """
    with (
        contextlib.closing(Jobs()) as jobs,
        jobs.claim(KIND, os.fspath(root.resolve())),
        contextlib.closing(PhotoStore(root)) as store,
    ):
        return rebuild(store, tell)


def root_of(root: Path | None = None) -> Path:
    """The folder of the library that is meant: the one named, else the one indexed last.

    Raises:
        InputError: it was never indexed.
    """
    if root is not None:
        if homes.indexed(root):
            return root.resolve()
        if not root.is_dir():
            raise InputError(f"there is no folder {shown(root)}", fix="check the name")
        raise InputError(
            f"{shown(root)} has not been indexed", fix=f"assistant index {shown(root)}"
        )
    found = homes.roots()
    if not found:
        raise InputError("there is no photo library yet", fix="assistant index FOLDER")
    return found[0]


def chosen(root: Path | None) -> list[Path]:
    """The library that is named, or all of them.

    Raises:
        InputError: it was never indexed, or there is none.
    """
    return [root_of(root)] if root is not None else homes.roots() or [root_of()]


def existing(root: Path | None = None) -> PhotoStore:
    """The store of the library that is meant.

    Raises:
        InputError: it was never indexed.
        SettingsError: its database cannot be used.
    """
    return PhotoStore(root_of(root))


@contextlib.contextmanager
def open_library(engines: Engines, root: Path | None = None) -> Iterator[Searcher]:
    """A library to be searched.

    Raises:
        InputError: it was never indexed, or by another encoder than the profile's.
        AssistantError: the engines cannot be loaded.
    """
    with contextlib.closing(existing(root)) as store:
        looking = seer(engines)
        searcher = Searcher(store=store, encoder=looking.encoder, seer=looking)
        if store.count() and not store.encoded(searcher.number):
            raise InputError(
                f"{shown(store.root)} was indexed with another encoder",
                fix=f"assistant index {shown(store.root)}",
            )
        yield searcher
