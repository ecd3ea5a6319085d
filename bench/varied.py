"""A folder of many full-size photos made of a few, no two alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

_CUT: Final = 0.04  # of a side, the most that is cut off
_QUALITY: Final = 90  # of JPEG and WebP


def vary(photos: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Write so many files in the formats and sizes of the photos, cut a little and some mirrored.

    EXIF is kept but for the orientation, which the pixels have. The same files for the same call;
    those that are there are left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        photo = photos[number % len(photos)]
        path = folder / f"{number:04}-{photo.name}"
        if not path.is_file():
            _write(photo, path, np.random.default_rng(number))
        made.append(path)
    return made


def _write(photo: Path, path: Path, chance: np.random.Generator) -> None:
    with Image.open(photo) as image:
        format = image.format
        upright = ImageOps.exif_transpose(image)
        exif = upright.getexif().tobytes()
        width, height = upright.size
        left, top, right, bottom = _CUT * chance.random(4)
        varied = upright.crop(
            (
                int(left * width),
                int(top * height),
                width - int(right * width),
                height - int(bottom * height),
            )
        )
        if chance.random() < 0.5:
            varied = ImageOps.mirror(varied)
        varied.save(path, format, quality=_QUALITY, exif=exif)
