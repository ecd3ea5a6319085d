"""A picture as it is noted in a library: tags, people, text, and features to compare it by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from assistant.interfaces import Cancel, Float32, ImageClassifier, ObjectDetector, TextReader
from assistant.settings import CameraSettings
from assistant.types import Picture, TextLine
from assistant.vision import wordnet
from assistant.vision.agreement import Observation, Seen, decide, observe
from assistant.vision.answers import Facts
from assistant.vision.captioning import Captioner
from assistant.vision.names import cover
from assistant.vision.quality import measure

_VERSION: Final = 3  # of what is noted; another one makes libraries look again
_FOR_NOTHING: Final = 0.001  # of probability, by label smoothing
_LIKELY: Final = 0.05  # mass from which a name of the whole picture is noted


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What was seen in a picture."""

    tags: tuple[tuple[str, float], ...] = ()  # name and probability, surest first
    people: int | None = None  # None where none was found: they may still be there
    text: str = ""  # verbatim, what was read without doubt
    caption: str = ""
    features: Float32 | None = None  # L2-normalised, to compare pictures by


class Looker:
    """Looks with detector, classifier and text reader. About a second a picture on 2 cores."""

    def __init__(
        self,
        detector: ObjectDetector,
        classifier: ImageClassifier,
        reader: Callable[[], TextReader] | None,
        camera: CameraSettings | None = None,
        reads_with: str = "",
    ) -> None:
        """`reader` is loaded with the first picture; `reads_with` is its name."""
        self._detector = detector
        self._classifier = classifier
        self._reader = reader
        self._camera = camera
        self._reads_with = reads_with
        self._captioner: Captioner | None = None

    def captioned(self, captioner: Captioner) -> Looker:
        """The same, which also asks a vision model for a caption of each picture."""
        other = copy(self)
        other._captioner = captioner
        return other

    @property
    def id(self) -> str:
        """Of the engines and of how they are asked."""
        engines = (self._detector, self._classifier)
        parts = [str(getattr(engine, "name", "")) for engine in engines]
        if self._reader is not None:
            parts.append(self._reads_with)
        if self._captioner is not None:
            parts.append(self._captioner.id)
        return f"{'+'.join(parts)}/{_VERSION}"

    def look(self, picture: Picture, cancel: Cancel | None = None) -> Look:
        """What a picture shows.

        Raises:
            Cancelled, EngineError
            WeightsMissing, EngineMissing: of the model for captions.
        """
        observed = observe(picture, self._detector, self._classifier, self._camera, cancel)
        seen = decide(observed, camera=self._camera)
        read = self._reader().read(picture, cancel).lines if self._reader is not None else ()
        return Look(
            tags=tags(observed),
            people=seen.people,
            text="\n".join(line.text for line in read if not line.unclear),
            caption=self._caption(picture, seen, read, cancel),
            features=features(observed.whole),
        )

    def _caption(
        self, picture: Picture, seen: Seen, read: Sequence[TextLine], cancel: Cancel | None
    ) -> str:
        if self._captioner is None:
            return ""
        facts = Facts(
            picture=picture,
            quality=measure(picture),
            objects=(*seen.objects, *seen.whole),
            people=seen.people,
            lines=tuple(read),
            observation=seen.observation,
        )
        return self._captioner.caption(facts, cancel)


def tags(observed: Observation) -> tuple[tuple[str, float], ...]:
    """Names with their best probability: every box, likely names of the whole, likely classes.

    The classifier's probabilities are summed up the WordNet tree, so that a terrier is a dog
    and an animal too. In a drawing only what detector and classifier agree on is noted.
    """
    if observed.drawn:
        seen = decide(observed)
        agreed = {thing.name: thing.confidence for thing in (*seen.whole, *seen.objects[::-1])}
        return tuple(sorted(agreed.items(), key=lambda tag: (-tag[1], tag[0])))
    found: dict[str, float] = {}
    for candidate in observed.candidates:
        found[candidate.name] = max(found.get(candidate.name, 0.0), candidate.score)
    labels, covered = cover()
    mass = covered @ observed.whole
    for place in np.flatnonzero(mass >= _LIKELY):
        found[labels[place]] = max(found.get(labels[place], 0.0), float(mass[place]))
    for place in np.flatnonzero(observed.whole >= _LIKELY):
        name = classes()[place]
        found[name] = max(found.get(name, 0.0), float(observed.whole[place]))
    return tuple(sorted(found.items(), key=lambda tag: (-tag[1], tag[0])))


@cache
def classes() -> tuple[str, ...]:
    """English words for the 1000 ImageNet classes, in the order of a model's outputs."""
    return tuple(row[1] for row in wordnet.rows("imagenet.tsv"))


def features(probabilities: Float32) -> Float32:
    """A picture to be compared with others: classes and all names above them, L2-normalised.

    Their square roots make the cosine a Bhattacharyya coefficient; names above the classes let a
    dachshund be like a retriever. What every class gets for nothing is left out.
    """
    earned = np.maximum(probabilities - _FOR_NOTHING, 0)
    roots = np.sqrt(np.concatenate([earned, cover()[1].astype(np.float32) @ earned]))
    return np.asarray(roots / max(float(np.linalg.norm(roots)), 1e-9), np.float32)
