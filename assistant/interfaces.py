"""One Protocol per capability, and what every long call takes: `Options` and `Cancel`.

The batch call is the joined stream. An engine checks `cancel` at each yield and
states its worst-case time to stop in its docstring; a running generator is never
closed from another thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assistant.errors import Cancelled
from assistant.types import (
    Audio,
    AudioChunk,
    Picture,
    Reading,
    Scene,
    SceneObject,
    SpokenChunk,
    Transcript,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

Detail = Literal["brief", "full"]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a caller may ask of a long call; an engine reads those it needs."""

    language: str | None = None  # BCP-47; None lets the engine find out
    voice: str | None = None
    rate: float = 1.0  # 1 is the voice's own speed
    translate: bool = False  # transcribe into English
    words: bool = False  # word times wanted
    quick: bool = False  # rather soon than with the last doubt removed
    schema: Mapping[str, Any] | None = None  # JSON schema that the answer must follow
    history: tuple[tuple[str, str], ...] = ()  # (role, text), oldest first
    max_tokens: int | None = None
    deadline_s: float | None = None  # s


DEFAULT_OPTIONS = Options()


class Cancel:
    """A thread-safe request to stop, checked by engines at each yield."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the running call to stop."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` when a stop was asked for."""
        if self._event.is_set():
            raise Cancelled


class EngineContext(Protocol):
    """What an engine's `load` may use: its options, its weights, other capabilities."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The engine's options from the profile."""

    @property
    def camera(self) -> Any:
        """How the profile's camera faces and how wide it sees (`settings.CameraSettings`)."""

    def weights(self, name: str | None = None) -> Path:
        """The folder of the named weights, or of the profile's own for this engine.

        Raises:
            WeightsMissing: they are not on this machine.
        """

    def engine(self, capability: str, name: str | None = None) -> Any:
        """Another capability's engine, loaded on first use; with a name, that very engine."""

    def engine_name(self, capability: str) -> str:
        """What the profile's engine for a capability is called. Loads nothing.

        Raises:
            EngineMissing: the profile has none.
        """


@runtime_checkable
class Engine(Protocol):
    """What the registry knows about every engine."""

    name: ClassVar[str]

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the engine.

        Raises:
            EngineMissing, WeightsMissing, EngineError
        """


class Transcriber(Protocol):
    """Hears: speech to text."""

    def stream(
        self,
        chunks: Iterable[AudioChunk],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[Transcript]:
        """Yield partial transcripts, then the final one."""

    def transcribe(
        self, audio: Audio, options: Options = DEFAULT_OPTIONS, cancel: Cancel | None = None
    ) -> Transcript:
        """The joined stream of one recording; empty text when nobody speaks."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A voice that a synthesizer offers."""

    name: str
    languages: tuple[str, ...]  # BCP-47
    engine: str


class Synthesizer(Protocol):
    """Speaks: text to speech."""

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield speech, the first chunk as soon as the first clause is known."""

    def voices(self) -> tuple[Voice, ...]:
        """The voices that can be asked for by name."""


class VoiceStream(Protocol):
    """A voice detector at work on one endless sound; keeps its state from frame to frame."""

    def next(self, frame: Float32) -> float:
        """Speech probability of the next 512 samples at 16 kHz, in [0, 1]."""


class VoiceDetector(Protocol):
    """Tells speech from everything else."""

    def stream(self) -> VoiceStream:
        """A new detector of the same model for sound that arrives frame by frame."""

    def probabilities(self, audio: Audio) -> Float32:
        """Speech probability of each 32 ms frame, [n] in [0, 1]."""


class TurnDetector(Protocol):
    """Tells whether the speaker has finished."""

    def probability(self, audio: Audio) -> float:
        """Probability that the turn has ended, from the last 8 s of audio."""


class EchoCanceller(Protocol):
    """Takes what was played out of what the microphone heard. Keeps state; one a session."""

    delay: ClassVar[int]  # samples at 16 kHz by which the cleaned sound lags behind

    def clean(self, microphone: Float32, reference: Float32) -> Float32:
        """The next 512 samples at 16 kHz without what was played meanwhile (`reference`, [512]).

        What it holds back (`delay`) comes with the next call.
        """


class EchoFilter(Protocol):
    """Foretells the echo of what was played and suppresses nothing. Keeps state."""

    def split(self, microphone: Float32, reference: Float32) -> tuple[Float32, Float32]:
        """The next 512 samples at 16 kHz: what no echo explains, and the echo foretold.

        Both of one band of the microphone, whose lower end the engine states.
        """


class VisionModel(Protocol):
    """Sees: answers a prompt about pictures in words."""

    @property
    def id(self) -> str:
        """Which model on which weights: what answers are remembered under."""

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer, at temperature 0.

        Read are `history`, `schema` (where the engine can), `max_tokens` and `deadline_s`.

        Raises:
            InputError: no picture, or more than the model takes.
            Cancelled
            DeadlineExceeded: it took longer than `options.deadline_s`.
            EngineError: it failed.
        """


class SceneDescriber(Protocol):
    """Describes a scene for somebody who cannot see it."""

    def describe(
        self,
        picture: Picture,
        detail: Detail = "brief",
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Scene:
        """What the picture shows, in `options.language` (default English)."""

    def question(
        self,
        picture: Picture,
        question: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield the sentences that answer a question about the picture."""


class TextReader(Protocol):
    """Reads the text in a picture, verbatim."""

    def read(self, picture: Picture, cancel: Cancel | None = None) -> Reading:
        """The lines in reading order; none when there is no text."""


class ObjectDetector(Protocol):
    """Finds things with boxes."""

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        """Things found, most confident first; direction and proximity filled in."""


class ImageClassifier(Protocol):
    """Names what fills a picture."""

    labels: Sequence[str]  # WordNet ids, e.g. "n02123045"

    def classify(self, pictures: Sequence[Picture]) -> Float32:
        """Probabilities, [n, len(labels)], each row summing to 1."""


class ImageTextEncoder(Protocol):
    """Puts pictures and texts into one space."""

    id: str
    dim: int

    def images(self, pictures: Sequence[Picture]) -> Float32:
        """L2-normalised vectors, [n, dim]."""

    def texts(self, texts: Sequence[str]) -> Float32:
        """L2-normalised vectors, [n, dim]."""


class TextEncoder(Protocol):
    """Puts texts of many languages into one space."""

    id: str
    dim: int

    def texts(self, texts: Sequence[str], *, query: bool = True) -> Float32:
        """L2-normalised vectors, [n, dim]; E5 tells queries from passages."""


class ChatModel(Protocol):
    """A language model: LangChain's chat model, and what routing needs beside it."""

    def chat(self) -> BaseChatModel:
        """The LangChain model. Stopping its stream cancels within about 2 s."""

    def prefixed(self, beginning: Sequence[BaseMessage]) -> BaseChatModel:
        """A model for prompts that all begin with these messages.

        An engine that can keeps their state; elsewhere it is the model of `chat`.
        """
