"""The page of an album: one HTML file with small copies of its photos, for eyes and ears.

No scripts, nothing from elsewhere; a content security policy holds the page to that. What is
read in pictures and what files are called is escaped. Originals are linked by file URI.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from PIL import Image

from assistant.errors import InputError
from assistant.languages import base
from assistant.library.album.wording import Shown, chapters, span
from assistant.picture import Picture

if TYPE_CHECKING:
    from jinja2 import Template

_LONGER_SIDE: Final = 480  # px of a small copy
_QUALITY: Final = 80  # of JPEG
_MARK: Final = 'name="generator" content="assistant album"'
_LONGEST_NAME: Final = 60  # bytes of UTF-8, far below what file systems take


@dataclass(frozen=True, kw_only=True)
class Small:
    """A photo's small copy."""

    data: str  # of a JPEG, as base64
    width: int  # px
    height: int  # px


def write(folder: Path, title: str, photos: Sequence[Shown], language: str) -> Path:
    """Write an album's page; an older one of the same title is replaced, no other file is.

    Raises:
        InputError: the folder cannot be made or written to.
    """
    text = page(title, photos, language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder.resolve(), _name(title))
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_text(text, "utf-8")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"the album cannot be written to {folder}: {error.strerror or error}",
            fix="name another folder with --out",
        ) from error
    return target


def page(title: str, photos: Sequence[Shown], language: str) -> str:
    """The whole page as HTML."""
    chinese = base(language) == "zh"
    return _template().render(
        chinese=chinese,
        title=title,
        span=span(photos, "zh" if chinese else "en"),
        count=len(photos),
        chapters=chapters(photos, language),
        small=_small,
        uri=lambda shown: shown.photo.file.as_uri(),
    )


def _small(shown: Shown) -> Small | None:
    """The small copy of a photo, without its EXIF; None where it cannot be read any more."""
    try:
        pixels = Picture.decode(shown.photo.file.read_bytes(), longest=2 * _LONGER_SIDE).pixels
    except (OSError, InputError):
        return None
    height, width = pixels.shape[:2]
    scale = min(1.0, _LONGER_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    made = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    out = io.BytesIO()
    Image.fromarray(np.asarray(made, np.uint8)).save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Small(
        data=base64.b64encode(out.getvalue()).decode("ascii"), width=size[0], height=size[1]
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("assistant.library.album", ""),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("gallery.html.j2")


def _name(title: str) -> str:
    """A title as a file name: its letters and digits, whatever writing they are in."""
    words = re.sub(r"[\W_]+", "-", title.casefold()).strip("-")
    kept = words.encode("utf-8")[:_LONGEST_NAME].decode("utf-8", "ignore").strip("-")
    return kept or "album"


def _free(folder: Path, name: str) -> Path:
    """A file that is not there, or an older page of the same album."""
    for number in range(1, 1000):
        file = folder / f"{name}{f'-{number}' if number > 1 else ''}.html"
        if not os.path.lexists(file) or _ours(file):
            return file
    raise InputError(f"{folder} is full of pages called {name}", fix="name another with --out")


def _ours(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return _MARK.encode() in stream.read(2000)
