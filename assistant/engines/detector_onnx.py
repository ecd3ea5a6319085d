"""Object detectors as ONNX files, in the three forms in which they are exported.

- transformers' families (optimum, onnx-community): `pixel_values` -> `logits` [1, q, c] and
  `pred_boxes` [1, q, 4] (centre, size; 0 to 1);
- RT-DETR's and D-FINE's own export: `images` and `orig_target_sizes` -> `labels`, `boxes`
  (corners in pixels), `scores`;
- YOLO's: one input -> [1, 4 + c, n] (centre, size in input pixels, then class scores), which
  needs suppression of repeated boxes.

Labels come from `config.json` (`id2label`), `labels.txt`, or the file's own `names`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import cv2
import numpy as np
import onnxruntime

from assistant.errors import EngineError, WeightsMissing
from assistant.interfaces import Cancel, EngineContext, Float32
from assistant.types import Picture, SceneObject
from assistant.vision.labels import distinct, thing

_FLOOR = 0.3
_SIDE = 640  # pixels, where neither the file nor preprocessor_config.json tells

Row = tuple[int, float, list[float]]
"""Class, score, corners in pixels of the picture."""


class OnnxDetector:
    """`ObjectDetector` on an ONNX file. Thread-safe."""

    name: ClassVar[str] = "onnx"

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        labels: Mapping[int, str],
        *,
        size: tuple[int, int] = (_SIDE, _SIDE),
        mean: tuple[float, ...] = (0.0, 0.0, 0.0),
        std: tuple[float, ...] = (1.0, 1.0, 1.0),
        floor: float = _FLOOR,
    ) -> None:
        """
        Args:
            size: height, width of the input, pixels.
            mean: taken off the colours (0 to 1) before they are divided by `std`.
        """
        self._session = session
        self._labels = labels
        self._size = size
        self._mean = np.array(mean, np.float32)
        self._std = np.array(std, np.float32)
        self._floor = floor
        self._inputs = [value.name for value in session.get_inputs()]
        self._outputs = [value.name for value in session.get_outputs()]
        self._form = _form(self._inputs, self._outputs)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the first `.onnx` file of the profile's weights; option `minimum_confidence`.

        Raises:
            WeightsMissing: there is none.
            EngineError: it cannot be read, is no detector of these forms, or has no labels.
        """
        folder = context.weights()
        files = sorted(folder.glob("*.onnx"))
        if not files:
            raise WeightsMissing(f"{folder} holds no .onnx file", fix="assistant models verify")
        try:
            session = onnxruntime.InferenceSession(files[0], providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no public base
            raise EngineError(
                f"cannot load {files[0].name}: {error}", fix="assistant models verify"
            ) from error
        labels = _labels(folder, session)
        if not labels:
            raise EngineError(
                f"{files[0].name} comes without its labels",
                fix=f"put a labels.txt, one name a line, into {folder}",
            )
        return cls(
            session,
            labels,
            floor=float(context.options.get("minimum_confidence", _FLOOR)),
            **_preparation(folder, session),
        )

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        """Things found, most confident first; stops before or after its one pass.

        Raises:
            Cancelled
            EngineError: the network failed.
        """
        if cancel is not None:
            cancel.check()
        feed: dict[str, Any] = {self._inputs[0]: self._prepared(picture)}
        if self._form == "corners":
            feed[self._inputs[1]] = np.array([[picture.width, picture.height]], np.int64)
        try:
            values = dict(zip(self._outputs, self._session.run(None, feed), strict=True))
            rows = list(getattr(self, f"_{self._form}")(values, picture))
        except Exception as error:  # onnxruntime's errors share no public base
            raise EngineError(f"the detector failed: {error}", fix="assistant doctor") from error
        if cancel is not None:
            cancel.check()
        found = (
            thing(self._labels.get(label, ""), score, box, picture)
            for label, score, box in rows
            if score >= self._floor
        )
        return distinct(found)

    def _prepared(self, picture: Picture) -> Float32:
        """The input [1, 3, h, w]: stretched, as these networks were trained."""
        height, width = self._size
        pixels = cv2.resize(picture.pixels, (width, height), interpolation=cv2.INTER_AREA)
        values = (np.asarray(pixels, np.float32) / 255.0 - self._mean) / self._std
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)

    def _queries(self, values: Mapping[str, Any], picture: Picture) -> Iterator[Row]:
        """Logits and centred boxes; each class on its own, as these heads are trained."""
        scores = 1.0 / (1.0 + np.exp(-values["logits"][0].astype(np.float64)))
        scale = np.array([picture.width, picture.height] * 2)
        boxes = _corners(values["pred_boxes"][0]) * scale
        best = scores.argmax(axis=1)
        for query, label in enumerate(best):
            yield int(label), float(scores[query, label]), boxes[query].tolist()

    def _corners(self, values: Mapping[str, Any], picture: Picture) -> Iterator[Row]:
        rows = zip(values["labels"][0], values["scores"][0], values["boxes"][0], strict=True)
        for label, score, box in rows:
            yield int(label), float(score), [float(value) for value in box]

    def _grid(self, values: Mapping[str, Any], picture: Picture) -> Iterator[Row]:
        rows = next(iter(values.values()))[0].T  # [n, 4 + c]
        scores = rows[:, 4:]
        best = scores.argmax(axis=1)
        sure = scores.max(axis=1)
        height, width = self._size
        scale = np.array([picture.width / width, picture.height / height] * 2)
        boxes = _corners(rows[:, :4]) * scale
        for row in np.flatnonzero(sure >= self._floor):
            yield int(best[row]), float(sure[row]), boxes[row].tolist()


