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
        while end := _sentence_end(buffer):
            sentence, buffer = buffer[:end], buffer[end:]
            if sentence.strip():
                yield " ".join(sentence.split())
    if buffer.strip():
        yield " ".join(buffer.split())


def _sentence_end(text: str) -> int:
    """Where the first sentence of a text that may go on ends; 0 while it does not."""
    for end in _END.finditer(text):
        if end.end() == len(text) and text[-1] != "\n" and end[0][0] in ".!?…":
            return 0  # more of the same mark may follow
        if end[0][0] != "." or not _ABBREVIATION.search(text[: end.end()]):
            return end.end()
    return 0


# Where a clause may end. Nothing need follow a mark, since each word that is waited for
# costs the listener a tenth of a second.
_MARK = re.compile(r"[;:](?=\s)|(?<!\d),|,(?=\s)|\s[—–-]{1,2}(?=\s)|[，；：、]")
_LINK = re.compile(
    r"\s(?=(?:and|or|since|who|where|when|that|with|for|from|to|in|on|at|by)\s)", re.IGNORECASE
)
_CONJUNCTION = re.compile(  # people pause before it
    r"\s(?=(?:but|because|while|which|so)\s)"
    r"|(?=(?:但是|不过|所以|因此|而且|并且|因为|以及|或者)[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_AFTER_MARK, _AFTER_WORDS = 3, 6  # words that a clause has before a mark, and without one
_AFTER_CONJUNCTION = 4  # ... before one of these


def streamed_clauses(pieces: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The clauses of a text that arrives in pieces, and whether a sentence ends with each.

    The first one ends as early as it may, so that its speech starts early; each later one
    ends at a mark and is at least twice as long, since speech is slower than what makes it.
    """
    buffer, least = "", 0
    for piece in pieces:
        buffer += piece
        while True:
            end = _sentence_end(buffer)
            cut = _clause_end(buffer[:end] if end else buffer, least)
            if not cut and not end:
                break
            at = cut or end
            text, buffer = " ".join(buffer[:at].split()), buffer[at:]
            if text:
                yield text, not cut
                least = 2 * max(_size(text), _AFTER_WORDS)
    if buffer.strip():
        yield " ".join(buffer.split()), True


def _clause_end(text: str, least: int) -> int:
    """Where the first clause of at least so many words ends, before the sentence does; or 0."""
    places = [m.end() for m in _MARK.finditer(text) if _size(text[: m.end()]) >= _AFTER_MARK]
    if not least:
        for link, words in ((_LINK, _AFTER_WORDS), (_CONJUNCTION, _AFTER_CONJUNCTION)):
            places += [m.end() for m in link.finditer(text) if _size(text[: m.end()]) >= words]
    fits = [n for n in places if _size(text[:n]) >= least and _size(text[n:]) + (n == len(text))]
    return min(fits, default=0)


def _size(text: str) -> int:
    """Words, or Han characters and words."""
    return length(text, "zh")


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
