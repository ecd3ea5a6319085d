"""Text as it can be spoken: no markup, emoji, addresses, code or control characters."""

from __future__ import annotations

import json
import re
import unicodedata

_FENCE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_URL = re.compile(
    r"(?:https?|ftp|file)://[^\s，。；）)]+|\bwww\.[^\s，。；）)]+"
    r"|\b[\w-]+\.(?:com|org|net|io|cn|gov|edu)(?:/[^\s，。]*)?\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>|<\|[^<>|]*\|>")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s+|[-*+•·▪◦]\s+|\|)", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~|`+)(?=\S)(.*?)(?<=\S)\1")
_LEFT_OVER = re.compile(r"\*+|`+|~~|__+|\||\\[a-zA-Z]+|[{}\\]")
_JSON = re.compile(r"\{[^{}]*[\"'][^{}]*:[^{}]*\}|\[\s*(?:\{|\")[^\]]*\]")


def speakable(text: str) -> str:
    """The text without what a voice cannot say; empty when nothing else is left."""
    text = _FENCE.sub(" ", text)
    if _is_json(text):
        return ""
    text = _JSON.sub(" ", text)
    text = _URL.sub(" ", _LINK.sub(r"\1", text))
    text = _EMPHASIS.sub(r"\2", _LINE_MARK.sub("", _TAG.sub(" ", text)))
    text = without_controls(_LEFT_OVER.sub(" ", text))
    text = "".join(c for c in text if not _is_pictograph(c))
    text = re.sub(r"\(\s*\)|（\s*）", "", text)
    text = re.sub(r"\s+([,.;:!?，。；：！？])", r"\1", " ".join(text.split())).strip()
    return text if any(c.isalnum() for c in text) else ""


def without_controls(text: str) -> str:
    """The text without control and invisible characters; white space becomes blanks."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or not _is_control(c))
    return " ".join("".join(kept).split())


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn")


def _is_pictograph(character: str) -> bool:
    """Emoji, dingbats and arrows; degree, currency and arithmetic signs stay."""
    if character in "°©®™€£¥$%+=<>×÷±":
        return False
    return unicodedata.category(character) in ("So", "Sk") or "\ufe00" <= character <= "\ufe0f"


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return False
    try:
        json.loads(stripped)
    except ValueError:
        return stripped.startswith("{") and ":" in stripped
    return True