def _corners(boxes: Any) -> Any:
    """Centre and size as corners, [n, 4]."""
    centre, half = boxes[:, :2], boxes[:, 2:4] / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _form(inputs: list[str], outputs: list[str]) -> str:
    """Which of the three forms a file has.

    Raises:
        EngineError: none of them.
    """
    if {"logits", "pred_boxes"} <= set(outputs):
        return "queries"
    if {"labels", "boxes", "scores"} <= set(outputs) and len(inputs) == 2:
        return "corners"
    if len(outputs) == 1 and len(inputs) == 1:
        return "grid"
    raise EngineError(
        f"an ONNX file with the outputs {', '.join(outputs)[:80]} is no detector that is known",
        fix="see docs/vision-models.md for the three forms",
    )


def _labels(folder: Path, session: onnxruntime.InferenceSession) -> dict[int, str]:
    """Names by class number, from the first place that has them."""
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        return {int(id): str(name) for id, name in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    try:
        lines = (folder / "labels.txt").read_text(encoding="utf-8").splitlines()
        return dict(enumerate(line.strip() for line in lines))
    except (OSError, ValueError):
        pass
    try:
        told = ast.literal_eval(session.get_modelmeta().custom_metadata_map["names"])
        pairs = told.items() if isinstance(told, dict) else enumerate(told)
        return {int(id): str(name) for id, name in pairs}
    except (KeyError, ValueError, SyntaxError, TypeError):
        return {}


def _preparation(folder: Path, session: onnxruntime.InferenceSession) -> dict[str, Any]:
    """Input size by the file itself or preprocessor_config.json; its normalisation."""
    try:
        told = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    shape = session.get_inputs()[0].shape
    if all(isinstance(side, int) for side in shape[-2:]):
        height, width = int(shape[-2]), int(shape[-1])
    else:
        size = told.get("size") or {}
        height, width = int(size.get("height", _SIDE)), int(size.get("width", _SIDE))
    made: dict[str, Any] = {"size": (height, width)}
    if told.get("do_normalize"):
        made["mean"] = tuple(map(float, told["image_mean"]))
        made["std"] = tuple(map(float, told["image_std"]))
    return made
