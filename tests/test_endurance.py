"""Two hours of conversation: nothing grows, nothing becomes slower, the store stays true."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripted import Reply, Say, ScriptedEars, ScriptedMind, Stage

from assistant.apps.talk import Talk, talk
from assistant.devices import FileSound
from assistant.events import Failed, Ignored, Interrupted, Notice, TurnEnded
from assistant.interfaces import Cancel
from assistant.memory import Conversation, Memory
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.session.front import BLOCK_S
from assistant.session.heap import trim
from assistant.types import Audio, Transcript, Turn

DEMO = Path(__file__).resolve().parent.parent / "demo"
HOURS = 2.0
CYCLE_S = 36.0  # s in which all that may happen happens once
LONG = ["the first part of the answer is here,", "the second part comes after it,"]


def megabytes() -> float:
    """Memory of this process that is in use, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class Storing(ScriptedMind):
    """Writes its turns into the real store."""

    conversation: Conversation
    kept = 0
    fail_every = 7
    _answered = 0

    def answer(self, request: str, *rest: Any) -> Iterator[Any]:
        self._answered += 1
        for number, value in enumerate(super().answer(request, *rest)):
            if number == 1 and self._answered % self.fail_every == 0:
                raise RuntimeError("the language model has gone")
            yield value
        self.answered.clear()
        self.idled.clear()

    def remember(self, turn: Turn) -> None:
        self.kept += 1
        self.conversation.remember(turn)


class Failing(ScriptedEars):
    """Every eleventh transcription raises."""

    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        if self.calls % 11 == 10:
            self.calls += 1
            raise RuntimeError("the transcriber has gone")
        return super().hear(sound, language, cancel)


def scripted(seconds: float) -> list[Say]:
    """Questions, interruptions, nods, coughs and pauses inside requests, at odd times."""
    chance = random.Random(3)
    script, at = [], 2.0
    while at + CYCLE_S < seconds:
        shift = chance.uniform(0, 1.5)
        script += [
            Say(at=at + shift, text="tell me everything."),
            Say(at=at + 5.5 + shift, text="no wait what time is it?"),
            Say(at=at + 13 + shift, text="再说一遍", language="zh"),
            Say(at=at + 15.5 + shift, text="mhm", seconds=0.35),
            Say(at=at + 20 + shift, text="", seconds=0.25),
            Say(at=at + 22 + shift, text="turn the page and"),
            Say(at=at + 24 + shift, text="read it to me."),
        ]
        at += CYCLE_S
    return script


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="reads memory from /proc")
def test_two_hours_take_no_more_memory_and_no_more_time() -> None:
    """The last quarter against the second: objects, memory and time a step."""
    seconds = HOURS * 3600
    script = scripted(seconds)
    memory = Memory()
    mind = Storing({"tell me everything.": Reply(clauses=LONG)})
    mind.conversation = memory.begin()
    stage = Stage(script=script, mind=mind, ears=Failing(script, prosody=0.3))
    steps = round(seconds / BLOCK_S)
    marks = [steps // 4, steps // 2, 3 * steps // 4, steps]
    counts: dict[type[Any], int] = {}
    objects, used, times = [], [], []
    began = time.process_time()
    for number, events in enumerate(stage.steps(seconds), start=1):
        for event in events:
            counts[type(event)] = counts.get(type(event), 0) + 1
        if number == marks[len(times)] and len(times) < len(marks):
            times.append(time.process_time() - began)
            gc.collect()
            objects.append(len(gc.get_objects()))
            used.append(megabytes())
            began = time.process_time()
            if len(times) == len(marks):
                break
    for kind in (TurnEnded, Interrupted, Ignored, Failed):
        assert counts[kind] > 20, kind
    assert Notice not in counts
    seen = f"objects {objects}, MB {used}, s {times}"
    assert objects[3] - objects[1] < 500, seen
    assert used[3] - used[1] < 8.0, seen
    assert times[3] < 1.3 * times[1] + 0.5, seen
    kept = mind.conversation.turns(100_000)
    assert len(kept) == mind.kept == counts[TurnEnded]
    assert all(turn.request for turn in kept)
    for turn in kept:
        said = " ".join(LONG) if turn.request == "tell me everything." else ""
        assert not said or said.startswith(turn.reply) or "went wrong" in turn.reply
    memory.close()


@pytest.mark.weights
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="reads memory from /proc")
def test_half_an_hour_with_real_engines_takes_no_more_memory(engines: Engines) -> None:
    """Sixty spoken questions about a picture, in half an hour of sound at full speed."""
    every, count = 30.0, 60
    questions = [Audio.open(DEMO / f"{name}.flac") for name in ("sign", "dogs", "street")]
    samples = np.zeros(round(every * count * 16_000), np.float32)
    for number in range(count):
        sound = questions[number % 3].resampled(16_000).samples
        at = round((number * every + 1.0) * 16_000)
        samples[at : at + len(sound)] = sound
    sound = FileSound(Audio(samples=samples, rate=16_000), tail_s=1.0)
    wanted = Talk(pictures=(Picture.open(DEMO / "dogs.jpg"),), open_microphone=True)
    used, times, before = [], [], time.process_time()
    for event in talk(engines, sound, wanted, fast=True):
        assert not isinstance(event, Failed)
        if isinstance(event, TurnEnded):
            sound._rendered.clear()  # the file twin keeps all that was played
            gc.collect()
            trim()  # as between the turns of a conversation, which full speed has no time for
            used.append(megabytes())
            now = time.process_time()
            times.append(now - before)
            before = now
    assert len(used) >= 0.95 * count
    quarter = len(used) // 4
    seen = f"MB {used}, s {times}"
    assert max(used[-quarter:]) - max(used[quarter : 2 * quarter]) < 40.0, seen
    late, early = sorted(times[-quarter:]), sorted(times[quarter : 2 * quarter])
    assert late[quarter // 2] < 1.3 * early[quarter // 2] + 0.5, seen
