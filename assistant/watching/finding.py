"""The mode "find": tells when the wanted thing comes into sight, and when it changes its side."""

from __future__ import annotations

from typing import Final

from assistant.types import SceneObject
from assistant.vision.geometry import direction_words
from assistant.vision.precedence import HEDGE
from assistant.vision.sentence import Style
from assistant.watching import words
from assistant.watching.faults import Faults
from assistant.watching.seen import FRESH_S, Glimpse, Remark, Seen, Subject

_LOST_S: Final = 6.0  # s out of sight after which finding it again is news
_AGAIN_S: Final = 3.0  # s between two remarks about where it is


class Finding:
    """Waits for one thing. `Sight` decides which objects and lines are that thing."""

    wants: tuple[Subject, ...] = ("target",)

    def __init__(self, target: str, language: str, style: Style = "words") -> None:
        self._target = target
        self._language = language
        self._style: Style = style
        self._faults = Faults()
        self._seen: Seen | None = None  # the last look that showed it
        self._shown = -1e9  # s, when it was last in sight
        self._where: str | None = None  # as it was told
        self._told_at = -1e9
        self._present = False  # whether the last look showed it

    def glimpse(self, glimpse: Glimpse) -> None:
        """Keep fresh what the camera still shows."""
        if "target" in glimpse.still and self._present:
            self._shown = glimpse.at
        if "target" in glimpse.still:
            self._faults.still(glimpse.at)

    def see(self, seen: Seen) -> None:
        """Take a look for the thing."""
        self._faults.see(seen.faults, seen.at, seen.since)
        self._present = bool(seen.objects or seen.lines)
        if not self._present:
            return
        if seen.at - self._shown > _LOST_S:
            self._where = None
        self._seen, self._shown = seen, seen.at

    def compose(self, now: float, *, moving: bool) -> Remark | None:
        """That it is in sight, or on another side now."""
        seen = self._seen
        if seen is None or not self._present or now - self._shown > FRESH_S:
            return None if moving else self._faults.compose(now)
        where = self._side(seen)
        if where == self._where or now - self._told_at < _AGAIN_S:
            return None
        return Remark(
            text=self._text(seen),
            topic="found",
            kind="quoted" if seen.lines and not seen.objects else "measured",
            since=seen.since,
            urgent=self._where is None,
            keys=(where,),
        )

    def told(self, remark: Remark, now: float) -> None:
        """It was told where it is."""
        if remark.topic == "fault":
            self._faults.told(remark, now)
        else:
            self._where, self._told_at = remark.keys[0], now

    def _text(self, seen: Seen) -> str:
        placed = [thing for thing in seen.objects if thing.box is not None]
        if placed:
            return words.found(placed, self._language, self._style)
        if seen.lines:
            return words.written(seen.lines[0].text, self._language)
        sure = max(thing.confidence for thing in seen.objects) >= HEDGE
        return words.whole(self._target, self._language, sure=sure)

    def _side(self, seen: Seen) -> str:
        best: SceneObject | None = max(
            (thing for thing in seen.objects if thing.direction is not None),
            key=lambda thing: thing.confidence,
            default=None,
        )
        return "" if best is None else direction_words(best.direction or 0.0, "en")
