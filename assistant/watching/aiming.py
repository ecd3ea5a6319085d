"""The mode "aim": guides the camera until a page or a thing is framed, one move at a time."""

from __future__ import annotations

from typing import Final, Literal

from assistant.types import Box
from assistant.watching import words
from assistant.watching.faults import Faults
from assistant.watching.seen import FRESH_S, Glimpse, Remark, Seen, Subject

_EDGE: Final = 0.015  # of a side: a box this near the picture's edge is cut off by it
_ASIDE: Final = 0.15  # of a side, between the middles of the box and of the picture
_SMALL: Final = 0.12  # of the picture's area; less is too small to be read or named well
_AGAIN_S: Final = 4.0  # s between two same instructions
_NEXT_S: Final = 1.5  # s between two different ones: a hand needs time
_SEARCH_FIRST_S: Final = 4.0  # s without the thing before the first hint: a hand is on its way
_SEARCH_S: Final = 10.0  # s between two hints that nothing is seen
_FAULTS_S: Final = 10.0  # s between two mentions of a fault

Instruction = Literal["left", "right", "up", "down", "back", "closer", "hold", "search"]


def instruction(box: Box | None, width: int, height: int, *, mirrored: bool = False) -> Instruction:
    """What to do with the camera so that the box is whole, large and in the middle.

    Args:
        width, height: of the picture, px.
        mirrored: whether the camera faces the user, whose left is on the picture's right.
    """
    if box is None:
        return "search"
    x1, y1, x2, y2 = box[0] / width, box[1] / height, box[2] / width, box[3] / height
    left, right = x1 <= _EDGE, x2 >= 1 - _EDGE
    top, bottom = y1 <= _EDGE, y2 >= 1 - _EDGE
    if (left and right) or (top and bottom):
        return "back"
    across, down = (x1 + x2) / 2 - 0.5, (y1 + y2) / 2 - 0.5
    sides: tuple[Instruction, Instruction] = ("right", "left") if mirrored else ("left", "right")
    if left or right:
        return sides[right]
    if top or bottom:
        return "down" if bottom else "up"
    if max(abs(across), abs(down)) > _ASIDE:
        if abs(across) >= abs(down):
            return sides[across > 0]
        return "down" if down > 0 else "up"
    return "closer" if (x2 - x1) * (y2 - y1) < _SMALL else "hold"


class Aiming:
    """Says the next move when it changes, and the same one again after a while."""

    wants: tuple[Subject, ...] = ("aim",)

    def __init__(self, language: str, *, mirrored: bool = False) -> None:
        self._language = language
        self._mirrored = mirrored
        self._faults = Faults(again_s=_FAULTS_S)
        self._next: Instruction | None = None
        self._since = 0.0
        self._shown = -1e9
        self._told: Instruction | None = None
        self._told_at = -1e9

    def glimpse(self, glimpse: Glimpse) -> None:
        """Keep fresh what the camera still shows."""
        if "aim" in glimpse.still:
            self._shown = glimpse.at
            self._faults.still(glimpse.at)

    def see(self, seen: Seen) -> None:
        """Take where the thing is."""
        self._faults.see(seen.faults, seen.at, seen.since)
        if seen.unreadable:
            self._next = None
            return
        wanted = instruction(seen.box, seen.width, seen.height, mirrored=self._mirrored)
        if wanted != self._next:
            self._since = seen.since
        self._next, self._shown = wanted, seen.at

    def compose(self, now: float, *, moving: bool) -> Remark | None:
        """A fault, or the next move."""
        fault = self._faults.compose(now)
        if fault is not None:
            return fault
        wanted = self._next
        if wanted is None or now - self._shown > FRESH_S or (wanted == "hold" and moving):
            return None
        if wanted == "search" and now - self._since < _SEARCH_FIRST_S:
            return None
        if wanted == self._told:
            pause = {"hold": 1e9, "search": _SEARCH_S}.get(wanted, _AGAIN_S)
        else:
            pause = _NEXT_S
        if now - self._told_at < pause:
            return None
        return Remark(
            text=words.aim(wanted, self._language),
            topic="aim",
            kind="measured",
            since=self._since,
            keys=(wanted,),
        )

    def told(self, remark: Remark, now: float) -> None:
        """The move was said."""
        if remark.topic == "fault":
            self._faults.told(remark, now)
            return
        self._told = self._next if self._next in remark.keys else None
        self._told_at = now
