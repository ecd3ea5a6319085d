"""SSD MobileNet v2 on COCO, through OpenCV: finds 80 everyday things with boxes."""

from __future__ import annotations

import threading
from typing import ClassVar, Self

import cv2
import numpy as np

from assistant.errors import EngineError, WeightsMissing
from assistant.interfaces import Cancel, EngineContext
from assistant.types import Picture, SceneObject
from assistant.vision import geometry
from assistant.vision.names import coco_names

_GRAPH = "frozen_inference_graph.pb"
_CONFIG = "ssd_mobilenet_v2_coco_2018_03_29.pbtxt"
_SIDE = 300  # pixels; the network's input
# Below this nearly all boxes are noise; what is worth saying is decided by
# `assistant.vision.agreement`, which wants the weak ones too.
_FLOOR = 0.15


class SsdCoco:
    """`ObjectDetector` on SSD MobileNet v2. Thread-safe (calls queue); about 80 ms on 2 cores."""

    name: ClassVar[str] = "ssd-coco"

    def __init__(self, network: cv2.dnn.Net, floor: float = _FLOOR) -> None:
        self._network = network
        self._floor = floor
        self._names = coco_names()
        self._lock = threading.Lock()  # a cv2 network keeps its input and output inside

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the frozen graph; option `minimum_confidence` (default 0.15).

        Raises:
            WeightsMissing: a file is not there.
            EngineError: OpenCV cannot read it.
        """
        folder = context.weights()
        for file in (_GRAPH, _CONFIG):
            if not (folder / file).is_file():
                raise WeightsMissing(f"{folder / file} is missing", fix="assistant models pull")
        try:
            network = cv2.dnn.readNetFromTensorflow(str(folder / _GRAPH), str(folder / _CONFIG))
        except cv2.error as error:
            raise EngineError(
                f"cannot load {folder / _GRAPH}: {error}", fix="assistant models verify"
            ) from error
        return cls(network, float(context.options.get("minimum_confidence", _FLOOR)))

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        """Things found, most confident first; stops within one pass (about 0.1 s).

        Direction and proximity assume a camera that faces away from the user.
        """
        if cancel is not None:
            cancel.check()
        blob = cv2.dnn.blobFromImage(picture.pixels, size=(_SIDE, _SIDE), swapRB=False)
        try:
            with self._lock:
                self._network.setInput(blob)
                rows = np.array(self._network.forward())[0, 0]
        except cv2.error as error:
            raise EngineError(f"the detector failed: {error}", fix="assistant doctor") from error
        found = [
            thing
            for row in rows
            if row[2] >= self._floor and (thing := self._thing(row, picture)) is not None
        ]
        return sorted(found, key=lambda thing: -thing.confidence)

    def _thing(self, row: np.ndarray, picture: Picture) -> SceneObject | None:
        """One detection row: (picture, class, score, x1, y1, x2, y2), coordinates 0 to 1."""
        name = self._names.get(int(row[1]))
        width, height = picture.width, picture.height
        x1, x2 = (int(np.clip(v, 0, 1) * width) for v in (row[3], row[5]))
        y1, y2 = (int(np.clip(v, 0, 1) * height) for v in (row[4], row[6]))
        if name is None or x2 - x1 < 2 or y2 - y1 < 2:
            return None
        box = (x1, y1, x2, y2)
        view = geometry.field_of_view(picture)
        return SceneObject(
            name=name.english,
            confidence=float(row[2]),
            box=box,
            direction=geometry.direction(box, width, view),
            proximity=geometry.proximity(box, width, height, view, name.height),
        )
