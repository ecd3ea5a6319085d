"""Pictures and texts in one space without CLIP: what is seen in a picture, embedded as words.

A picture's tags, caption and text are embedded by multilingual E5, with the middle of all
captions taken out of pictures and queries, so that "一只狗" finds a picture in which a dog was
detected and unrelated things lie about 0. To them come all classes of the classifier, each by its
probability, so that what has no name lies near what is like it. Choosing between labels uses the
networks' own probabilities, which tell near misses apart better than text vectors do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import (
    Cancel,
    EngineContext,
    Float32,
    ImageClassifier,
    ObjectDetector,
    TextEncoder,
    TextReader,
)
from assistant.languages import language_of
from assistant.settings import CameraSettings
from assistant.types import Picture
from assistant.vision import wordnet
from assistant.vision.agreement import Observation, observe
from assistant.vision.captions import Centres, centres, described
from assistant.vision.class_vectors import class_vectors, mean_of_classes
from assistant.vision.look import Look, Looker, tags
from assistant.vision.names import cover, names
from assistant.vision.vocabulary import named

_VERSION = 4  # of how vectors are made; another one makes libraries encode anew
_TAGGED = 0.3  # confidence from which a tag goes into a picture's description
_MOST = 8  # tags
_NARROW = 5  # ... of ImageNet's classes
_LONGEST = 200  # characters of text and caption
_WEIGHTS = (0.6, 0.4)  # of the description by everyday names, and of the narrower one
_DESCRIBED = 0.5  # of a picture's vector, by its descriptions; the rest by all classes
_RELATED = 0.3
_UNRELATED = 0.86
"""Cosine at and below which E5 (small) sees no relation between two nouns; its cosines crowd
between 0.8 and 1."""
_WORTH = 0.5  # of evidence by similar words, against evidence for the word itself
_PRIOR = 0.1
"""Evidence that every label starts with, so that little or none means a tie. With it, of 60
choices on photos 33 were right, 20 undecided and 7 wrong at a lead of 0.25; WordNet kinship
in place of E5 gave 34, 14 and 12."""


class Tags:
    """`ImageTextEncoder` from tags; `scores` chooses between labels. About 1 s a picture."""

    name: ClassVar[str] = "tags"

    def __init__(
        self,
        detector: ObjectDetector,
        classifier: ImageClassifier,
        encoder: TextEncoder,
        camera: CameraSettings,
        reader: Callable[[], TextReader] | None = None,
        reads_with: str = "",
    ) -> None:
        self.looker = Looker(detector, classifier, reader, camera, reads_with)
        self._detector = detector
        self._classifier = classifier
        self._encoder = encoder
        self._camera = camera
        self.id = f"tags-{_VERSION}/{encoder.id}"
        self.dim = encoder.dim

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load with the profile's detector, classifier and text encoder.

        Raises:
            EngineMissing, WeightsMissing, EngineError: one of them cannot be loaded.
        """
        return cls(
            detector=context.engine("object_detector"),
            classifier=context.engine("image_classifier"),
            encoder=context.engine("text_encoder"),
            camera=context.camera,
            reader=partial(context.engine, "text_reader"),
            reads_with=context.engine_name("text_reader"),
        )

    def images(self, pictures: Sequence[Picture]) -> Float32:
        """L2-normalised vectors, [n, dim]."""
        return self.looks([self.looker.look(picture) for picture in pictures])

    def looks(self, looks: Sequence[Look]) -> Float32:
        """L2-normalised vectors of pictures that were looked at before, [n, dim]."""
        return np.stack([self._look(look) for look in looks])

    def texts(self, texts: Sequence[str]) -> Float32:
        """L2-normalised vectors, [n, dim]."""
        middles = [
            self._centres.english if language_of(text, "en") == "en" else self._centres.chinese
            for text in texts
        ]
        return _units(self._encoder.texts(texts) - np.stack(middles))

    def cut(self, query: Float32) -> float:
        """The cosine from which a picture has something to do with a query.

        Of 32 queries for things that none of 79 pictures shows, 1 came above it with the best
        picture; of 29 for a thing that one of them shows, 6 came above with that one.
        """
        return _RELATED

    def scores(
        self, picture: Picture, labels: Sequence[str], cancel: Cancel | None = None
    ) -> dict[str, float]:
        """How well each label, in any language, fits the picture; the scores sum to 1.

        A tie means that nothing seen speaks for any of them.

        Raises:
            Cancelled
        """
        observed = observe(picture, self._detector, self._classifier, self._camera, cancel)
        found = {tag: sure for tag, sure in tags(observed) if tag in names()}
        evidence = [
            max(_evidence(label, observed), _WORTH * self._alike(label, found)) + _PRIOR
            for label in labels
        ]
        whole = sum(evidence)
        return {label: e / whole for label, e in zip(labels, evidence, strict=True)}

    @cached_property
    def _class_vectors(self) -> Float32:
        return class_vectors(self._encoder)

    @cached_property
    def _centres(self) -> Centres:
        return centres(self._encoder)

    def _look(self, look: Look) -> Float32:
        """The mean of what a picture is described as, and of where its classes lie."""
        words = self._described(look)
        if look.features is None:
            return words
        likely = mean_of_classes(look.features, self._class_vectors)
        mean = _DESCRIBED * words + (1 - _DESCRIBED) * likely
        return np.asarray(_units(mean[None])[0], np.float32)

    def _described(self, look: Look) -> Float32:
        """The mean of two descriptions: by everyday names, and with ImageNet's narrower ones."""
        everyday = [tag for tag, sure in look.tags if sure >= _TAGGED and tag in names()]
        narrow = [tag for tag, sure in look.tags if tag not in names()][:_NARROW]
        read = " ".join(look.text.split())[:_LONGEST]
        reads = f". It reads: {read}" if read else ""
        if look.caption:
            reads = f". {look.caption[:_LONGEST].rstrip('.')}{reads}"
        texts = [
            described(everyday[:_MOST]) + reads,
            (", ".join([*everyday[:_MOST], *narrow]) or described(())) + reads,
        ]
        vectors = self._encoder.texts(texts, query=False) - self._centres.pictures
        mean = np.array(_WEIGHTS, np.float32) @ _units(vectors)
        return np.asarray(_units(mean[None])[0], np.float32)

    def _alike(self, label: str, tags: dict[str, float]) -> float:
        """The best tag by confidence and similarity to the label, 0 to 1."""
        if not tags:
            return 0.0
        language = "en" if label.isascii() else "zh"
        words = [names()[tag].spoken(language) for tag in tags]
        vectors = self._encoder.texts([label, *words])
        similar = np.clip((vectors[1:] @ vectors[0] - _UNRELATED) / (1 - _UNRELATED), 0, 1)
        return float((similar**2 * np.array(list(tags.values()))).max())


def _evidence(label: str, observed: Observation) -> float:
    """The best probability that the networks give to the label itself, 0 to 1."""
    targets = named(label)
    boxes = [candidate.score for candidate in observed.candidates if candidate.name in targets]
    classes = _classes(label, targets)
    return max([*boxes, float(classes @ observed.whole)])


def _classes(label: str, targets: frozenset[str]) -> NDArray[np.bool_]:
    """The ImageNet classes that a label covers, bool [1000]: WordNet's own, else by name."""
    tree = wordnet.tree()
    forms = wordnet.singulars(label.strip().lower().replace(" ", "_"))
    own = tree.classes_below({s for form in forms for s in tree.words.get(form, ())})
    if own.any() and not targets:
        return own
    known, covered = cover()
    rows = [covered[known.index(name)] for name in targets]
    return np.logical_or.reduce(rows) if rows else own


def _units(vectors: Float32) -> Float32:
    """Each row with length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
