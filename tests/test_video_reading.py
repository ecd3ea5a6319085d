"""Frames at given times by torchcodec, beside PyAV's. Skipped where torchcodec is not installed."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import EngineMissing, InputError
from assistant.video import container, reading
from tests import tiny_videos as tiny


def torchcodec() -> reading.FramesNear:
    try:
        return reading.frames_near("torchcodec")
    except EngineMissing as error:
        pytest.skip(f"{error}: {error.fix}")


def counting(seconds: float) -> list[tiny.Pixels]:
    return [tiny.moved(tiny.scene(1), 3 * n) for n in range(round(seconds * tiny.RATE))]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plain.mp4", {}),
        ("turned.mp4", {"rotation": 90}),
        ("mirrored.mp4", {"mirrored": True}),
        ("wide.mp4", {"aspect": Fraction(4, 3)}),
        ("late.mkv", {"times": [5.0 + n / tiny.RATE for n in range(100)]}),
        ("unsteady.mkv", {"times": [0.0, 0.5, *(1.0 + n / 50 for n in range(98))]}),
    ],
)
@pytest.mark.parametrize("longest", [None, 80])
@pytest.mark.parametrize("at", [0.0, 1.9, 30.0])
def test_the_same_frames_as_by_pyav(
    tmp_path: Path, name: str, options: Any, longest: int | None, at: float
) -> None:
    read = torchcodec()
    path = tiny.write(tmp_path / name, counting(4.0), **options)
    expected = list(container.frames_near(path, at, most=3, longest=longest))
    found = list(read(path, at, most=3, longest=longest))
    assert [one.time for one in found] == pytest.approx([one.time for one in expected], abs=0.002)
    for one, other in zip(found, expected, strict=True):
        assert one.pixels.shape == other.pixels.shape
        # A smaller picture is made of RGB here, and of stored brightness and colour there; the
        # next frame differs by 12.
        most = 1 if longest is None else 10
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < most


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    read = torchcodec()
    clip = tiny.write(tmp_path / "secret.ts", counting(1.0), format="mpegts")
    listed = tmp_path / "list.m3u8"
    listed.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n")
    with pytest.raises(InputError):
        list(read(listed, 0.5))


def test_without_it_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec", None)
    with pytest.raises(EngineMissing) as caught:
        reading.frames_near("torchcodec")
    assert "assistant[torchcodec]" in caught.value.fix
    assert reading.frames_near("pyav") is container.frames_near
