"""Understanding a video is killed again and again, and ends like an undisturbed run."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from tests.small_video import make, run

KILLS = 10
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.small_video"])


def _work(
    data: Path, video: Path, log: Path, *, kill_after: int | None = None
) -> tuple[str | None, list[str]]:
    """One run: its result, None where it was killed, and the stage of each event it told of."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=run, args=(data, video, log, theirs))
    process.start()
    theirs.close()
    events: list[str] = []
    while True:
        try:
            told = ours.recv()
        except EOFError:
            process.join()
            raise AssertionError(f"the run ended with {process.exitcode}") from None
        if told.startswith("{"):
            process.join()
            return str(told), events
        events.append(told)
        ours.send("go on")  # it waits for this, and so runs one event ahead at most
        if len(events) == kill_after:
            time.sleep(random.random() * 0.02)
            process.kill()
            process.join()
            return None, events


def _killed_and_resumed(tmp_path: Path, seconds: float) -> None:
    video = make(tmp_path / "small.mp4", seconds)
    once, log = tmp_path / "once.log", tmp_path / "log"
    whole, events = _work(tmp_path / "undisturbed", video, once)
    work = Counter(once.read_text().splitlines())
    assert max(work.values()) == 1
    assert {line.split()[0] for line in work} == {
        "frames", "movements", "words", "read", "describe",
    }  # fmt: skip
    data = tmp_path / "data"
    log.touch()
    for kill in range(KILLS):
        left = _left(Counter(events), work, set(log.read_text().splitlines()))
        most = max(1, int(2 * left / (KILLS + 2 - kill)))
        killed, _ = _work(data, video, log, kill_after=random.randrange(1, most + 1))
        assert killed is None, f"it was over before kill {kill + 1}"
    assert _work(data, video, log)[0] == whole
    again = Counter(log.read_text().splitlines())
    assert set(again) == set(work)
    repeated = sum(again.values()) - sum(work.values())
    # A frame that is looked at is two lines, read and describe.
    assert repeated <= 2 * KILLS, f"{repeated} repeated after {KILLS} kills"
    assert _work(data, video, log)[0] == whole
    assert Counter(log.read_text().splitlines()) == again, "what is known was done again"


def _left(events: Counter[str], work: Iterable[str], begun: Collection[str]) -> float:
    """About how many events are still to come."""
    stages = {
        "frames": "frames", "movements": "movements", "words": "words",
        "read": "pictures", "describe": "pictures",
    }  # fmt: skip
    whole = Counter(stages[line.split()[0]] for line in work)
    left = Counter(stages[line.split()[0]] for line in work if line not in begun)
    return sum(events[stage] * left[stage] / whole[stage] for stage in whole)


@pytest.mark.slow
def test_ten_kills_repeat_a_chunk_each_at_most(tmp_path: Path) -> None:
    _killed_and_resumed(tmp_path, 24.0)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_kills_of_a_longer_video(tmp_path: Path) -> None:
    """Ten minutes in 150 chunks, three times ten kills."""
    for number in range(3):
        _killed_and_resumed(tmp_path / str(number), 600.0)
