"""One spoken turn: sound in, the events of the turn and pieces of speech out.

Each sentence is spoken as soon as the agent has it, while the engines work on the next one,
so that the first sound comes early. The demo, `ask` and the web page share this.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from assistant.agent import Agent
from assistant.errors import AssistantError, Cancelled
from assistant.events import Sentence, TurnDone, TurnEvent
from assistant.interfaces import Cancel, Options, Transcriber
from assistant.languages import base, joined
from assistant.types import Audio, Picture, SpokenChunk, ToolCall, Transcript, Turn

SpokenEvent = Transcript | TurnEvent | SpokenChunk
"""What a spoken turn yields: what was heard, then events and speech; last a `TurnDone`."""

_UNHEARD = {
    "en": "I didn't hear any words. Please say it again.",
    "zh": "我没有听到话。请再说一遍。",
}


class Speaks(Protocol):
    """What a turn asks of a speaker; `assistant.speech.Speaker` is the one in use."""

    def speak(
        self,
        texts: Iterable[str],
        language: str | None = None,
        options: Options = ...,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield speech, the first chunk as soon as the first clause is known."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person brings to a turn: words or their sound, and what they are about."""

    text: str = ""
    audio: Audio | None = None  # asked aloud; takes the place of `text`
    pictures: Sequence[Picture] = ()
    files: Sequence[Path] = ()
    language: str | None = None  # BCP-47 of question and answer; None finds out


def spoken_turn(
    agent: Agent,
    question: Question,
    *,
    transcriber: Transcriber | None = None,
    speaker: Speaks | None = None,
    cancel: Cancel | None = None,
) -> Iterator[SpokenEvent]:
    """Hear, answer and speak. The last event's turn has all timings, in seconds.

    `first_audio_s` and `total_s` count from the end of the question. `transcriber` may be left
    out for written questions, `speaker` for silent answers.

    Raises:
        EngineError, WeightsMissing: hearing failed; or speaking did, after the last event.
    """
    cancel = cancel or Cancel()
    started = time.perf_counter()
    timings: dict[str, float] = {}
    text, language = question.text, question.language
    if question.audio is not None and transcriber is not None:
        heard = transcriber.transcribe(question.audio, Options(language=language), cancel)
        timings["stt_s"] = time.perf_counter() - started
        yield heard
        text = heard.text
        if language is None and base(heard.language or "en") not in ("en", "zh"):
            language = heard.language  # no script tells French from English
    events = _events(agent, text, language, question, cancel)
    voice = _Voice(agent, speaker, cancel)
    for event in events:
        if isinstance(event, TurnDone):
            timings["total_s"] = time.perf_counter() - started
            yield TurnDone(turn=voice.really_spoken(event.turn, timings))
            continue
        yield event
        if isinstance(event, Sentence):
            for chunk in voice.speak(event):
                timings.setdefault("first_audio_s", time.perf_counter() - started)
                yield chunk
    if voice.failure is not None:
        raise voice.failure


def _events(
    agent: Agent, text: str, language: str | None, question: Question, cancel: Cancel
) -> Iterator[TurnEvent]:
    """The agent's turn, or the request to say it again where nothing was said."""
    if text.strip():
        yield from agent.turn(
            text,
            pictures=question.pictures,
            files=question.files,
            language=language,
            cancel=cancel,
        )
        return
    wanted = language or agent.memory.preferences().language or "en"
    key = "zh" if base(wanted) == "zh" else "en"
    yield Sentence(text=_UNHEARD[key], kind="measured", language=key)
    call = ToolCall(name="reply")
    turn = Turn(request="", call=call, result=None, reply=_UNHEARD[key], language=key)
    yield TurnDone(turn=turn)


class _Voice:
    """Speaks the sentences of one turn and knows which of them were really spoken."""

    def __init__(self, agent: Agent, speaker: Speaks | None, cancel: Cancel) -> None:
        self._agent = agent
        self._speaker = speaker
        self._cancel = cancel
        self._said: list[str] = []
        self.failure: AssistantError | None = None

    def speak(self, sentence: Sentence) -> Iterator[SpokenChunk]:
        """The speech of a sentence; nothing once the turn was cancelled or speech has failed."""
        if self._speaker is None or self.failure is not None or self._cancel.is_set:
            return
        preferences = self._agent.memory.preferences()
        options = Options(voice=preferences.voice, rate=preferences.rate)
        try:
            for chunk in self._speaker.speak(
                [sentence.text], sentence.language, options, self._cancel
            ):
                self._said.append(chunk.text)
                yield chunk
        except Cancelled:
            return
        except AssistantError as error:
            self.failure = error

    def really_spoken(self, turn: Turn, timings: dict[str, float]) -> Turn:
        """The turn with all timings; cut short, with what was spoken before."""
        turn = replace(turn, timings={**turn.timings, **timings})
        if self._speaker is None or not self._cancel.is_set:
            return turn
        turn = replace(turn, reply=joined(self._said), interrupted=True)
        self._agent.conversation.amend(turn)
        return turn
