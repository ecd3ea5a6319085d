"""The real ears and mind of a session: the engines of a profile and the agent."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import templates
from assistant.agent import Agent
from assistant.errors import AssistantError
from assistant.events import Routed, Sentence, TurnDone, TurnEvent
from assistant.interfaces import Cancel, Options
from assistant.languages import base, joined
from assistant.registry import Engines
from assistant.session.heap import trim
from assistant.session.openings import openings
from assistant.session.parts import Watch
from assistant.speech import Speaker
from assistant.types import Audio, Picture, SpokenChunk, ToolResult, Transcript, Turn

_log = logging.getLogger(__name__)

_LOOKING = frozenset(
    {
        "describe_scene", "read_text", "identify_object", "ask_image", "classify_image",
        "extract_table", "extract_fields", "inspect_part", "diagnose_product", "similar_photos",
    }
)  # fmt: skip

_WATCHING = frozenset({"summarize_video", "ask_video"})  # files; they take no picture

_FAULTS: Mapping[str, Mapping[str, str]] = {
    "busy": {
        "en": "The camera cannot be opened. Close the program that uses it.",
        "zh": "摄像头打不开。请关闭正在使用它的程序。",
    },
    "forbidden": {
        "en": "I may not use the camera. Join the group video, then log in again.",
        "zh": "我没有权限使用摄像头。请加入 video 组，然后重新登录。",
    },
    "missing": {
        "en": "I find no camera. Plug it in, or name another one.",
        "zh": "我找不到摄像头。请插上摄像头，或者换一个。",
    },
    "stopped": {
        "en": "The camera has stopped. Plug it in again.",
        "zh": "摄像头停了。请重新插上。",
    },
    "empty": {
        "en": "The camera gives no picture. Check its cover and its cable.",
        "zh": "摄像头没有画面。请检查镜头盖和连接线。",
    },
    "kept": {
        "en": "The camera gives no new picture. I use the last one.",
        "zh": "摄像头没有新画面，我用刚才那张。",
    },
}
"""What is said of a camera that gives no picture of now."""


class EngineEars:
    """The profile's transcriber and turn detector."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        """What is said in an utterance."""
        transcriber = self._engines.get("transcriber")
        heard: Transcript = transcriber.transcribe(
            sound, Options(language=language, quick=True), cancel
        )
        return heard

    def finished(self, sound: Audio) -> float:
        """Probability, by its melody, that the speaker has finished; 0.5 without a detector."""
        if not self._engines.has("turn_detector"):
            return 0.5
        return float(self._engines.get("turn_detector").probability(sound))


