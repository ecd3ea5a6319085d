"""CLIP, SigLIP and SigLIP 2 through transformers, or through ONNX Runtime on a processor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from assistant.embedding import onnx_towers
from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.english import English
from assistant.embedding.pixels import Prepare, preparation
from assistant.embedding.tokens import Tokens
from assistant.embedding.vectors import batches, unit
from assistant.errors import SettingsError
from assistant.interfaces import EngineContext, Float32
from assistant.types import Picture

if TYPE_CHECKING:
    from assistant.embedding.towers import Towers

_BATCH = 16  # pictures computed together
_TEXT_BATCH = 64
_LEAST = 1e-4
"""Probability from which SigLIP's pairs have anything to do with each other. One of a batch of
32,768 in its training matched by chance with 3e-5; not measured on photos here."""
_RUNTIMES = ("auto", "torch", "onnx")


class Clip:
    """`ImageTextEncoder` on a checkpoint folder. Thread-safe.

    `id` names the folder and a fingerprint of its weights and settings. It is the same on every
    device and in every runtime: float16's vectors differ from float32's by less than pictures do.
    """

    name: ClassVar[str] = "clip"

    def __init__(
        self,
        towers: Towers,
        prepare: Prepare,
        tokens: Tokens,
        *,
        id: str,
        batch: int = _BATCH,
        cut: float = -1.0,
        english: Callable[[Sequence[str]], list[str]] | None = None,
    ) -> None:
        self.id = id
        self.dim = towers.dim
        self.towers = towers
        self._prepare = prepare
        self._tokens = tokens
        self._batch = batch
        self._cut = cut
        self._english = english

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the profile's weights.

        Options: `runtime` (onnx: ONNX Runtime on the processor, for which both towers are
        exported the first time; torch; auto: onnx where there is an export and no GPU),
        `device`, `dtype`, `attention`, `batch`, `threads` (of ONNX Runtime),
        `least_probability` (below which SigLIP's pairs do not match), `english_only` (whether
        Chinese is translated first; by the vocabulary's size where it is not said).

        Raises:
            WeightsMissing, EngineMissing
            EngineError: the checkpoint is damaged, lacks weights, or is of another family.
            SettingsError: an option is wrong.
        """
        folder, options = context.weights(), context.options
        checkpoint = Checkpoint.open(folder)
        batch = int(options.get("batch", _BATCH))
        if batch < 1:
            raise SettingsError(f"batches of {batch} pictures", fix="set `batch: 16`")
        least = float(options.get("least_probability", _LEAST))
        if not 0 < least < 1:
            raise SettingsError(f"a probability of {least}", fix="set `least_probability: 0.0001`")
        translated = bool(options.get("english_only", checkpoint.english_only))
        return cls(
            _towers(checkpoint, options),
            preparation(checkpoint),
            Tokens(checkpoint),
            id=f"clip/{folder.name}@{checkpoint.fingerprint()}",
            batch=batch,
            cut=checkpoint.cut(least),
            english=English(lambda: context.engine("chat_model")) if translated else None,
        )

    def cut(self, query: Float32) -> float:
        """The cosine below which a picture has nothing to do with a query; -1 for CLIP."""
        return self._cut

    def images(self, pictures: Sequence[Picture]) -> Float32:
        """L2-normalised vectors, [n, dim].

        Raises:
            EngineError: the model failed.
        """
        found = [
            unit(self.towers.images(self._prepare(some))) for some in batches(pictures, self._batch)
        ]
        return np.concatenate(found) if found else np.zeros((0, self.dim), dtype=np.float32)

    def texts(self, texts: Sequence[str]) -> Float32:
        """L2-normalised vectors, [n, dim]; a text is cut at the model's length (64 or 77 tokens).

        Raises:
            EngineMissing: the model reads English only and nothing translates a Chinese text.
            EngineError: the model failed.
        """
        read = self._english(texts) if self._english else texts
        found = [
            unit(self.towers.texts(*self._tokens(some))) for some in batches(read, _TEXT_BATCH)
        ]
        return np.concatenate(found) if found else np.zeros((0, self.dim), dtype=np.float32)


def _towers(checkpoint: Checkpoint, options: Mapping[str, Any]) -> Towers:
    """ONNX Runtime where it is asked for, or on a processor with an export; torch elsewhere."""
    runtime, device = str(options.get("runtime", "auto")), str(options.get("device", "auto"))
    if runtime not in _RUNTIMES:
        fix = f"choose: {', '.join(_RUNTIMES)}"
        raise SettingsError(f"there is no runtime {runtime!r}", fix=fix)
    if runtime == "onnx" and device not in ("auto", "cpu"):
        raise SettingsError("ONNX Runtime computes on the processor here", fix="set `device: cpu`")
    if runtime == "onnx" or (runtime == "auto" and _on_processor(device)):
        folder = onnx_towers.exported(checkpoint)
        if folder is not None or runtime == "onnx":
            ready = folder or _exported(checkpoint)
            return onnx_towers.OnnxTowers.load(ready, options.get("threads"))
    from assistant.embedding.towers import TorchTowers

    return TorchTowers.load(checkpoint, options)


def _exported(checkpoint: Checkpoint) -> Path:
    from assistant.embedding.towers import TorchTowers

    plain = TorchTowers.load(checkpoint, {"device": "cpu", "dtype": "float32"})
    return onnx_towers.export(checkpoint, plain)


def _on_processor(device: str) -> bool:
    """Whether work goes to the processor; torch is asked only where there may be a GPU."""
    if device != "auto":
        return device == "cpu"
    from assistant.profiles import this_machine

    return not this_machine().gpus
