"""Sentences and clauses: cut from a stream, and shortened at a clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.languages import base, length

_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|No|approx|e\.g|i\.e|a\.m|p\.m)|(?:^|\s)[A-Z])\.$"
)
_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s)|[。！？]+[”’」』）\"]*|\n+")
# A joint parts two clauses; what follows it can stand alone.
JOINT = re.compile(
    r"\s*[;:—–；：]\s+|\s+--?\s+|[，；：。！？]|[.!?]\s+"
    r"|,?\s+(?=(?:but|however|so|therefore|yet|although|though|because|since|while|whereas)\s)"
    r"|,\s+(?!\d{4}\b)|\s+and\s+(?=(?:there|it|you|i|we|the|nothing|nobody|no|all|everything|a|an)\s)"
    r"|(?<=[\u4e00-\u9fff])(?=(?:但是|但|不过|所以|因此|而且|并且|然而|因为)[\u4e00-\u9fff])",
    re.IGNORECASE,
)
# Where a long clause may be cut when it has no joint.
_SOFT = re.compile(
    r"\s+(?=(?:with|and|that|which|who|where|on|in|near|next|behind|beside|under|above|from"
    r"|by|at|to|of|or)\s)|、",
    re.IGNORECASE,
)


def streamed_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """The sentences of a text that arrives in pieces, each as soon as it has ended."""
    buffer = ""
    for piece in pieces:
        buffer += piece
        start = 0
        for end in _END.finditer(buffer):
            sentence = buffer[start : end.end()]
            if end.end() == len(buffer) and buffer[-1] != "\n" and end[0][0] in ".!?…":
                break  # more of the same mark may follow
            if end[0][0] == "." and _ABBREVIATION.search(sentence):
                continue
            if sentence.strip():
                yield " ".join(sentence.split())
            start = end.end()
        buffer = buffer[start:]
    if buffer.strip():
        yield " ".join(buffer.split())


def clauses(text: str) -> list[str]:
    """The clauses of a sentence without the marks between them."""
    return [part.strip(" ,.") for part in JOINT.split(text) if part and part.strip(" ,.")]


def shortened(text: str, language: str, limit: int) -> tuple[str, str]:
    """A sentence of at most `limit` words (characters in Chinese), and what is left over.

    Cut at the last joint that fits, else before a small word, else after the last word that
    fits.
    """
    if length(text, language) <= limit:
        return text, ""
    for pattern in (JOINT, _SOFT):
        cuts = [m for m in pattern.finditer(text) if length(text[: m.start()], language) <= limit]
        cuts = [m for m in cuts if length(text[: m.start()], language) * 3 >= limit]
        if cuts:
            return _parts(text[: cuts[-1].start()], text[cuts[-1].end() :], language)
    cut = max(n for n in _edges(text, language) if length(text[:n], language) <= limit)
    return _parts(text[:cut], text[cut:], language)


def _edges(text: str, language: str) -> list[int]:
    """Where words end; in Chinese every character may."""
    if base(language) == "zh":
        return list(range(len(text) + 1))
    return [0, *(m.start() for m in re.finditer(r"\s", text))]


def _parts(head: str, tail: str, language: str) -> tuple[str, str]:
    full_stop = "。" if base(language) == "zh" else "."
    head, tail = head.strip(" ,;:，；：、"), tail.strip(" ,;:，；：、")
    if tail[:1].islower():
        tail = tail[0].upper() + tail[1:]
    return head + ("" if head[-1:] in ".!?。！？" else full_stop), tail
