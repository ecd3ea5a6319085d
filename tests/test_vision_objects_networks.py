"""The detector and the classifier on real weights and real photos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import Cancelled
from assistant.evaluation.cases import manifest
from assistant.evaluation.describing import KIND, judge, people
from assistant.interfaces import Cancel
from assistant.registry import Engines
from assistant.settings import CameraSettings
from assistant.types import Picture
from assistant.vision.agreement import Seen, see
from assistant.vision.names import names
from assistant.vision.wordnet import tree


def look(engines: Engines, path: Path, camera: CameraSettings | None = None) -> Seen:
    detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
    return see(Picture.open(path), detector, classifier, camera)


def said(seen: Seen) -> set[str]:
    return {thing.name for thing in (*seen.objects, *seen.whole)}


def test_a_dog_is_found_where_it_stands(engines: Engines, media: Path) -> None:
    seen = look(engines, media / "photos" / "p005.jpg")
    (dog,) = [thing for thing in seen.objects if thing.name == "dog"]
    assert dog.box is not None
    assert dog.direction is not None
    assert 260 < (dog.box[0] + dog.box[2]) / 2 < 500  # it stands right of the middle of 600
    assert 3 < dog.direction < 20
    mirrored = look(engines, media / "photos" / "p005.jpg", CameraSettings(facing="user"))
    assert mirrored.objects[0].direction == pytest.approx(-dog.direction)


def test_a_toy_duck_is_no_bird_and_a_heart_no_mouse(engines: Engines, media: Path) -> None:
    for file in ("p003.jpg", "p021.png", "p022.png", "p023.gif"):
        assert not said(look(engines, media / "photos" / file)), file


def test_circuit_boards_and_documents_are_not_things(engines: Engines, media: Path) -> None:
    for file in ("defects/a004_1.jpg", "defects/a011_1.jpg", "text/t003.png", "text/t013.png"):
        assert not said(look(engines, media / file)), file


def test_plain_colours_are_nothing(engines: Engines) -> None:
    detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
    for colour in (0, 127, 255):
        plain = Picture.from_array(np.full((300, 400, 3), colour, np.uint8))
        assert not said(see(plain, detector, classifier))


def test_class_order_is_that_of_the_model(engines: Engines, media: Path) -> None:
    classifier = engines.get("image_classifier")
    pictures = [Picture.open(media / "photos" / file) for file in ("p002.jpg", "p008.jpg")]
    rows = classifier.classify(pictures)
    assert rows.shape == (2, 1000)
    assert rows.sum(axis=1) == pytest.approx(1, abs=1e-4)
    for row, name in zip(rows, ("dog", "truck"), strict=True):
        assert names()[name].synsets & tree().above(classifier.labels[int(row.argmax())])


def test_the_detector_answers_threads_like_one_caller(engines: Engines, media: Path) -> None:
    detector = engines.get("object_detector")
    pictures = [Picture.open(media / "photos" / file) for file in ("p001.jpg", "p005.jpg")] * 3
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(detector.detect, pictures)) == alone


def test_looking_can_be_cancelled(engines: Engines, media: Path) -> None:
    cancel = Cancel()
    cancel.set()
    picture = Picture.open(media / "photos" / "p001.jpg")
    detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
    with pytest.raises(Cancelled):
        see(picture, detector, classifier, cancel=cancel)


@pytest.mark.slow
def test_the_development_photos_are_named_truly(engines: Engines, media: Path) -> None:
    hits = invented = photos = named = 0
    counted: list[bool] = []
    for case in manifest(media):
        if case.kind != KIND:
            continue
        seen = look(engines, case.file)
        verdict = judge(said(seen), case)
        photos, named = photos + 1, named + bool(verdict.hits)
        hits, invented = hits + len(verdict.hits), invented + len(verdict.invented)
        if people(case) in range(1, 5):
            counted.append(seen.people == people(case))
    assert named / photos >= 0.55
    assert invented / (hits + invented) <= 0.15
    assert sum(counted) / len(counted) >= 0.7
