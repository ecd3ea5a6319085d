"""The benchmarks of indexing photos, small: what they measure is what they say."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.bench import photos_rclip, photos_stages
from assistant.bench.varied import vary
from assistant.registry import Engines


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two small photos, one of which lies on its side."""
    folder = tmp_path / "few"
    folder.mkdir()
    chance = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Canon"
    for name, facts in (("a.jpg", exif), ("b.png", Image.Exif())):
        pixels = chance.integers(0, 256, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / name, exif=facts)
    return folder


def test_varied_photos_differ_and_are_made_once(photos: Path, tmp_path: Path) -> None:
    made = vary(sorted(photos.iterdir()), tmp_path / "many", 12)
    contents = [path.read_bytes() for path in made]
    assert len(set(contents)) == 12
    stamps = [path.stat().st_mtime_ns for path in made]
    again = vary(sorted(photos.iterdir()), tmp_path / "many", 12)
    assert [path.stat().st_mtime_ns for path in again] == stamps
    other = vary(sorted(photos.iterdir()), tmp_path / "other", 12)
    assert [path.read_bytes() for path in other] == contents
    with Image.open(made[0]) as image:
        assert image.format == "JPEG"
        assert image.height > image.width  # upright
        assert image.getexif() == {0x010F: "Canon"}


def test_our_side_indexes_with_the_network_of_the_file(photos: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    shape, side = "n", photos_rclip.SIDE
    tensor = onnx.helper.make_tensor_value_info
    nodes = [
        onnx.helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        onnx.helper.make_node("Flatten", ["pooled"], ["output"]),
    ]
    graph = onnx.helper.make_graph(
        nodes,
        "means",
        [tensor("input", onnx.TensorProto.FLOAT, [shape, 3, side, side])],
        [tensor("output", onnx.TensorProto.FLOAT, [shape, 3])],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, str(tmp_path / "means.onnx"))
    vary(sorted(photos.iterdir()), tmp_path / "many", 5)
    found = photos_rclip.ours(tmp_path / "many", tmp_path / "means.onnx")
    assert found["pictures"] == 5
    assert found["wall"] > 0
    assert found["processor"] > 0


def test_stages_add_up_what_they_watch() -> None:
    watch = photos_stages.Stages()
    slowly = watch.timed("sleep", time.sleep)
    for _ in range(3):
        slowly(0.02)
    with pytest.raises(TypeError):
        slowly("no number")
    assert 0.06 <= watch.seconds["sleep"] < 1


@pytest.mark.slow
@pytest.mark.weights
def test_every_stage_of_the_tags_pipeline_is_seen(
    engines: Engines, photos: Path, tmp_path: Path
) -> None:
    vary(sorted(photos.iterdir()), tmp_path / "many", 2)
    found = photos_stages.stages(engines, tmp_path / "many")
    assert found["pictures"] == 2
    for stage in ("detector", "classifier", "text encoder", "database", "hash", "decoding"):
        assert 0 < found[stage] < found["whole"], stage
