"""What the page answers and tells by itself, without its layout (`web`)."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.agent import Agent
from assistant.errors import AssistantError, InputError
from assistant.events import Announcement, Sentence, TurnDone
from assistant.interfaces import Options
from assistant.languages import base
from assistant.memory import Memory
from assistant.playback import SoundFile
from assistant.registry import Engines
from assistant.routing import Router
from assistant.speech import Speaker
from assistant.turns import Question, spoken_turn
from assistant.types import Audio, Picture, SpokenChunk, Transcript
from assistant.untold import Untold

_log = logging.getLogger(__name__)

Message = dict[str, str]
Update = tuple[list[Message], str | None, str]
"""The conversation, the spoken answer's file, and what is going on, for the status line."""

READY = "Ready. · 请提问。"


@dataclass
class Visitor:
    """A conversation on the page."""

    agent: Agent
    untold: Untold = field(default_factory=Untold)

    def __post_init__(self) -> None:
        self.agent.announce = self._announce

    def _announce(self, announcement: Announcement) -> None:
        self.untold.add(announcement.subject, announcement.texts)


@dataclass
class Page:
    """Engines shared by all visitors; each visitor has a conversation of their own."""

    engines: Engines
    folder: Path  # of spoken answers
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self._router = Router(self.engines)
        self._speaker = Speaker(self.engines)
        self._visitors: dict[str, Visitor] = {}
        self._turns = threading.Lock()  # held while something is answered or announced

    def answer(
        self,
        session: str,
        text: str,
        recording: str | None,
        image: str | None,
        file: str | None,
        log: list[Message],
    ) -> Iterator[Update]:
        """One turn: yields the growing conversation, then the spoken answer's file."""
        try:
            question = _question(text, recording, image, file)
        except AssistantError as error:
            yield [*log, _said(f"{error}. {error.fix}".strip())], None, READY
            return
        visitor = self._visitors.get(session)
        if visitor is None:
            agent = Agent(engines=self.engines, router=self._router, memory=self.memory, live=True)
            visitor = self._visitors[session] = Visitor(agent=agent)
        with self._turns:
            yield from self._turn(visitor, question, log)

    def announcement(self, session: str, log: list[Message]) -> Update | None:
        """What work behind the conversation tells by itself; None where nothing does.

        It waits, without blocking, until no answer is being given.
        """
        visitor = self._visitors.get(session)
        if visitor is None or not self._turns.acquire(blocking=False):
            return None
        try:
            return self._announced(visitor, log)
        finally:
            self._turns.release()

    def _announced(self, visitor: Visitor, log: list[Message]) -> Update | None:
        preferences, earlier = self.memory.preferences(), visitor.agent.conversation.turns(1)
        wanted = preferences.language or (earlier[-1].language if earlier else "en")
        language = "zh" if base(wanted) == "zh" else "en"
        text = visitor.untold.take()[language]
        if not text:
            return None
        options = Options(voice=preferences.voice, rate=preferences.rate)
        sound = self._sound()
        try:
            with sound:
                for chunk in self._speaker.speak([text], language, options):
                    sound.put(chunk.audio)
        except AssistantError as error:  # it is read, then
            _log.info("an announcement was not spoken: %s", error)
        return [*log, _said(text)], _written(sound), READY

    def _turn(self, visitor: Visitor, question: Question, log: list[Message]) -> Iterator[Update]:
        heard, spoken = question.text, ""
        yield log, None, "Listening and looking … · 正在听和看……"
        with self._sound() as sound:
            for event in spoken_turn(
                visitor.agent,
                question,
                transcriber=self.engines.get("transcriber") if question.audio else None,
                speaker=self._speaker,
            ):
                match event:
                    case Transcript():
                        heard = event.text
                    case SpokenChunk():
                        sound.put(event.audio)
                    case Sentence():
                        spoken = f"{spoken} {event.text}".strip()
                    case TurnDone():
                        visitor.untold.answered(event.turn)
                        spoken = event.turn.reply
                        if event.turn.call.arguments.get("command") == "forget":
                            log, heard = [], ""  # nor does the page show it any longer
                    case _:
                        continue
                yield [*log, *_exchange(heard, spoken)], None, "Answering … · 正在回答……"
        yield [*log, *_exchange(heard, spoken)], _written(sound), READY

    def _sound(self) -> SoundFile:
        return SoundFile(self.folder / f"{uuid.uuid4().hex}.wav")

    def prefer(self, verbosity: str) -> None:
        """Remember how much the answers are to tell."""
        self.memory.prefer(verbosity=verbosity)


def _written(sound: SoundFile) -> str | None:
    return str(sound.path) if sound.path.is_file() else None


def _question(text: str, recording: str | None, image: str | None, file: str | None) -> Question:
    """What was typed or recorded, the picture, and the video or sound file.

    Raises:
        InputError: nothing was asked, or the recording or the picture cannot be used.
    """
    if not text.strip() and recording is None:
        raise InputError("I have no question yet", fix="Record one, or type it. · 请录音或输入。")
    return Question(
        text=text,
        audio=Audio.open(recording) if recording is not None else None,
        pictures=[Picture.open(image)] if image is not None else (),
        files=[Path(file)] if file is not None else (),
    )


def _said(text: str) -> Message:
    return {"role": "assistant", "content": text}


def _exchange(heard: str, spoken: str) -> list[Message]:
    """Question and answer so far, as the chat shows them."""
    asked = [{"role": "user", "content": heard}] if heard else []
    return asked + ([_said(spoken)] if spoken else [])
