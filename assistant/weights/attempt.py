"""One attempt to fetch a set from one source: its staging folder, its pace, its children.

Everything that touches the network runs as a child process that writes below the staging
folder. So one loop shows the progress of any source, leaves one that is too slow, and
nothing that a client does at import time happens here.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from assistant.errors import DiskFull

_SAMPLE = 0.2  # s between looks at the staging folder


class SourceFailed(Exception):
    """This source cannot give the files; the next one may."""


class TooSlow(SourceFailed):
    """The source is slower than its pace; it may be asked again when no other can."""


class HashDiffers(SourceFailed):
    """What this source gave is not what was pinned."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The least speed of a source that has a successor."""

    minimum: float = 50_000  # bytes a second
    window: float = 30.0  # s


@dataclass
class Attempt:
    """A staging folder that is watched while children write into it."""

    staging: Path
    pace: Pace | None  # None where slow is better than nothing
    progress: Callable[[int], None] = lambda staged: None  # bytes below the staging folder
    stopped: threading.Event = field(default_factory=threading.Event)
    too_slow: bool = False

    def __enter__(self) -> Self:
        self.staging.mkdir(parents=True, exist_ok=True)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()
        with suppress(OSError):  # parts of an unfinished file stay
            self.staging.rmdir()

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run a child in a folder below the staging folder and return what it printed.

        Raises:
            SourceFailed: it failed, or the source is too slow; the reason is its last error.
            DiskFull: it met a full disk.
        """
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **temporary, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        try:
            while True:
                try:
                    output, errors = child.communicate(timeout=_SAMPLE)
                    break
                except subprocess.TimeoutExpired:
                    if self.stopped.is_set():
                        raise self._why_stopped() from None
        finally:
            if child.poll() is None:
                child.kill()
                child.communicate()
        if child.returncode != 0:
            if "No space left on device" in errors or "Disk quota exceeded" in errors:
                raise disk_full(folder)
            raise SourceFailed(_last_error(errors) or f"{command[0]} failed")
        return output

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A fresh folder for one child, removed afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="tmp-", dir=self.staging))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _watch(self) -> None:
        seen: deque[tuple[float, int]] = deque()
        while not self._done.wait(_SAMPLE):
            now, size = time.monotonic(), folder_size(self.staging)
            self.progress(size)
            if self.pace is None:
                continue
            seen.append((now, size))
            while now - seen[0][0] > self.pace.window:
                then, before = seen.popleft()
                if size - before < self.pace.minimum * (now - then):
                    self.too_slow = True
                    self.stopped.set()

    def _why_stopped(self) -> SourceFailed:
        if self.too_slow and self.pace is not None:
            speed = f"{self.pace.minimum / 1000:.0f} kB/s"
            return TooSlow(f"slower than {speed} for {self.pace.window:.0f} s")
        return SourceFailed("stopped")


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for parent, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.stat(os.path.join(parent, file)).st_size
            except OSError:
                continue
    return total


def disk_full(folder: Path, needed: int | None = None) -> DiskFull:
    """The refusal or the failure, with what is free and what would be needed."""
    free = shutil.disk_usage(folder).free
    need = f", {readable(needed)} are needed" if needed is not None else ""
    return DiskFull(
        f"the disk of {folder} is too small: {readable(free)} are free{need}",
        fix="free some space or set ASSISTANT_MODELS to a folder on a larger disk",
    )


@contextmanager
def full_disk_translated(folder: Path) -> Iterator[None]:
    """Turn "no space left" into `DiskFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(folder) from error
        raise


def readable(size: float) -> str:
    """Bytes as people write them: 1.5 GB, 148 MB, 2 kB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            value = size / scale
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{size:.0f} bytes"


def _last_error(errors: str) -> str:
    """The last line of a client's output that names an error, else its last line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    named = [line for line in lines if "error" in line.lower()]
    return (named or lines or [""])[-1][:300]
