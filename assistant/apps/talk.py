"""A conversation put together: engines, agent, devices, session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from assistant.agent import Agent
from assistant.devices import Sound
from assistant.events import SessionEvent
from assistant.memory import Memory
from assistant.registry import Engines
from assistant.routing import Router, prepare
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.minds import AgentMind, EngineEars
from assistant.session.parts import Mind
from assistant.session.player import Player
from assistant.session.running import converse
from assistant.session.workers import Inline, Threads, Workers
from assistant.speech import Speaker
from assistant.trace import Recorder
from assistant.types import Audio, Picture

_RESUME_S = 1800.0  # s; a conversation that is younger goes on with --continue


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What a conversation is about and how it is held."""

    pictures: Sequence[Picture] = ()
    files: Sequence[Path] = ()
    camera: str | None = None
    open_microphone: bool = False
    wake_word: str | None = None
    record: Path | None = None
    resume: bool = False


def warm(engines: Engines, mind: AgentMind) -> None:
    """Load every engine of a turn and let it run once, so that the first turn is no slower."""
    prepare(engines)
    ears = EngineEars(engines)
    silence = Audio(samples=Audio.silence(1.0).samples, rate=16_000)
    engines.get("transcriber").language(silence.samples)
    ears.finished(silence)
    mind.prepare()


def talk(
    engines: Engines,
    sound: Sound,
    wanted: Talk,
    *,
    keys: Callable[[], tuple[str, ...]] = tuple,
    fast: bool = False,
    ready: Callable[[], None] | None = None,
) -> Iterator[SessionEvent]:
    """Hold a conversation; yield its events until the sound ends.

    `fast` is for sound files at full speed: engines take no time on the session's clock.

    Raises:
        EngineError, WeightsError: an engine is missing.
        InputError: the recording's folder cannot be used.
    """
    with ExitStack() as stack:
        memory = stack.enter_context(closing(Memory()))
        workers: Workers = Inline() if fast else Threads()
        watch = None
        if wanted.camera is not None:
            from assistant.devices import ConversationCamera

            watch = stack.enter_context(closing(ConversationCamera(wanted.camera)))
        mind = AgentMind(
            _agent(engines, memory, workers, resume=wanted.resume),
            Speaker(engines),
            pictures=wanted.pictures,
            files=wanted.files,
            camera=watch,
        )
        warm(engines, mind)
        language = memory.preferences().language or "en"
        record = None
        used: Mind = mind
        if wanted.record is not None:
            record = stack.enter_context(_recorder(engines, wanted, wanted.record, language))
            used = record.watching(mind)
        session = Session(
            rules=engines.profile.turns,
            front=Front.of(engines),
            ears=EngineEars(engines),
            mind=used,
            player=Player(),
            workers=workers,
            watch=watch,
            open_microphone=wanted.open_microphone,
            wake_word=wanted.wake_word,
            language=language,
        )
        if ready is not None:
            ready()
        yield from converse(session, sound, workers, keys=keys, record=record)


def _agent(engines: Engines, memory: Memory, workers: Workers, *, resume: bool) -> Agent:
    """The agent of a live conversation, of the last one where that is to go on."""
    agent = Agent(
        engines=engines,
        router=Router(engines),
        memory=memory,
        live=True,
        announce=workers.tell,
    )
    if resume:
        agent.conversation = memory.resume(_RESUME_S)
    return agent


def _recorder(engines: Engines, wanted: Talk, folder: Path, language: str) -> Recorder:
    return Recorder(
        folder,
        engines.profile.turns,
        open_microphone=wanted.open_microphone,
        wake_word=wanted.wake_word,
        language=language,
    )
