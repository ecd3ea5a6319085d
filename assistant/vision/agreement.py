"""What is really seen: a detector's boxes and a classifier's names, where they agree.

Seeing has two steps. `observe` runs the networks and keeps everything they say; `decide`
keeps what is worth saying under `Thresholds`, so that these can be calibrated on stored
observations (`scripts/calibrate_vision.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from assistant.interfaces import Cancel, Float32, ImageClassifier, ObjectDetector
from assistant.settings import CameraSettings
from assistant.types import Box, Picture, SceneObject
from assistant.vision import geometry, tiles, wordnet
from assistant.vision.names import cover, names

_WORKING_SIDE = 1200  # pixels; larger pictures gain nothing at the networks' 260 to 300
_MARGIN = 0.1  # of a box: a little surrounding helps the classifier
_MOST_BOXES = 10  # classified per picture, about 25 ms each


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When a name is worth saying; calibrated, see docs/vision.md. Probabilities, 0 to 1."""

    person: float = 0.45  # detector's score of a person
    alone: float = 0.6  # detector's score without the classifier's word
    agreed: float = 0.3  # detector's score where the classifier agrees
    support: float = 0.15  # classifier's mass on the same name that counts as agreeing
    whole: float = 0.5  # classifier's mass on a name for the whole picture


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A detector's box and what the classifier makes of its inside."""

    name: str
    score: float
    box: Box  # pixels of the oriented picture
    tile: bool  # found in a tile, not in the whole picture
    classes: Float32 | None  # probabilities [1000]


@dataclass(frozen=True, kw_only=True, eq=False)
class Observation:
    """All that the networks say about a picture."""

    width: int
    height: int
    view: float  # degrees across
    candidates: tuple[Candidate, ...]
    whole: Float32  # probabilities [1000], the mean over crops of the whole picture


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is worth saying."""

    objects: tuple[SceneObject, ...] = ()  # with boxes; people too, one each
    whole: tuple[SceneObject, ...] = ()  # names that hold for the whole picture, box None
    people: int | None = None  # None when it cannot be told


def see(
    picture: Picture,
    detector: ObjectDetector,
    classifier: ImageClassifier,
    camera: CameraSettings | None = None,
    cancel: Cancel | None = None,
) -> Seen:
    """What a picture shows, most confident first, in names that can be spoken.

    Args:
        camera: which way it faces and how wide it sees, where the picture does not tell.
    """
    return decide(observe(picture, detector, classifier, camera, cancel), camera=camera)


def observe(
    picture: Picture,
    detector: ObjectDetector,
    classifier: ImageClassifier,
    camera: CameraSettings | None = None,
    cancel: Cancel | None = None,
) -> Observation:
    """Run the networks over a picture, its tiles and what they find."""
    small, scale = _working_copy(picture)
    found = [(thing, False) for thing in detector.detect(small, cancel)]
    found = found[:_MOST_BOXES]
    boxes = [
        tiles.widened(thing.box, small.width, small.height, _MARGIN)
        for thing, _ in found
        if thing.box is not None
    ]
    if cancel is not None:
        cancel.check()
    views = _views(small)
    classes = classifier.classify([*views, *(tiles.crop(small, box) for box in boxes)])
    return Observation(
        width=picture.width,
        height=picture.height,
        view=geometry.field_of_view(picture, camera),
        candidates=tuple(
            Candidate(
                name=thing.name,
                score=thing.confidence,
                box=_scaled(thing.box, 1 / scale),
                tile=tile,
                classes=row,
            )
            for (thing, tile), row in zip(found, classes[len(views) :], strict=True)
            if thing.box is not None
        ),
        whole=classes[: len(views)].mean(axis=0),
    )


def decide(
    observation: Observation,
    thresholds: Thresholds = Thresholds(),
    camera: CameraSettings | None = None,
) -> Seen:
    """Keep what is worth saying of an observation."""
    kept: list[Candidate] = []
    for candidate in observation.candidates:
        if _worth(candidate, thresholds) and not _repeats(candidate, kept):
            kept.append(candidate)
    people = sum(candidate.name == "person" for candidate in kept)
    return Seen(
        objects=tuple(_placed(candidate, observation, camera) for candidate in kept),
        whole=_whole(observation, thresholds, {candidate.name for candidate in kept}),
        people=people or None,
    )


def _worth(candidate: Candidate, thresholds: Thresholds) -> bool:
    if candidate.name == "person":
        return candidate.score >= thresholds.person
    if candidate.score >= thresholds.alone:
        return True
    return candidate.score >= thresholds.agreed and _support(candidate) >= thresholds.support


def _support(candidate: Candidate) -> float:
    labels, covered = cover()
    if candidate.classes is None:
        return 0.0
    return float(candidate.classes[covered[labels.index(candidate.name)]].sum())


def _repeats(candidate: Candidate, kept: Sequence[Candidate]) -> bool:
    return any(
        other.name == candidate.name and tiles.overlap(other.box, candidate.box)[0] > 0.45
        for other in kept
    )


def _placed(
    candidate: Candidate, observation: Observation, camera: CameraSettings | None
) -> SceneObject:
    facing = camera.facing if camera is not None else "away"
    return SceneObject(
        name=candidate.name,
        confidence=candidate.score,
        box=candidate.box,
        direction=geometry.direction(candidate.box, observation.width, observation.view, facing),
        proximity=geometry.proximity(
            candidate.box,
            observation.width,
            observation.height,
            observation.view,
            names()[candidate.name].height,
        ),
    )


@cache
def _breadth() -> Float32:
    """How many ImageNet classes each name covers, [names]; a name with none is unusable."""
    return np.asarray(cover()[1].sum(axis=1), np.float32)


def _whole(
    observation: Observation, thresholds: Thresholds, spoken: set[str]
) -> tuple[SceneObject, ...]:
    """The most specific name whose classes together are probable enough, if any."""
    labels, covered = cover()
    mass = covered @ observation.whole
    sure = np.flatnonzero(mass >= thresholds.whole)
    if sure.size == 0:
        return ()
    best = min(sure, key=lambda place: (_breadth()[place], -mass[place]))
    name = names()[labels[best]]
    tree = wordnet.tree()
    above = {synset for s in name.synsets for synset in tree.above(s)}
    if any(not above.isdisjoint(names()[other].synsets) for other in spoken):
        return ()
    return (
        SceneObject(
            name=name.english,
            confidence=float(mass[best]),
            box=None,
            direction=None,
            proximity=None,
        ),
    )


def _working_copy(picture: Picture) -> tuple[Picture, float]:
    scale = min(1.0, _WORKING_SIDE / max(picture.width, picture.height))
    if scale == 1.0:
        return picture, scale
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    pixels = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    return replace(picture, pixels=np.asarray(pixels, np.uint8)), scale


def _views(picture: Picture) -> list[Picture]:
    """The whole picture, and its central square."""
    side = min(picture.width, picture.height)
    x, y = (picture.width - side) // 2, (picture.height - side) // 2
    return [picture, tiles.crop(picture, (x, y, x + side, y + side))]


def _scaled(box: Box, factor: float) -> Box:
    x1, y1, x2, y2 = (round(value * factor) for value in box)
    return x1, y1, x2, y2
