"""The command `video`, and understanding whole files: real reading and cutting, cheap engines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from assistant.cli import app, understanding
from assistant.errors import Cancelled, InputError
from assistant.jobs import Jobs
from assistant.registry import Engines
from assistant.types import Shot
from assistant.video.container import probe
from assistant.video.measures import measures
from assistant.video.understood import Understood, Working
from assistant.video.working import understand
from tests.small_video import engines, make
from tests.tiny_videos import scene, still, tone, write


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine seconds in three chunks, with speech."""
    return make(tmp_path_factory.mktemp("clip") / "clip.mp4", 9.0)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class Kept(Engines):
    """Engines that a command does not close."""

    def close(self) -> None:
        """Leave them to the next command."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `assistant video` in this process."""
    made = engines(tmp_path / "log")
    kept = Kept(profile=made.profile, locator=made.locator, _loaded=made._loaded)
    monkeypatch.setattr(understanding, "open_engines", lambda profile: kept)

    def run(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(app, ["video", *map(str, arguments)])
        unexpected = result.exception
        if unexpected is not None and not isinstance(unexpected, SystemExit | InputError):
            raise unexpected
        return result

    return run


def understood(path: Path, **given: Any) -> Understood:
    """All that is known of a video."""
    *_, last = understand(given.pop("engines", None) or engines(), path, **given)
    assert isinstance(last, Understood)
    last.store.close()
    return last


# --- the command


def test_three_sentences_come_first_and_then_the_timeline(run: Any, clip: Path) -> None:
    result = run(clip)
    assert result.exit_code == 0
    told, timeline = result.stdout.split("\n\n")
    assert len(told.splitlines()) == 3
    assert "The pitch is 300 now." in told
    assert timeline.startswith("0:00  ")


def test_the_keys_of_the_contract_come_first(run: Any, clip: Path) -> None:
    row = json.loads(run(clip, "--json").stdout)
    assert list(row)[:5] == ["topic", "timeline", "summary", "keyframes", "transcript"]
    assert len(row["summary"]) == 3
    assert {"start", "end", "event"} <= set(row["timeline"][0])
    assert set(row["keyframes"][0]) == {"time", "text"}
    assert row["transcript"][0] == {"start": 0.1, "end": 0.8, "text": "The pitch is 300 now."}
    numbers = {source["number"] for source in row["sources"]}
    cited = [*row["claims"]["summary"], row["claims"]["topic"]]
    cited += [event["evidence"] for event in row["timeline"]]
    assert all(one and numbers.issuperset(one) for one in cited)


def test_a_question_is_answered_with_times(run: Any, clip: Path) -> None:
    row = json.loads(run(clip, "--ask", "when is the pitch 400", "--json").stdout)
    assert "400" in row["answer"]
    assert any(part["start"] <= 5.5 <= part["end"] + 1 for part in row["evidence"])
    shown = run(clip, "--ask", "when is the pitch 400").stdout
    assert shown.startswith(row["answer"])
    assert "\n0:05 to 0:0" in shown


def test_a_bad_file_is_told_and_the_others_go_on(run: Any, clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "good.MP4").write_bytes(clip.read_bytes())
    (folder / "bad.mkv").write_bytes(b"no video at all" * 99)
    (folder / "letter.txt").write_text("Dear reader")
    (tmp_path / "empty").mkdir()
    result = run(folder, tmp_path / "empty", tmp_path / "none.mp4", clip, "--json")
    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(Path(row["file"]).name, "error" in row) for row in rows] == [
        ("bad.mkv", True), ("good.MP4", False), ("empty", True), ("none.mp4", True),
        ("clip.mp4", False),
    ]  # fmt: skip
    assert result.stderr.count("error: ") == 3


