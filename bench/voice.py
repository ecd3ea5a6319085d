"""From the end of a spoken question to the first sound of its answer, against a naive pipeline.

Questions are synthesised, always the same, in voices that the assistant does not use by
default. Ours is the live session in real time. The naive pipeline waits for 0.8 s of silence,
transcribes with faster-whisper at beam 5 over the 30 s window, takes the whole answer from the
same agent and the same weights, synthesises all of it, then plays.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.agent import Agent
from assistant.apps.talk import warm
from assistant.audio import HEARING_RATE
from assistant.bench.pairs import Timing
from assistant.devices import FileSound
from assistant.events import Final, Sentence, Speaking, TurnEnded
from assistant.interfaces import Cancel, Options
from assistant.memory import Memory
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.routing import Router
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.minds import AgentMind, EngineEars
from assistant.session.player import Player
from assistant.session.running import converse
from assistant.session.workers import Threads
from assistant.speech import Speaker, trimmed
from assistant.types import Audio, Turn

DEMO = Path(__file__).resolve().parent.parent / "demo"
SILENCE_S = 0.8  # s after which the naive pipeline believes that the turn has ended
_VOICES = {"en": ("af_heart", "am_adam", "bf_emma"), "zh": ("zf_xiaoyi", "zm_yunjian")}
_LEAD_S, _PATIENCE_S = 1.0, 20.0  # s of silence before a question; at most waited for after it
QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("What is in front of me?", "en", "street.jpg"),
    ("What does this sign say?", "en", "sign.jpg"),
    ("What is the capital of France?", "en", "street.jpg"),
    ("Describe what you see, please.", "en", "dogs.jpg"),
    ("How many dogs are there?", "en", "dogs.jpg"),
    ("Tell me a short joke.", "en", "street.jpg"),
    ("Read the text to me, please.", "en", "sign.jpg"),
    ("Is there a truck in the picture?", "en", "street.jpg"),
    ("How do I boil an egg?", "en", "street.jpg"),
    ("What colour is the truck?", "en", "street.jpg"),
    ("Why is the sky blue?", "en", "dogs.jpg"),
    ("What am I pointing at?", "en", "dogs.jpg"),
    ("Please speak a little faster.", "en", "dogs.jpg"),
    ("Can you suggest a name for a cat?", "en", "street.jpg"),
    ("Where is the dog in the picture?", "en", "dogs.jpg"),
    ("前面有什么？", "zh", "street.jpg"),
    ("这个牌子上写着什么？", "zh", "sign.jpg"),
    ("图片里有几只狗？", "zh", "dogs.jpg"),
    ("法国的首都是哪里？", "zh", "street.jpg"),
    ("请把上面的文字读给我听。", "zh", "sign.jpg"),
    ("请描述一下这张图片。", "zh", "dogs.jpg"),
    ("卡车是什么颜色的？", "zh", "street.jpg"),
    ("请给我讲一个笑话。", "zh", "street.jpg"),
    ("请说慢一点。", "zh", "dogs.jpg"),
    ("天空为什么是蓝色的？", "zh", "street.jpg"),
)


@dataclass(frozen=True, kw_only=True)
class VoiceTiming(Timing):
    """Beside the timing: median seconds of each stage after the end of speech, and words."""

    stages: dict[str, float] = field(default_factory=dict)
    answered: int = 0  # questions that the session answered
    same_tool: int = 0  # of them, by the tool that the naive pipeline chose


@dataclass(frozen=True, kw_only=True)
class _Asked:
    sound: Audio
    language: str
    picture: Path


def voice(engines: Engines) -> VoiceTiming:
    """Time 25 spoken questions, first the session's way, then the naive one.

    All of ours come before all of theirs, since the language model would otherwise find the
    same question computed already.
    """
    from faster_whisper import WhisperModel

    asked = list(_questions(engines))
    speaker = Speaker(engines)
    with _mind(engines, asked[0].picture, 0, speaker) as (_, mind):
        warm(engines, mind)
        for _ in mind.idle(Cancel()):  # as a session does before anybody has asked
            pass
    folder = engines.locator.folder("whisper-base")
    plain = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    list(plain.transcribe(asked[0].sound.samples, beam_size=5)[0])
    # One turn that does not count.
    with _mind(engines, asked[0].picture, 0, Speaker(engines)) as (agent, _):
        _naive(engines, plain, agent, asked[0])
    ours = [_live(engines, speaker, question, n) for n, question in enumerate(asked)]
    theirs = []
    for number, question in enumerate(asked, start=len(asked)):
        with _mind(engines, question.picture, number, Speaker(engines)) as (agent, _):
            theirs.append(_naive(engines, plain, agent, question))
    pairs = [(o, t) for o, t in zip(ours, theirs, strict=True) if o is not None]
    seconds = sorted(o[0] for o, _ in pairs)
    names = ("transcript_s", "route_s", "end_of_turn_s", "first_sentence_s", "first_audio_s")
    return VoiceTiming(
        name="voice",
        median_s=statistics.median(seconds),
        p95_s=seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))],
        baseline=f"{SILENCE_S} s of silence, faster-whisper beam 5, whole reply, whole file",
        baseline_median_s=statistics.median(t[0] for t in theirs),
        ratio=statistics.median(t[0] / o[0] for o, t in pairs),
        pairs=len(pairs),
        stages={
            name: round(statistics.median(found), 3)
            for name in names
            if (found := [o[1].timings[name] for o, _ in pairs if name in o[1].timings])
        },
        answered=len(pairs),
        same_tool=sum(o[1].call.name == t[1] for o, t in pairs),
    )


def _questions(engines: Engines) -> Iterator[_Asked]:
    """The questions' sound, cut at their acoustic end."""
    voices = {language: itertools.cycle(names) for language, names in _VOICES.items()}
    speaker = Speaker(engines)
    for text, language, picture in QUESTIONS:
        chunks = speaker.speak([text], language, Options(voice=next(voices[language])))
        parts = [trimmed(chunk.audio).resampled(HEARING_RATE).samples for chunk in chunks]
        sound = Audio(samples=np.concatenate(parts), rate=HEARING_RATE)
        yield _Asked(sound=sound, language=language, picture=DEMO / picture)


