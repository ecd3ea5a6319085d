"""Walking a folder of photos: one stat a file, each folder once, whatever links lead where."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from assistant.library.records import Found

SUFFIXES: Final = frozenset(
    f".{ending}".encode()
    for ending in (
        "jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "bmp", "tif", "tiff",
        "gif", "avif", "jp2",
    )
)  # fmt: skip
"""Endings of the files that are looked at; what is inside is told by their content."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What one folder holds."""

    folder: bytes  # below the root; b"" is the root itself
    files: tuple[Found, ...] = ()
    broken: tuple[tuple[bytes, str], ...] = ()  # names of files without a stat, and why
    error: str | None = None  # why the folder itself cannot be read; then the rest is empty


@dataclass
class _Walk:
    root: bytes
    waiting: list[bytes] = field(default_factory=lambda: [b""])
    seen: set[tuple[int, int]] = field(default_factory=set)  # device and inode of each folder


def walk(root: Path) -> Iterator[Listing]:
    """Each folder below the root, with its picture files, in a steady order.

    Links are followed; a folder that was met before, by whatever name, is not entered again,
    so loops end. Names that begin with a dot are left out, as are files that are no ordinary
    ones. Only the folders waiting are held in memory.
    """
    walking = _Walk(root=os.fsencode(root))
    while walking.waiting:
        yield _listing(walking, walking.waiting.pop())


def _listing(walking: _Walk, folder: bytes) -> Listing:
    path = os.path.join(walking.root, folder) if folder else walking.root
    try:
        own = os.stat(path)
        if (own.st_dev, own.st_ino) in walking.seen:
            return Listing(folder=folder)
        walking.seen.add((own.st_dev, own.st_ino))
        with os.scandir(path) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        return Listing(folder=folder, error=_reason(error))
    files: list[Found] = []
    broken: list[tuple[bytes, str]] = []
    below: list[bytes] = []
    for entry in inside:
        if entry.name.startswith(b"."):
            continue
        picture = os.path.splitext(entry.name)[1].lower() in SUFFIXES
        try:
            if entry.is_dir():
                below.append(os.path.join(folder, entry.name))
            elif picture:
                facts = entry.stat()
                if stat.S_ISREG(facts.st_mode):
                    files.append(_found(folder, entry.name, facts))
        except OSError as error:
            if picture:
                broken.append((entry.name, _reason(error)))
    walking.waiting.extend(reversed(below))
    return Listing(folder=folder, files=tuple(files), broken=tuple(broken))


def _found(folder: bytes, name: bytes, facts: os.stat_result) -> Found:
    return Found(
        folder=folder,
        name=name,
        size=facts.st_size,
        mtime=facts.st_mtime_ns,
        ctime=facts.st_ctime_ns,
    )


def stat_of(path: Path, folder: bytes, name: bytes) -> Found:
    """A file as a scan would meet it now.

    Raises:
        OSError
    """
    return _found(folder, name, os.stat(path))


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
