"""Text as it can be spoken: no markup, emoji, addresses, JSON or control characters."""

from __future__ import annotations

import json
import re

from assistant.languages import language_of
from assistant.normalisation import addresses, markup, symbols
from assistant.normalisation.symbols import without_controls

__all__ = ["speakable", "without_controls"]

_LEFT_OVER = re.compile(r"\*+|`+|~~|__+|\||\\[a-zA-Z]+|[{}\\]")
_JSON = re.compile(r"\{[^{}]*[\"'][^{}]*:[^{}]*\}|\[\s*(?:\{|\")[^\]]*\]")


def speakable(text: str) -> str:
    """The text without what a voice cannot say; empty when nothing else is left.

    A web address becomes "a web address". Signs and numbers stay as they are written, for
    the rules that read them; `normalisation.spoken` turns them into words.
    """
    if _is_json(text):
        return ""
    language = language_of(text)
    text = addresses.named(markup.plain(_JSON.sub(" ", text), language), language)
    text = symbols.without_pictographs(without_controls(_LEFT_OVER.sub(" ", text)))
    text = re.sub(r"\(\s*\)|（\s*）", "", text)
    text = re.sub(r"\s+([,.;:!?，。；：！？])", r"\1", " ".join(text.split())).strip()
    return text if any(c.isalnum() for c in text) else ""


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return False
    try:
        json.loads(stripped)
    except ValueError:
        return stripped.startswith("{") and ":" in stripped
    return True
