"""Keyframes' pictures as files, named by their time."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from assistant.errors import InputError
from assistant.types import Keyframe, Picture

_QUALITY: Final = 88  # 1080p takes about 250 kB


@dataclass(frozen=True)
class FrameFiles:
    """The pictures of one video, in a folder of its store."""

    folder: Path

    def path(self, keyframe: Keyframe) -> Path:
        """The file of a keyframe's picture."""
        return self.folder / f"{round(keyframe.time * 1000):09d}.jpg"

    def save(self, keyframe: Keyframe, picture: Picture) -> str:
        """Keep a keyframe's picture; the hash of its content.

        Raises:
            OSError: it cannot be written.
        """
        buffer = io.BytesIO()
        Image.fromarray(picture.pixels).save(buffer, "JPEG", quality=_QUALITY)
        content = buffer.getvalue()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path(keyframe).write_bytes(content)
        return hashlib.blake2b(content, digest_size=16).hexdigest()

    def open(self, keyframe: Keyframe, *, longest: int | None = None) -> Picture:
        """A keyframe's picture.

        Args:
            longest: pixels of the longer side to which a larger one is made smaller.

        Raises:
            InputError: its file has gone.
        """
        try:
            content = self.path(keyframe).read_bytes()
        except OSError as error:
            store = self.folder.parent
            raise InputError(
                f"a frame of the video has gone from {store}",
                fix=f"delete {store} and run the command again",
            ) from error
        return Picture.decode(content, source=f"{keyframe.time:.1f} s", longest=longest)
