"""What a session is made of, from outside: ears, mind, camera. Scripted ones stand in tests."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.devices import Block
from assistant.events import Routed
from assistant.interfaces import Cancel
from assistant.session.player import Position
from assistant.types import Audio, Picture, SpokenChunk, Transcript, Turn
from assistant.watching.seen import Frame


class Ears(Protocol):
    """Hears an utterance. Called on worker threads."""

    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        """What is said in it."""

    def finished(self, sound: Audio) -> float:
        """Probability, by its melody, that the speaker has finished."""


class Mind(Protocol):
    """Answers a request. Called on worker threads, but for `remember` and `fillers`."""

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        """The call that a request becomes; changes nothing."""

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        """Yield the agent's events and the speech of each sentence, `SpokenChunk`s."""

    def say(self, text: str, language: str, cancel: Cancel) -> Iterator[SpokenChunk]:
        """Yield the speech of a sentence of the session's own."""

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        """Short phrases, made beforehand, for a tool that takes long."""

    def looks(self, tool: str) -> bool:
        """Whether a tool takes a picture with the camera now; a sound tells so."""

    def remember(self, turn: Turn) -> None:
        """Write a turn down."""

    def look(self, cancel: Cancel) -> Iterator[Any]:
        """Look at the pictures at hand before anybody asks."""

    def idle(self, cancel: Cancel) -> Iterator[Any]:
        """Work ahead between two turns; dropped as soon as somebody speaks."""


class Watch(Protocol):
    """The camera of the conversation."""

    fault: str | None
    """Why the last picture is none of now: busy, forbidden, missing, stopped, empty, kept."""

    def speech_began(self) -> None:
        """Somebody speaks: have frames ready."""

    def picture(self) -> Picture | None:
        """The sharpest frame since then."""

    def frames(self) -> Generator[Frame]:
        """Frames as they come, until nobody wants them any more or the camera stops."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a step of the session depends on; a recording of them replays it."""

    block: Block
    keys: tuple[str, ...] = ()  # enter, space, open
    items: tuple[Any, ...] = ()  # `workers.Item`
    position: Position = field(default_factory=Position)  # of the player


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A transcription of an utterance up to `covers`, s."""

    transcript: Transcript
    covers: float


@dataclass(frozen=True, kw_only=True)
class Prosody:
    """What the melody of an utterance up to `covers` says."""

    finished: float  # probability
    covers: float  # s
