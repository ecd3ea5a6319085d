"""Checkpoints of OpenCLIP (LAION, DataComp, MetaCLIP, SigLIP ...) through `open_clip`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import open_clip
import torch
from PIL import Image

from assistant.embedding.checkpoint import fingerprint, multilingual, read_json
from assistant.embedding.english import English
from assistant.embedding.pixels import without_ends
from assistant.embedding.vectors import batches, unit
from assistant.errors import EngineError
from assistant.interfaces import EngineContext, Float32
from assistant.types import Picture
from assistant.vision import checkpoints
from assistant.vision.checkpoints import Placement

_CONFIG = "open_clip_config.json"
_BATCH = 16
_PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


class OpenClip:
    """`ImageTextEncoder` on a folder with `open_clip_config.json` and safetensors. Thread-safe."""

    name: ClassVar[str] = "open-clip"

    def __init__(
        self,
        model: Any,
        prepare: Callable[[Image.Image], torch.Tensor],
        tokens: Callable[[list[str]], torch.Tensor],
        *,
        id: str,
        dim: int,
        dtype: torch.dtype,
        batch: int = _BATCH,
        english: Callable[[Sequence[str]], list[str]] | None = None,
    ) -> None:
        self.id = id
        self.dim = dim
        self._model = model.eval()
        self._prepare, self._tokens = prepare, tokens
        self._dtype = dtype
        self._batch = batch
        self._english = english
        self._lock = threading.Lock()

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the profile's weights.

        Options: `device`, `dtype`, `batch`, `english_only` (whether Chinese is translated first;
        by the vocabulary's size where it is not said).

        Raises:
            WeightsMissing
            EngineError: the checkpoint is damaged, or its tokenizer lies elsewhere.
            SettingsError: an option is wrong.
        """
        folder, options = context.weights(), context.options
        config = read_json(folder / _CONFIG).get("model_cfg") or {}
        text = config.get("text_cfg") or {}
        placement = Placement.of(options)
        if placement.device.type == "cuda" and options.get("dtype", "auto") == "auto":
            placement = Placement.of({**options, "dtype": "float16"})
        only = not multilingual(int(text.get("vocab_size", 49408)))  # CLIPTextCfg's default
        translated = bool(options.get("english_only", only))
        model, prepare, tokens = _opened(folder, placement)
        return cls(
            model,
            prepare,
            tokens,
            id=f"open-clip/{folder.name}@{fingerprint(folder)}",
            dim=int(config["embed_dim"]),
            dtype=placement.dtype,
            batch=max(1, int(options.get("batch", _BATCH))),
            english=English(lambda: context.engine("chat_model")) if translated else None,
        )

    def images(self, pictures: Sequence[Picture]) -> Float32:
        """L2-normalised vectors, [n, dim].

        Raises:
            EngineError: the model failed.
        """
        return self._joined(
            self._computed(self._model.encode_image, torch.stack(
                [self._prepare(Image.fromarray(without_ends(one.pixels))) for one in some]
            ).to(self._dtype))
            for some in batches(pictures, self._batch)
        )  # fmt: skip

    def texts(self, texts: Sequence[str]) -> Float32:
        """L2-normalised vectors, [n, dim]; a text is cut at the model's length.

        Raises:
            EngineMissing: the model reads English only and nothing translates a Chinese text.
            EngineError: the model failed.
        """
        read = self._english(texts) if self._english else texts
        clean = [text.encode("utf-8", "replace").decode() for text in read]
        return self._joined(
            self._computed(self._model.encode_text, self._tokens(list(some)))
            for some in batches(clean, self._batch)
        )

    def _joined(self, parts: Any) -> Float32:
        found = [unit(part) for part in parts]
        return np.concatenate(found) if found else np.zeros((0, self.dim), dtype=np.float32)

    def _computed(self, work: Any, given: torch.Tensor) -> Float32:
        device = next(self._model.parameters()).device
        try:
            with self._lock, torch.inference_mode():
                return np.asarray(work(given.to(device)).float().cpu().numpy(), dtype=np.float32)
        except torch.OutOfMemoryError as error:
            raise checkpoints.out_of_memory() from error
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise EngineError(f"the encoder failed: {error}", fix="assistant doctor") from error


def _opened(folder: Path, placement: Placement) -> tuple[Any, Any, Any]:
    """Model, picture preparation and tokenizer of a local folder; nothing is fetched."""
    if not any(folder.glob("*.safetensors")):
        raise EngineError(f"{folder} holds no *.safetensors", fix="assistant models verify")
    name = f"local-dir:{folder}"
    try:
        model, prepare = open_clip.create_model_from_pretrained(
            name, device=placement.device, precision=_PRECISIONS[placement.dtype]
        )
        return model, prepare, open_clip.get_tokenizer(name)
    except torch.OutOfMemoryError as error:
        raise checkpoints.out_of_memory() from error
    except Exception as error:  # it wraps damaged files into bare and many-typed exceptions
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EngineError(
            f"{folder.name} does not load: {first}", fix="assistant models verify"
        ) from error
