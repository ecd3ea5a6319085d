"""Evidence as statements: whole sentences of what is said, lines on screen, things seen.

A transcriber cuts speech at pauses, so one sentence may lie in two pieces of evidence and two
in one. A statement is one sentence again, with the numbers of the evidence that holds it; the
times inside a piece are shared out by the letters before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.languages import base, joined, length, sentences
from assistant.types import Evidence, EvidenceKind

_GAP: Final = 1.5  # s of silence after which an unfinished sentence is over
_LONGEST: Final = {"en": 45, "zh": 90}  # words or characters of a sentence that is still joined
_FINISHED: Final = re.compile(r"[.!?。！？…][\"”’」』)）]*$")
_OPEN_ZH: Final = re.compile(r"[，、：；,]$")
_RUN_ON_ZH: Final = 0.35  # s; a Chinese transcript often has no marks, so a short gap decides


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence of a video, with what carries it."""

    text: str  # verbatim
    kind: EvidenceKind
    start: float  # s
    end: float  # s
    language: str  # BCP-47
    evidence: tuple[int, ...]

    @property
    def length(self) -> int:
        """Words, or characters of Chinese."""
        return length(self.text, self.language)


def statements(evidence: Sequence[Evidence]) -> list[Statement]:
    """The statements of some evidence, in order of time."""
    speech = [one for one in evidence if one.kind == "speech"]
    other = [one for one in evidence if one.kind != "speech" and one.text.strip()]
    found = [*_spoken(speech), *map(_whole, other)]
    return sorted(found, key=lambda statement: (statement.start, statement.evidence))


def numbers(chosen: Iterable[Statement]) -> tuple[int, ...]:
    """The evidence that carries some statements, ascending."""
    return tuple(sorted({number for one in chosen for number in one.evidence}))


def _whole(one: Evidence) -> Statement:
    return Statement(
        text=" ".join(one.text.split()),
        kind=one.kind,
        start=one.start,
        end=one.end,
        language=one.language,
        evidence=(one.number,),
    )


def _spoken(speech: Sequence[Evidence]) -> Iterator[Statement]:
    """Sentences of what is said, joined over the cuts between pieces."""
    begun: Statement | None = None
    for piece in _pieces(speech):
        if begun is not None and _goes_on(begun, piece):
            begun = _together(begun, piece)
            continue
        if begun is not None:
            yield begun
        begun = piece
    if begun is not None:
        yield begun


def _pieces(speech: Sequence[Evidence]) -> Iterator[Statement]:
    """The sentences inside each piece of evidence, with their share of its time."""
    for one in sorted(speech, key=lambda one: (one.start, one.number)):
        parts = sentences(" ".join(one.text.split()))
        whole = sum(map(len, parts))
        before = 0
        for part in parts:
            after = before + len(part)
            span = one.end - one.start
            yield Statement(
                text=part,
                kind="speech",
                start=one.start + span * before / whole,
                end=one.start + span * after / whole,
                language=one.language,
                evidence=(one.number,),
            )
            before = after


def _goes_on(begun: Statement, piece: Statement) -> bool:
    """Whether a sentence that has begun goes on in the next piece."""
    if begun.language != piece.language or _FINISHED.search(begun.text):
        return False
    gap = piece.start - begun.end
    chinese = base(begun.language) == "zh"
    if gap > _GAP or begun.length + piece.length > _LONGEST["zh" if chinese else "en"]:
        return False
    if chinese:
        return bool(_OPEN_ZH.search(begun.text)) or gap <= _RUN_ON_ZH
    return True


def _together(first: Statement, second: Statement) -> Statement:
    return Statement(
        text=joined([first.text, second.text]),
        kind="speech",
        start=first.start,
        end=second.end,
        language=first.language,
        evidence=tuple(dict.fromkeys((*first.evidence, *second.evidence))),
    )
