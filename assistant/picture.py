"""A picture: one way in (`Picture.open`), whatever the file format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """An oriented picture without alpha."""

    pixels: NDArray[np.uint8]  # [h, w, 3] RGB
    source: str = ""  # file name or device, for messages
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None  # latitude, longitude in degrees
    field_of_view: float | None = None  # degrees across the width, when EXIF tells

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @classmethod
    def open(cls, path: Path | str) -> Picture:
        """Read a picture file.

        Raises:
            InputError: missing, not a picture, damaged, or over 100 megapixels.
        """
        raise InputError(f"{path}: not written yet", fix="wait")
