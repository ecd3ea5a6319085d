"""The wake phrase."""

from __future__ import annotations


def strip(text: str, phrase: str, language: str = "en") -> str | None:
    """The request without the wake phrase, None where it was not said."""
    if text.casefold().startswith(phrase.casefold()):
        return text[len(phrase) :].lstrip(" ,.!")
    return None
