"""Detectors of transformers and ONNX on tiny checkpoints: boxes, names, directions, faults."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vision_engines import Context, noise

from assistant.engines.detector_onnx import OnnxDetector
from assistant.errors import Cancelled, EngineError, SettingsError, WeightsMissing
from assistant.interfaces import Cancel
from assistant.types import Picture
from assistant.vision.labels import LOOKED_FOR, distinct, spoken, thing
from assistant.vision.names import names

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_checkpoints  # noqa: E402

from assistant.engines.detector_transformers import TransformersDetector  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

LOW = {"device": "cpu", "minimum_confidence": 0.0}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("detectors")
    for kind in ("rt_detr", "owlvit"):
        tiny_checkpoints.make(kind, root / kind)
    return root


def check(found: list[Any], picture: Picture) -> None:
    """What holds for every detection: inside the picture, ordered, placed."""
    assert found
    scores = [one.confidence for one in found]
    assert scores == sorted(scores, reverse=True)
    for one in found:
        x1, y1, x2, y2 = one.box
        assert 0 <= x1 < x2 <= picture.width
        assert 0 <= y1 < y2 <= picture.height
        middle = (x1 + x2) / 2 - picture.width / 2
        assert abs(one.direction) < 33
        assert one.direction * middle >= 0
        assert one.proximity in ("near", "middle", "far")


def test_rt_detr_gives_placed_boxes_with_spoken_names(folders: Path) -> None:
    detector = TransformersDetector.load(Context(folders / "rt_detr", LOW))
    picture = noise(1, 160, 90)
    found = detector.detect(picture)
    check(found, picture)
    assert {one.name for one in found} <= {"person", "motorcycle", "unheard of thing"}
    assert detector.detect(picture) == found
    sure = TransformersDetector.load(
        Context(folders / "rt_detr", {"device": "cpu", "minimum_confidence": 0.99})
    )
    assert sure.detect(picture) == []


def test_owl_looks_for_the_names_that_it_is_given(folders: Path) -> None:
    detector = TransformersDetector.load(
        Context(folders / "owlvit", {**LOW, "labels": ["door", "stairs"]})
    )
    picture = noise(2, 160, 90)
    found = detector.detect(picture)
    check(found, picture)
    assert {one.name for one in found} <= {"door", "stairs"}
    assert {one.name for one in detector.find(picture, ["red car"])} == {"red car"}
    usual = TransformersDetector.load(Context(folders / "owlvit", LOW))
    assert {one.name for one in usual.detect(picture)} <= {spoken(name) for name in LOOKED_FOR}
    with pytest.raises(SettingsError, match="no list"):
        TransformersDetector.load(Context(folders / "owlvit", {"labels": "door"}))


def test_a_detector_stops_fails_and_is_refused_in_one_sentence(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = TransformersDetector.load(Context(folders / "rt_detr", LOW))
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        detector.detect(noise(), cancel)

    def fails(**_: Any) -> Any:
        raise RuntimeError("a kernel is broken")

    monkeypatch.setattr(detector._model, "forward", fails)
    with pytest.raises(EngineError, match="a kernel is broken"):
        detector.detect(noise())
    copy = tmp_path / "copy"
    shutil.copytree(folders / "rt_detr", copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "unheard_of"}))
    with pytest.raises(EngineError, match="does not know"):
        TransformersDetector.load(Context(copy, LOW))
    (copy / "config.json").write_text(json.dumps({**config, "decoder_layers": 3}))
    with pytest.raises(EngineError, match="lacks the weights"):
        TransformersDetector.load(Context(copy, LOW))


# Files of each form whose one box follows the brightest column of a grey input: the left half of
# the box's truth is read off the picture, so that scaling and axes can be checked.
def onnx_file(path: Path, form: str, side: int = 64) -> None:
    """A detector of one class that boxes the brightest column, 0.2 wide and 0.5 high."""
    from onnx import TensorProto, helper, numpy_helper, save

    def constant(name: str, value: Any, kind: Any = np.float32) -> Any:
        return numpy_helper.from_array(np.array(value, kind), name)

    nodes = [
        helper.make_node("ReduceMean", ["image", "colours"], ["rows"], keepdims=0),
        helper.make_node("ArgMax", ["rows"], ["column"], axis=1, keepdims=1),
        helper.make_node("Cast", ["column"], ["place"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["place", "half"], ["middle"]),
        helper.make_node("Div", ["middle", "side"], ["x"]),
    ]
    constants = [
        constant("colours", [1, 2], np.int64),
        constant("half", 0.5),
        constant("side", float(side)),
        constant("rest", [[0.5, 0.2, 0.5]]),
        constant("axis", [1], np.int64),
        constant("last", [2], np.int64),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, side, side])
    inputs, outputs = [image], []

    def output(name: str, shape: list[int | None], kind: int = TensorProto.FLOAT) -> None:
        outputs.append(helper.make_tensor_value_info(name, kind, shape))

    nodes.append(helper.make_node("Concat", ["x", "rest"], ["box"], axis=1))
    if form == "queries":
        constants.append(constant("logits_", [[[3.0, -3.0]]]))
        nodes.append(helper.make_node("Unsqueeze", ["box", "axis"], ["pred_boxes"]))
        nodes.append(helper.make_node("Identity", ["logits_"], ["logits"]))
        output("logits", [1, 1, 2])
        output("pred_boxes", [1, 1, 4])
    elif form == "grid":
        constants.append(constant("scores_", [[[0.9], [0.1]]]))
        nodes.append(helper.make_node("Mul", ["box", "side"], ["pixels"]))
        nodes.append(helper.make_node("Unsqueeze", ["pixels", "last"], ["column_box"]))
        nodes.append(helper.make_node("Concat", ["column_box", "scores_"], ["out"], axis=1))
        output("out", [1, 6, 1])
    else:
        inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
        constants += [
            constant("matrix", [[1, 0, 1, 0], [0, 1, 0, 1], [-0.5, 0, 0.5, 0], [0, -0.5, 0, 0.5]]),
            constant("scores_", [[0.9]]),
            constant("labels_", [[0]], np.int64),
        ]
        nodes += [
            helper.make_node("MatMul", ["box", "matrix"], ["relative"]),
            helper.make_node("Cast", ["orig_target_sizes"], ["size"], to=TensorProto.FLOAT),
            helper.make_node("Concat", ["size", "size"], ["scale"], axis=1),
            helper.make_node("Mul", ["relative", "scale"], ["scaled"]),
            helper.make_node("Unsqueeze", ["scaled", "axis"], ["boxes"]),
            helper.make_node("Identity", ["scores_"], ["scores"]),
            helper.make_node("Identity", ["labels_"], ["labels"]),
        ]
        output("labels", [1, 1], TensorProto.INT64)
        output("boxes", [1, 1, 4])
        output("scores", [1, 1])
    graph = helper.make_graph(nodes, form, inputs, outputs, constants)
    opset = [helper.make_opsetid("", 18)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


@pytest.mark.parametrize("form", ["queries", "corners", "grid"])
def test_each_form_of_onnx_file_gives_the_true_box(tmp_path: Path, form: str) -> None:
    onnx_file(tmp_path / "detector.onnx", form)
    (tmp_path / "labels.txt").write_text("car\nperson\n")
    detector = OnnxDetector.load(Context(tmp_path))
    for column, side in ((60, -1), (260, 1)):
        pixels = np.zeros((200, 320, 3), np.uint8)
        pixels[:, column - 10 : column + 10] = 128
        pixels[:, column - 2 : column + 2] = 255
        (found,) = detector.detect(Picture(pixels=pixels))
        assert found.name == "car"
        x1, y1, x2, y2 = found.box
        assert (x1 + x2) / 2 == pytest.approx(column, abs=7)
        assert x2 - x1 == pytest.approx(64, abs=3)
        assert (y1, y2) == (pytest.approx(50, abs=2), pytest.approx(150, abs=2))
        assert found.direction * side > 0
        assert found.proximity == "middle" or found.proximity == "near"


def test_an_onnx_file_that_is_no_detector_says_so(tmp_path: Path) -> None:
    from onnx import TensorProto, helper, save

    with pytest.raises(WeightsMissing, match=r"no \.onnx"):
        OnnxDetector.load(Context(tmp_path))
    onnx_file(tmp_path / "detector.onnx", "queries")
    with pytest.raises(EngineError, match="without its labels"):
        OnnxDetector.load(Context(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "sofa"}}))
    detector = OnnxDetector.load(Context(tmp_path))
    assert detector.detect(noise())[0].name == spoken("sofa")
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        detector.detect(noise(), cancel)
    (tmp_path / "detector.onnx").write_bytes(b"not a network")
    with pytest.raises(EngineError, match="cannot load"):
        OnnxDetector.load(Context(tmp_path))
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, 8, 8]) for n in "xyz"]
    nodes = [helper.make_node("Identity", ["x"], ["y"]), helper.make_node("Neg", ["x"], ["z"])]
    graph = helper.make_graph(nodes, "other", values[:1], values[1:])
    opset = [helper.make_opsetid("", 18)]
    save(
        helper.make_model(graph, opset_imports=opset, ir_version=9),
        tmp_path / "detector.onnx",
    )
    with pytest.raises(EngineError, match="no detector that is known"):
        OnnxDetector.load(Context(tmp_path))


def test_labels_become_names_that_are_spoken() -> None:
    coco = {name.coco: name.english for name in names().values() if name.coco}
    assert spoken("tvmonitor") == coco["tv"]
    assert spoken("Pedestrian") == "person"
    assert spoken("traffic_light") == coco["traffic light"]
    assert spoken("Glass-Door") == "glass door"
    assert len(spoken("x" * 500)) <= 40


def test_boxes_that_are_none_are_dropped_and_repeats_are_one_thing() -> None:
    picture = noise(0, 100, 100)
    nothing = [(5, 5, 5, 50), (float("nan"), 0, 10, 10), (200, 200, 300, 300), (10, 10, 8, 8)]
    assert [thing("car", 0.9, box, picture) for box in nothing] == [None] * 4
    assert thing("", 0.9, (0, 0, 50, 50), picture) is None
    outside = thing("car", 1.5, (-20, -20, 120, 60), picture)
    assert outside is not None
    assert (outside.box, outside.confidence) == ((0, 0, 100, 60), 1.0)
    rows = [
        thing("car", 0.5, (0, 0, 50, 50), picture),
        thing("car", 0.9, (2, 2, 52, 52), picture),
        thing("person", 0.4, (0, 0, 50, 50), picture),
        thing("car", 0.3, (60, 60, 90, 90), picture),
        None,
    ]
    assert [(one.name, one.confidence) for one in distinct(rows)] == [
        ("car", 0.9),
        ("person", 0.4),
        ("car", 0.3),
    ]
