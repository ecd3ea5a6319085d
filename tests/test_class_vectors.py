"""ImageNet's classes in the text encoder's space, and pictures among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from assistant.vision.captions import described
from assistant.vision.class_vectors import class_vectors, mean_of_classes
from assistant.vision.look import Look, classes, features


def likely(**chances: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Probabilities of classes by their names, [1000]; the others share what is left."""
    found = np.full(len(classes()), (1 - sum(chances.values())) / len(classes()), np.float32)
    for name, chance in chances.items():
        found[classes().index(name.replace("_", " "))] += chance
    return found


def test_a_picture_lies_where_its_likely_classes_lie() -> None:
    vectors = np.eye(len(classes()), dtype=np.float32)
    dogs = classes().index("Beagle"), classes().index("collie")
    found = mean_of_classes(features(likely(Beagle=0.6, collie=0.2)), vectors)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-3)
    assert set(np.argsort(found)[-2:].tolist()) == set(dogs)
    assert found[dogs[0]] == pytest.approx(3 * found[dogs[1]], rel=0.02)
    assert not mean_of_classes(features(np.zeros(len(classes()), np.float32)), vectors).any()


@pytest.mark.weights
def test_the_stored_vectors_are_of_the_encoder_in_use(engines: Any) -> None:
    encoder = engines.get("text_encoder")
    vectors = class_vectors(encoder)
    assert vectors.shape == (len(classes()), encoder.dim)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-2)
    some = list(range(0, len(classes()), 100))
    said = encoder.texts([described([classes()[place]]) for place in some], query=False)
    nearest = (said - said.mean(axis=0)) @ vectors[some].T
    assert nearest.argmax(axis=1).tolist() == list(range(len(some)))


@pytest.mark.weights
@pytest.mark.parametrize("query", ["a stream between trees", "山间的小溪"])
def test_what_is_no_class_lies_near_what_is_like_it(engines: Any, query: str) -> None:
    encoder = engines.get("image_text_encoder")
    pictures = [
        likely(valley=0.04, dam=0.03, lakeshore=0.04, cliff=0.02),
        likely(toaster=0.04, microwave_oven=0.03, dishwasher=0.04),
        likely(Beagle=0.04, collie=0.03, pug=0.04),
        likely(violin=0.04, cello=0.03, oboe=0.04),
    ]
    seen = encoder.looks([Look(features=features(chances)) for chances in pictures])
    unseen = encoder.looks([Look()])
    cosines = np.concatenate([seen, unseen]) @ encoder.texts([query])[0]
    assert cosines.argmax() == 0
    assert cosines[0] > cosines[1:].max() + 0.1