@contextmanager
def _mind(
    engines: Engines, picture: Path, number: int, speaker: Speaker
) -> Iterator[tuple[Agent, AgentMind]]:
    """A fresh conversation about a picture that no cache knows: one pixel differs."""
    pixels = Picture.open(picture).pixels.copy()
    pixels[0, 0] = number
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory(Path(folder) / "conversations.sqlite")
        try:
            agent = Agent(engines=engines, router=Router(engines), memory=memory)
            seen = (Picture.from_array(pixels),)
            yield agent, AgentMind(agent, speaker, pictures=seen)
        finally:
            memory.close()


def _live(
    engines: Engines, speaker: Speaker, question: _Asked, number: int
) -> tuple[float, Turn] | None:
    """Seconds to the first sound, and the turn; None when the question was not answered."""
    lead = np.zeros(round(_LEAD_S * HEARING_RATE), np.float32)
    heard = Audio(samples=np.concatenate([lead, question.sound.samples]), rate=HEARING_RATE)
    end = heard.duration
    sound = FileSound(heard, realtime=True, tail_s=_PATIENCE_S)
    workers = Threads()
    with _mind(engines, question.picture, number, speaker) as (_, mind):
        session = Session(
            rules=engines.profile.turns,
            front=Front.of(engines),
            ears=EngineEars(engines),
            mind=mind,
            player=Player(),
            workers=workers,
            open_microphone=True,
        )
        first: float | None = None
        requested = False
        for event in converse(session, sound, workers):
            if isinstance(event, Final):
                requested, first = True, None
            elif isinstance(event, Speaking) and not event.filler and requested:
                first = event.at if first is None else first
            elif isinstance(event, TurnEnded) and first is not None:
                sound.close()
                return first - end, event.turn
    return None


def _naive(engines: Engines, plain: object, agent: Agent, question: _Asked) -> tuple[float, str]:
    """Seconds to the first sound, and the tool."""
    began = time.perf_counter()
    segments, info = plain.transcribe(question.sound.samples, beam_size=5)  # type: ignore[attr-defined]
    text = " ".join(segment.text.strip() for segment in segments)
    written = engines.get("transcriber").written(text, info.language)
    sentences = []
    tool = ""
    picture = Picture.open(question.picture)
    for event in agent.turn(written, pictures=(picture,)):
        if isinstance(event, Sentence):
            sentences.append(event)
        tool = getattr(getattr(event, "call", None), "name", tool)
    speaker = Speaker(engines)
    for sentence in sentences:
        list(speaker.speak([sentence.text], sentence.language))
    return SILENCE_S + time.perf_counter() - began, tool
