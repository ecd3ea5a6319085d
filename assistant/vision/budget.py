"""How large a picture a model is shown, and when it is shown enlarged parts besides.

Models scale pictures to a size of their own. Doing it before keeps the aspect and, where a
picture has far more pixels than the model takes, adds tiles in which small text and the
edges of a wide scene stay readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.errors import SettingsError
from assistant.types import Box, Picture
from assistant.vision import tiles

# Below this scale small print is lost: 10-point text photographed at 150 dots per inch is 21
# pixels tall, and recognisers need about 14.
_ENOUGH = 0.67
_GREY = 127


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a model takes of one picture."""

    side: int = 1536  # pixels, of the longer side
    pixels: int = 1_600_000  # of the whole picture
    views: int = 1  # pictures that one may become: itself and its parts
    square: bool = False  # grey margins, where a model would cut the longer side's ends off

    @classmethod
    def of(cls, options: Mapping[str, Any], usual: Budget | None = None) -> Budget:
        """The profile's `picture_side`, `picture_pixels`, `picture_views`, else the usual ones.

        Raises:
            SettingsError: one of them is no positive number.
        """
        usual = usual or cls()
        wanted = {
            name: options.get(f"picture_{name}", getattr(usual, name))
            for name in ("side", "pixels", "views")
        }
        for name, value in wanted.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise SettingsError(
                    f"picture_{name} is {value!r}", fix="give a positive whole number"
                )
        return cls(**wanted, square=usual.square)

    def scale(self, width: int, height: int) -> float:
        """By how much a picture of this size must shrink; 1 when it fits."""
        return min(1.0, self.side / max(width, height), sqrt(self.pixels / (width * height)))


def fitted(picture: Picture, budget: Budget) -> Picture:
    """The picture within the budget, aspect kept; never enlarged."""
    scale = budget.scale(picture.width, picture.height)
    pixels = picture.pixels
    if scale < 1.0:
        size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if budget.square:
        pixels = _squared(pixels)
    return picture if pixels is picture.pixels else replace(picture, pixels=pixels)


def _squared(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey margins on both sides of the shorter direction."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    if height == width:
        return pixels
    made = np.full((side, side, 3), _GREY, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    made[top : top + height, left : left + width] = pixels
    return made


def parts(width: int, height: int, budget: Budget) -> list[Box]:
    """Tiles worth showing besides the whole picture; none where it keeps enough of itself.

    Of all grids that the budget's `views` allow, the one that keeps most detail, then the one
    with the fewest tiles. No tile is wider than twice its height or the reverse.
    """
    whole = budget.scale(width, height)
    if whole >= _ENOUGH:
        return []
    best: tuple[float, int, list[Box]] = (whole * 1.2, 0, [])  # a gain under a fifth is none
    for across in range(1, budget.views):
        for down in range(1, (budget.views - 1) // across + 1):
            if across * down < 2:
                continue
            grid = tiles.boxes(width, height, across, down)
            wide, high = grid[0][2] - grid[0][0], grid[0][3] - grid[0][1]
            if max(wide, high) > 2 * min(wide, high):
                continue
            kept = budget.scale(wide, high)
            if (kept, -len(grid)) > (best[0], -best[1]):
                best = (kept, len(grid), grid)
    return best[2]


def views(picture: Picture, budget: Budget) -> list[Picture]:
    """The whole picture within the budget, then its parts where they show more."""
    found = parts(picture.width, picture.height, budget)
    crops = [tiles.crop(picture, box) for box in found]
    return [fitted(view, budget) for view in (picture, *crops)]


def shown(pictures: Sequence[Picture], budget: Budget) -> tuple[list[Picture], int]:
    """What a model is shown for these pictures, and how many of them are parts.

    Only a single picture gets parts: among several, parts would be taken for pictures.
    """
    if len(pictures) == 1:
        made = views(pictures[0], budget)
        return made, len(made) - 1
    return [fitted(picture, budget) for picture in pictures], 0


def usual_budget(images: Any) -> Budget:
    """What a picture processor of transformers takes: a fixed size, a longest side, or pixels."""
    size = getattr(images, "size", None) or {}
    crop = getattr(images, "crop_size", None) if getattr(images, "do_center_crop", False) else None

    def told(mapping: Any, name: str) -> int | None:
        value = mapping.get(name) if hasattr(mapping, "get") else getattr(mapping, name, None)
        return int(value) if isinstance(value, int | float) else None

    side = max(told(crop or size, "height") or 0, told(crop or size, "width") or 0)
    if side:  # a square, in which more pixels than this are lost
        return Budget(side=2 * side, pixels=4 * side * side, square=crop is not None)
    longest = told(size, "longest_edge")
    if longest and longest > 10_000:  # Qwen-VL counts pixels under this name
        return Budget(pixels=min(longest, Budget.pixels))
    return Budget(side=longest) if longest else Budget()
