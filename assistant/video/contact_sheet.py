"""A video at a glance: its keyframes small, side by side, each with its time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.errors import InputError
from assistant.types import Keyframe, Picture

_WIDE: Final = 240  # pixels of a frame on the sheet
_TALL: Final = 180  # ... at most; a frame that stands upright is narrower
_LINE: Final = 22  # pixels of the time below it
_GAP: Final = 8  # pixels
_MOST: Final = 48  # frames; of more, some are left out evenly
_GROUND: Final = (255, 255, 255)
_INK: Final = (0, 0, 0)


def contact_sheet(keyframes: Iterable[tuple[Keyframe, Picture]]) -> Picture:
    """The sheet: rows from left to right, about four to three, at most 48 frames.

    The pictures are taken one after the other and made small at once, so that a long video's
    need not all be in memory. Where there are more than 48, every second is left out, or more.

    Raises:
        InputError: there is no keyframe.
    """
    small: list[tuple[float, Image.Image]] = []
    every = 1
    for number, (keyframe, picture) in enumerate(keyframes):
        if number % every == 0:
            small.append((keyframe.time, _small(picture)))
        if len(small) > _MOST:
            small, every = small[::2], 2 * every
    if not small:
        raise InputError("there is no keyframe", fix="give a video with a picture")
    return Picture.from_array(np.asarray(_sheet(small)), source="contact sheet")


def save(sheet: Picture, path: Path) -> None:
    """Write a sheet as PNG; its folder is made when missing.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sheet.pixels).save(path, format="PNG")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error}", fix="name another folder") from error


def clock(seconds: float) -> str:
    """A time as it is written below a frame: 0:07, 12:30, 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _small(picture: Picture) -> Image.Image:
    scale = min(_WIDE / picture.width, _TALL / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return Image.fromarray(cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA))


def _sheet(small: list[tuple[float, Image.Image]]) -> Image.Image:
    columns = min(len(small), max(1, round(math.sqrt(len(small) * 4 / 3))))
    rows = math.ceil(len(small) / columns)
    tall = max(image.height for _, image in small)
    across, down = _WIDE + _GAP, tall + _LINE + _GAP
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), _GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for number, (time, image) in enumerate(small):
        row, column = divmod(number, columns)
        x, y = _GAP + column * across, _GAP + row * down
        sheet.paste(image, (x + (_WIDE - image.width) // 2, y + (tall - image.height) // 2))
        draw.text((x + _WIDE / 2, y + tall + 2), clock(time), fill=_INK, font=font, anchor="ma")
    return sheet
