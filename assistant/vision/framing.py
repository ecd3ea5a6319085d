"""Whether a thing, or a page of text, lies wholly in the picture and is large enough.

Boxes come from any detector, lines from any text reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from assistant.interfaces import Cancel, TextReader
from assistant.types import Box, Picture, Reading, SceneObject
from assistant.vision import cut_letters, print_height
from assistant.vision.cut_letters import Side

SIDES: Final[tuple[Side, ...]] = ("left", "right", "top", "bottom")

BACKGROUND: Final = frozenset(
    {"person", "table", "desk", "chair", "sofa", "bed", "bench", "furniture", "building", "room"}
)
"""What is rarely held up to be named."""

_EDGE: Final = 0.01  # of the longer side: how near the edge a detector's box ends that is cut
_SMALL: Final = 0.04  # of the picture's area
_SMALL_PRINT: Final = 5.5  # pixels of a small letter; lower ones are misread (docs/quality.md)
_OVERLOOKED: Final = 10.0  # pixels of a small letter; higher ones are found without looking closer


def sides(box: Box, width: int, height: int) -> tuple[Side, ...]:
    """The edges of the picture that a box reaches.

    Args:
        box: pixels.
        width, height: pixels of the picture.
    """
    x1, y1, x2, y2 = box
    edge = _EDGE * max(width, height)
    reached = (x1 <= edge, x2 >= width - edge, y1 <= edge, y2 >= height - edge)
    return tuple(side for side, there in zip(SIDES, reached, strict=True) if there)


def cut_off(reached: Sequence[Side]) -> str | None:
    """The key of `faults.SENTENCES` for a thing that reaches these edges.

    One edge tells where the camera should go; with more, it is too near.
    """
    if not reached:
        return None
    return f"cut_off:{reached[0]}" if len(reached) == 1 else "cut_off"


def of_thing(box: Box, width: int, height: int) -> str | None:
    """What is wrong with how a thing that somebody shows lies in the picture, as a key."""
    x1, y1, x2, y2 = box
    cut = cut_off(sides(box, width, height))
    if cut is not None:
        return cut
    return "too_small" if (x2 - x1) * (y2 - y1) < _SMALL * width * height else None


def of_text(reading: Reading, picture: Picture) -> str | None:
    """What is wrong with how a text lies in the picture that it was read from, as a key.

    A text is cut off where the edge of the picture goes through letters; letters lower than
    `_SMALL_PRINT` are too small.
    """
    boxes = print_height.boxes(reading)
    if not boxes:
        return None
    height = print_height.height(reading, picture)
    if height is not None and height < _SMALL_PRINT:
        return "text_too_small"
    return cut_off([s for s in SIDES if any(cut_letters.cut(picture, box, s) for box in boxes)])


def overlooked_text(
    picture: Picture, reader: TextReader, cancel: Cancel | None = None
) -> str | None:
    """`text_too_small` where a reader made nothing out and finds small letters when it looks
    closer, at the middle of the picture.

    Raises:
        Cancelled
    """
    height = print_height.overlooked(picture, reader, cancel)
    return "text_too_small" if height is not None and height < _OVERLOOKED else None


def subject(objects: Iterable[SceneObject], width: int, height: int) -> SceneObject | None:
    """The thing that a picture is of: the largest box near the middle, furniture and people
    last; None where nothing has a box."""

    def weight(found: SceneObject) -> tuple[bool, float]:
        assert found.box is not None
        x1, y1, x2, y2 = found.box
        area = (x2 - x1) * (y2 - y1) / (width * height)
        aside = abs((x1 + x2) / 2 / width - 0.5) + abs((y1 + y2) / 2 / height - 0.5)
        return (found.name not in BACKGROUND, area * (1 - aside))

    return max((o for o in objects if o.box is not None), key=weight, default=None)
