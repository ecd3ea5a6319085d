"""What a video file is, its pictures and its sound: of files whose content is known."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import packets_of
from assistant.errors import Cancelled, InputError
from assistant.interfaces import Cancel
from assistant.video.container import (
    check_length,
    frame_at,
    frames,
    frames_near,
    probe,
    sound,
)
from assistant.video.decoding import _Clock
from tests import tiny_videos as tiny

GREY = 40  # grey levels that a picture gets brighter each second


def counting(seconds: float) -> list[tiny.Pixels]:
    """Pictures that tell their own time by their brightness."""
    numbers = range(round(seconds * tiny.RATE))
    return [np.full((120, 160, 3), n * GREY // tiny.RATE, np.uint8) for n in numbers]


def told(pixels: tiny.Pixels) -> float:
    """The time (s) that a picture tells."""
    return float(pixels.mean()) / GREY


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of counting; a tone from 1.5 s to 3.5 s. A key frame every second."""
    return tiny.write(
        tmp_path_factory.mktemp("clip") / "clip.mp4",
        counting(4),
        options={"g": "25"},
        sound=tiny.tone(2),
        sound_from=1.5,
    )


def test_facts_of_a_video(clip: Path) -> None:
    facts = probe(clip)
    assert (facts.width, facts.height, facts.rotation) == (160, 120, 0)
    assert facts.duration == pytest.approx(4, abs=0.1)
    assert facts.frame_rate == pytest.approx(25)
    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")
    assert facts.picture
    assert facts.sound
    assert facts.fault is None


def test_every_frame_comes_once_in_order_at_its_time(clip: Path) -> None:
    found = list(frames(clip))
    assert len(found) == 100
    assert [frame.time for frame in found] == pytest.approx(np.arange(100) / 25, abs=1e-3)
    for frame in found:
        assert told(frame.pixels) == pytest.approx(frame.time, abs=0.08)
    assert [round(frame.time, 2) for frame in found if frame.key] == [0, 1, 2, 3]


def test_a_stretch_begins_and_ends_where_it_was_asked_for(clip: Path) -> None:
    times = [frame.time for frame in frames(clip, start=1.5, end=2.5)]
    assert times == pytest.approx(np.arange(38, 63) / 25)
    whole = [frame.time for frame in frames(clip)]
    parts = [f.time for at in (0, 1.5, 3) for f in frames(clip, start=at, end=at + 1.5)]
    assert parts == pytest.approx(whole)


def test_frames_stored_whole_alone(clip: Path) -> None:
    found = list(frames(clip, key_only=True, longest=80))
    assert [round(frame.time, 2) for frame in found] == [0, 1, 2, 3]
    assert found[0].pixels.shape == (60, 80, 3)
    assert [round(f.time, 2) for f in frames(clip, start=0.5, end=2.5, key_only=True)] == [1, 2]


@pytest.mark.parametrize(("at", "shown"), [(0, 0), (1.99, 1.96), (2, 2), (3.97, 3.96), (60, 3.96)])
def test_the_picture_that_a_player_shows(clip: Path, at: float, shown: float) -> None:
    picture = frame_at(clip, at)
    assert told(picture.pixels) == pytest.approx(shown, abs=0.08)
    assert "clip.mp4" in picture.source


def test_frames_near_a_moment_are_spread_around_it(clip: Path) -> None:
    times = [frame.time for frame in frames_near(clip, 2, within=1, most=5)]
    assert times == pytest.approx([1, 1.5, 2, 2.5, 3], abs=0.03)
    assert [frame.time for frame in frames_near(clip, 2.5, most=1)] == pytest.approx(
        [2.5], abs=0.03
    )


def test_sound_is_in_time_with_the_pictures(clip: Path) -> None:
    chunks = list(sound(clip))
    assert chunks[0].rate == 16_000
    assert chunks[0].start == pytest.approx(1.5, abs=0.08)
    for before, after in itertools.pairwise(chunks):
        assert after.start == pytest.approx(before.start + before.duration, abs=1e-4)
    samples = np.concatenate([chunk.samples for chunk in chunks])
    loud = np.flatnonzero(np.abs(samples) > 0.1) / 16_000 + chunks[0].start
    assert (loud[0], loud[-1]) == pytest.approx((1.5, 3.5), abs=0.05)


def test_a_stretch_of_sound_is_that_of_the_whole(clip: Path) -> None:
    whole = np.concatenate([chunk.samples for chunk in sound(clip)])
    begun = next(iter(sound(clip))).start
    (part,) = sound(clip, start=2.25, end=2.75)
    assert (part.start, part.duration) == pytest.approx((2.25, 0.5), abs=1e-4)
    at = round((2.25 - begun) * 16_000)
    assert np.abs(part.samples - whole[at : at + 8_000]).max() < 0.02
    assert list(sound(clip, start=0, end=1)) == []


