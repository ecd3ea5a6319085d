"""ImageNet's classes in a text encoder's space, and a picture there by all their probabilities.

A picture lies where its classes lie, each by its probability (ConSE: Norouzi et al., "Zero-shot
learning by convex combination of semantic embeddings", ICLR 2014). So a picture of what is no
class, a stream, lies near a valley, a dam and a lakeshore, none of which has to be likely enough
to be named.
"""

from __future__ import annotations

from importlib import resources
from typing import Final

import numpy as np

from assistant.interfaces import Float32, TextEncoder
from assistant.vision import wordnet
from assistant.vision.captions import centres, described
from assistant.vision.look import classes

_FILE: Final = "class_vectors.npz"


def class_vectors(encoder: TextEncoder) -> Float32:
    """L2-normalised vectors of the classes, [1000, d]; an unknown encoder's take half a minute."""
    path = resources.files("assistant.vision") / "data" / _FILE
    with resources.as_file(path) as file, np.load(file) as stored:
        if str(stored["encoder"]) == encoder.id:
            return np.asarray(stored["vectors"], np.float32)
    return measured(encoder)


def measured(encoder: TextEncoder) -> Float32:
    """The vectors from the classes' names, each the mean of its English and its Chinese one.

    From the English ones the middle of all descriptions is taken out, from the Chinese their own.
    """
    own = {synset: words.split() for synset, _, words, *_ in wordnet.rows("chinese.tsv")}
    english = [described([name]) for name in classes()]
    chinese = [f"一张{own[synset][0]}的照片" for synset in wordnet.imagenet()]
    vectors = encoder.texts(english, query=False) - centres(encoder).pictures
    others = encoder.texts(chinese, query=False)
    return _units(_units(vectors) + _units(others - others.mean(axis=0)))


def mean_of_classes(features: Float32, vectors: Float32) -> Float32:
    """Where a picture lies among its classes, [d], L2-normalised; zero where nothing is likely.

    Args:
        features: of `look.features`: square roots of what the classes earned, by any factor.
        vectors: of `class_vectors`.
    """
    earned = np.square(features[: len(vectors)], dtype=np.float32)
    return np.asarray(_units((earned @ vectors)[None])[0], np.float32)


def _units(vectors: Float32) -> Float32:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
