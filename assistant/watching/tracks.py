"""Which things are new and which were there before, from boxes of one look after the other.

A thing is the same where its box overlaps the one before, once the camera's own movement is
taken out; else where no more of its name are seen than are known. A thing that is missed for
some seconds is still the same when it comes back, so that a flickering detector repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from assistant.types import SceneObject
from assistant.vision.precedence import HEDGE
from assistant.vision.tiles import Spot, overlap
from assistant.watching.seen import FRESH_S, Seen

_SAME: Final = 0.25  # intersection over union from which a box is the same thing's
_INSIDE: Final = 0.7  # ... or of the smaller box, while a thing grows or is half seen
_FORGOTTEN_S: Final = 8.0  # s unseen after which a thing is new again
_WINDOW_S: Final = 2.5  # s over which growth is measured
_LEAST_S: Final = 0.6  # s it must last
_GROWTH: Final = 1.25  # of a box's side: at a walk towards it, 5 m become 4 m in a second
_TOLD_GROWTH: Final = 1.4  # since the last time that it was told


@dataclass(eq=False)
class Track:
    """One thing as it was seen over time."""

    key: str
    thing: SceneObject
    spot: Spot  # parts of the picture's width and height
    since: float  # s, when it appeared
    seen: float  # s, last
    looks: int = 1
    told: bool = False
    told_size: float = 0.0
    sizes: list[tuple[float, float]] = field(default_factory=list)  # (s, side)

    @property
    def sure(self) -> bool:
        """Whether it is confident, or was seen twice."""
        return self.thing.confidence >= HEDGE or self.looks >= 2

    @property
    def approaching(self) -> bool:
        """Whether its box has grown, look by look, and by enough since it was last told."""
        recent = [(at, size) for at, size in self.sizes if at >= self.seen - _WINDOW_S]
        if len(recent) < 3 or recent[-1][0] - recent[0][0] < _LEAST_S:
            return False
        sizes = [size for _, size in recent]
        rising = sum(b >= a for a, b in pairwise(sizes)) >= len(sizes) - 1
        grown = sizes[-1] >= _GROWTH * sizes[0]
        return rising and grown and sizes[-1] >= _TOLD_GROWTH * self.told_size


class Tracks:
    """The things of the present scene."""

    def __init__(self) -> None:
        self.all: list[Track] = []
        self._scene = -1
        self._number = 0

    def shift(self, dx: float, dy: float) -> None:
        """The picture has moved by these parts of its sides."""
        for track in self.all:
            x1, y1, x2, y2 = track.spot
            track.spot = (x1 + dx, y1 + dy, x2 + dx, y2 + dy)

    def clear(self) -> None:
        """The scene is another one."""
        self.all = []

    def still(self, at: float) -> None:
        """The camera still shows what the last look showed."""
        newest = max((track.seen for track in self.all), default=0.0)
        for track in self.all:
            if track.seen >= newest:
                track.seen = at

    def update(self, seen: Seen, *, adds: bool = True) -> None:
        """Take a look's things; `adds` is false for boxes whose names are not sure."""
        if seen.scene != self._scene:
            self._scene, self.all = seen.scene, []
        self.all = [t for t in self.all if seen.at - t.seen <= _FORGOTTEN_S]
        free = list(self.all)
        left = []
        for thing in sorted(seen.objects, key=lambda thing: -thing.confidence):
            spot = _spot(thing, seen)
            match = self._overlapping(thing, spot, free)
            if match is None:
                left.append((thing, spot))
                continue
            free.remove(match)
            _renew(match, thing, spot, seen.at, whole=adds)
        if not adds:
            return
        for thing, spot in left:  # of that name one was there: it has moved
            known = next((t for t in free if t.thing.name == thing.name), None)
            if known is not None:
                free.remove(known)
                known.sizes.clear()
                _renew(known, thing, spot, seen.at, whole=True)
                continue
            self._number += 1
            track = Track(
                key=f"{thing.name} {self._number}",
                thing=thing,
                spot=spot,
                since=seen.since,
                seen=seen.at,
            )
            track.sizes.append((seen.at, _side(spot)))
            self.all.append(track)

    def fresh(self, now: float) -> list[Track]:
        """What is seen now, as far as anybody knows."""
        return [track for track in self.all if now - track.seen <= FRESH_S]

    def told(self, keys: Iterable[str]) -> None:
        """These were said."""
        wanted = set(keys)
        for track in self.all:
            if track.key in wanted:
                track.told = True
                track.told_size = max(track.told_size, _side(track.spot))

    @staticmethod
    def _overlapping(thing: SceneObject, spot: Spot, free: list[Track]) -> Track | None:
        best, match = 0.0, None
        for track in free:
            if track.thing.name != thing.name:
                continue
            if (thing.box is None) != (track.thing.box is None):
                continue
            union, inside = overlap(spot, track.spot)
            if (union >= _SAME or inside >= _INSIDE) and union + inside > best:
                best, match = union + inside, track
        return match


def _renew(track: Track, thing: SceneObject, spot: Spot, at: float, *, whole: bool) -> None:
    track.thing = thing if whole or thing.confidence >= HEDGE else track.thing
    track.spot, track.seen = spot, at
    track.looks += whole
    track.sizes = [*track.sizes[-12:], (at, _side(spot))]


def _spot(thing: SceneObject, seen: Seen) -> Spot:
    if thing.box is None:
        return (0.0, 0.0, 1.0, 1.0)
    x1, y1, x2, y2 = thing.box
    return (x1 / seen.width, y1 / seen.height, x2 / seen.width, y2 / seen.height)


def _side(spot: Spot) -> float:
    """The geometric mean of the sides, parts of the picture."""
    return float(max(0.0, (spot[2] - spot[0]) * (spot[3] - spot[1])) ** 0.5)
