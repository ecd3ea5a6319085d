"""Keyframes: the sharpest of a shot, at least one in half a minute, none that shows the same."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from assistant.errors import Cancelled, InputError
from assistant.interfaces import Cancel
from assistant.settings import Profile, VideoSettings, load_profile
from assistant.types import Keyframe, Picture, Shot
from assistant.video.contact_sheet import clock, contact_sheet, save
from assistant.video.keyframes import keyframes
from assistant.video.shots import shots
from tests import tiny_videos as tiny
from tests.scripted_films import slide


def scenes(*seconds: float) -> list[tiny.Pixels]:
    """A scene after the other."""
    return [p for n, s in enumerate(seconds) for p in tiny.still(tiny.scene(n), s)]


def kept(path: Path, parts: list[Shot], most: float = 60.0, **more: float) -> list[Keyframe]:
    return [frame for frame, _ in keyframes(path, parts, most_per_minute=most, **more)]


def spans(*borders: float) -> list[Shot]:
    """Shots between these times."""
    return [Shot(start=a, end=b) for a, b in itertools.pairwise(borders)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes: of 2, 3, 1 and 2 s."""
    return tiny.write(tmp_path_factory.mktemp("keys") / "clip.mp4", scenes(2, 3, 1, 2))


def test_each_shot_has_one_that_shows_it(clip: Path) -> None:
    parts = list(shots(clip))
    found = list(keyframes(clip, parts, most_per_minute=60))
    assert [(k.start, k.end) for k, _ in found] == [(s.start, s.end) for s in parts]
    for number, (keyframe, picture) in enumerate(found):
        assert keyframe.start < keyframe.time < keyframe.end
        assert (picture.width, picture.height) == (160, 120)
        apart = np.abs(picture.pixels.astype(int) - tiny.scene(number)).mean()
        assert apart < 12, number
        assert "clip.mp4" in picture.source


def test_the_same_picture_is_kept_once_and_stands_for_all(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "still.mp4", [*tiny.still(tiny.scene(1), 6), *scenes(2)])
    (first, second) = kept(path, spans(0, 2, 4, 6, 8))
    assert (first.start, first.end) == (0, 6)
    assert (second.start, second.end) == (6, 8)


def test_a_long_shot_has_several(tmp_path: Path) -> None:
    pictures = [tiny.moved(tiny.scene(4), 2 * n) for n in range(200)]
    path = tiny.write(tmp_path / "long.mp4", pictures)
    found = kept(path, spans(0, 8), least_every_s=2)
    assert [(k.start, k.end) for k in found] == [(0, 2), (2, 4), (4, 6), (6, 8)]


def test_at_most_so_many_a_minute_and_then_the_longest(clip: Path) -> None:
    found = kept(clip, spans(0, 2, 5, 6, 8), most=2)
    assert [k.start for k in found] == [0, 2]
    assert len(kept(clip, spans(0, 2, 5, 6, 8), most=1)) == 1


@pytest.mark.parametrize("group", ["1", "20", "250"], ids="key frames every {}".format)
def test_the_sharpest_is_kept(tmp_path: Path, group: str) -> None:
    """Whatever the key frames are: of 4 s, all but half a second is out of focus."""
    sharp, pictures = slide(3), []
    for n in range(100):
        clear = 40 <= n < 56
        pictures.append(sharp if clear else np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4)))
    path = tiny.write(
        tmp_path / "focus.mp4", pictures, options={"g": group, "sc_threshold": "0", "crf": "18"}
    )
    (only,) = kept(path, spans(0, 4))
    assert 1.6 <= only.time < 2.24


