"""Video files in a camera's place: opened as safely, and shown as upright, as any other video."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.devices import footage
from assistant.devices.camera import Camera
from assistant.errors import InputError
from assistant.types import Picture
from tests import tiny_videos as tiny

Take = Callable[[Path], Picture]


def by_camera(path: Path) -> Picture:
    with Camera.open(str(path)) as camera:
        return next(camera.frames())


def by_watch(path: Path) -> Picture:
    return next(footage.footage(str(path))).picture


BOTH = pytest.mark.parametrize("take", [by_camera, by_watch])


@BOTH
def test_a_playlist_opens_no_other_file(tmp_path: Path, take: Take) -> None:
    clip = tiny.write(tmp_path / "secret.ts", tiny.still(tiny.scene(1), 1.0), format="mpegts")
    assert take(clip).width == tiny.SIZE[0], "the clip itself can be shown"
    listed = tmp_path / "list.mp4"
    listed.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n")
    with pytest.raises(InputError):
        take(listed)


def test_a_stream_opens_no_file(tmp_path: Path) -> None:
    clip = tiny.write(tmp_path / "clip.ts", tiny.still(tiny.scene(1), 1.0), format="mpegts")
    with pytest.raises(InputError, match="not a stream that can be read"):
        next(footage.live(f"file://{clip}", lambda: 0.0))


@BOTH
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_frames_are_upright(tmp_path: Path, take: Take, rotation: int, mirrored: bool) -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:60, :80] = 255  # above, on the left
    turned = np.fliplr(picture) if mirrored else picture
    stored = np.rot90(turned, -rotation // 90)
    path = tiny.write(
        tmp_path / "turned.mp4", tiny.still(stored, 0.2), rotation=rotation, mirrored=mirrored
    )
    pixels = take(path).pixels
    assert pixels.shape == (120, 160, 3)
    assert pixels[30, 40].min() > 200
    assert pixels[90, 40].max() < 50
    assert pixels[30, 120].max() < 50


@BOTH
def test_a_large_frame_is_refused(tmp_path: Path, take: Take) -> None:
    wide = np.zeros((6_000, 7_000, 3), np.uint8)
    path = tiny.write(tmp_path / "large.mkv", [wide])
    with pytest.raises(InputError, match="frames of 7000 x 6000 pixels"):
        take(path)


def test_a_camera_goes_on_after_a_picture_was_taken(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "clip.mp4", tiny.still(tiny.scene(1), 0.4))
    with Camera.open(str(path)) as camera:
        first = [next(camera.frames()).source, next(camera.frames()).source]
    assert first == [f"{path} frame 0", f"{path} frame 1"]


def test_a_picture_stands_in_for_a_camera(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (64, 48), (9, 9, 9)).save(path)
    with Camera.open(str(path)) as camera:
        assert camera.take().width == 64
    with pytest.raises(InputError, match="is a picture, not a video"):
        next(footage.footage(str(path)))


def test_of_a_damaged_video_a_watch_shows_what_there_is_and_then_tells(tmp_path: Path) -> None:
    pictures = [tiny.scene(number) for number in range(50)]
    path = tiny.write(tmp_path / "clip.mp4", pictures, options={"g": "10"})
    content = bytearray(path.read_bytes())
    middle = content.find(b"mdat") + 8 + (len(content) - content.find(b"mdat")) // 3
    content[middle : middle + 400] = bytes(400)
    path.write_bytes(content)
    shown = []
    with pytest.raises(InputError, match="damaged or incomplete"):  # noqa: PT012
        for frame in footage.footage(str(path)):
            shown.append(frame.at)
    assert shown[-1] > 1.5, "to the end"
