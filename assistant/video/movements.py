"""What happens within a shot: who comes into the picture, goes out, comes up to somebody.

Told only where the camera stands still and the thing was seen to move: a detector that loses
somebody is no departure. Of crowds nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from assistant.video.tracks import Look, Spotted, Track, tracks

MovementKind = Literal["in", "again", "out", "to", "from"]
Side = Literal["left", "right"]

_WAIT_S: Final = 1.0  # without it, before it has gone; and before it came
_RUN_S: Final = 1.6  # over which its speed is measured
_MOVED: Final = 0.1  # widths it has to have moved in that time
_SPEED: Final = 0.06  # widths a second
_AHEAD_S: Final = 0.8  # how long it may go on at its speed and be at the edge
_EDGE: Final = 0.03  # widths from the edge that count as at it
_CROWD: Final = 3  # of a group at a time; of more nothing is told
_NEAR: Final = 0.25  # of the person's height between two: beside each other
_FAR: Final = 0.6  # ... apart
_LEVEL: Final = 0.35  # ... between their feet: as far from the camera
_LATELY_S: Final = 5.0  # within which they were the other way
_ONE_S: Final = 2.5  # movements of one thing nearer than this are one: it leaves, and is gone


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One thing that happened."""

    kind: MovementKind  # came into the picture, so after one left, went out; to or from somebody
    name: str  # who, in English: "dog"
    start: float  # s
    end: float  # s
    side: Side | None = None  # of the picture, of those that come and go
    other: str | None = None  # whom it came up to


def movements(looks: Sequence[Look]) -> list[Movement]:
    """What happened in one shot, in order of time.

    Args:
        looks: at frames of the shot, in order of time.
    """
    followed = tracks(looks)
    sure = [track for track in followed if track.sure]
    found = [
        (track, one)
        for track in sure
        for one in (*_entering(track, followed, looks), *_leaving(track, followed, looks))
    ]
    people = [track for track in sure if track.kind == "person"]
    animals = [track for track in sure if track.kind == "animal"]
    if len(people) == 1 and len(animals) <= _CROWD:  # else who comes to whom is a guess
        for animal in animals:
            found += [(animal, one) for one in _meeting(animal, people[0], looks)]
    return _returning(_single(found))


def _leaving(track: Track, followed: Sequence[Track], looks: Sequence[Look]) -> Iterator[Movement]:
    """That it went out of the picture."""
    side = _heading(track.between(track.last - _RUN_S, track.last), going=True)
    after = [look for look in looks if track.last < look.time <= track.last + 2 * _WAIT_S]
    if side is None or not after or after[-1].time < track.last + _WAIT_S:
        return
    if not _steady(looks, track.last - _WAIT_S, track.last + _WAIT_S) or _crowd(
        track, looks, track.last
    ):
        return
    until = track.last + _WAIT_S
    if any(o.kind == track.kind and track.last < o.first <= until for o in followed):
        return  # it was lost, and found again
    gone = after[0].time
    yield Movement(kind="out", name=track.name, side=side, start=(track.last + gone) / 2, end=gone)


def _entering(track: Track, followed: Sequence[Track], looks: Sequence[Look]) -> Iterator[Movement]:
    """That it came into the picture."""
    run = track.between(track.first, track.first + _RUN_S)
    side = _heading(run, going=False)
    if side is None or looks[0].time > track.first - _WAIT_S:
        return
    if not _steady(looks, track.first - _WAIT_S, track.first + _WAIT_S) or _crowd(
        track, looks, track.first
    ):
        return
    since = track.first - _WAIT_S
    if any(o.kind == track.kind and since <= o.last < track.first for o in followed):
        return
    yield Movement(kind="in", name=track.name, side=side, start=track.first, end=run[-1][0])


def _heading(run: Sequence[tuple[float, Spotted]], *, going: bool) -> Side | None:
    """The side of the picture that a thing goes to, or comes from; None where it does neither."""
    if len(run) < 2:
        return None
    (begun, first), (ended, last) = run[0], run[-1]
    moved = last.middle[0] - first.middle[0]
    speed = moved / (ended - begun)
    if abs(moved) < _MOVED or abs(speed) < _SPEED:
        return None
    outwards = moved if going else -moved
    spot = last.spot if going else first.spot
    ahead = abs(speed) * _AHEAD_S + _EDGE
    if outwards > 0:
        return "right" if spot[2] + ahead >= 1 else None
    return "left" if spot[0] - ahead <= 0 else None


def _steady(looks: Sequence[Look], start: float, end: float) -> bool:
    return all(look.steady for look in looks if start <= look.time <= end)


def _crowd(track: Track, looks: Sequence[Look], time: float) -> bool:
    near = [look for look in looks if abs(look.time - time) <= _WAIT_S]
    return any(sum(t.kind == track.kind for t in look.things) > _CROWD for look in near)


def _meeting(animal: Track, person: Track, looks: Sequence[Look]) -> Iterator[Movement]:
    """That an animal came up to the person, or moved away."""
    before: tuple[bool, float] | None = None  # whether it was near, and until when, s
    for time, thing in animal.seen:
        other = person.at(time)
        near = None if other is None else _near(thing, other)
        if near is None:
            continue
        changed = before is not None and near != before[0]
        if changed and before is not None and time - before[1] <= _LATELY_S:
            start = time if near else before[1]
            if _steady(looks, before[1], time) and _more(animal, person, before[1], time):
                yield Movement(
                    kind="to" if near else "from",
                    name=animal.name,
                    other=person.name,
                    start=start,
                    end=time,
                )
        before = near, time


def _near(thing: Spotted, person: Spotted) -> bool | None:
    """Whether a thing is beside a person; None where it is neither beside nor apart."""
    height = person.spot[3] - person.spot[1]
    gap = max(thing.spot[0] - person.spot[2], person.spot[0] - thing.spot[2])
    if gap >= _FAR * height:
        return False
    level = abs(thing.spot[3] - person.spot[3]) <= _LEVEL * height
    return True if gap <= _NEAR * height and level else None


def _more(first: Track, second: Track, start: float, end: float) -> bool:
    """Whether the first has moved more than the second, from side to side."""
    return _way(first, start, end) > _way(second, start, end)


def _way(track: Track, start: float, end: float) -> float:
    run = track.between(start, end)
    return abs(run[-1][1].middle[0] - run[0][1].middle[0]) if run else 0.0


def _single(found: Sequence[tuple[Track, Movement]]) -> list[Movement]:
    """In order of time, without what another movement of the same thing tells as well."""
    gone = [(track, one.start) for track, one in found if one.kind == "out"]
    kept = [
        one
        for track, one in found
        if one.kind != "from"
        or not any(track is left and 0 <= at - one.start <= _ONE_S for left, at in gone)
    ]
    return sorted(kept, key=lambda one: one.start)


def _returning(found: Sequence[Movement]) -> list[Movement]:
    """Who comes in after one of that name went out may be the same: boxes do not tell."""
    told: list[Movement] = []
    for one in found:
        gone = sum(o.kind == "out" and o.name == one.name and o.end <= one.start for o in told)
        again = sum(o.kind == "again" and o.name == one.name for o in told)
        told.append(replace(one, kind="again") if one.kind == "in" and gone > again else one)
    return told
