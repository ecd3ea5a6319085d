"""What flows between a library's parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from assistant.interfaces import Float32

CONTENT: Final = 0
"""The space of vectors that pictures and texts share."""
LOOKS: Final = 1
"""The space in which pictures are compared with each other."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that a scan met."""

    folder: bytes  # below the library's folder; b"" is the folder itself
    name: bytes
    size: int  # bytes
    mtime: int  # ns
    ctime: int  # ns

    def path(self, root: Path) -> Path:
        """Where the file is."""
        return root / os.fsdecode(os.path.join(self.folder, self.name))


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a library knows of a file by its name."""

    size: int
    mtime: int
    ctime: int
    failed: bool
    current: bool  # its content has vectors of the encoder in use


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A picture as it is written down: what it shows and where that lies in vector space."""

    hash: bytes
    width: int
    height: int
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None  # latitude, longitude in degrees
    camera: str = ""
    people: int | None = None
    caption: str = ""
    text: str = ""
    tags: tuple[tuple[str, float], ...] = ()
    print: bytes = b""
    vectors: Mapping[int, Float32] = field(default_factory=dict)  # space -> [d]


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture of the library, read back."""

    id: int
    file: Path
    width: int
    height: int
    taken_at: datetime | None
    place: tuple[float, float] | None
    camera: str
    people: int | None
    caption: str
    text: str
    tags: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A file that could not be read, and why."""

    file: Path
    error: str


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """What a run of the indexer did. Every picture file is added, unchanged or failed."""

    library: Path
    added: int
    unchanged: int  # those that were renamed among them
    removed: int
    failed: tuple[Failure, ...]
    elapsed_s: float


def shown(path: Path | str) -> str:
    """A path as text that can be printed, whatever bytes are in its name."""
    return os.fsencode(path).decode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class Indexing:
    """How far a run of the indexer is."""

    stage: str  # "scan", "read", "arrange"
    done: int
    total: int | None = None  # None where it is not known
