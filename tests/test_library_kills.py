"""Indexing is killed again and again, and ends with every file once."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.library.indexing import BATCH
from assistant.library.keeping import verify
from assistant.library.records import CONTENT
from assistant.library.store import PhotoStore
from scripts.make_photos import make

ROOT = Path(__file__).resolve().parent.parent
KILLS = 10


def _start(root: Path, seen: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.small_library", str(root), str(seen)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _written(root: Path) -> int:
    """Files in the library, read like another process would."""
    store = PhotoStore(root)
    with contextlib.closing(store):
        assert store.rows("PRAGMA quick_check") == [("ok",)]
        return int(store.rows("SELECT count(*) FROM files")[0][0])


def _pictures(root: Path) -> int:
    store = PhotoStore(root)
    with contextlib.closing(store):
        return int(store.rows("SELECT count(*) FROM contents")[0][0])


def _run(
    tmp_path: Path, count: int, source: Path | None
) -> tuple[Path, list[str], float, list[int]]:
    """Index `count` files through ten kills; the broken ones, the last run's time and memory."""
    root, seen = tmp_path / "photos", tmp_path / "seen"
    broken = make(root, count, source)
    seen.touch()
    for kill in range(KILLS):
        written = _written(root)
        most = 2 * (count - written) // (KILLS + 2 - kill)
        _killed_after(root, seen, random.randrange(1, most))
        assert written < _written(root) < count
    last = subprocess.run(
        [sys.executable, "-m", "tests.small_library", str(root), str(seen)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    counts = json.loads(last[-1])
    assert counts["failed"] == len(broken)
    assert counts["added"] + counts["unchanged"] == count - len(broken)
    memory = [int(line.split()[3]) for line in last[:-1] if line.startswith("read")]
    begun = time.monotonic()
    again = subprocess.run(
        [sys.executable, "-m", "tests.small_library", str(root), str(seen)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    elapsed = time.monotonic() - begun
    assert json.loads(again[-1])["unchanged"] == count - len(broken)
    assert json.loads(again[-1])["added"] == 0
    return root, broken, elapsed, memory


def _killed_after(root: Path, seen: Path, files: int) -> None:
    """Kill a run once it has told of so many files; at most one batch may be lost."""
    before, looked_at = _pictures(root), seen.stat().st_size
    process = _start(root, seen)
    assert process.stdout is not None
    for line in process.stdout:
        stage, done, *_ = line.split()
        if stage == "read" and int(done) >= files:
            break
    time.sleep(random.random() * 0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    lost = (seen.stat().st_size - looked_at) - (_pictures(root) - before)
    assert 0 <= lost <= BATCH, f"{lost} pictures were looked at for nothing"


def _whole(root: Path, count: int, broken: list[str]) -> None:
    """Each file once, each picture with its vector, each broken one with its reason."""
    store = PhotoStore(root)
    with contextlib.closing(store):
        rows = store.rows("SELECT folder, name, content, error FROM files")
        names = [os.fsdecode(os.path.join(row[0], row[1])) for row in rows]
        assert len(names) == len(set(names)) == count
        assert {n for n, row in zip(names, rows, strict=True) if row[3]} == set(broken)
        assert all((row[2] is None) == (row[3] is not None) for row in rows)
        ids, matrix = store.vectors(store.encoder("colours"), CONTENT)
        contents = {row[0] for row in store.rows("SELECT id FROM contents")}
        assert set(ids.tolist()) == contents == {row[2] for row in rows if row[2]}
        assert len(matrix) == count - len(broken)
        assert [fault for fault in verify(store) if not isinstance(fault, int)] == []


@pytest.mark.slow
def test_ten_kills_lose_nothing(tmp_path: Path, photos: Path | None) -> None:
    root, broken, _, _ = _run(tmp_path, 5000, photos)
    _whole(root, 5000, broken)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_kills_of_a_large_library(tmp_path: Path, photos: Path | None) -> None:
    """100,000 files; a run over unchanged ones under 10 s, memory flat."""
    root, broken, elapsed, memory = _run(tmp_path, 100_000, photos)
    _whole(root, 100_000, broken)
    print(f"unchanged: {elapsed:.1f} s; memory of the last run: {memory[0]} to {memory[-1]} MB")
    assert elapsed < 10
    assert memory[-1] < memory[len(memory) // 4] + 40


@pytest.fixture
def photos(request: pytest.FixtureRequest) -> Path | None:
    """The development photos; patterns take their place where they are not here."""
    folder = Path(os.environ.get("ASSISTANT_EVAL", ROOT.parent / "shared" / "eval"))
    return folder / "media" / "photos" if (folder / "media" / "photos").is_dir() else None
