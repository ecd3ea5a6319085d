"""Vectors as photos have them, made by the chunk: a narrow cone, topics, events, single photos.

Vectors of pictures fill a narrow cone (Liang et al., "Mind the Gap", NeurIPS 2022), and texts one
beside it. Photos come in runs, one event after another, and topics come back. Each part is drawn
with variances of 1/k along 512 directions, so that about 28 of them count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Float32

Places = NDArray[np.int64]

_TOPICS: Final = 500
_PICTURE: Final = (0.4, 0.2, 0.2, 0.2)  # squared lengths of cone, topic, event, own
_TEXT: Final = (0.6, 0.2, 0.1, 0.1)
_CHUNK: Final = 10_000  # vectors


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """Made vectors, the same ones for the same seed; only their events are kept in memory."""

    count: int
    seed: int
    axes: Float32  # [d, d]: unit directions, times the deviation along each
    cones: Float32  # [2, d]: of pictures and of texts
    topics: Float32  # [500, d]
    events: Float32  # [e, d]
    topic_of: Places  # [e]
    event_of: Places  # [count], ascending

    @classmethod
    def make(cls, count: int, *, dimension: int = 512, seed: int = 0) -> Clusters:
        """Draw topics and events for so many vectors; events have 33 on average, some a thousand.

        Args:
            count: vectors; at least one.
        """
        rng = np.random.default_rng(seed)
        turned = np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
        variances = 1 / np.arange(1, dimension + 1)
        axes = (np.sqrt(variances / variances.sum())[:, None] * turned.T).astype(np.float32)
        sizes = np.ceil(rng.lognormal(3, 1, count // 10 + 50)).astype(np.int64)
        events = int(np.searchsorted(np.cumsum(sizes), count)) + 1
        often = 1 / np.arange(1, _TOPICS + 1)
        return cls(
            count=count,
            seed=seed,
            axes=axes,
            cones=np.linalg.qr(rng.standard_normal((dimension, 2)))[0].T.astype(np.float32),
            topics=_drawn(rng, _TOPICS, axes),
            events=_drawn(rng, events, axes),
            topic_of=rng.choice(_TOPICS, events, p=often / often.sum()),
            event_of=np.repeat(np.arange(events), sizes[:events])[:count],
        )

    def chunks(self) -> Iterator[tuple[int, Float32]]:
        """The place of the first of a chunk, and its vectors [m, d], L2-normalised."""
        for start in range(0, self.count, _CHUNK):
            events = self.event_of[start : start + _CHUNK]
            rng = np.random.default_rng((self.seed, 1, start))
            yield start, self._vectors(rng, events, self.cones[0], _PICTURE)

    def queries(self, count: int) -> Float32:
        """Vectors that are in no chunk: half of pictures and half of texts, [count, d]."""
        rng = np.random.default_rng((self.seed, 2))
        events = self.event_of[rng.integers(0, self.count, count)]
        half = count // 2
        pictures = self._vectors(rng, events[:half], self.cones[0], _PICTURE)
        texts = self._vectors(rng, events[half:], self.cones[1], _TEXT)
        return np.concatenate([pictures, texts])

    def _vectors(
        self, rng: np.random.Generator, events: Places, cone: Float32, shares: Sequence[float]
    ) -> Float32:
        a, b, c, d = np.sqrt(np.asarray(shares, np.float32))
        own = _drawn(rng, len(events), self.axes)
        made = a * cone + b * self.topics[self.topic_of[events]] + c * self.events[events] + d * own
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def nearest(
    clusters: Clusters, queries: Float32, allowed: Sequence[NDArray[np.bool_] | None], count: int
) -> list[Places]:
    """The exact nearest of each query among the places allowed; [q, count] for each filter."""
    best = [np.full((len(queries), count), -2, np.float32) for _ in allowed]
    found = [np.full((len(queries), count), -1, np.int64) for _ in allowed]
    for start, vectors in clusters.chunks():
        cosines = queries @ vectors.T
        for number, mask in enumerate(allowed):
            here = np.arange(len(vectors))
            if mask is not None:
                here = np.flatnonzero(mask[start : start + len(vectors)])
            among = cosines if mask is None else cosines[:, here]
            if among.shape[1] > count:
                top = np.argpartition(-among, count, axis=1)[:, :count]
            else:
                top = np.broadcast_to(np.arange(among.shape[1]), among.shape)
            scores = np.concatenate([best[number], np.take_along_axis(among, top, 1)], axis=1)
            places = np.concatenate([found[number], here[top] + start], axis=1)
            order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
            best[number] = np.take_along_axis(scores, order, 1)
            found[number] = np.take_along_axis(places, order, 1)
    return found


def _drawn(rng: np.random.Generator, count: int, axes: Float32) -> Float32:
    """Draws whose squared length is 1 on average, [count, d]."""
    return rng.standard_normal((count, len(axes)), np.float32) @ axes
