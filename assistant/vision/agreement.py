"""What is really seen: a detector's boxes and a classifier's names, where they agree.

Seeing has two steps. `observe` runs the networks and keeps what they say; `decide` keeps
what is worth saying under `Thresholds`, so that these can be calibrated on stored
observations (`scripts/calibrate_vision.py`). docs/vision.md explains the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import cv2
import numpy as np
import yaml

from assistant.interfaces import Cancel, Float32, ImageClassifier, ObjectDetector
from assistant.settings import CameraSettings
from assistant.types import Box, Picture, SceneObject
from assistant.vision import geometry, tiles, wordnet
from assistant.vision.names import cover, names

_WORKING_SIDE = 1200  # pixels; larger pictures gain nothing at the networks' 260 to 300
_WEAKEST = 0.3  # score of a box in the whole picture that is looked at again
_WEAKEST_IN_TILE = 0.5
_MOST_BOXES = 8  # classified per picture, about 25 ms each
_MARGIN = 0.1  # of a box: a little surrounding helps the classifier
# A network trained with label smoothing gives every class a little: what 1000 of them get
# for nothing would otherwise make "animal" (398 classes) 10 % probable in any picture.
_FOR_NOTHING = 0.001
# Kinds of which ImageNet has so many classes that its silence means "no".
_WELL_KNOWN = frozenset({"mammal", "bird", "animal"})
# Of the pixels, within two narrow bands of grey: 0.62 at most in the development photos and
# 0.92 at least in their circuit boards, diagrams and flags; photos on white lie between.
_TWO_GREYS = 0.85
_BAND = 7  # grey levels of 256: what JPEG makes of one flat colour
_SAME_BOX = 0.75  # intersection over union of two names for one thing
_SAME_THING = 0.45  # ... of two boxes of one name
_INSIDE = 0.8  # intersection over the smaller box


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When a name is worth saying; calibrated, see docs/vision.md. All are 0 to 1."""

    person: float  # detector's score of a person
    alone: float  # detector's score of other things without the classifier's word
    agreed: float  # detector's score where the classifier agrees
    support: float  # classifier's probability that counts as agreeing
    whole: float  # classifier's probability of a name that no box bears


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A detector's box and what the classifier makes of its inside."""

    name: str
    score: float
    box: Box  # pixels of the oriented picture
    tile: bool  # found in a tile, not in the whole picture
    classes: Float32 | None  # probabilities [1000]; None for people, whom ImageNet lacks


@dataclass(frozen=True, kw_only=True, eq=False)
class Observation:
    """All that the networks say about a picture."""

    width: int
    height: int
    view: float  # degrees across
    candidates: tuple[Candidate, ...]  # those of the whole picture first, then by score
    whole: Float32  # probabilities [1000], the mean over crops of the whole picture
    drawn: bool  # a diagram, a document, a silhouette: networks trained on photos are lost


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is worth saying, most confident first."""

    objects: tuple[SceneObject, ...] = ()  # with boxes; people too, one each
    whole: tuple[SceneObject, ...] = ()  # names that hold for the whole picture, box None
    people: int | None = None  # None when none was found: they may still be there
    observation: Observation | None = None  # what it was decided from


def see(
    picture: Picture,
    detector: ObjectDetector,
    classifier: ImageClassifier,
    camera: CameraSettings | None = None,
    cancel: Cancel | None = None,
) -> Seen:
    """What a picture shows, in names that can be spoken; about 0.6 s on 2 cores.

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
    """Run the networks over a picture, its tiles and what they find there."""
    small, scale = _working_copy(picture)
    found = _found(small, detector, cancel)
    if cancel is not None:
        cancel.check()
    views = _views(small)
    looked_at = [thing for thing, _ in found if thing.name != "person"][:_MOST_BOXES]
    crops = [
        tiles.crop(small, tiles.widened(thing.box, small.width, small.height, _MARGIN))
        for thing in looked_at
        if thing.box is not None
    ]
    classes = classifier.classify([*views, *crops])
    rows = {id(thing): row for thing, row in zip(looked_at, classes[len(views) :], strict=True)}
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
                classes=rows.get(id(thing)),
            )
            for thing, tile in found
            if thing.box is not None and (thing.name == "person" or id(thing) in rows)
        ),
        whole=classes[: len(views)].mean(axis=0),
        drawn=_drawn(small),
    )


def _found(
    picture: Picture, detector: ObjectDetector, cancel: Cancel | None
) -> list[tuple[SceneObject, bool]]:
    """Boxes of the whole picture and, marked true, those that only tiles show.

    What a detector calls by a name that is not in the list, the classifier cannot confirm.
    """
    whole = [
        thing
        for thing in detector.detect(picture, cancel)
        if thing.confidence >= _WEAKEST and thing.name in names()
    ]
    smaller = [
        moved
        for tile in tiles.boxes(picture.width, picture.height)
        for thing in detector.detect(tiles.crop(picture, tile), cancel)
        if thing.confidence >= _WEAKEST_IN_TILE
        and thing.name in names()
        and not tiles.cut_off(
            moved := tiles.shifted(thing, tile), tile, picture.width, picture.height
        )
    ]
    new: list[SceneObject] = []
    for thing in sorted(smaller, key=lambda thing: -thing.confidence):
        if not any(_one_thing(thing, other) for other in [*whole, *new]):
            new.append(thing)
    return [*((thing, False) for thing in whole), *((thing, True) for thing in new)]