def test_a_slide_is_kept_when_it_is_full(tmp_path: Path) -> None:
    pictures = [slide(2, bullets=min(4, 1 + n // 25)) for n in range(150)]
    path = tiny.write(tmp_path / "slide.mp4", pictures, options={"g": "25"})
    (only,) = kept(path, spans(0, 6))
    assert only.time >= 3


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "one.mp4", [tiny.scene(1)])
    (only,) = kept(path, list(shots(path)))
    assert only.time == 0


def test_a_black_video_has_one(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "dark.mp4", tiny.still(np.zeros((120, 160, 3), np.uint8), 3))
    assert len(kept(path, spans(0, 1, 2, 3))) == 1


def test_shots_beyond_the_end_have_none(clip: Path) -> None:
    assert kept(clip, spans(100, 130)) == []
    assert kept(clip, []) == []


def test_of_a_file_that_is_cut_off(media: Path) -> None:
    path = media / "broken" / "x004_corrupt.mp4"
    (only,) = kept(path, list(shots(path)))
    assert only.time < 0.4


def test_of_a_sound_there_are_none(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "heard.m4a", sound=tiny.tone(1))
    with pytest.raises(InputError, match="no picture"):
        kept(path, spans(0, 1))


def test_frames_are_upright(tmp_path: Path) -> None:
    stored = np.rot90(tiny.scene(1), -1)
    path = tiny.write(tmp_path / "turned.mp4", tiny.still(stored, 1), rotation=90)
    ((_, picture),) = keyframes(path, spans(0, 1), most_per_minute=6)
    assert (picture.width, picture.height) == (160, 120)
    assert np.abs(picture.pixels.astype(int) - tiny.scene(1)).mean() < 12


def test_cancelling_stops_the_search(clip: Path) -> None:
    cancel = Cancel()
    running = keyframes(clip, spans(0, 2, 5, 6, 8), most_per_minute=60, cancel=cancel)
    next(running)
    cancel.set()
    with pytest.raises(Cancelled):
        list(running)


def test_keyframes_of_the_development_clip_with_cuts(media: Path) -> None:
    path = media / "video" / "v003.mp4"
    found = kept(path, list(shots(path)), most=60)
    assert [k.start for k in found] == pytest.approx([0, 3, 6, 8], abs=0.09)


def test_memory_does_not_grow_with_the_number_of_shots(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "many.mp4", scenes(*[0.6] * 24))
    borders = [round(0.6 * n, 2) for n in range(25)]
    peaks = []
    for count in (4, 25):
        parts = spans(*borders[:count])
        tracemalloc.start()
        for _ in keyframes(path, parts, most_per_minute=60):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 200_000


def small(seed: int, size: tuple[int, int] = (160, 120)) -> tuple[Keyframe, Picture]:
    picture = Picture.from_array(np.ascontiguousarray(tiny.scene(seed, size)))
    return Keyframe(time=60.0 * seed, start=60.0 * seed, end=60.0 * seed + 60), picture


@pytest.mark.parametrize("count", [1, 4, 48, 60])
def test_a_contact_sheet_has_them_all_up_to_48(count: int, tmp_path: Path) -> None:
    sheet = contact_sheet(small(n) for n in range(count))
    assert sheet.width <= 8 * 248 + 8
    path = tmp_path / "made" / "sheet.png"
    save(sheet, path)
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == (sheet.width, sheet.height)


def test_a_contact_sheet_shows_upright_frames_beside_wide_ones() -> None:
    sheet = contact_sheet([small(1), small(2, (90, 160))])
    assert (sheet.width, sheet.height) == (504, 180 + 22 + 16)
    with pytest.raises(InputError, match="no keyframe"):
        contact_sheet([])


@pytest.mark.parametrize(("s", "text"), [(7.9, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_times_below_frames(s: float, text: str) -> None:
    assert clock(s) == text


def test_a_profile_limits_what_is_looked_at() -> None:
    for name in ("embedded", "local"):
        limits = load_profile(name).video
        assert (limits.most_per_minute, limits.longest_hours, limits.chunk_s) == (12, 4, 180)
    with pytest.raises(ValueError, match="most_a_minute"):
        VideoSettings.model_validate({"most_a_minute": 3})
    with pytest.raises(ValueError, match="chunk_s"):
        VideoSettings(chunk_s=0)
    assert Profile.model_fields["video"].annotation is VideoSettings
