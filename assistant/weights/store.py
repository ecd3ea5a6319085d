"""Where each weights set lies, and whether it is whole. Reads the disk, never the network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from assistant.errors import WeightsMissing
from assistant.weights.manifest import (
    AnySource,
    Manifest,
    PackedSource,
    WeightsSet,
    manifest,
    weights_set,
)
from assistant.weights.records import HubLock, Records

FileStatus = Literal["ok", "missing", "truncated", "altered", "unproven"]
_BLOCK = 1 << 20  # bytes
_MADE_HERE = PackedSource(kind="index", files={})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a file should be; None where nobody has told yet."""

    size: int | None = None  # bytes
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileState:
    """What one file of a set is found to be."""

    weights: str
    file: str
    status: FileStatus
    size: int  # bytes on disk


@dataclass(frozen=True)
class Store:
    """The folder that holds one subfolder per weights set."""

    root: Path
    sets: Manifest = field(default_factory=manifest)

    def own(self, name: str) -> bool:
        """Whether this is a folder that the user made for weights of their own."""
        return name not in self.sets and (self.root / name).is_dir()

    def folder(self, name: str) -> Path:
        """The folder of the named weights, all files present with their right sizes.

        A folder that the user made for weights of their own is taken as it is.

        Raises:
            WeightsMissing: they are not all on this machine.
        """
        folder = self.root / name
        if self.own(name):
            return folder
        missing = self.missing(name)
        if missing:
            raise WeightsMissing(
                f"the weights {name} are not all on this machine ({', '.join(missing[:3])})",
                fix=f"assistant models pull {name}",
            )
        return folder

    def missing(self, name: str) -> list[str]:
        """Files of a set that are absent or have the wrong size, by presence and size only."""
        wanted = weights_set(name, self.sets)
        source = self.source_on_disk(name)
        absent = [f for f in source.files if not self._plausible(name, source, f)]
        return absent + [f for f in wanted.derived if not _size(self.root / name / f)]

    def complete(self, name: str) -> bool:
        """Whether a set, or the one that takes its place, is here with all that it needs.

        A folder of the user's own is complete when it is there.
        """
        if self.own(name):
            return True
        wanted = weights_set(name, self.sets)
        here = not self.missing(name) and all(self.complete(other) for other in wanted.needs)
        return here or (wanted.fallback is not None and self.complete(wanted.fallback))

    def lacking(self, name: str, source: AnySource) -> list[str]:
        """Files of a source that are not here, read whole where no record spares that."""
        lacking = []
        for file in source.files:
            expected = self.expected(name, source, file)
            key, path = f"{name}/{file}", self.root / name / file
            if self.status(name, file, expected, trust_records=True) != "ok":
                lacking.append(file)
            elif expected.sha256 and self.records.unchanged(key, path) is None:
                self.records.put(key, path, expected.sha256, source.label)
        return lacking

    def source_on_disk(self, name: str) -> AnySource:
        """The source whose files lie here, or most of them; the first where none do.

        One without files for a set that is made here.
        """
        return max(
            weights_set(name, self.sets).sources,
            key=lambda s: sum(self._plausible(name, s, f) for f in s.files) / len(s.files),
            default=_MADE_HERE,
        )

    def expected(self, name: str, source: AnySource, file: str) -> Expected:
        """The size and hash that a file should have."""
        if isinstance(source, PackedSource):
            packed = source.files[file]
            return Expected(size=packed.size, sha256=packed.sha256)
        locked = self.lock.get(f"{name}/{file}", source.repo)
        known = locked or self.records.get(f"{name}/{file}", source.label)
        return Expected(size=known.size, sha256=known.sha256) if known else Expected()

    def expected_derived(self, name: str, file: str) -> Expected:
        """The size and hash of a derived file, from when it was made."""
        record = self.records.get(f"{name}/{file}", "derived")
        return Expected(size=record.size, sha256=record.sha256) if record else Expected()

    def status(
        self,
        name: str,
        file: str,
        expected: Expected,
        *,
        trust_records: bool,
        tick: Callable[[int], None] = lambda n: None,
    ) -> FileStatus:
        """What a file is found to be; reads all of it unless a trusted record spares that."""
        path, key = self.root / name / file, f"{name}/{file}"
        size = _size(path)
        if not size:
            return "missing"
        if expected.size is not None and size != expected.size:
            return "truncated" if size < expected.size else "altered"
        if expected.sha256 is None:
            return "unproven"
        if trust_records and self.records.unchanged(key, path) == expected.sha256:
            return "ok"
        return "ok" if sha256_of(path, tick) == expected.sha256 else "altered"

    def verify(
        self, name: str, tick: Callable[[int], None] = lambda n: None
    ) -> Iterator[FileState]:
        """Read every file of a set whole and compare it with its pinned or reported hash."""
        wanted = weights_set(name, self.sets)
        source = self.source_on_disk(name)
        fetched = [(f, self.expected(name, source, f), source.label) for f in source.files]
        derived = [(f, self.expected_derived(name, f), "derived") for f in wanted.derived]
        for file, expected, origin in fetched + derived:
            path, key = self.root / name / file, f"{name}/{file}"
            status = self.status(name, file, expected, trust_records=False, tick=tick)
            try:
                if status == "ok" and expected.sha256 is not None:
                    self.records.put(key, path, expected.sha256, origin)
                elif status != "ok":
                    self.records.distrust(key)
            except OSError:
                pass  # a folder that only others may write to can still be verified
            yield FileState(weights=name, file=file, status=status, size=_size(path))

    def wanted(self, name: str) -> WeightsSet:
        """The description of a set.

        Raises:
            WeightsMissing: there is none of that name.
        """
        return weights_set(name, self.sets)

    @cached_property
    def records(self) -> Records:
        """What was proven about the files of this folder."""
        return Records(self.root)

    @cached_property
    def lock(self) -> HubLock:
        """What the hub reported."""
        return HubLock()

    def _plausible(self, name: str, source: AnySource, file: str) -> bool:
        size = _size(self.root / name / file)
        expected = self.expected(name, source, file).size
        return size > 0 if expected is None else size == expected


def sha256_of(path: Path, tick: Callable[[int], None] = lambda n: None) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            tick(len(block))
    return digest.hexdigest()


def _size(path: Path) -> int:
    """Bytes of a file; 0 when there is none."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
