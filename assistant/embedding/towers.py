"""The two towers of a checkpoint, computed by torch through transformers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel

from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.pixels import Inputs
from assistant.embedding.tokens import Ids
from assistant.errors import EngineError
from assistant.interfaces import Float32
from assistant.vision import checkpoints
from assistant.vision.checkpoints import Placement


class Towers(Protocol):
    """Computes features, not yet of length 1."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""

    def images(self, inputs: Inputs) -> Float32:
        """Features of prepared pictures, [n, dim]."""

    def texts(self, ids: Ids, mask: Ids) -> Float32:
        """Features of token ids, [n, dim]."""


class TorchTowers:
    """`Towers` on any device. Thread-safe; calls queue."""

    def __init__(self, model: Any, checkpoint: Checkpoint) -> None:
        self.model = model
        self._masked = checkpoint.family == "clip"
        self._lock = threading.Lock()

    @classmethod
    def load(cls, checkpoint: Checkpoint, options: Mapping[str, Any]) -> Self:
        """Load the model; on a GPU in float16, whose vectors are finer than bfloat16's.

        Raises:
            EngineError: the checkpoint is damaged or lacks weights.
            SettingsError, EngineMissing: as `Placement.of`.
        """
        placement = Placement.of(options)
        if placement.device.type == "cuda" and options.get("dtype", "auto") == "auto":
            placement = Placement.of({**options, "dtype": "float16"})
        attention = str(options.get("attention", "sdpa"))
        model = checkpoints.model(AutoModel, checkpoint.folder, placement, attention)
        return cls(model, checkpoint)

    @property
    def dim(self) -> int:
        """The projection's width; SigLIP has none, so its picture tower's."""
        config = self.model.config
        return int(getattr(config, "projection_dim", None) or config.vision_config.hidden_size)

    def images(self, inputs: Inputs) -> Float32:
        """Features of prepared pictures, [n, dim].

        Raises:
            EngineError: the model failed, or its GPU's memory is too small.
        """
        return self._computed(self.model.get_image_features, inputs)

    def texts(self, ids: Ids, mask: Ids) -> Float32:
        """Features of token ids, [n, dim]; SigLIP's tower is given no mask.

        Raises:
            EngineError: the model failed, or its GPU's memory is too small.
        """
        inputs = {"input_ids": ids, **({"attention_mask": mask} if self._masked else {})}
        return self._computed(self.model.get_text_features, inputs)

    def _computed(self, work: Any, inputs: Mapping[str, NDArray[Any]]) -> Float32:
        try:
            with self._lock, torch.inference_mode():
                found = work(**{name: self._placed(value) for name, value in inputs.items()})
                return np.asarray(found.pooler_output.float().cpu().numpy(), dtype=np.float32)
        except torch.OutOfMemoryError as error:
            raise checkpoints.out_of_memory() from error
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError) as error:
            raise EngineError(f"the encoder failed: {error}", fix="assistant doctor") from error

    def _placed(self, value: NDArray[Any]) -> torch.Tensor:
        tensor = torch.from_numpy(value)
        dtype = self.model.dtype if tensor.is_floating_point() else None
        return tensor.to(self.model.device, dtype=dtype)
