"""What becomes a turn while the microphone is open: nothing but speech that is meant for it.

Both directions through a whole session at full speed, with the profile's voice detector,
transcriber, turn detector and rules: sound in which nobody speaks to the assistant
(`nonspeech`), and somebody near who speaks softly, loudly, or in noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices import FileSound
from assistant.errors import InputError
from assistant.evaluation import nonspeech
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.spoken_set import Request, requests
from assistant.events import Final, Ignored, Routed, SessionEvent
from assistant.interfaces import Cancel, Float32
from assistant.registry import Engines
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.minds import EngineEars
from assistant.session.player import Player
from assistant.session.running import converse
from assistant.session.workers import Inline
from assistant.types import Audio, SpokenChunk, ToolCall, Turn

SECONDS = 20 * 60.0  # s of sound without a request
LEVELS_DB = (-45.0, -35.0, -25.0, -15.0)  # dBFS of somebody near
NOISES_DB = (20.0, 10.0)  # dB of somebody near at -25 dBFS over pink noise
_NEAR = 12  # requests at each level


@dataclass
class Counter:
    """A mind that answers nothing and keeps what it was asked."""

    asked: list[str] = field(default_factory=list)

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        return Routed(call=ToolCall(name="reply"), via="fast", elapsed_s=0.0)

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        yield from ()

    def say(self, text: str, language: str, cancel: Cancel) -> Iterator[SpokenChunk]:
        yield from ()

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        return ()

    def looks(self, tool: str) -> bool:
        return False

    def remember(self, turn: Turn) -> None:
        self.asked.append(turn.request)

    def look(self, cancel: Cancel) -> Iterator[Any]:
        yield from ()

    def idle(self, cancel: Cancel) -> Iterator[Any]:
        yield from ()


def overheard(sound: Audio, engines: Engines, *, tail_s: float = 3.0) -> list[SessionEvent]:
    """The events of a session with an open microphone that hears this."""
    workers = Inline()
    session = Session(
        rules=engines.profile.turns,
        front=Front.of(engines),
        ears=EngineEars(engines),
        mind=Counter(),
        player=Player(),
        workers=workers,
        open_microphone=True,
    )
    return list(converse(session, FileSound(sound, tail_s=tail_s), workers))


def evaluate(cases: Iterable[Case], engines: Engines, *, seconds: float = SECONDS) -> Report:
    """Count turns in `seconds` of sound without a request, and requests that gave one."""
    made = list(requests(engines))
    voices = [r.sound for r in made if r.kind in ("complete", "clause", "list")]
    recorded = list(without_speech(cases))
    rows = [*unasked(engines, voices, recorded, seconds), *asked(engines, made)]
    metrics: dict[str, Any] = {"no request": {}, "somebody near": {}}
    for row in rows:
        about = metrics["no request" if "turns" in row else "somebody near"]
        kept = about.setdefault(row["kind"], {"s": 0.0, "turns": 0} if "turns" in row else
                                {"n": 0, "accepted": 0})  # fmt: skip
        for name in kept:
            kept[name] += row[name]
    for kept in metrics["somebody near"].values():
        kept["share"] = kept["accepted"] / kept["n"]
    total = {name: sum(k[name] for k in metrics["no request"].values()) for name in ("s", "turns")}
    metrics["no request"]["all"] = total
    return Report(name="gate", n=len(rows), metrics=metrics, rows=rows)


def unasked(
    engines: Engines, voices: Sequence[Audio], recorded: Sequence[Audio], seconds: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each stretch of sound in which nobody speaks to the assistant.

    The stretches follow each other in one session, as in a room.
    """
    parts = list(nonspeech.stretches(seconds, voices, recorded))
    whole = Audio(samples=np.concatenate([p.samples for p in parts]), rate=HEARING_RATE)
    events = overheard(whole, engines)
    at = 0.0
    for part in parts:
        length = len(part.samples) / HEARING_RATE
        own = [e for e in events if isinstance(e, (Final, Ignored)) and at < e.at <= at + length]
        texts = [e.text for e in own if isinstance(e, Final)]
        ignored = [f"{e.reason}: {e.text}" for e in own if isinstance(e, Ignored)]
        at += length
        yield {"kind": part.kind, "s": length, "turns": len(texts), "texts": texts,
               "ignored": ignored}  # fmt: skip


def asked(engines: Engines, made: Sequence[Request]) -> Iterator[dict[str, Any]]:
    """Yield a row for each request by somebody near, at each level and in noise."""
    complete = [r for r in made if r.kind in ("complete", "short")]
    chosen = complete[:: max(1, len(complete) // _NEAR)]
    rng = np.random.default_rng(11)
    pink = nonspeech.coloured(1.0)
    for request in chosen:
        sound = request.sound.samples
        for level in LEVELS_DB:
            near = nonspeech.at_level(sound, level)
            yield _asked(request, f"{level:g} dBFS", near, engines)
        for over in NOISES_DB:
            near = np.pad(nonspeech.at_level(sound, -25.0), (2 * HEARING_RATE, HEARING_RATE))
            noise = nonspeech.at_level(pink(rng, len(near)), -25.0 - over)
            yield _asked(request, f"{over:g} dB over noise", near + noise, engines)


def _asked(request: Request, kind: str, sound: Float32, engines: Engines) -> dict[str, Any]:
    padded = np.pad(sound, (HEARING_RATE // 2, 0))
    events = overheard(Audio(samples=padded, rate=HEARING_RATE), engines)
    texts = [e.text for e in events if isinstance(e, Final)]
    ignored = [f"{e.reason}: {e.text}" for e in events if isinstance(e, Ignored)]
    return {"kind": kind, "n": 1, "accepted": int(bool(texts)), "request": request.text,
            "texts": texts, "ignored": ignored}  # fmt: skip


def without_speech(cases: Iterable[Case]) -> Iterator[Audio]:
    """Yield the recordings of the cases in which nobody speaks."""
    for case in cases:
        if case.kind == "nonspeech_audio":
            try:
                yield Audio.open(case.file)
            except InputError:
                continue
