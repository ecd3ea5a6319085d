"""Claims about a video as sentences that are spoken, each of its kind.

A sentence that quotes what was said or written is `quoted`: somebody else's words, introduced.
What is left of the claim keeps to all rules of speech.
"""

from __future__ import annotations

import re
from typing import Final

from assistant.events import Sentence
from assistant.languages import language_of
from assistant.types import SentenceKind

_TOKEN: Final = re.compile(r'"[^"]*"|“[^”]*”|(?P<mark>[.!?]+(?=\s|$)|[。！？])|.', re.DOTALL)
_QUOTE: Final = re.compile(r'"[^"]*"|“[^”]*”')


def sentences(text: str, language: str, engine: str) -> list[Sentence]:
    """The sentences of a claim, those with a quote by themselves.

    Args:
        engine: who worded it: "extractive", or a language model.
    """
    return [
        Sentence(text=piece, kind=_kind(piece, engine), language=_voice(piece, language))
        for piece in _pieces(text)
    ]


def _pieces(text: str) -> list[str]:
    """The sentences; one ends with its mark, or with a quote that holds the mark."""
    pieces = [""]
    ended = False
    for found in _TOKEN.finditer(text):
        token = found[0]
        mark = found["mark"] is not None
        if ended and not mark:
            pieces.append("")
        pieces[-1] += token
        quote = len(token) > 1 and not mark
        ended = (ended and mark) or mark or (quote and token[-2] in ".!?。！？…")
        if not ended and not token.strip() and not pieces[-1].strip():
            pieces[-1] = ""
    return [piece.strip() for piece in pieces if piece.strip()]


def _kind(text: str, engine: str) -> SentenceKind:
    if _QUOTE.search(text):
        return "quoted"
    worded = engine != "extractive" and not re.search(r"\d", text)
    return "generated" if worded else "measured"


def _voice(text: str, language: str) -> str:
    """The language whose voice reads it: that of a long quote, else that of the answer."""
    quotes = " ".join(found[0] for found in _QUOTE.finditer(text))
    if len(quotes) > 0.7 * len(text):
        return language_of(quotes, language)
    return language
