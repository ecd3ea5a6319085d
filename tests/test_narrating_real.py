"""Live narration with the real engines, on a short video of a still street and a still sign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from test_camera import write_clip

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


def sign() -> Image.Image:
    image = Image.new("RGB", (640, 426), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.text((90, 150), "PLATFORM 7", fill=(10, 10, 10), font=ImageFont.load_default(80))
    return image


def test_a_video_is_narrated_each_change_once(tmp_path: Path) -> None:
    street = Image.open(ROOT / "demo" / "street.jpg").convert("RGB").resize((640, 426))
    clip = write_clip(tmp_path / "clip.mp4", [street] * 60 + [sign()] * 60)
    command = ["watch", str(clip), "--no-speak", "--as-fast-as-possible", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *command],
        env={**os.environ, "ASSISTANT_DATA": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = [json.loads(row) for row in done.stdout.splitlines()]
    assert all(set(row) == {"at", "text", "kind", "latency_s"} for row in said)
    assert said[0]["at"] < 2.5
    read = [row for row in said if "PLATFORM 7" in row["text"]]
    assert len(read) == 1
    assert 6.0 <= read[0]["at"] <= 8.5
    assert len({row["text"] for row in said}) == len(said) <= 4


@pytest.mark.parametrize("source", ["missing.mp4", "no such camera", "README.md"])
def test_a_bad_source_is_one_line_with_a_fix(tmp_path: Path, source: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "watch", source, "--no-speak"],
        env={**os.environ, "ASSISTANT_DATA": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert "; fix: " in done.stderr
