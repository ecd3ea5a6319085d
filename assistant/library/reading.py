"""Reading one file of a library: its whole content once, hashed and decoded from the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assistant.errors import InputError
from assistant.library.records import Found, shown
from assistant.library.scan import stat_of
from assistant.types import Picture

LARGEST: Final = 512 * 1024 * 1024
"""Bytes of the largest file that is read; it is held in memory once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Loaded:
    """A file that was read: a picture, or a content that is known, or the reason why not."""

    found: Found
    hash: bytes = b""
    known: int | None = None  # id of the content
    picture: Picture | None = None
    error: str | None = None
    changing: bool = False  # it was written to, or vanished, meanwhile: left to the next run


def load(
    root: Path, found: Found, known: Callable[[bytes], int | None], longest: int | None
) -> Loaded:
    """Read a file; a content that `known` has an id for is not decoded again.

    Args:
        longest: pixels of the longer side that are enough.
    """
    path = found.path(root)
    try:
        found = stat_of(path, found.folder, found.name)  # the scan may be long ago
        if found.size > LARGEST:
            return Loaded(found=found, error=f"larger than {LARGEST >> 20} MB; make it smaller")
        content = path.read_bytes()
        after = stat_of(path, found.folder, found.name)
    except FileNotFoundError:
        return Loaded(found=found, changing=True)
    except OSError as error:
        return Loaded(found=found, error=f"cannot be read: {error.strerror or error}")
    if (after.size, after.mtime) != (found.size, found.mtime) or len(content) != found.size:
        return Loaded(found=found, changing=True)
    hash = digest(content)
    content_id = known(hash)
    if content_id is not None:
        return Loaded(found=found, hash=hash, known=content_id)
    try:
        picture = Picture.decode(content, source=shown(path), longest=longest)
    except InputError as error:
        return Loaded(found=found, hash=hash, error=_reason(error, shown(path)))
    return Loaded(found=found, hash=hash, picture=picture)


def digest(content: bytes) -> bytes:
    """The hash that a content is known by: BLAKE2b, 20 bytes."""
    return hashlib.blake2b(content, digest_size=20).digest()


def _reason(error: InputError, source: str) -> str:
    """What is wrong and what to do, without the file's name, which stands beside it."""
    what = str(error).removeprefix(source).strip()
    return f"{what}; {error.fix}" if error.fix else what
