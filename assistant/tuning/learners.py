"""Which weights of an encoder learn: a projection, low-rank adapters, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from torch import nn

from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.pixels import Inputs, Prepare
from assistant.embedding.tokens import Tokens
from assistant.tuning import lora
from assistant.types import Picture

State = list[torch.Tensor]
_KEPT_BYTES = 1_000_000_000  # of prepared pictures; 600 kB each at 224 px


class Learner(Protocol):
    """Features of pictures and texts with gradients, and the weights that learn."""

    rate: ClassVar[float]  # learning rate that suits it

    def parameters(self) -> Sequence[nn.Parameter]:
        """The weights that learn."""

    def images(self, files: Sequence[Path]) -> torch.Tensor:
        """Features of picture files, [n, d]."""

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Features of texts, [n, d]."""

    @property
    def scale(self) -> torch.Tensor:
        """By which cosines are multiplied."""

    def finish(self) -> Any:
        """The model with all that was learnt in its own weights."""


class All:
    """Every weight learns, the scale too: for training from scratch, and for large sets."""

    rate: ClassVar[float] = 5e-4

    def __init__(
        self, model: Any, checkpoint: Checkpoint, prepare: Prepare, tokens: Tokens
    ) -> None:
        self.model = model
        self._prepare, self._tokens = prepare, tokens
        self._masked = checkpoint.family == "clip"
        self._opened: dict[Path, Inputs] = {}

    def parameters(self) -> Sequence[nn.Parameter]:
        """All; SigLIP's bias has no part in this loss and stays."""
        named = self.model.named_parameters()
        return [parameter for name, parameter in named if name != "logit_bias"]

    def images(self, files: Sequence[Path]) -> torch.Tensor:
        """Features of picture files, [n, d]; prepared ones are kept in memory up to 1 GB."""
        ready = [self._opened.get(file) or self._prepare([Picture.open(file)]) for file in files]
        for file, inputs in zip(files, ready, strict=True):
            if len(self._opened) * sum(value.nbytes for value in inputs.values()) < _KEPT_BYTES:
                self._opened[file] = inputs
        given = {name: np.concatenate([one[name] for one in ready]) for name in ready[0]}
        return self._features(self.model.get_image_features, given)

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Features of texts, [n, d]."""
        ids, mask = self._tokens(texts)
        masked = {"attention_mask": mask} if self._masked else {}
        return self._features(self.model.get_text_features, {"input_ids": ids, **masked})

    @property
    def scale(self) -> torch.Tensor:
        """The model's own, at most 100 (Radford et al., 2021, section 2.5)."""
        scale: torch.Tensor = self.model.logit_scale.exp().clamp(max=100)
        return scale

    def finish(self) -> Any:
        """The model as it is."""
        return self.model

    def _features(self, work: Any, given: Mapping[str, Any]) -> torch.Tensor:
        device = self.model.device
        found = work(**{name: torch.from_numpy(v).to(device) for name, v in given.items()})
        features: torch.Tensor = found.pooler_output
        return features


class LowRankAdapters(All):
    """Adapters of rank 8 in the queries and values of both towers learn; the scale stays."""

    rate: ClassVar[float] = 5e-4
    _RANK, _ALPHA = 8, 16.0

    def __init__(
        self, model: Any, checkpoint: Checkpoint, prepare: Prepare, tokens: Tokens
    ) -> None:
        super().__init__(model.requires_grad_(False), checkpoint, prepare, tokens)
        self._adapters = lora.adapt(model, self._RANK, self._ALPHA)

    def parameters(self) -> Sequence[nn.Parameter]:
        """The adapters."""
        return self._adapters

    def finish(self) -> Any:
        """The model with the adapters merged."""
        lora.merge(self.model)
        return self.model


class Projection(All):
    """A square matrix behind each tower learns, starting as the identity; the scale stays.

    The towers are frozen, so each picture and text goes through them once, whatever the number
    of epochs. At the end the matrices are multiplied into the last linear layers. SigLIP's
    picture tower has none there, so its texts alone are moved and its pictures keep their vectors.
    """

    rate: ClassVar[float] = 1e-3

    def __init__(
        self, model: Any, checkpoint: Checkpoint, prepare: Prepare, tokens: Tokens
    ) -> None:
        super().__init__(model.requires_grad_(False), checkpoint, prepare, tokens)
        clip = checkpoint.family == "clip"
        self._last = [model.text_projection if clip else model.text_model.head]
        if clip:
            self._last.append(model.visual_projection)
        # What is learnt is the difference from the identity, so that decay pulls towards it.
        self._moves = [
            nn.Parameter(torch.zeros(2 * (layer.out_features,), device=model.device))
            for layer in self._last
        ]
        self._known: dict[Any, torch.Tensor] = {}

    def parameters(self) -> Sequence[nn.Parameter]:
        """The matrices."""
        return self._moves

    def images(self, files: Sequence[Path]) -> torch.Tensor:
        """Features of picture files, moved where the tower ends in a linear layer."""
        return self._moved(self._once(files, super().images), 1)

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Features of texts, moved."""
        return self._moved(self._once(texts, super().texts), 0)

    def finish(self) -> Any:
        """The model with the matrices in its last layers."""
        with torch.no_grad():
            for move, layer in zip(self._moves, self._last, strict=True):
                layer.weight += move @ layer.weight
                if layer.bias is not None:
                    layer.bias += move @ layer.bias
        return self.model

    def _moved(self, features: torch.Tensor, which: int) -> torch.Tensor:
        if which >= len(self._moves):
            return features
        return features + features @ self._moves[which].T

    def _once(self, items: Sequence[Any], work: Any) -> torch.Tensor:
        new = [item for item in dict.fromkeys(items) if item not in self._known]
        if new:
            with torch.no_grad():
                self._known.update(zip(new, work(new), strict=True))
        return torch.stack([self._known[item] for item in items])


LEARNERS: Mapping[str, type[All]] = {
    "projection": Projection,
    "lora": LowRankAdapters,
    "all": All,
}
