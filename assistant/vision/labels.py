"""Labels of detectors' checkpoints as names that are spoken, and boxes as things seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np

from assistant.types import Box, Picture, SceneObject
from assistant.vision import geometry, tiles
from assistant.vision.names import names

# What other label lists call COCO's classes (PASCAL VOC's spellings live on in many).
_ALSO: Final = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "trafficlight": "traffic light",
    "tvmonitor": "tv",
    "hair dryer": "hair drier",
    "cellphone": "cell phone",
    "human": "person",
    "man": "person",
    "pedestrian": "person",
    "woman": "person",
}

LOOKED_FOR: Final = (
    "person", "car", "bicycle", "motorcycle", "bus", "truck", "dog", "cat", "chair", "table",
    "sofa", "bed", "door", "stairs", "escalator", "elevator", "kerb", "pole", "bollard", "fence",
    "glass door", "window", "crosswalk", "traffic light", "traffic sign", "hole in the ground",
    "suitcase", "backpack", "bottle", "cup", "phone", "keys", "book", "laptop",
)  # fmt: skip
"""What a detector that wants names is asked for, unless the profile names others."""

_SAME = 0.5  # intersection over union of two boxes with one name: one thing


def spoken(label: str) -> str:
    """A checkpoint's label as an English name: ours where we have it, else the label's words."""
    words = " ".join(re.sub(r"[_\-/]+", " ", label).lower().split())[:40]
    words = _ALSO.get(words, words)
    return _by_class().get(words, words)


def thing(
    label: str, score: float, corners: Iterable[float], picture: Picture
) -> SceneObject | None:
    """A detection as a thing with direction and proximity; None for a box without area.

    Args:
        corners: x1, y1, x2, y2 in pixels of the picture, which they may leave.

    Direction and proximity assume a camera that faces away from the user.
    """
    values = list(corners)
    if not label or not np.isfinite(values).all():
        return None
    width, height = picture.width, picture.height
    x1, x2 = (int(np.clip(value, 0, width)) for value in (values[0], values[2]))
    y1, y2 = (int(np.clip(value, 0, height)) for value in (values[1], values[3]))
    if x2 - x1 < 2 or y2 - y1 < 2:
        return None
    box: Box = (x1, y1, x2, y2)
    name = spoken(label)
    known = names().get(name)
    view = geometry.field_of_view(picture)
    return SceneObject(
        name=name,
        confidence=float(np.clip(score, 0, 1)),
        box=box,
        direction=geometry.direction(box, width, view),
        proximity=geometry.proximity(box, width, height, view, known.height if known else None),
    )


def distinct(found: Iterable[SceneObject | None]) -> list[SceneObject]:
    """Things, most confident first, each once."""
    kept: list[SceneObject] = []
    for one in sorted((one for one in found if one is not None), key=lambda one: -one.confidence):
        if not any(_repeats(one, other) for other in kept):
            kept.append(one)
    return kept


def _repeats(one: SceneObject, other: SceneObject) -> bool:
    if one.name != other.name or one.box is None or other.box is None:
        return False
    return tiles.overlap(one.box, other.box)[0] >= _SAME


@cache
def _by_class() -> dict[str, str]:
    return {name.coco: name.english for name in names().values() if name.coco}
