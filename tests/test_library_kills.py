"""Indexing is killed again and again, and ends with every file once."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.library.indexing import BATCH
from assistant.library.keeping import verify
from assistant.library.records import CONTENT
from assistant.library.store import PhotoStore
from scripts.make_photos import make

ROOT = Path(__file__).resolve().parent.parent
KILLS = 10


@dataclass
class _Trial:
    """What was seen of one folder, indexed through kills."""

    broken: list[str]
    lost: list[int] = field(default_factory=list)  # pictures that each killed run saw for nothing
    memory: list[list[int]] = field(default_factory=list)  # MB, of each run as it went on
    unchanged_s: float = 0.0  # of the run over files that had not changed, and
    unchanged_cpu_s: float = 0.0  # ... of its process alone


def _start(root: Path, seen: Path, stdin: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.small_library", str(root), str(seen)]
    return subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, text=True)


def _finished(root: Path, seen: Path) -> tuple[dict[str, int], list[int]]:
    """The result of a run that is left alone, and its memory, MB."""
    process = _start(root, seen, subprocess.DEVNULL)
    lines = process.communicate()[0].splitlines()
    assert process.returncode == 0
    return json.loads(lines[-1]), [int(line.split()[3]) for line in lines[:-1]]


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


@contextlib.contextmanager
def _told(stage: str) -> Iterator[None]:
    """Print how long a stage takes: what a large run spends its time on."""
    began = time.monotonic()
    yield
    print(f"{stage}: {time.monotonic() - began:.1f} s", flush=True)


def _run(root: Path, count: int, source: Path | None) -> _Trial:
    """Index `count` files through ten kills, then again when nothing has changed."""
    seen = root.with_name("seen")
    with _told("making the files"):
        trial = _Trial(broken=make(root, count, source))
    seen.touch()
    good = count - len(trial.broken)
    for kill in range(KILLS):
        with _told(f"kill {kill + 1}"):
            written = _written(root)
            # A killed run goes up to two batches further than it is asked to.
            left = count - written - 2 * BATCH * (KILLS - kill)
            most = 2 * left // (KILLS + 2 - kill)
            _killed_after(root, seen, random.randrange(1, most), trial)
            assert written < _written(root) < count
    with _told("the run to the end"):
        counts, memory = _finished(root, seen)
    trial.memory.append(memory)
    assert counts["failed"] == len(trial.broken)
    assert counts["added"] + counts["unchanged"] == good
    began, worked = time.monotonic(), _worked_s()
    counts, _ = _finished(root, seen)
    trial.unchanged_s = time.monotonic() - began
    trial.unchanged_cpu_s = _worked_s() - worked
    assert (counts["unchanged"], counts["added"]) == (good, 0)
    return trial


def _worked_s() -> float:
    """Processor time of the programs that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _killed_after(root: Path, seen: Path, files: int, trial: _Trial) -> None:
    """Kill a run once it has told of so many files; at most one batch may be lost."""
    before, looked_at = _pictures(root), seen.stat().st_size
    process = _start(root, seen, subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    memory = []
    for line in process.stdout:
        stage, done, _, held = line.split()
        memory.append(int(held))
        process.stdin.write("go on\n")  # it waits for this, and so runs one batch ahead at most
        process.stdin.flush()
        if stage == "read" and int(done) >= files:
            break
    time.sleep(random.random() * 0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    lost = (seen.stat().st_size - looked_at) - (_pictures(root) - before)
    assert 0 <= lost <= BATCH, f"{lost} pictures were looked at for nothing"
    trial.lost.append(lost)
    trial.memory.append(memory)


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
    root = tmp_path / "photos"
    _whole(root, 5000, _run(root, 5000, photos).broken)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_ten_kills_of_a_large_library(
    tmp_path: Path, photos: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 files; memory flat, however many are read; unchanged ones cost under 10 s.

    These seconds are the processor's: others may have it meanwhile.
    """
    root = tmp_path / "photos"
    trial = _run(root, 100_000, photos)
    with _told("looking the library through"):
        _whole(root, 100_000, trial.broken)
    most = [max(memory) for memory in trial.memory]
    print(f"lost: {trial.lost}; most memory of each run, MB: {most}")
    print(f"unchanged: {trial.unchanged_s:.1f} s, {trial.unchanged_cpu_s:.1f} s of one core")
    assert trial.unchanged_cpu_s < 10
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "another"))
    with _told("all at once"):
        counts, memory = _finished(root, tmp_path / "seen")
    assert counts["added"] == 95_000
    tenths = [memory[len(memory) * tenth // 10] for tenth in range(1, 10)]
    print(f"all at once, memory by tenths of the run, MB: {[*tenths, memory[-1]]}")
    assert max(*most, memory[-1]) < tenths[0] + 40


@pytest.fixture
def photos(request: pytest.FixtureRequest) -> Path | None:
    """The development photos; patterns take their place where they are not here."""
    folder = Path(os.environ.get("ASSISTANT_EVAL", ROOT.parent / "shared" / "eval"))
    return folder / "media" / "photos" if (folder / "media" / "photos").is_dir() else None
