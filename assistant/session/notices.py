"""What is told by itself: on the screen at once, aloud when nobody speaks.

Changes of the devices, and the end of work behind the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assistant.earcons import earcon
from assistant.events import Announcement, Notice
from assistant.types import Turn

if TYPE_CHECKING:
    from assistant.session.core import Session
    from assistant.session.replying import Replying

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "microphone gone": {"en": "The microphone is gone.", "zh": "麦克风断开了。"},
    "microphone back": {"en": "The microphone is back.", "zh": "麦克风又连上了。"},
    "microphone changed": {"en": "The microphone has changed.", "zh": "麦克风换了。"},
    "loudspeaker gone": {"en": "The loudspeaker is gone.", "zh": "扬声器断开了。"},
    "loudspeaker back": {"en": "The loudspeaker is back.", "zh": "扬声器又连上了。"},
    "loudspeaker changed": {"en": "The loudspeaker has changed.", "zh": "扬声器换了。"},
    "loudspeaker replaced": {
        "en": "The loudspeaker is gone. I use another one.",
        "zh": "扬声器断开了，我改用另一个。",
    },
}


class Notices:
    """Part of a `Session`, which calls it. Of a device or a work only the last is spoken."""

    def __init__(self, session: Session, replying: Replying) -> None:
        self._session = session
        self._replying = replying
        self._waiting: dict[str, Mapping[str, str]] = {}  # subject -> what was not spoken yet
        self._mute = False  # there is no loudspeaker

    def add(self, name: str) -> None:
        """Tell a change of a device by an event, and by a sound where words have to wait."""
        device, _, change = name.partition(" ")
        if device == "loudspeaker":
            self._mute = change == "gone"
        self._tell(device, _TEXTS[name])
        if name == "loudspeaker gone":  # nobody would hear it
            self._waiting.pop(device)
        if not self._mute and self._busy:
            self._session.player.overlay(earcon("notice"))

    def announce(self, announcement: Announcement) -> None:
        """Tell the end of a work by an event; its words can wait without a sound."""
        self._tell(announcement.subject, announcement.texts)

    def answered(self, turn: Turn) -> None:
        """Leave out what an answer has told meanwhile."""
        data = turn.result.data if turn.result is not None and not turn.interrupted else {}
        if data.get("understood", True):
            self._waiting.pop(str(data.get("file")), None)

    def step(self) -> None:
        """Say what waits, once nobody speaks."""
        if self._waiting and not self._mute and not self._busy:
            said = list(self._waiting.values())
            self._waiting.clear()
            languages = {"en": " ", "zh": ""}
            self._replying.say({k: gap.join(t[k] for t in said) for k, gap in languages.items()})

    def _tell(self, subject: str, texts: Mapping[str, str]) -> None:
        session = self._session
        session.tell(Notice(at=session.now, text=texts[self._replying.own_language]))
        self._waiting.pop(subject, None)  # what is new comes last
        self._waiting[subject] = texts

    @property
    def _busy(self) -> bool:
        """Whether somebody speaks, or has pressed the key to."""
        session = self._session
        asked = session.listening and not session.open_microphone
        return asked or session.utterance is not None or not self._replying.idle
