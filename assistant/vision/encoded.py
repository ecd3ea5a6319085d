"""A picture as a data URL or a base64 block, for models behind a protocol."""

from __future__ import annotations

import base64

import cv2

from assistant.errors import EngineError
from assistant.types import Picture

_QUALITY = 92  # of JPEG: small print survives, and a photo has a tenth of its bytes


def jpeg_base64(picture: Picture) -> str:
    """The picture as JPEG, without metadata, in base64.

    Raises:
        EngineError: it cannot be encoded.
    """
    pixels = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2BGR)
    settings = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    done, content = cv2.imencode(".jpg", pixels, settings)
    if not done:
        raise EngineError("the picture cannot be encoded", fix="give another picture")
    return base64.b64encode(content.tobytes()).decode("ascii")


def data_url(picture: Picture) -> str:
    """The picture as `data:image/jpeg;base64,...`."""
    return f"data:image/jpeg;base64,{jpeg_base64(picture)}"
