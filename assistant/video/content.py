"""What a video is known by: its content, wherever its file is and whatever it is called."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from assistant.errors import InputError
from assistant.interfaces import Cancel

_BLOCK: Final = 1 << 20  # bytes read at once


def content_hash(path: Path, cancel: Cancel | None = None) -> str:
    """BLAKE2b of a whole file; a gigabyte takes a second or two.

    Raises:
        InputError: it cannot be read.
        Cancelled
    """
    digest = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                if cancel is not None:
                    cancel.check()
                digest.update(block)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}", fix="check the file"
        ) from error
    return digest.hexdigest()
