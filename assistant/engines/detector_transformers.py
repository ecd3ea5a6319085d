"""Object detectors of transformers: RT-DETR, D-FINE, DETR ..., and those that are told what to
find: OWLv2, Grounding DINO."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import torch
from PIL import Image
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForObjectDetection,
    AutoModelForZeroShotObjectDetection,
    AutoProcessor,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_ZERO_SHOT_OBJECT_DETECTION_MAPPING_NAMES,
)

from assistant.errors import EngineError, SettingsError
from assistant.interfaces import Cancel, EngineContext
from assistant.types import Picture, SceneObject
from assistant.vision import checkpoints
from assistant.vision.checkpoints import Placement
from assistant.vision.labels import LOOKED_FOR, distinct, thing

# Scores of the two kinds are not alike: a zero-shot score of 0.2 is about as sure as 0.5 of a
# detector that was trained on its labels. What is worth saying is decided later.
_FLOOR, _ZERO_SHOT_FLOOR = 0.3, 0.15


class TransformersDetector:
    """`ObjectDetector` on a checkpoint folder. Thread-safe; calls queue."""

    name: ClassVar[str] = "transformers"

    def __init__(
        self,
        model: Any,
        processor: Any,
        *,
        zero_shot: bool,
        labels: Sequence[str] = LOOKED_FOR,
        floor: float | None = None,
    ) -> None:
        self._model = model
        self._processor = processor
        self._zero_shot = zero_shot
        self._labels = tuple(labels)
        usual = _ZERO_SHOT_FLOOR if zero_shot else _FLOOR
        self._floor = usual if floor is None else floor
        self._lock = threading.Lock()

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the profile's weights.

        Options: `device`, `dtype`, `minimum_confidence`, `labels` (what a zero-shot detector
        looks for; English names).

        Raises:
            WeightsMissing, EngineMissing
            EngineError: the checkpoint is damaged, lacks weights, or is no detector.
            SettingsError: an option is wrong.
        """
        folder, options = context.weights(), context.options
        checkpoints.configuration(folder)
        placement = Placement.of(options)
        labels = options.get("labels", LOOKED_FOR)
        if isinstance(labels, str) or not all(isinstance(label, str) for label in labels):
            raise SettingsError("labels is no list of names", fix="write `labels: [door, stairs]`")
        try:
            kind = AutoConfig.from_pretrained(folder, local_files_only=True).model_type
        except (OSError, ValueError, KeyError) as error:
            raise EngineError(
                f"{folder.name} is of a family that transformers does not know",
                fix="assistant models verify",
            ) from error
        zero_shot = kind in MODEL_FOR_ZERO_SHOT_OBJECT_DETECTION_MAPPING_NAMES
        auto = AutoModelForZeroShotObjectDetection if zero_shot else AutoModelForObjectDetection
        reader = AutoProcessor if zero_shot else AutoImageProcessor
        floor = options.get("minimum_confidence")
        return cls(
            checkpoints.model(auto, folder, placement),
            checkpoints.processor(reader, folder),
            zero_shot=zero_shot,
            labels=tuple(labels),
            floor=None if floor is None else float(floor),
        )

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        """Things found, most confident first; stops before or after its one pass.

        Raises:
            Cancelled
            EngineError: the model failed.
        """
        return self.find(picture, self._labels, cancel)

    def find(
        self, picture: Picture, labels: Sequence[str], cancel: Cancel | None = None
    ) -> list[SceneObject]:
        """As `detect`, looking for these names where the model can be told.

        Raises:
            Cancelled
            EngineError: the model failed.
        """
        if cancel is not None:
            cancel.check()
        try:
            with self._lock, torch.inference_mode():
                rows = self._asked(picture, labels) if self._zero_shot else self._seen(picture)
        except torch.OutOfMemoryError as error:
            raise checkpoints.out_of_memory() from error
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError) as error:
            raise EngineError(f"the detector failed: {error}", fix="assistant doctor") from error
        if cancel is not None:
            cancel.check()
        return distinct(thing(label, score, box, picture) for label, score, box in rows)

    def _seen(self, picture: Picture) -> list[tuple[str, float, list[float]]]:
        inputs = self._processor(images=Image.fromarray(picture.pixels), return_tensors="pt")
        output = self._model(**inputs.to(self._model.device, dtype=self._model.dtype))
        (found,) = self._processor.post_process_object_detection(
            output, threshold=self._floor, target_sizes=[(picture.height, picture.width)]
        )
        names = self._model.config.id2label
        rows = zip(found["labels"].tolist(), found["scores"], found["boxes"], strict=True)
        return [(str(names.get(id, "")), float(score), box.tolist()) for id, score, box in rows]

    def _asked(
        self, picture: Picture, labels: Sequence[str]
    ) -> list[tuple[str, float, list[float]]]:
        wanted = list(dict.fromkeys(labels))
        inputs = self._processor(
            images=Image.fromarray(picture.pixels),
            text=[wanted],
            return_tensors="pt",
            **self._padding(),
        ).to(self._model.device, dtype=self._model.dtype)
        output = self._model(**inputs)
        (found,) = self._processor.post_process_grounded_object_detection(
            outputs=output,
            threshold=self._floor,
            target_sizes=[(picture.height, picture.width)],
            text_labels=[wanted],
        )
        rows = zip(found["text_labels"], found["scores"], found["boxes"], strict=True)
        return [(str(label), float(score), box.tolist()) for label, score, box in rows]

    def _padding(self) -> dict[str, Any]:
        """How names are made equally long: OWL's text tower takes a fixed number of tokens."""
        config = self._model.config
        if not str(config.model_type).startswith("owl"):
            return {"padding": True}
        longest = int(config.text_config.max_position_embeddings)
        return {"padding": "max_length", "truncation": True, "max_length": longest}