def test_a_gap_in_the_sound_is_silence(tmp_path: Path) -> None:
    import av

    path = tmp_path / "gap.mka"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=16_000)
        stream.layout = "mono"
        for at in (0, 16_000, 48_000):  # of the third second nothing was recorded
            block = (tiny.tone(1)[None] * 32_767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16_000, at, Fraction(1, 16_000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    samples = np.concatenate([chunk.samples for chunk in sound(path)])
    assert len(samples) == pytest.approx(64_000, abs=20)
    assert np.abs(samples[32_100:47_900]).max() < 1e-3
    assert np.abs(samples[48_100:]).max() > 0.4


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_frames_are_upright(tmp_path: Path, rotation: int, mirrored: bool) -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:60, :80] = 255  # above, on the left
    turned = np.fliplr(picture) if mirrored else picture
    stored = np.rot90(turned, -rotation // 90)
    path = tiny.write(
        tmp_path / "turned.mp4", tiny.still(stored, 0.2), rotation=rotation, mirrored=mirrored
    )
    facts = probe(path)
    assert (facts.width, facts.height) == (160, 120)
    assert mirrored or facts.rotation % 360 == rotation % 360
    for frame in (next(frames(path)), next(frames(path, longest=80))):
        tall, wide = frame.pixels.shape[:2]
        assert wide > tall
        assert frame.pixels[tall // 4, wide // 4].min() > 200
        assert frame.pixels[3 * tall // 4, wide // 4].max() < 50
        assert frame.pixels[tall // 4, 3 * wide // 4].max() < 50


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "wide.mp4", counting(0.2), aspect=Fraction(4, 3))
    assert (probe(path).width, probe(path).height) == (213, 120)
    assert next(frames(path)).pixels.shape == (120, 213, 3)


def test_a_frame_rate_that_varies(tmp_path: Path) -> None:
    times = [0, 0.04, 0.5, 0.54, 2.0, 2.04, 3.5]
    pictures = [np.full((120, 160, 3), t * GREY, np.uint8) for t in times]
    path = tiny.write(tmp_path / "varying.mkv", pictures, times=times)
    assert [frame.time for frame in frames(path)] == pytest.approx(times, abs=2e-3)
    assert told(frame_at(path, 1.9).pixels) == pytest.approx(0.54, abs=0.08)
    assert [f.time for f in frames(path, start=1.0, end=3)] == pytest.approx([2, 2.04], abs=2e-3)


def test_a_file_that_starts_at_another_time_than_zero(tmp_path: Path) -> None:
    import av

    times = [10 + number / 25 for number in range(75)]
    path = tmp_path / "late.ts"
    tiny.write(
        path, counting(3), times=times, options={"g": "25"}, sound=tiny.tone(3), sound_from=10
    )

    with av.open(str(path)) as file:
        assert file.start_time > 9_000_000
    times = [frame.time for frame in frames(path)]
    assert times[0] == pytest.approx(0, abs=0.1)
    assert times[-1] == pytest.approx(2.96, abs=0.1)
    assert told(frame_at(path, 2.2).pixels) == pytest.approx(2.2, abs=0.15)
    assert next(iter(sound(path))).start == pytest.approx(0, abs=0.1)


def test_a_recording_without_duration_or_index(tmp_path: Path) -> None:
    import io

    import av

    content = io.BytesIO()
    content.seekable = lambda: False  # type: ignore[method-assign]
    with av.open(content, "w", format="webm", options={"live": "1"}) as file:
        stream = file.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.options = {"deadline": "realtime", "cpu-used": "8"}
        for picture in counting(2):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    path = tmp_path / "live.webm"
    path.write_bytes(content.getvalue())
    assert probe(path).duration == pytest.approx(2, abs=0.1)
    assert told(frame_at(path, 1.5).pixels) == pytest.approx(1.5, abs=0.1)
    assert len(list(frames(path, start=1))) == pytest.approx(25, abs=1)


def test_a_video_without_sound_and_a_sound_without_picture(tmp_path: Path) -> None:
    silent = tiny.write(tmp_path / "silent.mp4", counting(0.4))
    assert not probe(silent).sound
    assert list(sound(silent)) == []
    heard = tiny.write(tmp_path / "heard.m4a", sound=tiny.tone(1))
    facts = probe(heard)
    assert (facts.picture, facts.sound, facts.width) == (False, True, 0)
    with pytest.raises(InputError, match="no picture"):
        next(frames(heard))
    with pytest.raises(InputError, match="no picture"):
        frame_at(heard, 0)


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    import io

    import av
    from PIL import Image

    cover = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(cover, "PNG")
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as file:
        song = file.add_stream("libmp3lame", rate=16_000)
        picture = file.add_stream("png", rate=1)
        picture.width = picture.height = 64
        picture.pix_fmt = "rgb24"
        picture.disposition = av.stream.Disposition.attached_pic
        packet = av.Packet(cover.getvalue())
        packet.stream = picture
        packet.pts = packet.dts = 0
        file.mux(packet)
        samples = tiny.tone(1)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        file.mux(song.encode(frame))
        file.mux(song.encode())
    facts = probe(path)
    assert facts.sound
    assert not facts.picture


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "one.mp4", counting(0.04))
    assert probe(path).picture
    assert len(list(frames(path))) == 1
    assert frame_at(path, 5).width == 160
    assert len(list(frames_near(path, 3))) == 1


def test_the_name_does_not_count(clip: Path, tmp_path: Path) -> None:
    named = tmp_path / "holiday.jpg"
    shutil.copy(clip, named)
    assert probe(named).duration == probe(clip).duration


def test_a_cut_end_is_the_end_and_the_fault_is_told(clip: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.mkv"  # its index is at the front of no file
    tiny.write(moved, counting(4), options={"g": "25"})
    path = tmp_path / "cut.mkv"
    path.write_bytes(moved.read_bytes()[: moved.stat().st_size * 6 // 10])
    faults: list[str] = []
    found = list(frames(path, on_fault=faults.append))
    assert 20 < len(found) < 95
    assert probe(path).picture
    assert told(found[-1].pixels) == pytest.approx(found[-1].time, abs=0.1)


def test_a_damaged_middle_is_left_out(clip: Path, tmp_path: Path) -> None:
    content = bytearray(clip.read_bytes())
    at = content.find(b"mdat") + 8
    middle = at + (len(content) - at) // 3
    content[middle : middle + 400] = bytes(400)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    times = [frame.time for frame in frames(path)]
    assert times == sorted(times)
    assert times[-1] > 3.5


class Interrupted:
    """A container in whose middle another stream begins, as PyAV tells it."""

    def __init__(self) -> None:
        self.left = [1, 2, None, 3]

    def demux(self, stream: object) -> Iterator[int]:
        while self.left:
            packet = self.left.pop(0)
            if packet is None:
                raise IndexError("list index out of range")
            yield packet


def test_a_stream_that_begins_in_the_middle_is_passed_over() -> None:
    assert list(packets_of(Interrupted(), None)) == [1, 2, 3]


def test_development_clip_that_is_cut_off(media: Path) -> None:
    path = media / "broken" / "x004_corrupt.mp4"
    facts = probe(path)
    assert facts.fault is not None
    assert "cut off" in facts.fault
    faults: list[str] = []
    assert 5 < len(list(frames(path, on_fault=faults.append))) < 14
    assert faults
    assert frame_at(path, 8.0).width == 1280
    assert len(list(frames(path, key_only=True))) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nothing.mp4", b"", "zero bytes"),
        ("words.mp4", b"This is plain text.\n" * 50, "not a video"),
        ("noise.mp4", bytes(range(256)) * 40, "not a video"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n", "not a video"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not a video"),
    ],
)
def test_what_is_no_video(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for use in (probe, lambda p: next(frames(p)), lambda p: next(sound(p), None)):
        with pytest.raises(InputError, match=message) as caught:
            use(path)
        assert caught.value.fix


def test_pictures_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "photo.mp4"
    Image.new("RGB", (64, 64)).save(picture, "PNG")
    with pytest.raises(InputError, match="is a picture"):
        probe(picture)
    with pytest.raises(InputError, match="is a folder"):
        probe(tmp_path)
    with pytest.raises(InputError, match="no file"):
        probe(tmp_path / "missing.mp4")


def test_a_video_longer_than_the_profile_allows(clip: Path) -> None:
    facts = probe(clip)
    check_length(facts, 4.0)
    with pytest.raises(InputError, match=r"videos of up to 0\.001 hours") as caught:
        check_length(facts, 0.001)
    assert "longest_hours" in caught.value.fix


def test_cancelling_stops_frames_and_sound(clip: Path) -> None:
    for stream in (frames, sound):
        cancel = Cancel()
        running = stream(clip, cancel=cancel)
        next(running)
        cancel.set()
        with pytest.raises(Cancelled):
            list(running)


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    """Nor is a frame kept in a circle of references until Python looks for such."""
    import gc

    import psutil

    picture = tiny.scene(1, (640, 480))
    path = tiny.write(tmp_path / "long.mp4", tiny.still(picture, 16), rotation=180)
    process, sizes = psutil.Process(), []
    gc.collect()
    gc.disable()
    try:
        for number, _ in enumerate(frames(path, longest=64)):
            if number in (40, 399):
                sizes.append(process.memory_info().rss)
    finally:
        gc.enable()
    assert sizes[1] - sizes[0] < 40_000_000  # 360 frames take 166 MB


def test_frames_that_are_swapped_do_not_make_a_video_longer() -> None:
    """As FFmpeg stamps H.264 in AVI, which has no times of showing: each sixth comes too late."""
    clock = _Clock(step=0.04)
    stamps = [0.04, 0.12, 0.16, 0.20, 0.24, 0.08]
    times = [clock.read(0.24 * turn + stamp) for turn in range(50) for stamp in stamps]
    assert times == sorted(set(times))
    assert times[-1] == pytest.approx(0.24 * 50, abs=0.1)


def test_where_a_count_begins_anew_times_go_on() -> None:
    clock = _Clock(step=0.04)
    times = [clock.read(stamp) for stamp in (90.0, 90.04, 0.0, 0.04, 0.08)]
    assert times == pytest.approx([90.0, 90.04, 90.08, 90.12, 90.16])
