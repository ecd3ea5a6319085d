"""A conversation on a virtual clock: scripted speech, scripted work, no model and no device.

The microphone's samples carry the number of their block, so that the scripted ears know which
of the scripted words they are given. Work takes scripted time and is delivered at the step at
which it would be ready.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from assistant.devices import BLOCK, Block
from assistant.events import Routed, Sentence, SessionEvent, TurnDone
from assistant.interfaces import Cancel, Float32
from assistant.session.core import Session
from assistant.session.front import BLOCK_S, Front
from assistant.session.parts import Inputs
from assistant.session.player import RATE, Player
from assistant.session.workers import Done, Item, Job, Lane, told, values
from assistant.settings import TurnRules
from assistant.types import (
    Audio,
    SpokenChunk,
    ToolCall,
    ToolResult,
    Transcript,
    Turn,
    Word,
)

LOUD = 0.1  # from here on a sample is speech; above it, it carries the block's number
_STEP = 1e-5


@dataclass(frozen=True, kw_only=True)
class Say:
    """Words spoken into the microphone, spread evenly over some seconds."""

    at: float  # s
    text: str  # empty: a cough
    seconds: float | None = None  # by default 0.3 s a word
    language: str = "en"

    @property
    def words(self) -> list[str]:
        return list(self.text) if self.language == "zh" else self.text.split()

    @property
    def length(self) -> float:
        return self.seconds if self.seconds is not None else 0.3 * max(1, len(self.words))


@dataclass(frozen=True)
class Wait:
    """Work that takes this long."""

    seconds: float


class Microphone:
    """Blocks of scripted speech."""

    def __init__(self, script: Sequence[Say]) -> None:
        self.script = script
        self._spoken: set[int] = set()
        for say in script:
            first = max(0, int(say.at / BLOCK_S) - 1)
            for number in range(first, int((say.at + say.length) / BLOCK_S) + 2):
                if say.at <= (number + 0.5) * BLOCK_S < say.at + say.length:
                    self._spoken.add(number)

    def block(self, number: int) -> Block:
        """The block of that number; speech where something is said in its middle."""
        level = LOUD + number * _STEP if number in self._spoken else 0.0
        return Block(
            microphone=np.full(BLOCK, level, np.float32),
            reference=np.zeros(BLOCK, np.float32),
            played=0,
        )


class Voice:
    """Speech is what is loud."""

    def next(self, frame: Float32) -> float:
        return 0.95 if float(frame[0]) >= LOUD else 0.02


@dataclass
class ScriptedEars:
    """Hears the scripted words that lie in a sound."""

    script: Sequence[Say]
    prosody: float = 0.9
    fails: int = 0  # the first so many calls fail
    calls: int = 0

    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        self.calls += 1
        if self.calls <= self.fails:
            raise RuntimeError("the model has gone")
        numbers = {round((float(s) - LOUD) / _STEP) for s in sound.samples[::BLOCK] if s >= LOUD}
        words, spoken_in = [], ""
        first, last = (min(numbers), max(numbers)) if numbers else (0, -1)
        for say in self.script:
            if say.at > (last + 1) * BLOCK_S or say.at + say.length < first * BLOCK_S:
                continue
            each = say.length / max(1, len(say.words))
            for i, word in enumerate(say.words):
                middle = say.at + (i + 0.5) * each
                if int(middle / BLOCK_S) in numbers:
                    words.append(word)
                    spoken_in = say.language
        text = ("" if spoken_in == "zh" else " ").join(words)
        return Transcript(text=text, language=spoken_in)

    def finished(self, sound: Audio) -> float:
        return self.prosody


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A scripted answer."""

    clauses: Sequence[str]
    tool: str = "reply"
    wait: float = 0.3  # s before its first clause
    exact: bool = True  # word times of its speech
    command: str | None = None


@dataclass
class ScriptedMind:
    """Answers from a table; keeps what it was told to remember."""

    replies: dict[str, Reply]
    remembered: list[Turn] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)  # requests whose tool was set to work
    phrases: Sequence[SpokenChunk] = ()
    idle_s: float = 60.0  # longer than anybody is silent
    idled: list[Cancel] = field(default_factory=list)  # of the work between turns

    def reply(self, request: str) -> Reply:
        return self.replies.get(request) or Reply(clauses=[f"You said {request}."])

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        reply = self.reply(request)
        arguments = {"command": reply.command} if reply.command else {}
        call = ToolCall(name=reply.tool, arguments=arguments)
        return Routed(call=call, via="fast", elapsed_s=0.05)

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        self.answered.append(request)
        reply = self.reply(request)
        yield Wait(reply.wait)
        for clause in reply.clauses:
            yield Sentence(text=clause, kind="measured", language=language)
            yield Wait(0.1)
            yield spoken(clause, exact=reply.exact)
        text = " ".join(reply.clauses)
        result = ToolResult(spoken=text)
        yield result
        yield TurnDone(
            turn=Turn(
                request=request, call=routed.call, result=result, reply=text, language=language
            )
        )

    def say(self, text: str, language: str, cancel: Cancel) -> Iterator[Any]:
        yield Wait(0.1)
        yield spoken(text, exact=False)

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        return self.phrases

    def looks(self, tool: str) -> bool:
        return False

    def remember(self, turn: Turn) -> None:
        self.remembered.append(turn)

    def look(self, cancel: Cancel) -> Iterator[Any]:
        yield from ()

    def idle(self, cancel: Cancel) -> Iterator[Any]:
        self.idled.append(cancel)
        yield Wait(self.idle_s)