def _one_thing(part: SceneObject, other: SceneObject) -> bool:
    if part.box is None or other.box is None or part.name != other.name:
        return False
    union, smaller = tiles.overlap(part.box, other.box)
    return union >= _SAME_THING or smaller >= _INSIDE


def decide(
    observation: Observation,
    thresholds: Thresholds | None = None,
    camera: CameraSettings | None = None,
) -> Seen:
    """Keep what is worth saying of an observation."""
    limits = thresholds or calibrated()
    kept: list[tuple[str, Candidate]] = []
    for candidate in observation.candidates:
        name = _name(candidate, observation, limits)
        if name is not None and not _repeats(name, candidate, kept):
            kept.append((name, candidate))
    people = sum(name == "person" for name, _ in kept)
    objects = [_placed(name, candidate, observation, camera) for name, candidate in kept]
    return Seen(
        objects=tuple(sorted(objects, key=lambda thing: -thing.confidence)),
        whole=_whole(observation, limits, {name for name, _ in kept}),
        people=people or None,
        observation=observation,
    )


@cache
def calibrated() -> Thresholds:
    """The thresholds that `scripts/calibrate_vision.py` wrote."""
    text = (resources.files("assistant.vision") / "data" / "thresholds.yaml").read_text("utf-8")
    return Thresholds(**yaml.safe_load(text))


def _name(candidate: Candidate, seen: Observation, limits: Thresholds) -> str | None:
    """What a box is called, or None when it is not worth saying."""
    name, score = candidate.name, candidate.score
    if name == "person":
        return name if score >= (limits.alone if candidate.tile else limits.person) else None
    if score < limits.agreed or candidate.classes is None:
        return None
    if candidate.tile:
        agrees = _mass(name, candidate.classes)
    else:
        agrees = max(_kind_mass(name, classes) for classes in (candidate.classes, seen.whole))
    if agrees >= limits.support:
        return name
    silent = candidate.tile or seen.drawn or names()[name].kind in _WELL_KNOWN
    return name if score >= limits.alone and not silent else None


@cache
def _rows() -> tuple[Mapping[str, int], Float32, Mapping[str, Float32]]:
    """Place of each name; classes of each name, 0 or 1, [names, 1000]; of each kind, [1000]."""
    labels, covered = cover()
    by_kind: dict[str, Float32] = {}
    for label, row in zip(labels, covered.astype(np.float32), strict=True):
        kind = names()[label].kind
        by_kind[kind] = np.maximum(by_kind.get(kind, row), row)
    places = {label: place for place, label in enumerate(labels)}
    return places, covered.astype(np.float32), by_kind


def _earned(classes: Float32) -> Float32:
    """Probabilities without what every class gets for nothing, [1000]."""
    return np.asarray(np.maximum(classes - _FOR_NOTHING, 0), np.float32)


def _mass(name: str, classes: Float32) -> float:
    """Probability that this is what the name says."""
    places, covered, _ = _rows()
    return float(covered[places[name]] @ _earned(classes))


def _kind_mass(name: str, classes: Float32) -> float:
    """Probability that this is a thing of the name's kind."""
    return float(_rows()[2][names()[name].kind] @ _earned(classes))


def _repeats(name: str, candidate: Candidate, kept: Sequence[tuple[str, Candidate]]) -> bool:
    for other_name, other in kept:
        union, _ = tiles.overlap(other.box, candidate.box)
        if union >= (_SAME_THING if other_name == name else _SAME_BOX):
            return True
    return False


def _placed(
    name: str, candidate: Candidate, observation: Observation, camera: CameraSettings | None
) -> SceneObject:
    box, width, view = candidate.box, observation.width, observation.view
    facing = camera.facing if camera is not None else "away"
    return SceneObject(
        name=name,
        confidence=candidate.score,
        box=box,
        direction=geometry.direction(box, width, view, facing),
        proximity=geometry.proximity(box, width, observation.height, view, names()[name].height),
    )


def _whole(seen: Observation, limits: Thresholds, spoken: set[str]) -> tuple[SceneObject, ...]:
    """The most specific name whose classes together are probable enough, if any is new."""
    masses = _rows()[1] @ _earned(seen.whole)
    sure = np.flatnonzero(masses >= limits.whole)
    if sure.size == 0 or seen.drawn:
        return ()
    labels, covered = cover()
    best = min(sure, key=lambda place: (covered[place].sum(), -masses[place]))
    name = names()[labels[best]]
    if name.kind == "worn" and "person" in spoken:
        return ()  # what a person wears says less than that there is one
    tree = wordnet.tree()
    if any(tree.same_or_kind(name.synsets, names()[other].synsets) for other in spoken):
        return ()
    return (
        SceneObject(
            name=name.english,
            confidence=float(masses[best]),
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


def _drawn(picture: Picture) -> bool:
    """Whether two narrow bands of grey hold nearly all pixels."""
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    shares = np.bincount(grey.ravel(), minlength=256) / grey.size
    held = 0.0
    for _ in range(2):
        bands = np.convolve(shares, np.ones(_BAND), "valid")
        start = int(bands.argmax())
        held += float(bands[start])
        shares[max(0, start - _BAND // 2) : start + _BAND + _BAND // 2] = 0
    return held >= _TWO_GREYS


def _views(picture: Picture) -> list[Picture]:
    """The whole picture, and its central square."""
    side = min(picture.width, picture.height)
    x, y = (picture.width - side) // 2, (picture.height - side) // 2
    return [picture, tiles.crop(picture, (x, y, x + side, y + side))]


def _scaled(box: Box, factor: float) -> Box:
    x1, y1, x2, y2 = (round(value * factor) for value in box)
    return x1, y1, x2, y2
