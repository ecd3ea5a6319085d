"""The pauses of a sound, and what a live session knows in each of them.

The sound goes through the session's own voice detector, onset and utterance; in every pause
the transcriber and the turn detector judge what was said so far, as in a conversation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices import BLOCK, Block
from assistant.evaluation.cases import Case
from assistant.evaluation.spoken_set import requests
from assistant.interfaces import Cancel, Float32
from assistant.invented import refusal
from assistant.languages import base
from assistant.registry import Engines
from assistant.session.front import BLOCK_S, Front
from assistant.session.minds import EngineEars
from assistant.session.utterance import Onset, Utterance
from assistant.settings import TurnRules
from assistant.speech import trimmed
from assistant.types import Audio

_LEAD_S, _TAIL_S = 0.6, 3.0  # s of room around each sound
_ROOM_DB = -62.0  # dBFS of the room


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A silence after which the turn may have ended, and what was known in it."""

    text: str
    language: str
    prosody: float
    voiced_s: float  # s of speech so far
    length_s: float  # s; infinite after the last word
    put: bool  # whether its length was chosen, so that it may be given another
    late_s: float  # s from the acoustic end to the end that the voice detector saw
    refused: str = ""  # why the words are no request


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request and its pauses; the last is its end."""

    name: str
    language: str
    kind: str
    half: str
    pauses: tuple[Pause, ...]


def heard_requests(engines: Engines) -> Iterator[Heard]:
    """Yield the synthesised requests, listened to."""
    for request in requests(engines):
        pauses = listened(request.sound, engines, put=request.pauses)
        yield Heard(
            name=request.text,
            language=request.language,
            kind=request.kind,
            half=request.half,
            pauses=pauses,
        )


def heard_clips(cases: Iterable[Case], engines: Engines) -> Iterator[Heard]:
    """Yield the recorded utterances of the cases, listened to."""
    for case in cases:
        if case.kind != "speech":
            continue
        sound = trimmed(Audio.open(case.file).resampled(HEARING_RATE))
        language = base(case.truth.get("language", ""))
        pauses = listened(sound, engines)
        if pauses:
            yield Heard(name=case.name, language=language, kind="recorded", half="", pauses=pauses)


def listened(
    sound: Audio, engines: Engines, *, put: Sequence[tuple[float, float]] = ()
) -> tuple[Pause, ...]:
    """All pauses of a sound in which the session would look whether the turn has ended.

    `put` says which silences may be given another length, s of the sound.
    """
    listener = _Listener(EngineEars(engines), engines.profile.turns)
    end = _LEAD_S + sound.duration
    silences = [(_LEAD_S + start, _LEAD_S + stop) for start, stop in put]
    front = Front(engines.get("voice_detector").stream())
    for number, block in enumerate(_in_a_room(sound.samples)):
        listener.step(front, block, round((number + 1) * BLOCK_S, 3))
    found = [p for p in listener.found if p["began"] < end + 0.5]
    pauses = []
    for number, known in enumerate(found):
        began, stopped = known.pop("began"), known.pop("stopped")
        last = number + 1 == len(found)
        own = next((s for s in silences if s[0] - 0.3 < began < s[1]), None)
        true_end = end if last else own[0] if own else began
        length = math.inf if last else stopped - began
        is_put = own is not None and not last and stopped > own[1] - 0.3
        pauses.append(
            Pause(length_s=length, put=is_put, late_s=round(began - true_end, 3), **known)
        )
    return tuple(pauses)


def _in_a_room(samples: Float32) -> Iterator[Block]:
    """Blocks of the sound between quiet noise, always the same."""
    lead, tail = (round(s * HEARING_RATE) for s in (_LEAD_S, _TAIL_S))
    whole = np.zeros(-(-(lead + len(samples) + tail) // BLOCK) * BLOCK, np.float32)
    whole[lead : lead + len(samples)] = samples
    noise = np.random.default_rng(1).standard_normal(len(whole)).astype(np.float32)
    whole += noise * np.float32(10 ** (_ROOM_DB / 20))
    still = np.zeros(BLOCK, np.float32)
    for block in whole.reshape(-1, BLOCK):
        yield Block(microphone=block, reference=still, played=0)


class _Listener:
    """Does in each pause what a session does, but never ends the turn."""

    def __init__(self, ears: EngineEars, rules: TurnRules) -> None:
        self._ears = ears
        self._rules = rules
        self._onset = Onset(rules)
        self._utterance: Utterance | None = None
        self.found: list[dict[str, Any]] = []

    def step(self, front: Front, block: Block, now: float) -> None:
        frame = front.frame(block)
        utterance = self._utterance
        if utterance is None:
            self._utterance = self._onset.add(frame, now)
            return
        before = utterance.last_voiced
        utterance.add(frame, now)
        if utterance.last_voiced > before and self.found and self.found[-1]["began"] == before:
            self.found[-1]["stopped"] = round(now - BLOCK_S, 3)
        silence = now - utterance.last_voiced
        if silence >= self._rules.speculate_s and utterance.asked < utterance.last_voiced:
            self._look(utterance)

    def _look(self, utterance: Utterance) -> None:
        utterance.asked = utterance.until
        sound = utterance.audio()
        transcript = self._ears.hear(sound, utterance.language, Cancel())
        if utterance.language is None and transcript.text:
            utterance.language = transcript.language
        refused = refusal(
            transcript,
            voiced_s=utterance.voiced,
            level=utterance.level,
            floor=utterance.floor,
            rules=self._rules,
            fall=utterance.fall,
        )
        self.found.append(
            {
                "began": utterance.last_voiced,
                "stopped": math.inf,
                "text": transcript.text,
                "language": transcript.language or "en",
                "prosody": round(self._ears.finished(sound), 4),
                "voiced_s": round(utterance.voiced, 3),
                "refused": refused or ("" if transcript.text.strip() else "noise"),
            }
        )
