"""The pictures of a talk: slides drawn in several styles, photos, and clips at any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from assistant.evaluation.chart_canvas import face
from assistant.evaluation.video_talks import Part
from assistant.evaluation.video_writing import Pixels

Size = tuple[int, int]  # width, height in pixels


@dataclass(frozen=True, kw_only=True)
class Theme:
    """How the slides of a talk look."""

    paper: str
    ink: str
    accent: str
    font: str  # a font file, for English
    centred: bool = False


_THEMES: Final = (
    Theme(paper="#ffffff", ink="#1d1d1f", accent="#1f5fa8", font="DejaVuSans.ttf"),
    Theme(paper="#14213d", ink="#f1f1f1", accent="#fca311", font="DejaVuSans-Bold.ttf"),
    Theme(paper="#f6f1e5", ink="#3a2f26", accent="#9c4221", font="DejaVuSerif.ttf", centred=True),
    Theme(paper="#e8f1ee", ink="#12372a", accent="#2f855a", font="DejaVuSansCondensed.ttf"),
)


def theme(name: str) -> Theme:
    """The style of a talk's slides, always the same for the same name."""
    return _THEMES[hashlib.sha256(name.encode()).digest()[0] % len(_THEMES)]


def slide(lines: tuple[str, ...], style: Theme, language: str, size: Size) -> Image.Image:
    """A title with lines under it.

    Raises:
        OSError: there is no font for Chinese.
    """
    width, height = size
    image = Image.new("RGB", size, style.paper)
    draw = ImageDraw.Draw(image)
    title, *rest = lines
    left = width // 2 if style.centred else width // 12
    anchor = "ma" if style.centred else "la"
    top = height // 4
    draw.text((left, top), title, style.accent, face(style.font, height // 11, language), anchor)
    top += height // 6
    draw.line((width // 12, top, width - width // 12, top), style.accent, max(2, height // 180))
    for line in rest:
        top += height // 10
        draw.text((left, top), line, style.ink, face(style.font, height // 17, language), anchor)
    return image


def fitted(image: Image.Image, size: Size) -> Image.Image:
    """The whole picture, on dark grey."""
    image = image.convert("RGB")
    scale = min(size[0] / image.width, size[1] / image.height)
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    frame = Image.new("RGB", size, (40, 40, 40))
    frame.paste(small, ((size[0] - small.width) // 2, (size[1] - small.height) // 2))
    return frame


def clip(path: Path, start: float, rate: float, size: Size) -> Iterator[Image.Image]:
    """Frames of a clip at a rate without end, forwards and, at its end, from the start again."""
    import av

    while True:
        wanted = start
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                while frame.time is not None and frame.time >= wanted - 1e-3:
                    yield fitted(Image.fromarray(frame.to_ndarray(format="rgb24")), size)
                    wanted += 1 / rate
        start = 0.0


def pictures(
    part: Part, style: Theme, language: str, media: Path, *, count: int, rate: float, size: Size
) -> Iterator[Pixels]:
    """The `count` frames of a part, uint8 [h, w, 3] RGB.

    Raises:
        OSError: a file of the media is missing, or a font.
    """
    if part.clip:
        moving = clip(media / part.clip, part.start, rate, size)
        for _ in range(count):
            yield np.asarray(next(moving), np.uint8)
        return
    if part.photo:
        with Image.open(media / part.photo) as image:
            still = fitted(image, size)
    else:
        still = slide(part.slide, style, language, size)
    pixels = np.asarray(still, np.uint8)
    for _ in range(count):
        yield pixels
