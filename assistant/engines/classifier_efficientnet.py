"""EfficientNet-Lite2 on ImageNet, through ONNX Runtime: names what fills a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar, Self

import cv2
import numpy as np
import onnxruntime as ort

from assistant.errors import EngineError, WeightsMissing
from assistant.interfaces import EngineContext, Float32
from assistant.types import Picture
from assistant.vision import wordnet

_FILE = "efficientnet-lite2.onnx"
_SIDE = 260  # pixels; Lite2's resolution
# MEAN_RGB and STDDEV_RGB of the published EfficientNet-Lite (tensorflow/tpu,
# models/official/efficientnet/lite/efficientnet_lite_builder.py).
_MEAN = 127.0
_DEVIATION = 128.0
_BATCH = 8  # pictures at a time: about 25 MB of activations each


class EfficientNetLite:
    """`ImageClassifier` on EfficientNet-Lite2. Thread-safe; about 25 ms a picture on 2 cores.

    A picture is squashed to a square: callers choose the crop.
    """

    name: ClassVar[str] = "efficientnet-lite2"

    def __init__(self, session: ort.InferenceSession) -> None:
        self.labels: Sequence[str] = wordnet.imagenet()
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the ONNX file that set-up made from the published checkpoint.

        Raises:
            WeightsMissing: it is not there.
            EngineError: ONNX Runtime cannot read it.
        """
        path = context.weights() / _FILE
        if not path.is_file():
            raise WeightsMissing(f"{path} is missing", fix="assistant models pull")
        options = ort.SessionOptions()
        options.intra_op_num_threads = min(4, os.cpu_count() or 1)
        options.log_severity_level = 3
        try:
            return cls(ort.InferenceSession(str(path), options, ["CPUExecutionProvider"]))
        except Exception as error:  # onnxruntime's exceptions share no base class
            raise EngineError(f"cannot load {path}: {error}", fix="assistant models verify") from (
                error
            )

    def classify(self, pictures: Sequence[Picture]) -> Float32:
        """Probabilities of the 1000 ImageNet classes, [n, 1000], each row summing to 1."""
        if not pictures:
            return np.zeros((0, len(self.labels)), np.float32)
        logits = np.concatenate(
            [
                self._run(pictures[start : start + _BATCH])
                for start in range(0, len(pictures), _BATCH)
            ]
        )
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)

    def _run(self, pictures: Sequence[Picture]) -> Float32:
        batch = np.stack([_square(picture) for picture in pictures])
        try:
            return np.asarray(self._session.run(None, {self._input: batch})[0], np.float32)
        except Exception as error:  # as above
            raise EngineError(f"the classifier failed: {error}", fix="assistant doctor") from error


def _square(picture: Picture) -> Float32:
    """A picture as the network wants it, [3, 260, 260]."""
    # Averaging over areas keeps fine texture from turning into false edges when shrinking.
    shrink = min(picture.width, picture.height) > _SIDE
    how = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC
    resized = cv2.resize(picture.pixels, (_SIDE, _SIDE), interpolation=how)
    return np.ascontiguousarray(
        ((resized.astype(np.float32) - _MEAN) / _DEVIATION).transpose(2, 0, 1)
    )
