"""Directions, names, WordNet, tiles and the rules of agreement, without networks."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.cases import Case
from assistant.evaluation.describing import judge, rate
from assistant.types import SceneObject
from assistant.vision import geometry, tiles, wordnet
from assistant.vision.agreement import Candidate, Observation, Thresholds, calibrated, decide
from assistant.vision.labels import LOOKED_FOR
from assistant.vision.names import chinese, coco_names, cover, names

LIMITS = Thresholds(person=0.45, alone=0.85, agreed=0.45, support=0.15, whole=0.5)


def probabilities(**masses: float) -> np.ndarray:
    """Class probabilities that give each name this much, the rest spread over all classes."""
    labels, covered = cover()
    found = np.full(1000, (1 - sum(masses.values())) / 1000, np.float32)
    for name, mass in masses.items():
        row = covered[labels.index(name.replace("_", " "))]
        found[np.flatnonzero(row)[0]] += mass
    return found


def observation(
    *candidates: Candidate, whole: np.ndarray | None = None, drawn: bool = False
) -> Observation:
    return Observation(
        width=1000,
        height=800,
        view=65.0,
        candidates=candidates,
        whole=probabilities() if whole is None else whole,
        drawn=drawn,
    )


def box(
    name: str,
    score: float,
    classes: np.ndarray | None = None,
    *,
    tile: bool = False,
    at: tuple[int, int, int, int] = (400, 200, 600, 700),
) -> Candidate:
    if classes is None and name != "person":
        classes = probabilities()
    return Candidate(name=name, score=score, box=at, tile=tile, classes=classes)


@given(st.integers(50, 5000), st.floats(20, 120))
def test_direction_runs_from_edge_to_edge_of_the_view(width: int, view: float) -> None:
    assert geometry.direction((0, 0, 0, 9), width, view) == pytest.approx(-view / 2)
    assert geometry.direction((width, 0, width, 9), width, view) == pytest.approx(view / 2)
    assert geometry.direction((0, 0, width, 9), width, view) == pytest.approx(0)


def test_direction_is_a_pinhole_and_not_a_share_of_the_view() -> None:
    halfway = geometry.direction((750, 0, 750, 9), 1000, 90)
    assert halfway == pytest.approx(26.565, abs=0.001)  # atan(0.5), not 22.5


def test_a_camera_that_faces_the_user_is_mirrored() -> None:
    left_of_picture = (0, 0, 100, 100)
    assert geometry.direction(left_of_picture, 1000, 65) < 0
    assert geometry.direction(left_of_picture, 1000, 65, "user") > 0


@pytest.mark.parametrize(
    ("angle", "english", "chinese_words", "clock"),
    [
        (0, "in front of you", "在你前方", "at 12 o'clock"),
        (-9, "a little to your left", "在你左前方", "at 12 o'clock"),
        (12, "a little to your right", "在你右前方", "at 12 o'clock"),
        (28, "to your right", "在你右边", "at 1 o'clock"),
        (-28, "to your left", "在你左边", "at 11 o'clock"),
    ],
)
def test_direction_words(angle: float, english: str, chinese_words: str, clock: str) -> None:
    assert geometry.direction_words(angle) == english
    assert geometry.direction_words(angle, "zh") == chinese_words
    assert geometry.direction_words(angle, "en", "clock") == clock


def test_proximity_goes_by_the_size_of_such_things() -> None:
    tall = (400, 10, 600, 790)
    assert geometry.proximity(tall, 1000, 800, 65, real_height=1.7) == "near"
    small = (490, 380, 510, 430)
    assert geometry.proximity(small, 1000, 800, 65, real_height=1.7) == "far"
    assert geometry.proximity(small, 1000, 800, 65, real_height=0.1) == "near"
    assert geometry.proximity(small, 1000, 800, 65) == "far"


def test_every_name_can_be_said_in_both_languages() -> None:
    assert len(coco_names()) == 80
    _, covered = cover()
    for name, row in zip(names().values(), covered, strict=True):
        assert re.fullmatch(r"[\u4e00-\u9fff]+", name.chinese), name
        assert re.fullmatch(r"[\u4e00-\u9fff]", name.measure), name
        known = row.any() or name.coco or name.english in LOOKED_FOR
        assert known, f"nothing can ever be called {name.english}"
    assert chinese("chair") == "椅子"


def test_names_that_documents_and_drawings_provoke_are_never_spoken() -> None:
    _, covered = cover()
    by_name = {row[1]: place for place, row in enumerate(wordnet.rows("imagenet.tsv"))}
    for label in ("website", "menu", "envelope", "crossword", "plectrum", "pencil sharpener"):
        assert not covered[:, by_name[label]].any(), label


def test_wordnet_knows_kinds_and_plurals() -> None:
    tree = wordnet.tree()
    dog, person = names()["dog"].synsets, names()["person"].synsets
    assert tree.classes_below(dog).sum() == 118
    for word in ("puppies", "dachshund", "golden retriever", "dogs"):
        assert tree.is_kind(dog, word), word
    assert not tree.is_kind(dog, "cat")
    assert not tree.is_kind(dog, "animal")
    assert tree.is_genus(dog, "animal")
    assert tree.is_kind(person, "skateboarder")
    assert not tree.is_kind(person, "xyzzy")


@given(st.integers(20, 4000), st.integers(20, 4000))
def test_tiles_cover_the_picture_and_stay_inside(width: int, height: int) -> None:
    hit = np.zeros((height, width), np.bool_)
    for x1, y1, x2, y2 in tiles.boxes(width, height):
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        hit[y1:y2, x1:x2] = True
    assert hit.all()


def test_a_thing_at_a_tiles_inner_edge_is_cut_off() -> None:
    def thing(*at: int) -> SceneObject:
        return SceneObject(
            name="cup",
            confidence=0.9,
            box=(at[0], at[1], at[2], at[3]),
            direction=None,
            proximity=None,
        )

    tile = (0, 0, 570, 570)
    assert tiles.cut_off(thing(300, 100, 568, 300), tile, 1000, 1000)
    assert not tiles.cut_off(thing(0, 0, 300, 300), tile, 1000, 1000)
    assert not tiles.cut_off(thing(300, 100, 500, 300), tile, 1000, 1000)


def test_a_bird_that_the_classifier_does_not_see_is_not_spoken() -> None:
    assert not decide(observation(box("bird", 0.95)), LIMITS).objects
    seen = decide(observation(box("bird", 0.5, probabilities(bird=0.3))), LIMITS)
    assert [thing.name for thing in seen.objects] == ["bird"]


def test_what_imagenet_lacks_may_be_sure_alone_but_not_in_a_drawing() -> None:
    assert decide(observation(box("scissors", 0.9)), LIMITS).objects
    assert not decide(observation(box("scissors", 0.6)), LIMITS).objects
    assert not decide(observation(box("scissors", 0.9), drawn=True), LIMITS).objects


def test_tile_boxes_need_the_classifier() -> None:
    assert not decide(observation(box("cup", 0.99, tile=True)), LIMITS).objects
    agreed = box("cup", 0.6, probabilities(cup=0.4), tile=True)
    assert decide(observation(agreed), LIMITS).objects
    assert not decide(observation(box("person", 0.6, tile=True)), LIMITS).objects


def test_one_thing_is_named_once_and_people_are_counted() -> None:
    fork = box("fork", 0.7, probabilities(kitchen_utensil=0.5))
    knife = box("knife", 0.6, probabilities(kitchen_utensil=0.5))
    left, right = (0, 100, 200, 700), (700, 100, 900, 700)
    people = [box("person", 0.9, at=left), box("person", 0.8, at=right)]
    double = box("person", 0.7, at=(5, 100, 205, 700))
    seen = decide(observation(fork, knife, *people, double), LIMITS)
    assert sorted(thing.name for thing in seen.objects) == ["fork", "person", "person"]
    assert seen.people == 2
    by_place = [thing.direction for thing in seen.objects if thing.name == "person"]
    assert by_place[0] is not None
    assert by_place[1] is not None
    assert by_place[0] < 0 < by_place[1]


def test_the_whole_picture_gets_the_most_specific_sure_name() -> None:
    cat = decide(observation(whole=probabilities(cat=0.7)), LIMITS)
    assert [thing.name for thing in cat.whole] == ["cat"]
    assert cat.people is None
    unsure = np.mean([probabilities(cat=0.6), probabilities(dog=0.6)], axis=0)
    assert [thing.name for thing in decide(observation(whole=unsure), LIMITS).whole] == ["animal"]
    dressed = observation(box("person", 0.9), whole=probabilities(suit=0.8))
    assert not decide(dressed, LIMITS).whole
    assert not decide(observation(whole=probabilities(clock=0.9), drawn=True), LIMITS).whole


def test_nothing_certain_is_nothing_said() -> None:
    seen = decide(observation(whole=probabilities()))
    assert not seen.objects
    assert not seen.whole
    assert seen.people is None
    assert 0 < calibrated().agreed <= calibrated().alone < 1


def test_a_name_is_there_when_a_word_of_the_truth_means_it(tmp_path) -> None:
    truth = {"objects": ["dachshund", "railing"], "caption": "A girl with an orange kayak."}
    case = Case(file=tmp_path / "none.jpg", kind="photo", truth=truth, name="none.jpg")
    verdict = judge(["dog", "person", "boat", "orange", "cat"], case)
    assert verdict.hits == ("boat", "dog", "person")
    assert verdict.invented == ("cat", "orange")


def test_wilson_interval() -> None:
    assert rate(5, 10) == {"value": 0.5, "of": 10, "low": 0.237, "high": 0.763}
    assert rate(0, 0)["value"] is None
