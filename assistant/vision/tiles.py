"""Overlapping tiles, in which small things become large enough for a detector to find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.types import Box, Picture, SceneObject

Spot = tuple[float, float, float, float]
"""Left, top, right, bottom of a box, in pixels or in parts of a picture."""

_OVERLAP = 0.25  # of a tile's side: a thing up to a quarter of a tile is whole in one of them


def crop(picture: Picture, box: Box) -> Picture:
    """The part of a picture inside a box, without copying its pixels."""
    x1, y1, x2, y2 = box
    return Picture(pixels=picture.pixels[y1:y2, x1:x2], source=picture.source)


def widened(box: Box, width: int, height: int, margin: float) -> Box:
    """A box with a margin of its own size around it, kept inside the picture."""
    dx, dy = int((box[2] - box[0]) * margin), int((box[3] - box[1]) * margin)
    return (
        max(0, box[0] - dx),
        max(0, box[1] - dy),
        min(width, box[2] + dx),
        min(height, box[3] + dy),
    )


def boxes(width: int, height: int, across: int = 2, down: int = 2) -> list[Box]:
    """Tiles that cover a picture, row by row, each overlapping its neighbours by a quarter."""

    def spans(length: int, count: int) -> list[tuple[int, int]]:
        side = length / (count - (count - 1) * _OVERLAP)
        starts = np.linspace(0, length - side, count)
        return [(round(start), min(length, round(start + side))) for start in starts]

    return [(x1, y1, x2, y2) for y1, y2 in spans(height, down) for x1, x2 in spans(width, across)]


def shifted(thing: SceneObject, tile: Box) -> SceneObject:
    """A thing found in a tile, with its box in the whole picture's pixels."""
    assert thing.box is not None
    x1, y1, x2, y2 = thing.box
    return replace(thing, box=(x1 + tile[0], y1 + tile[1], x2 + tile[0], y2 + tile[1]))


def overlap(first: Spot, second: Spot) -> tuple[float, float]:
    """Intersection over union, and intersection over the smaller box, in whatever unit."""
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    if across <= 0 or down <= 0:
        return 0.0, 0.0
    common = across * down
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (first, second)]
    return common / (sum(areas) - common), common / min(areas)


def cut_off(thing: SceneObject, tile: Box, width: int, height: int) -> bool:
    """Whether a tile's edge inside the picture runs through a thing's box."""
    assert thing.box is not None
    x1, y1, x2, y2 = thing.box
    near = max(2, round(0.01 * max(tile[2] - tile[0], tile[3] - tile[1])))
    return (
        (tile[0] > 0 and x1 <= tile[0] + near)
        or (tile[1] > 0 and y1 <= tile[1] + near)
        or (tile[2] < width and x2 >= tile[2] - near)
        or (tile[3] < height and y2 >= tile[3] - near)
    )
