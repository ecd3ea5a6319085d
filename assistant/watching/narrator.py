"""Decides what is said and when. Pure: the same inputs give the same remarks.

A remark is composed at the moment when it can be said, from what is known then, so nothing old
ever waits in a queue: what could not be said in time is dropped, or told anew if it is still so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assistant.events import Sentence
from assistant.languages import joined
from assistant.safety import SpeechFilter
from assistant.settings import SpeechRules
from assistant.watching.seen import Glimpse, Mode, Remark, Seen

_GAP_S: Final = 0.6  # s of silence between two remarks
_URGENT_GAP_S: Final = 0.2
_MOST: Final = 3  # remarks within ...
_WITHIN_S: Final = 10.0  # ... s, while the camera moves; urgent ones are exempt


class Narrator:
    """One watch's narration. Feed it glimpses and looks, and ask `next` as time goes on."""

    def __init__(self, mode: Mode, language: str, limits: SpeechRules | None = None) -> None:
        self.mode = mode
        self._language = language
        self._limits = limits or SpeechRules()
        self._moving = True
        self._quiet_since = -1e9  # s, when the last remark ended
        self._sounding: Remark | None = None
        self._begun: list[float] = []  # s, when remarks began
        self._cut = -1e9  # s, when the scene last changed

    def glimpse(self, glimpse: Glimpse) -> None:
        """Take a frame that no engine has looked at."""
        self._moving = glimpse.moving
        if glimpse.cut:
            self._cut = glimpse.at
        self.mode.glimpse(glimpse)

    def see(self, seen: Seen) -> None:
        """Take what a look found."""
        self.mode.see(seen)

    def next(self, now: float, sounding: Remark | None) -> Remark | None:
        """What to begin saying now, or None. `sounding` is what is being said.

        Where something sounds, what comes cuts it short. Urgent things do that to others, and
        whatever is new to a remark about a scene that the camera no longer shows.
        """
        if self._sounding is not None and sounding is None:
            self._quiet_since = now
        self._sounding = sounding
        past = bool(self._begun) and self._begun[-1] < self._cut
        if sounding is not None and sounding.urgent and not past:
            return None
        remark = self.mode.compose(now, moving=self._moving)
        if remark is None or not self._may(remark, now, sounding):
            return None
        self.mode.told(remark, now)
        spoken = self._allowed(remark)
        if not spoken:
            return None
        self._begun = [*(at for at in self._begun if now - at < _WITHIN_S), now]
        self._sounding = replace(remark, text=spoken)
        return self._sounding

    def _may(self, remark: Remark, now: float, sounding: Remark | None) -> bool:
        if sounding is not None:
            past = self._begun[-1] < self._cut <= remark.since
            return past or (remark.urgent and not sounding.urgent)
        if now - self._quiet_since < (_URGENT_GAP_S if remark.urgent else _GAP_S):
            return False
        recent = sum(now - at < _WITHIN_S for at in self._begun)
        return remark.urgent or not self._moving or recent < _MOST

    def _allowed(self, remark: Remark) -> str:
        """The remark as the rules of speech let it pass."""
        rules = SpeechFilter(about="scene", has_picture=True, limits=self._limits)
        given = Sentence(text=remark.text, kind=remark.kind, language=self._language)
        return joined([part.text for part in rules.sentence(given)])
