"""The fast path: a softmax classifier on sentence embeddings, trained on worded examples.

Classes are a tool with the arguments that its wording fixes ("control, command stop"), so
that a class may bring arguments along. Training is multinomial logistic regression with an
L2 penalty, by Nesterov's accelerated gradient (Nesterov 1983; step 1/L with L from the
largest singular value of the inputs, Bohning 1992). Confidence is the lead of the best tool
over the second, which parts right from wrong better than the probability itself; the fast
path decides alone from the lowest lead at which five-fold cross-validation on the examples
reaches `PRECISION`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32, TextEncoder
from assistant.routing.catalogue import Example
from assistant.routing.features import Features, plain

# Of answers given alone. Held-out examples: below the lead that this gives, a 1.5B model
# choosing among the near-best is no worse than the classifier; above it, it is worse.
PRECISION = 0.92
_PENALTY = 5e-4
_STEPS = 150
_FOLDS = 5
_VERSION = 4  # of features and training; part of the cache's key


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A tool that a request may be for."""

    tool: str
    probability: float
    arguments: Mapping[str, Any]  # those that the most probable wording fixes


@dataclass(frozen=True, kw_only=True)
class FastPath:
    """A trained classifier."""

    classes: tuple[tuple[str, str], ...]  # (tool, arguments as JSON)
    features: Features
    weights: Float32  # [inputs, classes]
    threshold: float  # lead of the best tool from which the fast path decides alone

    def candidates(self, request: str, encoder: TextEncoder) -> list[Candidate]:
        """All tools, most probable first."""
        inputs = self.features.inputs([request], encoder.texts([plain(request)]))
        return _ranked(self.classes, _softmax(inputs @ self.weights)[0])

    def save(self, path: Path) -> None:
        """Write to an .npz file, whole or not at all."""
        part = path.with_suffix(".part.npz")
        names = {"classes": self.classes, "words": self.features.words}
        np.savez(
            part,
            names=np.array(json.dumps(names)),
            mean=self.features.mean,
            deviation=self.features.deviation,
            rarity=self.features.rarity,
            weights=self.weights,
            threshold=np.array(self.threshold),
        )
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is damaged.
        """
        with np.load(path, allow_pickle=False) as stored:
            names = json.loads(str(stored["names"]))
            return cls(
                classes=tuple((tool, fixed) for tool, fixed in names["classes"]),
                features=Features(
                    mean=stored["mean"],
                    deviation=stored["deviation"],
                    words=tuple(names["words"]),
                    rarity=stored["rarity"],
                ),
                weights=stored["weights"],
                threshold=float(stored["threshold"]),
            )


def lead(ranked: Sequence[Candidate]) -> float:
    """How far the best candidate is ahead of the second, in probability."""
    best = [candidate.probability for candidate in ranked[:2]]
    return best[0] - (best[1] if len(best) > 1 else 0.0)


def key(examples: Sequence[Example], encoder: TextEncoder) -> str:
    """A hash of all that a trained classifier depends on."""
    rows = [(e.text, e.tool, dict(e.arguments)) for e in examples]
    content = json.dumps([_VERSION, PRECISION, encoder.id, rows], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def train(examples: Sequence[Example], encoder: TextEncoder) -> FastPath:
    """A classifier of the examples; takes about 30 s for 2,000 of them on two cores."""
    texts = [example.text for example in examples]
    embedded = encoder.texts([plain(text) for text in texts])
    labels = [(e.tool, json.dumps(dict(e.arguments), sort_keys=True)) for e in examples]
    classes = tuple(sorted(set(labels)))
    targets = np.array([classes.index(label) for label in labels])
    held_out = _cross_validated(texts, embedded, targets, len(classes))
    ranked = [_ranked(classes, row) for row in held_out]
    features = Features.of(texts, embedded)
    return FastPath(
        classes=classes,
        features=features,
        weights=_fitted(features.inputs(texts, embedded), targets, len(classes)),
        threshold=_threshold(
            np.array([lead(row) for row in ranked]),
            np.array([row[0].tool == e.tool for row, e in zip(ranked, examples, strict=True)]),
        ),
    )


def _ranked(classes: Sequence[tuple[str, str]], probabilities: Float32) -> list[Candidate]:
    """Tools by the sum of their classes, each with the arguments of its best class."""
    best: dict[str, tuple[float, float, str]] = {}  # tool -> sum, best class, its arguments
    for (tool, arguments), p in zip(classes, probabilities.tolist(), strict=True):
        total, top, fixed = best.get(tool, (0.0, -1.0, "{}"))
        best[tool] = (total + p, max(p, top), arguments if p > top else fixed)
    return [
        Candidate(tool=tool, probability=total, arguments=json.loads(fixed))
        for tool, (total, _, fixed) in sorted(best.items(), key=lambda item: -item[1][0])
    ]


def _threshold(confidence: NDArray[Any], right: NDArray[Any]) -> float:
    """The lowest confidence such that answers at least as confident reach PRECISION."""
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def _cross_validated(
    texts: Sequence[str], embedded: Float32, targets: NDArray[Any], classes: int
) -> Float32:
    """Probabilities of each example by a classifier that did not see it, [n, classes]."""
    folds = np.random.default_rng(0).integers(0, _FOLDS, len(texts))
    held_out = np.zeros((len(texts), classes), dtype=np.float32)
    for fold in range(_FOLDS):
        seen, unseen = _indices(folds != fold), _indices(folds == fold)
        known = [texts[i] for i in seen]
        features = Features.of(known, embedded[seen])
        weights = _fitted(features.inputs(known, embedded[seen]), targets[seen], classes)
        asked = features.inputs([texts[i] for i in unseen], embedded[unseen])
        held_out[unseen] = _softmax(asked @ weights)
    return held_out


def _indices(mask: NDArray[Any]) -> list[int]:
    return [int(place) for place in np.flatnonzero(mask)]


def _softmax(scores: Float32) -> Float32:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _fitted(data: Float32, targets: NDArray[Any], classes: int) -> Float32:
    """Weights that minimise the penalised cross-entropy, [inputs, classes]."""
    wanted = np.eye(classes, dtype=np.float32)[targets]
    penalty = np.full((data.shape[1], 1), _PENALTY, dtype=np.float32)
    penalty[-1] = 0.0  # the bias is free
    smooth = 0.5 * _largest_singular_value(data) ** 2 / len(data) + _PENALTY
    weights = ahead = np.zeros((data.shape[1], classes), dtype=np.float32)
    momentum = 1.0
    for _ in range(_STEPS):
        error = _softmax(data @ ahead) - wanted
        stepped = ahead - (data.T @ error / len(data) + penalty * ahead) / np.float32(smooth)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + np.float32((momentum - 1) / following) * (stepped - weights)
        weights, momentum = stepped, following
    return weights


def _largest_singular_value(data: Float32) -> float:
    """By power iteration, a little above it; a whole decomposition takes ten times as long."""
    vector = np.ones(data.shape[1], dtype=np.float32)
    for _ in range(30):
        vector = data.T @ (data @ vector)
        vector /= np.linalg.norm(vector)
    return 1.05 * float(np.linalg.norm(data @ vector))
