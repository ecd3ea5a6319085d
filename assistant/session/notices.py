"""What happens to the devices, told: on the screen at once, aloud when nobody speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assistant.earcons import earcon
from assistant.events import Notice

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
    """Part of a `Session`, which calls it. The last change of a device is the one spoken."""

    def __init__(self, session: Session, replying: Replying) -> None:
        self._session = session
        self._replying = replying
        self._waiting: dict[str, str] = {}  # device -> its last change that was not spoken yet
        self._mute = False  # there is no loudspeaker

    def add(self, name: str) -> None:
        """Tell one change by an event, and by a sound where words have to wait."""
        session, language = self._session, self._replying.own_language
        session.tell(Notice(at=session.now, text=_TEXTS[name][language]))
        device, _, change = name.partition(" ")
        if device == "loudspeaker":
            self._mute = change == "gone"
        self._waiting.pop(device, None)
        if name != "loudspeaker gone":  # nobody would hear it
            self._waiting[device] = name
        if not self._mute and self._busy:
            session.player.overlay(earcon("notice"))

    def step(self) -> None:
        """Say what waits, once nobody speaks."""
        if self._waiting and not self._mute and not self._busy:
            said = [_TEXTS[name] for name in self._waiting.values()]
            self._waiting.clear()
            languages = {"en": " ", "zh": ""}
            self._replying.say({k: gap.join(t[k] for t in said) for k, gap in languages.items()})

    @property
    def _busy(self) -> bool:
        """Whether somebody speaks, or has pressed the key to."""
        session = self._session
        asked = session.listening and not session.open_microphone
        return asked or session.utterance is not None or not self._replying.idle