def spoken(text: str, *, exact: bool, word_s: float = 0.3) -> SpokenChunk:
    """Speech of 0.3 s a word and a pause of 0.1 s."""
    words = text.split()
    times = tuple(
        Word(text=word, start=i * word_s, end=(i + 1) * word_s) for i, word in enumerate(words)
    )
    samples = np.full(round((len(words) * word_s + 0.1) * RATE), 0.05, np.float32)
    return SpokenChunk(
        audio=Audio(samples=samples, rate=RATE),
        text=text,
        words=times,
        timing="exact" if exact else "estimated",
    )


@dataclass
class _Running:
    generation: int
    values: Iterator[Any]
    due: float  # s
    cancel: Cancel


class ScriptedWorkers:
    """Lanes on a virtual clock; each job of the ears or the turn detector takes a fixed time."""

    def __init__(self, costs: dict[str, float] | None = None) -> None:
        self.now = 0.0
        self.costs = {
            "ears": 0.4,
            "turn": 0.1,
            "mind": 0.05,
            "eyes": 1.0,
            "idle": 0.5,
            **(costs or {}),
        }
        self._lanes: dict[Lane, _Running] = {}
        self._told: list[Item] = []

    def start(self, lane: Lane, generation: int, job: Job) -> None:
        self.cancel(lane)
        cancel = Cancel()
        self._lanes[lane] = _Running(
            generation, values(job, cancel), self.now + self.costs[lane], cancel
        )

    def cancel(self, lane: Lane) -> None:
        running = self._lanes.pop(lane, None)
        if running is not None:
            running.cancel.set()

    def tell(self, value: Any) -> None:
        self._told.append(told(value))

    def items(self) -> list[Item]:
        found, self._told = self._told, []
        for lane, running in list(self._lanes.items()):
            while running.due <= self.now + 1e-9:
                value = next(running.values, None)
                if value is None:
                    del self._lanes[lane]
                    break
                if isinstance(value, Wait):
                    running.due += value.seconds
                    continue
                found.append(Item(lane=lane, generation=running.generation, value=value))
                if isinstance(value, Done):
                    del self._lanes[lane]
                    break
        return found

    def close(self) -> None:
        for lane in list(self._lanes):
            self.cancel(lane)


@dataclass
class Stage:
    """A session with everything around it scripted; `run` plays it."""

    script: Sequence[Say]
    replies: dict[str, Reply] = field(default_factory=dict)
    keys: dict[float, str] = field(default_factory=dict)  # s -> key
    rules: TurnRules = field(default_factory=TurnRules)
    open_microphone: bool = True
    wake_word: str | None = None
    prosody: float = 0.9
    costs: dict[str, float] = field(default_factory=dict)
    fails: int = 0
    phrases: Sequence[SpokenChunk] = ()
    mind: Any = None  # other than the scripted one
    ears: Any = None
    canceller: Any = None  # where one is given, what is played is `LOUD`, its echo a little less
    played: list[Float32] | None = None  # what sounded, block by block; None keeps none of it
    notices: dict[float, str] = field(default_factory=dict)  # s -> what happened to a device
    language: str = "en"

    def run(self, seconds: float) -> list[SessionEvent]:
        """All events of so many seconds of sound."""
        self.played = []
        return [event for events in self.steps(seconds) for event in events]

    def steps(self, seconds: float) -> Iterator[list[SessionEvent]]:
        """Yield each step's events; nothing is kept of them here."""
        self.mind = self.mind or ScriptedMind(self.replies, phrases=self.phrases)
        self.ears = self.ears or ScriptedEars(self.script, prosody=self.prosody, fails=self.fails)
        self.workers = ScriptedWorkers(self.costs)
        self.player = Player()
        self.session = Session(
            rules=self.rules,
            front=Front(Voice(), self.canceller),
            ears=self.ears,
            mind=self.mind,
            player=self.player,
            workers=self.workers,
            open_microphone=self.open_microphone,
            wake_word=self.wake_word,
            language=self.language,
        )
        microphone = Microphone(self.script)
        pressed = {round(at / BLOCK_S): key for at, key in self.keys.items()}
        happened = {round(at / BLOCK_S): name for at, name in self.notices.items()}
        for number in range(round(seconds / BLOCK_S)):
            self.workers.now = number * BLOCK_S
            rendered = self.player.render(round(BLOCK_S * RATE))
            if self.played is not None:
                self.played.append(rendered)
            key = pressed.get(number)
            notice = happened.get(number)
            block = microphone.block(number)
            if self.canceller is not None:
                sounds = np.full(BLOCK, LOUD if rendered.any() else 0.0, np.float32)
                heard = block.microphone if block.microphone.any() else np.float32(0.9) * sounds
                block = replace(block, microphone=heard, reference=sounds)
            yield self.session.step(
                Inputs(
                    block=replace(block, notices=(notice,)) if notice else block,
                    keys=(key,) if key else (),
                    items=tuple(self.workers.items()),
                    position=self.player.position(),
                )
            )
