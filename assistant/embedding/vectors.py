"""Vectors of length 1, and the batches that they are computed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from assistant.errors import EngineError
from assistant.interfaces import Float32

Item = TypeVar("Item")


def unit(features: Float32) -> Float32:
    """The rows scaled to length 1.

    Raises:
        EngineError: a number is not finite, or a row has no length.
    """
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise EngineError(
            "the encoder gave numbers that are none", fix="set `dtype: float32` in the profile"
        )
    return np.asarray(features / lengths, dtype=np.float32)


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
