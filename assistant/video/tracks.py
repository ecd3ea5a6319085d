"""Follows what moves by itself through a shot: people, animals, vehicles.

A thing is the one of its group (a dog and a cat are one group, as detectors take them for each
other) that would be nearest to its place now, had it gone on as it went a look before, and is
within reach. Weak boxes go on with what was seen surely and begin nothing, as in ByteTrack (Zhang
et al., 2022).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from assistant.types import SceneObject
from assistant.vision.names import names
from assistant.vision.precedence import ANIMALS, HEDGE, MOVING
from assistant.vision.tiles import Spot, overlap

Kind = Literal["person", "animal", "vehicle"]

_WEAK: Final = 0.3  # score of a box that may go on with a track
_STRONG: Final = 0.5  # ... that may begin one
_LOST_S: Final = 1.6  # s unseen after which a thing that appears is another one
_REACH: Final = 0.12  # widths from one look to the next, or the thing's own size, and besides
_SPEED: Final = 0.3  # ... widths a second
_SAME: Final = 0.45  # intersection over union of two boxes of one thing
_INSIDE: Final = 0.7  # ... or over the smaller box: a part of it
_NAMED: Final = 0.7  # of a track's scores: what one name has at least, else it is "an animal"
_SURE: Final = 2  # looks of a track that are sure, and ...
_LOOKS: Final = 3  # ... looks in all, for anything to be told of it


@dataclass(frozen=True, kw_only=True)
class Spotted:
    """A thing in one frame."""

    kind: Kind
    name: str
    confidence: float  # 0 to 1
    spot: Spot  # all in widths of the picture

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre, widths."""
        left, top, right, bottom = self.spot
        return (left + right) / 2, (top + bottom) / 2

    @property
    def size(self) -> float:
        """Its longer side, widths."""
        left, top, right, bottom = self.spot
        return max(right - left, bottom - top)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What moves by itself in a frame."""

    time: float  # s
    things: tuple[Spotted, ...]
    steady: bool = True  # the camera has not moved since the look before


@dataclass(eq=False, kw_only=True)
class Track:
    """One thing over time."""

    kind: Kind
    seen: list[tuple[float, Spotted]] = field(default_factory=list)  # (s, it), never none

    @property
    def first(self) -> float:
        """When it was seen first, s."""
        return self.seen[0][0]

    @property
    def last(self) -> float:
        """When it was seen last, s."""
        return self.seen[-1][0]

    @property
    def name(self) -> str:
        """What it is, in a name that can be spoken."""
        scores: defaultdict[str, float] = defaultdict(float)
        for _, thing in self.seen:
            scores[thing.name] += thing.confidence
        name = max(scores, key=lambda name: scores[name])
        return name if scores[name] >= _NAMED * sum(scores.values()) else self.kind

    @property
    def sure(self) -> bool:
        """Whether it was there, and is no flicker of the detector."""
        sure = sum(thing.confidence >= HEDGE for _, thing in self.seen)
        return len(self.seen) >= _LOOKS and sure >= _SURE

    def at(self, time: float) -> Spotted | None:
        """It at the time of a look, s; None where that look did not find it."""
        return next((thing for when, thing in self.seen if when == time), None)

    def ahead(self, time: float) -> tuple[float, float]:
        """Where its middle is at a later time, s, if it goes on as between its last two looks."""
        (x, y), before = self.seen[-1][1].middle, self.seen[-2:][0]
        if before[0] == self.last:
            return x, y
        on = (time - self.last) / (self.last - before[0])
        u, v = before[1].middle
        return x + on * (x - u), y + on * (y - v)

    def between(self, start: float, end: float) -> list[tuple[float, Spotted]]:
        """It from `start` to `end`, s."""
        return [(when, thing) for when, thing in self.seen if start <= when <= end]


def tracks(looks: Sequence[Look]) -> list[Track]:
    """What was followed through the looks of one shot, in order of appearance."""
    found: list[Track] = []
    weak: list[tuple[float, Spotted]] = []  # of the look before: too weak to begin a track
    for look in looks:
        alive = [track for track in found if look.time - track.last <= _LOST_S]
        free = list(look.things)
        pairs = sorted(
            (
                (apart, track_at, thing_at)
                for track_at, track in enumerate(alive)
                for thing_at, thing in enumerate(free)
                if (apart := _apart(track, thing, look.time)) is not None
            ),
        )
        taken: set[int] = set()
        for _, track_at, thing_at in pairs:
            track = alive[track_at]
            if thing_at not in taken and track.last < look.time:
                track.seen.append((look.time, free[thing_at]))
                taken.add(thing_at)
        new = [thing for at, thing in enumerate(free) if at not in taken]
        for thing in new:
            if thing.confidence >= _STRONG:
                found.append(Track(kind=thing.kind, seen=[*_earlier(thing, look.time, weak)]))
                found[-1].seen.append((look.time, thing))
        weak = [(look.time, thing) for thing in new if thing.confidence < _STRONG]
    return found


def _earlier(
    thing: Spotted, time: float, weak: Sequence[tuple[float, Spotted]]
) -> list[tuple[float, Spotted]]:
    """The weak box of the look before that was this thing, if any: it comes in cut by the edge."""
    before = [Track(kind=one.kind, seen=[(at, one)]) for at, one in weak]
    near = [(apart, b.seen[0]) for b in before if (apart := _apart(b, thing, time)) is not None]
    return [min(near, key=lambda pair: pair[0])[1]] if near else []


def spotted(objects: Iterable[SceneObject], width: int) -> tuple[Spotted, ...]:
    """What moves by itself among the boxes of a detector, each thing once.

    Args:
        width: of the picture that was looked at, pixels.
    """
    kept: list[Spotted] = []
    for thing in sorted(objects, key=lambda thing: -thing.confidence):
        kind = kind_of(thing.name)
        if kind is None or thing.box is None or thing.confidence < _WEAK:
            continue
        left, top, right, bottom = (value / width for value in thing.box)
        one = Spotted(
            kind=kind,
            name=thing.name,
            confidence=thing.confidence,
            spot=(left, top, right, bottom),
        )
        if not any(other.kind == kind and _one(one, other) for other in kept):
            kept.append(one)
    return tuple(kept)


@cache
def kind_of(name: str) -> Kind | None:
    """The group of a name; None of what does not move by itself."""
    if name == "person":
        return "person"
    if name in MOVING:
        return "vehicle"
    known = names().get(name)
    return "animal" if known is not None and known.kind in ANIMALS else None


def _one(first: Spotted, second: Spotted) -> bool:
    union, inside = overlap(first.spot, second.spot)
    return union >= _SAME or inside >= _INSIDE


def _apart(track: Track, thing: Spotted, time: float) -> float | None:
    """Widths between where a track leads and a thing; None out of reach."""
    if track.kind != thing.kind:
        return None
    (x, y), (u, v) = track.ahead(time), thing.middle
    apart = ((x - u) ** 2 + (y - v) ** 2) ** 0.5
    before = track.seen[-1][1]
    reach = max(_REACH, min(before.size, thing.size)) + _SPEED * (time - track.last)
    return apart if apart <= reach else None