class AgentMind:
    """An agent with a voice, and a camera where there is one."""

    def __init__(
        self,
        agent: Agent,
        speaker: Speaker,
        *,
        pictures: Sequence[Picture] = (),
        files: Sequence[Path] = (),
        camera: Watch | None = None,
    ) -> None:
        """`camera` gives the sharpest picture since speech began, or a reason why not."""
        self._agent = agent
        self._speaker = speaker
        self._pictures = tuple(pictures)
        self._files = tuple(files)
        self._camera = camera
        self._told: str | None = None  # the camera's fault that was spoken
        self._fillers: dict[tuple[str, str], list[SpokenChunk]] = {}
        self._ahead: Iterator[tuple[str, str]] = iter(())  # openings to be made in idle time

    def prepare(self, languages: Sequence[str] = ("en", "zh")) -> None:
        """Load what the first turn needs, and make the fillers."""
        for _ in self._agent.read_ahead(Cancel()):
            pass
        self._ahead = iter(
            [(text, language) for language in languages for text in openings(language)]
        )
        table = templates.mapping("fillers.yaml")
        for language in languages:
            for family, phrases in table.get(language, {}).items():
                chunks = self._fillers[language, family] = []
                for phrase in phrases:
                    try:
                        chunks += self._whole(phrase, language)
                    except AssistantError as error:
                        _log.info("no filler in %s: %s", language, error)

    def _whole(self, phrase: str, language: str) -> list[SpokenChunk]:
        """A phrase as one chunk; none where it came in several."""
        chunks = list(self.say(phrase, language, Cancel()))
        return chunks if len(chunks) == 1 else []

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        """The call that a request becomes."""
        count = len(self._pictures) + (self._camera is not None)
        return self._agent.route(
            request,
            pictures=count,
            files=self._files,
            language=self._foreign(language),
            cancel=cancel,
        )

    def answer(
        self, request: str, routed: Routed, language: str, cancel: Cancel
    ) -> Iterator[TurnEvent | SpokenChunk]:
        """Yield the agent's events, and each sentence's speech as soon as it is made."""
        pictures, trouble = self._seen(routed.call.name, language)
        if trouble:
            yield Sentence(text=trouble, kind="measured", language=language)
            yield from self.say(trouble, language, cancel)
        if trouble and not pictures:  # that is the answer
            yield from _answered(request, routed, trouble, language)
            return
        live: dict[str, Any] = {}
        if self._camera is not None and routed.call.name == "watch_scene":
            live["frames"] = self._camera.frames
        events = self._agent.turn(
            request,
            pictures=pictures,
            files=self._files,
            language=self._foreign(language),
            cancel=cancel,
            routed=routed,
            remember=False,
            **live,
        )
        for event in events:
            if isinstance(event, Routed):
                continue
            if isinstance(event, TurnDone) and trouble:
                reply = joined([trouble, event.turn.reply])
                event = TurnDone(turn=replace(event.turn, reply=reply))
            yield event
            if isinstance(event, Sentence):
                yield from self.say(event.text, event.language, cancel, ends=event.ends)

    def say(
        self, text: str, language: str, cancel: Cancel, *, ends: bool = True
    ) -> Iterator[SpokenChunk]:
        """Yield the speech of a text in the user's voice and rate; `ends` whether it is whole."""
        preferences = self._agent.memory.preferences()
        options = Options(voice=preferences.voice, rate=preferences.rate)
        yield from self._speaker.speak([text], language, options, cancel, ends=ends)

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        """Short phrases for a tool that takes long."""
        key = "zh" if base(language) == "zh" else "en"
        family = "looking" if tool in _LOOKING | _WATCHING else "thinking"
        return self._fillers.get((key, family), ())

    def looks(self, tool: str) -> bool:
        """Whether a tool takes a picture with the camera now."""
        return self._camera is not None and tool in _LOOKING

    def remember(self, turn: Turn) -> None:
        """Write a turn down."""
        self._agent.remember(turn)

    def look(self, cancel: Cancel) -> Iterator[Any]:
        """Look at the pictures at hand; the engines keep what they find."""
        engines = self._agent.engines
        for picture in self._pictures:
            for capability, name in (("scene_describer", "describe"), ("text_reader", "read")):
                cancel.check()
                try:
                    if engines.has(capability):
                        getattr(engines.get(capability), name)(picture)
                except AssistantError as error:
                    _log.info("the picture was not looked at beforehand: %s", error)
        yield from ()

    def idle(self, cancel: Cancel) -> Iterator[Any]:
        """Have the language model read what the next reply begins with; make openings' speech."""
        try:
            for _ in self._agent.read_ahead(cancel):
                cancel.check()
            for text, language in self._ahead:
                for _ in self.say(text, language, cancel):  # the speaker keeps it
                    cancel.check()
        except AssistantError as error:
            _log.info("nothing was read ahead: %s", error)
        trim()
        yield from ()

    def _seen(self, tool: str, language: str) -> tuple[tuple[Picture, ...], str]:
        """The pictures for a tool, and what to say of a camera that gives none of now.

        A fault is told once while there is another picture to talk about.
        """
        if self._camera is None or tool not in _LOOKING:
            return self._pictures, ""
        picture = self._camera.picture()
        pictures = (*self._pictures, picture) if picture is not None else self._pictures
        before, self._told = self._told, self._camera.fault
        if self._told is None or (pictures and self._told == before):
            return pictures, ""
        return pictures, _FAULTS[self._told]["zh" if base(language) == "zh" else "en"]

    @staticmethod
    def _foreign(language: str) -> str | None:
        """A language that no script tells from English; the others are known by the words."""
        return language if language and base(language) not in ("en", "zh") else None


def _answered(request: str, routed: Routed, text: str, language: str) -> Iterator[TurnEvent]:
    """The end of a turn whose answer is this text, with no tool set to work."""
    result = ToolResult(spoken=text)
    yield result
    yield TurnDone(
        turn=Turn(request=request, call=routed.call, result=result, reply=text, language=language)
    )
