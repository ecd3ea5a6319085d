"""What is told by itself: on the screen at once, aloud when nobody speaks.

Changes of the devices, sound that was missed, and the end of work behind the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assistant.earcons import earcon
from assistant.events import Announcement, Notice
from assistant.types import Turn
from assistant.untold import Untold

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
    "computer busy": {
        "en": "This computer was too busy; I may have missed something that was said.",
        "zh": "这台电脑刚才太忙，我可能漏听了一些话。",
    },
}


class Notices:
    """Part of a `Session`, which calls it. Of a device or a work only the last is spoken."""

    def __init__(self, session: Session, replying: Replying) -> None:
        self._session = session
        self._replying = replying
        self._untold = Untold()
        self._mute = False  # there is no loudspeaker

    def add(self, name: str) -> None:
        """Tell what happened to the sound by an event, and by a tone where words have to wait."""
        device, _, change = name.partition(" ")
        if device == "loudspeaker":
            self._mute = change == "gone"
        self._tell(device, _TEXTS[name])
        if name == "loudspeaker gone":  # nobody would hear it
            self._untold.drop(device)
        if not self._mute and self._busy:
            self._session.player.overlay(earcon("notice"))

    def announce(self, announcement: Announcement) -> None:
        """Tell the end of a work by an event; its words can wait without a sound."""
        self._tell(announcement.subject, announcement.texts)

    def answered(self, turn: Turn) -> None:
        """Leave out what an answer has told meanwhile."""
        self._untold.answered(turn)

    def step(self) -> None:
        """Say what waits, once nobody speaks."""
        if self._untold and not self._mute and not self._busy:
            self._replying.say(self._untold.take())

    def _tell(self, subject: str, texts: Mapping[str, str]) -> None:
        session = self._session
        session.tell(Notice(at=session.now, text=texts[self._replying.own_language]))
        self._untold.add(subject, texts)

    @property
    def _busy(self) -> bool:
        """Whether somebody speaks, or has pressed the key to."""
        session = self._session
        asked = session.listening and not session.open_microphone
        return asked or session.utterance is not None or not self._replying.idle