def test_reports_and_a_contact_sheet_are_written_for_each(
    run: Any, clip: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy" / "clip.mkv"
    copy.parent.mkdir()
    copy.write_bytes(clip.read_bytes())
    result = run(clip, copy, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    ends = (".json", ".srt", ".vtt", ".md", ".html", "-frames.png", "-frames")
    assert names == {stem + end for stem in ("clip", "clip-2") for end in ends}


def test_what_has_no_file_is_a_usage_error(run: Any) -> None:
    result = run("--json")
    assert result.exit_code == 2
    assert "video [OPTIONS]" in result.stderr


# --- jobs


@contextlib.contextmanager
def begun(path: Path, **given: Any) -> Iterator[Iterator[Working | Understood]]:
    """A run that has come to its words."""
    work = understand(engines(), path, **given)
    for event in work:
        if isinstance(event, Working) and event.stage == "words":
            break
    yield work
    work.close()  # type: ignore[attr-defined]


def test_work_is_cancelled_from_outside_listed_and_resumed(run: Any, clip: Path) -> None:
    with begun(clip, language="zh") as work:
        (listed,) = [json.loads(row) for row in run("jobs", "list", "--json").stdout.splitlines()]
        assert (listed["state"], listed["file"]) == ("running", str(clip))
        assert "asked to stop" in run("jobs", "cancel", listed["id"]).stdout
        with pytest.raises(Cancelled):
            list(_slowly(work))
    assert "stopped while listening, 0:0" in run("jobs", "list").stdout
    result = run("jobs", "resume", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["language"] == "zh", "the language that was asked for"
    assert "done" in run("jobs", "list").stdout
    assert "No video is unfinished." in run("jobs", "resume").stderr
    assert "No video is at work." in run("jobs", "cancel").stderr


def test_a_job_that_is_not_there_or_not_running_is_named(run: Any, clip: Path) -> None:
    assert "No video was worked on yet." in run("jobs", "list").stdout
    assert "no video job 7" in str(run("jobs", "resume", "7").exception)
    run(clip)
    assert "is not running" in str(run("jobs", "cancel", "1").exception)


def test_a_failed_job_says_why(run: Any, clip: Path, tmp_path: Path) -> None:
    short = engines(longest_hours=0.001)
    with pytest.raises(InputError, match="lasts"):
        understood(clip, engines=short)
    broken = tmp_path / "gone.mp4"
    broken.write_bytes(clip.read_bytes())
    with (
        contextlib.closing(Jobs()) as jobs,
        pytest.raises(InputError),
        jobs.claim("video", str(broken)),
    ):
        raise InputError("the disk was pulled out")
    assert "failed: the disk was pulled out" in run("jobs", "list").stdout
    assert run("jobs", "resume").exit_code == 0


def test_two_runs_of_one_video_do_not_meet(clip: Path) -> None:
    with begun(clip), pytest.raises(InputError, match="another process"):
        understood(clip)


def _slowly(work: Iterator[Working | Understood]) -> Iterator[Working | Understood]:
    """A run that lasts long enough for a stop to be looked for."""
    import time

    for event in work:
        time.sleep(0.2)
        yield event


# --- files of all kinds


def test_a_video_without_sound(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "mute.mp4", still(scene(1), 3.0)))
    assert found.transcript.text == ""
    assert found.keyframes
    assert any("no sound" in one.text for one in found.evidence)


def test_sound_without_a_picture(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "talk.m4a", sound=tone(3.0), format="mp4"))
    assert (found.keyframes, found.shots) == ((), ())
    assert found.transcript.language == "en"
    assert len(found.summary.sentences) == 3


def test_one_frame(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "one.mp4", [scene(1)]))
    assert len(found.keyframes) == 1
    assert len(found.summary.sentences) == 3


@pytest.mark.parametrize("cut", [3.96, 4.0, 4.04, 4.2])
def test_a_cut_on_the_border_of_two_chunks_is_found(tmp_path: Path, cut: float) -> None:
    pictures = [*still(scene(1), cut), *still(scene(2), 9.0 - cut)]
    found = understood(write(tmp_path / "border.mp4", pictures))
    assert [shot.start for shot in found.shots] == [0.0, pytest.approx(cut, abs=0.25)]
    assert found.shots[0].end == found.shots[1].start
    assert found.keyframes[1].start == pytest.approx(cut, abs=0.25)


def test_a_shot_over_several_chunks_is_one(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "long.mp4", still(scene(1), 11.0)))
    assert found.shots == (Shot(start=0.0, end=pytest.approx(11.0, abs=0.1)),)


def test_a_frame_that_stays_for_several_chunks(tmp_path: Path) -> None:
    """As in a recording of a screen: no frame is stored while nothing changes."""
    pictures = [*still(scene(1), 1.0), *still(scene(2), 1.0)]
    times = [*np.arange(25) / 25, *(20.0 + np.arange(25) / 25)]
    found = understood(write(tmp_path / "screen.mkv", pictures, times=times))
    first, second = (one for one in found.evidence if one.kind == "text")
    assert (first.start, first.end) == (0.0, pytest.approx(20.0, abs=0.1))
    assert (second.start, second.end) == pytest.approx((20.0, 21.0), abs=0.1)


def test_a_cut_end_is_told_and_what_is_there_is_understood(clip: Path, tmp_path: Path) -> None:
    """MPEG-TS, as MP4 keeps its index at the end."""
    whole = write(tmp_path / "whole.ts", [*still(scene(1), 6.0), *still(scene(2), 6.0)])
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = understood(cut)
    assert found.keyframes
    assert found.end < 12.0


def test_how_much_of_a_broken_video_can_be_played_is_told(tmp_path: Path) -> None:
    facts = probe(write(tmp_path / "whole.mp4", still(scene(1), 1.0)))
    promised = replace(facts, duration=75.0)
    first = [measures(promised, language=one, end=0.4, speech=False)[0] for one in ("en", "zh")]
    assert [one.text for one in first] == [
        "The video should last 1 minute 15 seconds; less than a second of it can be played.",
        "视频应该长1分15秒，其中不到1秒能播放。",
    ]
    short = measures(facts, language="zh", end=0.9, speech=False)[0]
    assert short.text == "视频不到1秒。"


def test_a_moved_file_is_known_by_its_content(clip: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    understood(clip, engines=engines(log))
    once = log.read_text()
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(clip.read_bytes())
    found = understood(moved, engines=engines(log))
    assert log.read_text() == once
    assert found.path == moved


def test_another_language_looks_anew_and_hears_once(clip: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    understood(clip, engines=engines(log))
    log.unlink()
    found = understood(clip, engines=engines(log), language="zh")
    assert {line.split()[0] for line in log.read_text().splitlines()} == {"describe"}
    assert found.language == "zh"
