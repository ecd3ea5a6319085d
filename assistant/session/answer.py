"""One turn while it is answered: what is held back, what sounds, what was heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.events import Routed
from assistant.languages import joined
from assistant.session.player import RATE, Position
from assistant.types import SpokenChunk, ToolCall, Turn

_NEARLY_S = 0.15  # s; a clause counts as heard when no more than this of it is missing


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A chunk of speech that was given to the player."""

    number: int
    chunk: SpokenChunk


@dataclass(kw_only=True)
class Answer:
    """A turn from its request to its last word. Nothing of it sounds before `released`."""

    generation: int
    request: str
    language: str
    speech_end: float  # s on the session's clock, acoustic end of the request
    transcribed: float  # s, when the request was known
    routed: Routed | None = None
    released: float | None = None  # s, when it was sure that the speaker had finished
    waiting: list[Any] = field(default_factory=list)  # what came before that
    pieces: list[Piece] = field(default_factory=list)
    filler: int | None = None  # the number of the filler's piece
    turn: Turn | None = None  # once the agent is done
    finished: bool = False  # nothing more will come
    told: int = 0  # pieces whose beginning was told
    spoken: int = 0  # pieces whose end was told
    remembered: bool = True  # whether the turn goes into the store
    apologised: bool = False  # that something failed was told
    asked: bool = False  # its tool changes something and has been set to work
    ready: dict[str, float] = field(default_factory=dict)  # s on the session's clock
    timings: dict[str, float] = field(default_factory=dict)  # s after `speech_end`; `ended` adds it

    def arrived(self, name: str, at: float) -> None:
        """Note when something was ready, which may be before the speaker had finished."""
        self.ready.setdefault(name, at)

    def mark(self, name: str, at: float) -> None:
        """Note when something happened for the first time."""
        self.timings.setdefault(name, round(at - self.speech_end, 3))

    @property
    def audible(self) -> bool:
        """Whether any of the reply was begun to be played."""
        return self.told > 0

    def over(self, position: Position) -> bool:
        """Whether everything was said and played."""
        return self.finished and not any(piece.number >= position.piece for piece in self.pieces)

    def heard(self, position: Position) -> str:
        """The text that was heard: to the word where times are exact, else to the clause."""
        texts = []
        for piece in self.pieces:
            if piece.number < position.piece:
                texts.append(piece.chunk.text)
            elif piece.number == position.piece and position.samples:
                texts.append(heard_part(piece.chunk, position.samples / RATE))
        return joined([text for text in texts if text])

    def ended(self, position: Position, *, interrupted: bool, at: float) -> Turn:
        """The turn as it is remembered."""
        for name, ready in self.ready.items():
            self.mark(name, ready)
        self.mark("total_s", at)
        call = self.routed.call if self.routed else ToolCall(name="reply")
        turn = self.turn or Turn(
            request=self.request, call=call, result=None, reply="", language=self.language
        )
        reply = turn.reply
        if interrupted or not turn.reply:
            reply = self.heard(position)
        timings = {**turn.timings, "speech_end_s": round(self.speech_end, 3), **self.timings}
        return replace(turn, reply=reply, interrupted=interrupted, timings=timings)


def heard_part(chunk: SpokenChunk, seconds: float) -> str:
    """What of a chunk was heard after some seconds of it."""
    if chunk.timing == "estimated" or not chunk.words:
        end = max((word.end for word in chunk.words), default=chunk.audio.duration)
        return chunk.text if seconds >= end - _NEARLY_S else ""
    return written_up_to(chunk.text, [word.text for word in chunk.words if word.end <= seconds])


def written_up_to(text: str, words: Sequence[str]) -> str:
    """The beginning of a text that ends with the last of these words."""
    at = 0
    for word in words:
        found = text.find(word, at)
        if found < 0:
            break
        at = found + len(word)
    return text[:at]
