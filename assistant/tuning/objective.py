"""What is minimised, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from assistant.interfaces import Float32
from assistant.tuning.pairs import Pair


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """How well pictures and texts of some pairs find each other, [0, 1]; `loss` is InfoNCE's."""

    n: int  # pictures
    loss: float
    text_to_image_at_1: float
    text_to_image_at_5: float
    image_to_text_at_1: float
    image_to_text_at_5: float


def info_nce(
    images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor, same: torch.Tensor
) -> torch.Tensor:
    """The symmetric InfoNCE loss (Oord et al., 2018; Radford et al., 2021) of unit vectors.

    Args:
        images, texts: [n, d], row i of one belongs to row i of the other.
        scale: by which cosines are multiplied.
        same: bool [n, n], which pairs share a picture or a text; a pair that does is no
            counter-example, so the target is spread over all of them.
    """
    logits = scale * images @ texts.T
    target = same.float() / same.float().sum(dim=1, keepdim=True)
    both = functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    return both / 2


def same_pairs(pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Which pairs share a picture or a text, [n, n]."""
    files = np.array([str(pair.file) for pair in pairs])
    texts = np.array([pair.text for pair in pairs])
    return np.asarray((files[:, None] == files) | (texts[:, None] == texts))


def recalls(images: Float32, texts: Float32, fits: NDArray[np.bool_]) -> dict[str, float]:
    """Recall at 1 and 5 both ways.

    Args:
        images: unit vectors of pictures, [n, d].
        texts: of texts, [m, d].
        fits: which picture a text describes, [n, m]; each row and column has one at least.
    """
    cosines = images @ texts.T

    def at(k: int, scores: Float32, right: NDArray[np.bool_]) -> float:
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return float(np.take_along_axis(right, best, axis=1).any(axis=1).mean())

    return {
        f"{name}_at_{k}": at(k, scores, right)
        for name, scores, right in (
            ("text_to_image", cosines.T, fits.T),
            ("image_to_text", cosines, fits),
        )
        for k in (1, 5)
    }
