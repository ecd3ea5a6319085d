"""What is written down about a picture beside its file: a `Seer` looks at pictures.

`Encoding` asks an `ImageTextEncoder` for vectors and nothing else. `Looking` also notes tags,
people and text; where the encoder makes its vectors of just these, each picture is looked at
once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Final, Protocol, runtime_checkable

from assistant.errors import WeightsMissing
from assistant.interfaces import Float32, ImageTextEncoder
from assistant.library.records import CONTENT, LOOKS
from assistant.profiles import remote_hosts
from assistant.registry import Engines, engine_row
from assistant.types import Picture
from assistant.vision.captioning import Captioner
from assistant.vision.look import Look, Looker

_LONGEST_ENCODED: Final = 640  # px; encoders take 224 to 512
_LONGEST_LOOKED_AT: Final = 2000  # px; small print needs them


@dataclass(frozen=True, kw_only=True, eq=False)
class Noted:
    """What was seen in one picture."""

    look: Look = field(default_factory=Look)
    vectors: Mapping[int, Float32] = field(default_factory=dict)  # space -> [d]


class Seer(Protocol):
    """Looks at pictures for a library."""

    @property
    def id(self) -> str:
        """Of the encoder and what it sees through; another one means that all is encoded anew."""

    @property
    def longest(self) -> int:
        """Pixels of the longer side that are enough."""

    @property
    def batch(self) -> int:
        """Pictures that are best looked at together."""

    def see(self, pictures: Sequence[Picture]) -> list[Noted]:
        """What is seen in each.

        Raises:
            EngineError
        """


@runtime_checkable
class LookEncoder(Protocol):
    """An encoder whose vectors come from looks, not from pixels."""

    def looks(self, looks: Sequence[Look]) -> Float32:
        """L2-normalised vectors in the space of texts, [n, dim]."""


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Vectors alone."""

    batch: ClassVar[int] = 32
    longest: ClassVar[int] = _LONGEST_ENCODED
    encoder: ImageTextEncoder

    @property
    def id(self) -> str:
        return self.encoder.id

    def see(self, pictures: Sequence[Picture]) -> list[Noted]:
        """The vectors of each picture."""
        return [Noted(vectors={CONTENT: vector}) for vector in self.encoder.images(pictures)]


@dataclass(frozen=True, kw_only=True)
class Looking:
    """Tags, people and text, and vectors for both spaces."""

    batch: ClassVar[int] = 4  # a second each, so that little is lost with a killed process
    longest: ClassVar[int] = _LONGEST_LOOKED_AT
    encoder: ImageTextEncoder
    looker: Looker

    @property
    def id(self) -> str:
        return f"{self.encoder.id}+{self.looker.id}"

    def see(self, pictures: Sequence[Picture]) -> list[Noted]:
        """What each picture shows."""
        looks = [self.looker.look(picture) for picture in pictures]
        if isinstance(self.encoder, LookEncoder):
            vectors = self.encoder.looks(looks)
        else:
            vectors = self.encoder.images(pictures)
        return [
            Noted(look=look, vectors=_vectors(vector, look))
            for look, vector in zip(looks, vectors, strict=True)
        ]


def _vectors(content: Float32, look: Look) -> dict[int, Float32]:
    vectors = {CONTENT: content}
    if look.features is not None:
        vectors[LOOKS] = look.features
    return vectors


def seer(engines: Engines) -> Encoding | Looking:
    """What looks at a library's pictures with the engines of a profile.

    Raises:
        EngineMissing, WeightsMissing, EngineError: one of them cannot be loaded.
    """
    encoder: ImageTextEncoder = engines.get("image_text_encoder")
    looker = getattr(encoder, "looker", None)
    if looker is None and engines.has("object_detector") and engines.has("image_classifier"):
        reads = engines.has("text_reader")
        looker = Looker(
            engines.get("object_detector"),
            engines.get("image_classifier"),
            partial(engines.get, "text_reader") if reads else None,
            engines.profile.camera,
            engines.name_of("text_reader") if reads else "",
        )
    if looker is None:
        return Encoding(encoder=encoder)
    captioner = _captioner(engines)
    if captioner is not None:
        looker = looker.captioned(captioner)
    return Looking(encoder=encoder, looker=looker)


def _captioner(engines: Engines) -> Captioner | None:
    """Captions by the profile's vision model, where it and its weights are on this machine.

    Option `captions: false` of the encoder turns them off. No photo is sent elsewhere.
    """
    model = engines.profile.engines.get("vision_model")
    options = engines.profile.engines["image_text_encoder"].options
    if model is None or model.weights is None or not options.get("captions", True):
        return None
    try:
        engines.locator.folder(model.weights)
    except WeightsMissing:
        return None
    if engine_row("vision_model", model.engine).missing() or remote_hosts(engines.profile):
        return None
    return Captioner(partial(engines.get, "vision_model"), f"{model.engine}:{model.weights}")
