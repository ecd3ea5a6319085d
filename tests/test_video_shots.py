"""Cuts are found, and what only looks like one is not: on small scripted clips and real ones."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import Cancelled, InputError
from assistant.interfaces import Cancel
from assistant.types import Shot
from assistant.video.container import frames
from assistant.video.keyframes import keyframes
from assistant.video.shots import shots
from assistant.video.skimming import skim
from tests import tiny_videos as tiny
from tests.scripted_films import Film, films, shown, slide

TOLERANCE_S = 0.2


def cuts(found: Sequence[Shot]) -> list[float]:
    """Where shots begin, but for the first; they must leave no gap."""
    for before, after in itertools.pairwise(found):
        assert before.end == after.start
        assert before.start < before.end
    return [shot.start for shot in found[1:]]


def made(path: Path, pictures: list[tiny.Pixels], **options: str) -> Path:
    return tiny.write(path, pictures, options={"preset": "veryfast", "bf": "3", **options})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes that move slowly: cuts at 2 and at 5 s. No key frame is at the second cut."""
    pictures = [
        tiny.moved(tiny.scene(seed), n // 5)
        for seed, seconds in ((1, 2), (2, 3), (3, 2))
        for n in range(seconds * tiny.RATE)
    ]
    folder = tmp_path_factory.mktemp("shots")
    return made(folder / "clip.mp4", pictures, g="50", sc_threshold="0")


def test_shots_follow_each_other_without_gaps(clip: Path) -> None:
    found = list(shots(clip))
    assert cuts(found) == pytest.approx([2, 5], abs=0.09)
    assert (found[0].start, found[-1].end) == pytest.approx((0, 7), abs=0.09)


def test_a_stretch_has_the_shots_of_the_whole(clip: Path) -> None:
    whole = list(shots(clip))
    parts = [list(shots(clip, start=at, end=at + 1.75)) for at in (0, 1.75, 3.5, 5.25)]
    assert [part[0].start for part in parts] == [0, 1.75, 3.5, 5.25]
    assert [part[-1].end for part in parts] == pytest.approx([1.75, 3.5, 5.25, 7], abs=0.09)
    assert [cut for part in parts for cut in cuts(part)] == cuts(whole)


def test_a_stretch_may_begin_or_end_at_a_cut(clip: Path) -> None:
    border = cuts(list(shots(clip)))[0]
    assert cuts(list(shots(clip, end=border))) == []
    after = list(shots(clip, start=border))
    assert after[0].start == border
    assert len(after) == 2
    assert list(shots(clip, start=60)) == []


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(
            [tiny.moved(tiny.scene(1), 3 * n) for n in range(75)],
            id="a pan",
        ),
        pytest.param(
            [
                tiny.lit(tiny.scene(2), 2.5) if n in (25, 26, 50) else tiny.scene(2)
                for n in range(75)
            ],
            id="flashes",
        ),
        pytest.param(
            [tiny.lit(tiny.scene(3), 0.4 if n >= 40 else 1.0) for n in range(75)],
            id="a lamp goes out",
        ),
        pytest.param(
            [slide(1, bullets=1 + n // 25) for n in range(75)],
            id="bullets appear",
        ),
        pytest.param(tiny.still(np.zeros((120, 160, 3), np.uint8), 3), id="black"),
    ],
)
def test_what_is_no_cut(tmp_path: Path, pictures: list[tiny.Pixels]) -> None:
    assert cuts(list(shots(made(tmp_path / "one.mp4", pictures)))) == []


@pytest.mark.parametrize("bullets", [0, 1, 4])
def test_slides_differ_by_their_words_alone(tmp_path: Path, bullets: int) -> None:
    pictures = [slide(n // 50, bullets=bullets) for n in range(150)]
    path = made(tmp_path / "slides.mp4", pictures)
    assert cuts(list(shots(path))) == pytest.approx([2, 4], abs=0.09)


def test_gradual_changes_are_one_cut_each(tmp_path: Path) -> None:
    first, second = shown(slide(1)), shown(slide(2, dark=True))
    film = Film("gradual").on(first, 2).dissolve(first, second, 1.0).on(second, 3)
    film.through(0, second, first, 1.2).on(first, 2)
    found = cuts(list(shots(made(tmp_path / "gradual.mp4", film.frames))))
    assert len(found) == 2
    for cut, (begun, over) in zip(found, film.gradual, strict=True):
        assert begun - TOLERANCE_S <= cut <= over + TOLERANCE_S


def test_a_long_black_is_a_shot_of_its_own(tmp_path: Path) -> None:
    black = np.zeros((180, 320, 3), np.uint8)
    film = Film("black").on(shown(slide(1)), 2).cut(shown(black), 4).cut(shown(slide(2)), 2)
    found = cuts(list(shots(made(tmp_path / "black.mp4", film.frames))))
    assert found == pytest.approx([2, 6], abs=0.09)


def test_a_frame_rate_that_varies(tmp_path: Path) -> None:
    made_up = np.random.default_rng(5)
    times = np.cumsum(made_up.choice([0.02, 0.04, 0.1, 0.2], 90))
    border = float(times[45])
    pictures = [tiny.moved(tiny.scene(1 if t < border else 2), int(4 * t)) for t in times]
    path = tiny.write(tmp_path / "varying.mkv", pictures, times=[float(t) for t in times])
    begun = next(frames(path)).time
    assert cuts(list(shots(path))) == pytest.approx([border - float(times[0]) + begun], abs=0.05)


def test_a_slide_show_that_stores_each_picture_once(tmp_path: Path) -> None:
    """Some of them as frames that no other is built on."""
    times = [0.0, 3.0, 5.0, 9.0, 12.0, 14.0]
    path = tiny.write(
        tmp_path / "show.mkv",
        [slide(n) for n in range(6)],
        times=times,
        options={"preset": "veryfast", "bf": "3", "sc_threshold": "0"},
    )
    parts = list(shots(path))
    assert cuts(parts) == pytest.approx(times[1:], abs=0.05)
    found = list(keyframes(path, parts, most_per_minute=60))
    assert len(found) == 6
    for number, (keyframe, picture) in enumerate(found):
        assert keyframe.time == pytest.approx(times[number], abs=0.05)
        assert np.abs(picture.pixels.astype(int) - slide(number)).mean() < 8


def test_key_frames_alone_are_decoded_where_nothing_happens(tmp_path: Path) -> None:
    pictures = tiny.still(tiny.scene(1), 8)
    path = made(tmp_path / "still.mp4", pictures, g="25", sc_threshold="0")
    assert len(list(skim(path))) < 0.2 * len(pictures)
    assert cuts(list(shots(path))) == []


def test_a_short_shot_between_two_like_key_frames_is_not_skipped(tmp_path: Path) -> None:
    pictures = [tiny.scene(2 if 60 <= n < 85 else 1) for n in range(150)]
    path = made(tmp_path / "between.mp4", pictures, g="50", sc_threshold="0")
    assert cuts(list(shots(path))) == pytest.approx([2.4, 3.4], abs=0.09)


def test_one_key_frame_at_the_beginning_alone(tmp_path: Path) -> None:
    pictures = [tiny.moved(tiny.scene(n // 350), n // 9) for n in range(700)]
    path = made(tmp_path / "one_key.mp4", pictures, g="9999", sc_threshold="0", keyint_min="9999")
    assert len(list(frames(path, key_only=True))) == 1
    assert cuts(list(shots(path))) == pytest.approx([14], abs=0.09)


def test_one_frame_is_one_shot(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "one.mp4", [tiny.scene(1)])
    (only,) = shots(path)
    assert only.start == 0
    assert 0 < only.end < 0.1


def test_no_video_and_a_cut_off_one(media: Path, tmp_path: Path) -> None:
    heard = tiny.write(tmp_path / "heard.m4a", sound=tiny.tone(1))
    with pytest.raises(InputError, match="no picture"):
        list(shots(heard))
    faults: list[str] = []
    found = list(shots(media / "broken" / "x004_corrupt.mp4", on_fault=faults.append))
    assert len(found) == 1
    assert 0.1 < found[0].end < 0.5
    assert faults


def test_cancelling_stops_the_watching(clip: Path) -> None:
    cancel = Cancel()
    running = shots(clip, cancel=cancel)
    next(running)
    cancel.set()
    with pytest.raises(Cancelled):
        list(running)


def test_cuts_of_the_development_clips(media: Path) -> None:
    """All known cuts of the four clips, and no other."""
    for line in (media / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] == "video":
            found = cuts(list(shots(media / row["file"])))
            assert found == pytest.approx(row["truth"]["cuts_s"], abs=0.09), row["file"]


def matched(found: Iterable[float], film: Film) -> tuple[int, int, int]:
    """How many changes of shot were found, how many there are, how many were made up."""
    left = list(found)
    spans = [*((cut, cut) for cut in film.cuts), *film.gradual]
    hits = 0
    for begun, over in spans:
        near = [cut for cut in left if begun - TOLERANCE_S <= cut <= over + TOLERANCE_S]
        if near:
            left.remove(near[0])
            hits += 1
    return hits, len(spans), len(left)


@pytest.mark.long
@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"g": "250"}, id="key frames at cuts"),
        pytest.param({"g": "50", "sc_threshold": "0", "crf": "28"}, id="key frames every 2 s"),
    ],
)
def test_cuts_of_scripted_films(
    media: Path, tmp_path: Path, options: dict[str, str], variant: int
) -> None:
    """F1 over hard cuts, fades and dissolves; constants were chosen on variant 0 alone."""
    right = known = wrong = 0
    for film in films(media, variant):
        path = made(tmp_path / f"{film.name}.mp4", film.frames, **options)
        hits, there, made_up = matched(cuts(list(shots(path))), film)
        print(f"{film.name}: {hits} of {there} found, {made_up} made up")
        right, known, wrong = right + hits, known + there, wrong + made_up
    score = 2 * right / (known + right + wrong)
    print(f"F1 {score:.3f}")
    assert score >= 0.9
