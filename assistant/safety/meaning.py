"""A second line behind the patterns: clearances by what a sentence means, in any wording.

A logistic regression on multilingual E5 vectors, trained by `scripts/train_clearances.py` on the
clearances and harmless sentences of the tests; docs/quality.md has its held-out figures. It
only ever adds to what the patterns withhold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32, TextEncoder

FILE: Final = Path(__file__).with_name("data") / "clearances.npz"
_PENALTY: Final = 1e-3
_STEPS: Final = 600


@dataclass(frozen=True, eq=False)
class Meaning:
    """A trained judge of single sentences."""

    encoder: str  # id of the encoder whose vectors it knows
    mean: Float32  # [d]
    weights: Float32  # [d + 1], of standardised inputs and of one

    def clears(self, text: str, encoder: TextEncoder) -> bool:
        """Whether a sentence means a clearance; never, with another encoder than its own.

        Costs one encoding, 15 to 20 ms on a core with E5.
        """
        if encoder.id != self.encoder:
            return False
        return bool(self.scores(encoder.texts([text]))[0] > 0)

    def scores(self, vectors: Float32) -> NDArray[np.float64]:
        """Log odds of [n, d] vectors that they are clearances, [n]."""
        centred = (vectors - self.mean).astype(np.float64)
        scores: NDArray[np.float64] = centred @ self.weights[:-1] + self.weights[-1]
        return scores

    @classmethod
    def train(cls, clearances: Float32, harmless: Float32, encoder: str) -> Self:
        """L2-penalised logistic regression, both classes of equal weight.

        By Nesterov's accelerated gradient with step 1/L, L from the largest singular value
        of the inputs (Böhning 1992).
        """
        x = np.concatenate([clearances, harmless]).astype(np.float64)
        y = np.concatenate([np.ones(len(clearances)), np.zeros(len(harmless))])
        mean, scale = x.mean(axis=0), float(x.std(axis=0).mean())
        inputs = np.column_stack([(x - mean) / scale, np.ones(len(x))])
        share = np.where(y == 1, 0.5 / len(clearances), 0.5 / len(harmless))
        step = 1 / (0.25 * np.linalg.norm(inputs * np.sqrt(share)[:, None], 2) ** 2 + _PENALTY)
        weights = ahead = np.zeros(inputs.shape[1])
        for turn in range(_STEPS):
            odds = 1 / (1 + np.exp(-inputs @ ahead))
            slope = inputs.T @ (share * (odds - y)) + _PENALTY * np.append(ahead[:-1], 0.0)
            after = ahead - step * slope
            ahead = after + turn / (turn + 3) * (after - weights)
            weights = after
        weights[:-1] /= scale
        return cls(encoder, mean.astype(np.float32), weights.astype(np.float32))

    def above(self, least: float) -> Self:
        """The same judge for which only scores above `least` are clearances."""
        weights = self.weights.copy()
        weights[-1] -= least
        return replace(self, weights=weights)

    def save(self, path: Path) -> None:
        """Write to an .npz file."""
        np.savez(path, encoder=np.array(self.encoder), mean=self.mean, weights=self.weights)


@cache
def trained() -> Meaning:
    """The judge that comes with the package."""
    with np.load(FILE) as found:
        return Meaning(str(found["encoder"]), found["mean"], found["weights"])
