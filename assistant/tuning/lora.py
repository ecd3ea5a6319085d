"""Low-rank adapters (Hu et al., "LoRA", 2021), merged into the weights when they have learnt.

The package peft does the same for many more layers and keeps adapters apart. Here two layers
of one shape are adapted and the result must load like any checkpoint, which takes this page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

ADAPTED = ("q_proj", "v_proj")  # queries and values, as in section 4.2 of the paper


class LowRank(nn.Module):
    """A frozen linear layer plus `alpha / rank` times the product of two thin matrices."""

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.down = nn.Parameter(linear.weight.new_empty(rank, linear.in_features))
        self.up = nn.Parameter(linear.weight.new_zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))
        self._scale = alpha / rank

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """As the layer, which it is exactly until something has been learnt."""
        whole: torch.Tensor = self.linear(given)
        return whole + self._scale * (given @ self.down.T) @ self.up.T

    def merged(self) -> nn.Linear:
        """The linear layer with what was learnt added to its weights."""
        with torch.no_grad():
            self.linear.weight += self._scale * self.up @ self.down
        return self.linear


def adapt(model: nn.Module, rank: int, alpha: float) -> list[nn.Parameter]:
    """Put adapters into both towers; the parameters that are to learn."""
    for parent, name, layer in list(_layers(model, nn.Linear)):
        setattr(parent, name, LowRank(layer, rank, alpha))
    return [p for _, _, layer in _layers(model, LowRank) for p in (layer.down, layer.up)]


def merge(model: nn.Module) -> None:
    """Take the adapters out again, adding what they learnt to the weights."""
    for parent, name, layer in list(_layers(model, LowRank)):
        setattr(parent, name, layer.merged())


def _layers(model: nn.Module, kind: type[nn.Module]) -> Iterator[tuple[nn.Module, str, Any]]:
    for parent in model.modules():
        for name, child in parent.named_children():
            if name in ADAPTED and isinstance(child, kind):
                yield parent, name, child
