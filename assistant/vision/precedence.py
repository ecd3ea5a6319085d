"""What is spoken of first: what stands ahead and near, people and vehicles, signs and doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assistant.types import SceneObject
from assistant.vision.names import names

HEDGE = 0.6
"""Confidence below which a name is spoken with "maybe"."""
MOVING = frozenset({
    "vehicle", "car", "taxi", "truck", "pickup truck", "van", "bus", "school bus", "minibus",
    "ambulance", "fire engine", "tractor", "train", "tram", "motorcycle", "scooter",
    "bicycle", "tricycle", "golf cart",
})  # fmt: skip
"""What may drive into somebody, spoken of with people."""
ANIMALS: Final = frozenset({"animal", "mammal", "bird"})
"""Kinds of names (`names.Name.kind`) that are animals."""
SIGNS: Final = frozenset({"street sign", "stop sign", "traffic sign"})
DOORS: Final = frozenset({"door", "glass door", "sliding door"})

_AHEAD: Final = 16.0  # degrees to either side, "a little to your left" included
_STANDS: Final = 0.4  # m, height from which somebody walks into a thing, not over or past it
_LOW: Final = frozenset({"table", "bed", "potted plant", "suitcase"})  # which have no one height
_PROXIMITY_RANK: Final = {"near": 0.0, "middle": 1.0, "far": 2.0, None: 1.5}


@dataclass(frozen=True, kw_only=True)
class Group:
    """Things of one name."""

    name: str
    objects: tuple[SceneObject, ...]

    @property
    def sure(self) -> int:
        """How many of them are certain enough to be counted."""
        return sum(o.confidence >= HEDGE for o in self.objects)


def rank(found: SceneObject) -> tuple[int, int, float, float]:
    """Sorts things by how soon they should be spoken of.

    What stands ahead and near comes first, then people, vehicles, signs and doors, the rest.
    """
    tier = 0 if found.name == "person" else 1 if found.name in MOVING else 3
    if found.name in SIGNS | DOORS:
        tier = 2
    aside = abs(found.direction or 0.0) / 20  # 20 degrees aside weigh like one step further off
    place = _PROXIMITY_RANK[found.proximity] + aside
    return (not in_the_way(found), tier, place, -found.confidence)


def in_the_way(found: SceneObject) -> bool:
    """Whether a thing stands ahead and near, so that somebody may walk into it."""
    if found.proximity != "near" or found.direction is None or abs(found.direction) > _AHEAD:
        return False
    known = names().get(found.name)
    return found.name in _LOW or (known is not None and (known.height or 0.0) >= _STANDS)


def groups(objects: Sequence[SceneObject]) -> list[Group]:
    """Things with a place merged by name, the first to be spoken of first."""
    merged: dict[str, list[SceneObject]] = {}
    for found in sorted((o for o in objects if o.box is not None), key=rank):
        merged.setdefault(found.name, []).append(found)
    return [Group(name=name, objects=tuple(found)) for name, found in merged.items()]
