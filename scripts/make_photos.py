"""Make a folder of small picture files of real formats, for tests of the photo library.

    python scripts/make_photos.py FOLDER --count 100000 [--source PHOTOS]

Crops of the pictures in PHOTOS (the development photos), or of patterns where none are given,
as JPEG, PNG and WebP of 48 to 96 pixels; 5 % of the files are broken (empty, cut off, or no
picture at all), told by `bad` in their names. 1,000 files a folder. No two files are alike: 5,000
pictures are drawn, and a file that shows one of them again bears its own number as a comment, as
the format has them, which costs a hundredth of drawing another.
"""

from __future__ import annotations

import argparse
import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

BROKEN = 20  # every so many files one is broken
DRAWN = 5000  # pictures; a multiple of the formats
_FORMATS = (("JPEG", "jpg"), ("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"))


def make(folder: Path, count: int, source: Path | None = None) -> list[str]:
    """Write the files; returns the names of the broken ones, below the folder."""
    chance = np.random.default_rng(count)
    photos = _photos(source, chance)
    drawn: list[bytes] = []
    broken = []
    for number in range(count):
        below = folder / f"{number // 1000:03}"
        if number % 1000 == 0:
            below.mkdir(parents=True, exist_ok=True)
        format, ending = _FORMATS[number % len(_FORMATS)]
        if number < DRAWN:
            drawn.append(_content(photos[number % len(photos)], number, format, chance))
        content = _numbered(drawn[number % DRAWN], format, number)
        if number % BROKEN == 7:
            content = (b"", content[: len(content) // 3], b"no picture" * 9)[number // BROKEN % 3]
            name = f"bad{number:06}.{ending}"
            broken.append(f"{below.name}/{name}")
        else:
            name = f"{number:06}.{ending}"
        (below / name).write_bytes(content)
    return broken


def _photos(source: Path | None, chance: np.random.Generator) -> Sequence[Image.Image]:
    files = sorted(source.glob("*.jpg")) if source is not None else []
    photos = [Image.open(file).convert("RGB") for file in files]
    for photo in photos:
        photo.thumbnail((400, 400))
    small = [Image.fromarray(chance.integers(0, 256, (6, 8, 3), np.uint8)) for _ in range(20)]
    return photos or [pattern.resize((400, 300)) for pattern in small]


def _content(photo: Image.Image, number: int, format: str, chance: np.random.Generator) -> bytes:
    """A crop of a photo as a file; its number is written into it, so that no two are alike."""
    side = int(chance.integers(48, 97))
    x = int(chance.integers(0, photo.width - side))
    y = int(chance.integers(0, photo.height - side))
    crop = photo.crop((x, y, x + side, y + side))
    bits = np.array([number >> place & 1 for place in range(20)], np.uint8) * 255
    mark = Image.fromarray(bits.reshape(4, 5)).resize((20, 16), Image.Resampling.NEAREST)
    crop.paste(mark, (0, 0))
    out = io.BytesIO()
    crop.save(out, format)
    return out.getvalue()


def _numbered(content: bytes, format: str, number: int) -> bytes:
    """The file with a comment that holds its number, where the format has its comments."""
    text = f"photo {number}".encode()
    if format == "JPEG":  # a COM segment after the start of the image
        return content[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + content[2:]
    if format == "PNG":  # a tEXt chunk before IEND, which has 12 bytes
        chunk = b"tEXtComment\0" + text
        whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return content[:-12] + whole + content[-12:]
    text += b" " * (len(text) % 2)  # WebP: a chunk that readers pass over, of even length
    more = b"NUMB" + struct.pack("<I", len(text)) + text
    return b"RIFF" + struct.pack("<I", len(content) + len(more) - 8) + content[8:] + more


def main() -> None:
    """Make the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--source", type=Path)
    arguments = parser.parse_args()
    broken = make(arguments.folder, arguments.count, arguments.source)
    print(f"{arguments.count} files, {len(broken)} of them broken, in {arguments.folder}")


if __name__ == "__main__":
    main()
