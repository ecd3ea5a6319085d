"""Traditional Chinese characters as simplified ones."""

from __future__ import annotations

from functools import cache
from typing import Any


def simplified(text: str) -> str:
    """The text in simplified characters; as it is where OpenCC is not installed."""
    converter = _converter()
    return text if converter is None else str(converter.convert(text))


@cache
def _converter() -> Any:
    try:
        from opencc import OpenCC
    except ImportError:
        return None
    return OpenCC("t2s")
