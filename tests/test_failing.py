"""Engines that raise, at random: the session says so once, goes on, and the next turn works."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from scripted import Reply, Say, ScriptedEars, ScriptedMind, Stage

from assistant.events import Failed, Final, FirstToken, Routed, Sentence, Speaking, TurnEnded
from assistant.interfaces import Cancel
from assistant.types import Audio, SpokenChunk, Transcript

QUESTION = "what is on the table?"
SORRY = "Sorry, something went wrong. Please say it again."
TURN_S = 12.0


class Ears(ScriptedEars):
    """Ears of which one call, or each by chance, raises."""

    hearing: frozenset[int] = frozenset()
    melody: frozenset[int] = frozenset()
    _heard = _judged = -1

    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        self._heard += 1
        if self._heard in self.hearing:
            raise RuntimeError("the transcriber has gone")
        return super().hear(sound, language, cancel)

    def finished(self, sound: Audio) -> float:
        self._judged += 1
        if self._judged in self.melody:
            raise ValueError("the turn detector has gone")
        return super().finished(sound)


class Mind(ScriptedMind):
    """A mind that raises where it is told to: route, think, speak or say."""

    breaks: str = ""

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        if self.breaks == "route":
            raise RuntimeError("the router has gone")
        return super().route(request, language, cancel)

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        for value in super().answer(request, routed, language, cancel):
            if self.breaks == "think" and isinstance(value, Sentence):
                raise RuntimeError("the language model has gone")
            if self.breaks == "speak" and isinstance(value, SpokenChunk):
                raise OSError("the voice has gone")
            yield value

    def say(self, text: str, language: str, cancel: Cancel) -> Iterator[Any]:
        if self.breaks == "speak":
            raise OSError("the voice has gone")
        yield from super().say(text, language, cancel)


def stage(count: int, mind: Mind | None = None, ears: Ears | None = None) -> Stage:
    script = [Say(at=1.0 + TURN_S * n, text=QUESTION) for n in range(count)]
    made = Stage(script=script, mind=mind)
    if ears is not None:
        ears.script = script
        made.ears = ears
    return made


def of(events: list[Any], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("part", ["route", "think"])
def test_a_mind_that_raises_is_apologised_for_once(part: str) -> None:
    mind = Mind({})
    mind.breaks = part
    running = stage(2, mind)
    events: list[Any] = []
    for number, step in enumerate(running.steps(2 * TURN_S)):
        events += step
        if number * 0.032 > TURN_S:
            mind.breaks = ""
    assert [e.text for e in of(events, Speaking)] == [SORRY, f"You said {QUESTION}."]
    assert len(of(events, Failed)) == 1
    assert [t.reply for t in mind.remembered] == [SORRY, f"You said {QUESTION}."]


def test_a_voice_that_raises_is_told_once_and_the_next_turn_sounds() -> None:
    mind = Mind({})
    mind.breaks = "speak"
    running = stage(2, mind)
    events: list[Any] = []
    for number, step in enumerate(running.steps(2 * TURN_S)):
        events += step
        if number * 0.032 > TURN_S:
            mind.breaks = ""
    assert [e.message for e in of(events, Failed)] == ["the voice has gone"]
    assert [t.reply for t in mind.remembered] == ["", f"You said {QUESTION}."]


def test_a_voice_that_raises_midway_keeps_what_was_heard() -> None:
    class Late(Mind):
        def answer(self, request: str, *rest: Any) -> Iterator[Any]:
            for number, value in enumerate(super().answer(request, *rest)):
                if number == 4:  # after the first clause's sound
                    raise OSError("the voice has gone")
                yield value

    mind = Late({QUESTION: Reply(clauses=["the first part,", "and the second."])})
    events = stage(1, mind).run(TURN_S)
    assert len(of(events, Failed)) == 1
    assert [t.reply for t in mind.remembered] == ["the first part,"]


def test_hearing_that_raises_is_apologised_for_and_the_next_turn_works() -> None:
    ears = Ears([])
    ears.hearing = frozenset({0})
    running = stage(2, Mind({}), ears)
    events = running.run(2 * TURN_S)
    assert [e.text for e in of(events, Speaking)] == [SORRY, f"You said {QUESTION}."]
    assert [e.message for e in of(events, Failed)] == ["the transcriber has gone"]
    assert [t.request for t in running.mind.remembered] == [QUESTION]


def test_without_the_turn_detector_the_words_decide() -> None:
    ears = Ears([])
    ears.melody = frozenset(range(100))
    running = stage(2, Mind({}), ears)
    events = running.run(2 * TURN_S)
    assert not of(events, Failed)
    assert [e.text for e in of(events, Final)] == [QUESTION, QUESTION]


@pytest.mark.parametrize("seed", range(8))
def test_failures_at_random_end_no_session(seed: int) -> None:
    """A third of all calls raise; afterwards everything works again."""
    chance = random.Random(seed)
    ears, mind, turns = Ears([]), Mind({}), 12
    ears.hearing = frozenset(n for n in range(10) if chance.random() < 0.35)
    ears.melody = frozenset(n for n in range(10) if chance.random() < 0.35)
    running = stage(turns, mind, ears)
    events: list[Any] = []
    for number, step in enumerate(running.steps(turns * TURN_S)):
        if number % round(TURN_S / 0.032) == 0:
            first = number * 0.032 < (turns - 2) * TURN_S
            ears.hearing = ears.hearing if first else frozenset()
            part = chance.choice(["", "route", "think", "speak"])
            mind.breaks = part if first else ""
        events += step
    assert of(events, Failed)
    asked = [t.request for t in mind.remembered]
    assert asked[-2:] == [QUESTION, QUESTION]
    assert mind.remembered[-1].reply == f"You said {QUESTION}."
    assert len(of(events, TurnEnded)) == len(asked)
    assert len(of(events, Failed)) <= turns + len(ears.hearing) + 4


def test_every_stage_of_a_turn_is_timed() -> None:
    """Acoustic end, transcript, end of turn, route, first token, tool, first audio, end."""

    class Model(ScriptedMind):
        def answer(self, request: str, *rest: Any) -> Iterator[Any]:
            values = super().answer(request, *rest)
            yield next(values)
            yield FirstToken()
            yield from values

    running = Stage(script=[Say(at=1.0, text=QUESTION)], mind=Model({}))
    running.run(TURN_S)
    timings = running.mind.remembered[0].timings
    assert timings["speech_end_s"] == pytest.approx(1.0 + 5 * 0.3, abs=0.05)
    names = ("transcript_s", "end_of_turn_s", "route_s", "first_token_s", "first_sentence_s",
             "first_audio_s", "tool_s", "total_s")  # fmt: skip
    assert set(names) <= set(timings)
    assert timings["first_token_s"] <= timings["first_sentence_s"] <= timings["first_audio_s"]
    assert max(timings[name] for name in names) == timings["total_s"]
