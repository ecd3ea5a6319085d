"""Where a vision model sees more room: left or right, always with doubt, never as a way.

The model only names a side; the sentence is fixed. It is withheld where the model names both
sides, and where something near was boxed on that side and nothing on the other. "Straight
ahead" is not among the sides: said to somebody who walks, it would be leave to go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from assistant.languages import base
from assistant.types import SceneObject
from assistant.vision.answers import Facts

Side = Literal["left", "right"]  # of the picture

SAID: Final[dict[Side, tuple[str, str]]] = {
    "left": (
        "There seems to be more room on your left; I can't judge the way.",
        "你左边好像空间大一些，我无法判断路况。",
    ),
    "right": (
        "There seems to be more room on your right; I can't judge the way.",
        "你右边好像空间大一些，我无法判断路况。",
    ),
}  # (English, Chinese)
_FIELD: Final = re.compile(r'"more_room"\s*:\s*"(left|right)"')
_ROOMY: Final = re.compile(
    r"\b(?:more|most|extra|some|plenty of|enough|ample|lots? of)\s+(?:\w+\s+)?(?:room|space)\b"
    r"|\b(?:roomier|more spacious)\b|\bwider\b.*\b(?:left|right|side|path|way|gap)\b"
    r"|(?:空间|地方)[^，。；]{0,6}(?:大|宽|多|足)|更?(?:宽敞|宽阔)|(?:更|比较)宽"
)
_LEFT: Final = re.compile(r"\bleft\b|左", re.IGNORECASE)
_RIGHT: Final = re.compile(r"\bright\b|右", re.IGNORECASE)


def taken(raw: str, sentences: Sequence[str]) -> tuple[list[str], Side | None]:
    """The sentences that say nothing of room, and the one side with more of it, if any.

    Args:
        raw: the model's whole answer, in which the field `more_room` may stand.
    """
    rest = [text for text in sentences if not _ROOMY.search(text.lower())]
    sides: set[Side] = set()
    for named in _FIELD.findall(raw):
        sides.add("left" if named == "left" else "right")
    for text in sentences:
        if _ROOMY.search(text.lower()):
            sides |= {"left"} if _LEFT.search(text) else set()
            sides |= {"right"} if _RIGHT.search(text) else set()
    return rest, sides.pop() if len(sides) == 1 else None


def sentence(side: Side | None, facts: Facts, language: str) -> str | None:
    """That there seems to be more room on a side; None where something measured speaks against."""
    if side is None or facts.quality.faults or _contradicted(side, facts):
        return None
    if facts.mirrored:
        side = "right" if side == "left" else "left"
    return SAID[side][base(language) == "zh"]


def _contradicted(side: Side, facts: Facts) -> bool:
    near = [o for o in facts.objects if o.box is not None and o.proximity == "near"]
    left = sum(_on_the_left(o, facts.picture.width) for o in near)
    there, elsewhere = (left, len(near) - left) if side == "left" else (len(near) - left, left)
    return there > elsewhere


def _on_the_left(thing: SceneObject, width: int) -> bool:
    return thing.box is not None and (thing.box[0] + thing.box[2]) / 2 < width / 2
