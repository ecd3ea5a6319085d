"""Carrying weights to a machine without any source: one tar file, checked on both sides.

The archive holds `weights.json`, then `weights/SET/FILE`. Nothing else is accepted from it:
no other path, no link, no set or file that this program does not know.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import InputError, WeightsCorrupt, WeightsError
from assistant.settings import Strict
from assistant.weights.attempt import disk_full, full_disk_translated
from assistant.weights.manifest import AnySource, PackedSource, Sha256
from assistant.weights.store import Store, sha256_of

_INDEX = "weights.json"
_INDEX_LIMIT = 10_000_000  # bytes


class _Row(Strict):
    """What the archive says about one file."""

    size: int  # bytes
    sha256: Sha256
    origin: str  # the source's label, or "derived"


_ROWS = TypeAdapter(dict[str, _Row])


def export_weights(store: Store, names: Iterable[str], target: Path) -> dict[str, int]:
    """Write whole sets, each read and verified first; bytes by set.

    Raises:
        WeightsMissing, WeightsCorrupt: a set is not whole.
        DiskFull, InputError: the archive cannot be written.
    """
    sizes: dict[str, int] = {}
    rows: dict[str, _Row] = {}
    for name in names:
        store.folder(name)
        source = store.source_on_disk(name)
        for state in store.verify(name):
            if state.status != "ok":
                raise WeightsCorrupt(
                    f"{name}/{state.file} is {state.status}", fix=f"assistant models pull {name}"
                )
            origin = source.label if state.file in source.files else "derived"
            path = store.root / name / state.file
            sha256 = store.records.unchanged(f"{name}/{state.file}", path) or sha256_of(path)
            rows[f"{name}/{state.file}"] = _Row(size=state.size, sha256=sha256, origin=origin)
            sizes[name] = sizes.get(name, 0) + state.size
    unfinished = target.with_name(target.name + ".part")
    try:
        with full_disk_translated(target.parent), tarfile.open(unfinished, "w") as archive:
            index = json.dumps({key: row.model_dump() for key, row in rows.items()}).encode()
            header = tarfile.TarInfo(_INDEX)
            header.size = len(index)
            archive.addfile(header, io.BytesIO(index))
            for key in rows:
                archive.add(store.root / key, arcname=f"weights/{key}", recursive=False)
        unfinished.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error}", fix="name another file") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return sizes


def import_weights(store: Store, archive_file: Path) -> dict[str, int]:
    """Take sets out of an archive, each file checked before it gets its place; bytes by set.

    Files with a pinned SHA-256 are checked against it. Those that only a hub could describe,
    or that were derived, are checked against what the archive says, so trust its author.

    Raises:
        InputError: the file is no such archive.
        WeightsCorrupt: a file is altered, or the archive holds something that has no business
            there; nothing of it is kept.
        DiskFull
    """
    staging = store.root / ".staging" / "import"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        with full_disk_translated(staging), tarfile.open(archive_file, "r:") as archive:
            rows = _index(archive, archive_file)
            _refuse_small_disk(store.root, rows)
            for key, row in rows.items():
                _refuse_unknown(store, key, row, archive_file)
            for member in archive:
                _unpack(member, archive, rows, staging, archive_file)
        absent = [key for key in rows if not (staging / key).is_file()]
        if absent:
            raise WeightsCorrupt(f"{archive_file} lacks {absent[0]}", fix="export it again")
        return _place(store, rows, staging)
    except (tarfile.TarError, EOFError) as error:
        raise InputError(
            f"{archive_file} is no weights archive: {error}", fix="assistant models export FILE"
        ) from error
    except FileNotFoundError as error:
        raise InputError(f"there is no {archive_file}", fix="name an archive") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _index(archive: tarfile.TarFile, file: Path) -> dict[str, _Row]:
    first = archive.next()
    stream = archive.extractfile(first) if first is not None and first.isfile() else None
    if first is None or stream is None or first.name != _INDEX or first.size > _INDEX_LIMIT:
        raise InputError(f"{file} is no weights archive", fix="assistant models export FILE")
    try:
        return _ROWS.validate_json(stream.read())
    except ValidationError as error:
        raise InputError(f"{file} is no weights archive: {error.errors()[0]['msg']}") from error


def _refuse_small_disk(root: Path, rows: dict[str, _Row]) -> None:
    needed = sum(row.size for row in rows.values())
    if shutil.disk_usage(root).free < needed:
        raise disk_full(root, needed)


def _refuse_unknown(store: Store, key: str, row: _Row, file: Path) -> None:
    """Only names that the manifest lists, and pinned hashes as they are pinned."""
    name, _, member = key.partition("/")
    if name not in store.sets or member not in store.sets[name].file_names():
        raise WeightsCorrupt(f"{file} holds {key!r}, which is no known file", fix="do not use it")
    if row.origin == "derived":
        if member not in store.sets[name].derived:
            raise WeightsCorrupt(f"{file}: {key} is not derived", fix="do not use it")
        return
    source = _source(store, key, row)
    pinned = source.files[member] if isinstance(source, PackedSource) else None
    if pinned is not None and (pinned.size, pinned.sha256) != (row.size, row.sha256):
        raise WeightsCorrupt(f"{file}: {key} has not the pinned SHA-256", fix="do not use it")


def _source(store: Store, key: str, row: _Row) -> AnySource:
    """The source that a row claims; of several of one kind, the one with its hash."""
    name, _, member = key.partition("/")
    claimed = [s for s in store.sets[name].sources if s.label == row.origin and member in s.files]
    for source in claimed:
        if not isinstance(source, PackedSource) or source.files[member].sha256 == row.sha256:
            return source
    if claimed:
        return claimed[0]
    raise WeightsCorrupt(f"the archive's {key} is from {row.origin!r}, no known source")


def _unpack(
    member: tarfile.TarInfo,
    archive: tarfile.TarFile,
    rows: dict[str, _Row],
    staging: Path,
    file: Path,
) -> None:
    """Write one member below the staging folder and check it."""
    if member.name == _INDEX:
        return
    key = member.name.removeprefix("weights/")
    stream = archive.extractfile(member) if member.isreg() and key in rows else None
    if stream is None or member.name == key or member.size != rows[key].size:
        raise WeightsCorrupt(
            f"{file} holds {member.name!r}, which it must not", fix="do not use it"
        )
    target = staging / key
    target.parent.mkdir(parents=True, exist_ok=True)
    with stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out)
    if sha256_of(target) != rows[key].sha256:
        raise WeightsCorrupt(f"{file}: {key} is altered", fix="export or copy it again")


def _place(store: Store, rows: dict[str, _Row], staging: Path) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for key, row in rows.items():
        name = key.partition("/")[0]
        target = store.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        (staging / key).replace(target)
        store.records.put(key, target, row.sha256, row.origin)
        sizes[name] = sizes.get(name, 0) + row.size
    for name in sizes:
        if store.missing(name):
            raise WeightsError(
                f"the archive held only a part of {name}", fix=f"assistant models pull {name}"
            )
    return sizes
