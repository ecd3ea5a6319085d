"""The fast path: a softmax classifier on sentence embeddings, trained on worded examples.

A request is embedded by multilingual E5 with file names replaced by their kind; four facts
seen in its letters stand beside the embedding. Classes are a tool with the arguments that
its wording fixes ("control, command stop"), so that a class may bring arguments along.
Training is multinomial logistic regression with an L2 penalty, by Nesterov's accelerated
gradient (Nesterov 1983; step 1/L with L from the largest eigenvalue of the design matrix,
Bohning 1992). Confidence is the lead of the best tool over the second, which parts right
from wrong better than the probability itself; the fast path decides alone from the lowest
lead at which five-fold cross-validation on the examples reaches `PRECISION`.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32, TextEncoder
from assistant.routing import files
from assistant.routing.catalogue import Example

PRECISION = 0.95
_PENALTY = 1e-3
_STEPS = 300
_FOLDS = 5
_SPREAD = 4.0  # standard deviation of a whole standardised embedding's norm
_VERSION = 2  # of the features; part of the cache's key
_CHOICE = re.compile(r"\bor\b|还是|或")


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
    mean: Float32  # [d] of the examples' embeddings
    deviation: Float32  # [d]
    weights: Float32  # [d + features + 1, classes]; the last row is the bias
    threshold: float  # lead of the best tool from which the fast path decides alone

    def candidates(self, request: str, encoder: TextEncoder) -> list[Candidate]:
        """All tools, most probable first."""
        inputs = _inputs([request], encoder.texts([plain(request)]), self.mean, self.deviation)
        return self._ranked(_softmax(_with_bias(inputs) @ self.weights)[0])

    def _ranked(self, probabilities: Float32) -> list[Candidate]:
        best: dict[str, tuple[float, float, str]] = {}  # tool -> sum, best class, its arguments
        for (tool, arguments), p in zip(self.classes, probabilities.tolist(), strict=True):
            total, top, fixed = best.get(tool, (0.0, -1.0, "{}"))
            best[tool] = (total + p, max(p, top), arguments if p > top else fixed)
        ranked = sorted(best.items(), key=lambda item: -item[1][0])
        return [
            Candidate(tool=tool, probability=total, arguments=json.loads(fixed))
            for tool, (total, _, fixed) in ranked
        ]

    def save(self, path: Path) -> None:
        """Write to an .npz file, whole or not at all."""
        part = path.with_suffix(".part.npz")
        np.savez(
            part,
            classes=np.array(json.dumps(self.classes)),
            mean=self.mean,
            deviation=self.deviation,
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
            return cls(
                classes=tuple((tool, fixed) for tool, fixed in json.loads(str(stored["classes"]))),
                mean=stored["mean"],
                deviation=stored["deviation"],
                weights=stored["weights"],
                threshold=float(stored["threshold"]),
            )


def lead(ranked: Sequence[Candidate]) -> float:
    """How far the best candidate is ahead of the second, in probability."""
    best = [candidate.probability for candidate in ranked[:2]]
    return best[0] - (best[1] if len(best) > 1 else 0.0)


def plain(request: str) -> str:
    """A request as it is embedded: as recognised speech has it, file names by their kind."""
    text = unicodedata.normalize("NFKC", files.replaced(request)).casefold()
    return re.sub(r"\s+", " ", text).strip(" .,!?;:。，！？；：、")


def key(examples: Sequence[Example], encoder: TextEncoder) -> str:
    """A hash of all that a trained classifier depends on."""
    rows = [(e.text, e.tool, dict(e.arguments)) for e in examples]
    content = json.dumps([_VERSION, PRECISION, encoder.id, rows], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def train(examples: Sequence[Example], encoder: TextEncoder) -> FastPath:
    """A classifier of the examples; takes about 20 s for 1,300 of them on one core."""
    texts = [example.text for example in examples]
    embedded = encoder.texts([plain(text) for text in texts])
    labels = [(e.tool, json.dumps(dict(e.arguments), sort_keys=True)) for e in examples]
    classes = tuple(sorted(set(labels)))
    targets = np.array([classes.index(label) for label in labels])
    held_out = _cross_validated(texts, embedded, targets, len(classes))
    mean, deviation = _scales(embedded)
    weights = _fitted(_inputs(texts, embedded, mean, deviation), targets, len(classes))
    path = FastPath(classes=classes, mean=mean, deviation=deviation, weights=weights, threshold=1.0)
    ranked = [path._ranked(row) for row in held_out]
    confidence = np.array([lead(row) for row in ranked])
    right = np.array([row[0].tool == e.tool for row, e in zip(ranked, examples, strict=True)])
    return FastPath(
        classes=classes,
        mean=mean,
        deviation=deviation,
        weights=weights,
        threshold=_threshold(confidence, right),
    )


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
        scales = _scales(embedded[seen])
        known = _inputs([texts[i] for i in seen], embedded[seen], *scales)
        weights = _fitted(known, targets[seen], classes)
        asked = _inputs([texts[i] for i in unseen], embedded[unseen], *scales)
        held_out[unseen] = _softmax(_with_bias(asked) @ weights)
    return held_out


def _indices(mask: NDArray[Any]) -> list[int]:
    return [int(place) for place in np.flatnonzero(mask)]


def _scales(embedded: Float32) -> tuple[Float32, Float32]:
    return embedded.mean(axis=0), embedded.std(axis=0) + np.float32(1e-6)


def _inputs(texts: Sequence[str], embedded: Float32, mean: Float32, deviation: Float32) -> Float32:
    """Standardised embeddings and the facts seen in the letters, [n, d + features]."""
    scaled = (embedded - mean) / deviation * np.float32(_SPREAD / np.sqrt(embedded.shape[1]))
    return np.hstack([scaled, np.array([_facts(text) for text in texts], dtype=np.float32)])


def _facts(text: str) -> list[float]:
    """Whether a request names a video, a sound, a document; whether it offers a choice."""
    form = plain(text)
    names = ("video.mp4", "audio.wav", "document.pdf")
    return [float(name in form) for name in names] + [float(bool(_CHOICE.search(form)))]


def _with_bias(inputs: Float32) -> Float32:
    return np.hstack([inputs, np.ones((len(inputs), 1), dtype=np.float32)])


def _softmax(scores: Float32) -> Float32:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _fitted(inputs: Float32, targets: NDArray[Any], classes: int) -> Float32:
    """Weights that minimise the penalised cross-entropy, [d + 1, classes]."""
    data = _with_bias(inputs)
    wanted = np.eye(classes, dtype=np.float32)[targets]
    penalty = np.full((data.shape[1], 1), _PENALTY, dtype=np.float32)
    penalty[-1] = 0.0  # the bias is free
    smooth = 0.5 * float(np.linalg.norm(data, 2)) ** 2 / len(data) + _PENALTY
    weights = ahead = np.zeros((data.shape[1], classes), dtype=np.float32)
    momentum = 1.0
    for _ in range(_STEPS):
        error = _softmax(data @ ahead) - wanted
        stepped = ahead - (data.T @ error / len(data) + penalty * ahead) / np.float32(smooth)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + np.float32((momentum - 1) / following) * (stepped - weights)
        weights, momentum = stepped, following
    return weights
