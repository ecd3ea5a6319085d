"""A page of text from the lines that a recogniser saw: which to believe, and their order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from assistant.types import Box, Reading, TextLine
from assistant.vision import quads
from assistant.vision.quads import Quad, Turn
from assistant.vision.reading_order import Piece, Row, paragraphs

_DROPPED: Final = 0.5  # less confident lines are noise (RapidOCR's own limit)
_DROPPED_SINGLE: Final = 0.9  # so are less confident single characters: edges, leaves, screws
_DROPPED_TURNED: Final = 0.95  # and short ones that stand on their heads on an upright page
_CLEAR: Final = 0.85  # less confident lines are unclear
_CLEAR_NUMBER: Final = 0.95  # so is a line with a less confident character in a number

# The recogniser has single Greek letters, for units and formulas, and no more of Greek.
_FOREIGN: Final = re.compile(r"[\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\uac00-\ud7af]")
_WORD: Final = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """One detected line, read one way up."""

    quad: Quad  # in the picture
    turn: Turn
    text: str
    confidence: float  # 0 to 1, mean over its characters
    weakest_in_number: float = 1.0  # 0 to 1, least of the characters in words with digits

    @property
    def weight(self) -> float:
        """How much was read: characters, counted by their confidence."""
        return self.confidence * len(self.text)

    @property
    def long(self) -> bool:
        """Whether its box is so long that hardly anything but writing fills it."""
        width, height = quads.size(self.quad)
        return max(width, height) >= 4 * max(min(width, height), 10.0)

    def noise(self, page: Turn) -> bool:
        """Whether it is more likely a texture than writing on a page of that way up."""
        if not any(character.isalnum() for character in self.text):
            return True
        if len(self.text) <= 3 and (self.turn - page) % 360 == 180:
            return self.confidence < _DROPPED_TURNED
        return self.confidence < (_DROPPED_SINGLE if len(self.text) == 1 else _DROPPED)

    @property
    def unclear(self) -> bool:
        """Read with doubt: little confidence, a doubtful number, or writing it does not know.

        Korean and Arabic come out as a few stray characters across a long line, Greek with
        its accented letters missing.
        """
        if any(_FOREIGN.search(word) for word in _WORD.findall(self.text)):
            return True
        width, height = quads.size(self.quad)
        sparse = len(self.text) < 0.35 * max(width, height) / max(min(width, height), 1.0)
        return self.confidence < _CLEAR or self.weakest_in_number < _CLEAR_NUMBER or sparse


def page_turn(seen: Iterable[Seen]) -> Turn:
    """The way up of most of the text."""
    weights: dict[Turn, float] = {0: 0.0, 90: 0.0, 180: 0.0, 270: 0.0}
    for line in seen:
        weights[line.turn] += line.weight * line.confidence
    return max(weights, key=lambda turn: weights[turn])


def resolved(near: Sequence[Seen], far: Sequence[Seen]) -> list[Seen]:
    """Where lines seen from afar cover others, those that say more."""
    chosen = list(near)
    for line in far:
        covered = [s for s in chosen if quads.overlap(line.quad, s.quad) > 0.5]
        if line.weight * line.confidence > sum(s.weight * s.confidence for s in covered):
            chosen = [s for s in chosen if s not in covered] + [line]
    return chosen


def compose(seen: Sequence[Seen], width: int, height: int) -> Reading:
    """Lines in reading order; what is likely noise is left out unless there is nothing else."""
    page = page_turn(seen)
    read = [s for s in seen if not s.noise(page)]
    if not read:
        read = [s for s in seen if s.confidence >= 0.3 and s.long]
    unread = tuple(_box([s.quad], width, height) for s in seen if s not in read and s.long)
    # Lines that run across the page's own direction (a spine, a sign's edge) come after it.
    along = [s for s in read if (s.turn - page) % 180 == 0]
    across = [s for s in read if (s.turn - page) % 180 != 0]
    lines = [
        [_line(row, part, width, height) for row in paragraph]
        for part in (along, across)
        for paragraph in paragraphs(_pieces(part, width, height))
    ]
    return Reading(
        lines=tuple(line for paragraph in lines for line in paragraph),
        text="\n\n".join("\n".join(line.text for line in paragraph) for paragraph in lines),
        unread=unread,
    )


def _pieces(seen: Sequence[Seen], width: int, height: int) -> list[Piece]:
    """Rectangles on the page turned upright and straightened by its lines' common slope."""
    turn = page_turn(seen)
    placed = [quads.upright(s.quad, turn, width, height) for s in seen]
    slopes = [quads.angle(q) for q in placed if quads.size(q)[0] > 2.5 * quads.size(q)[1]]
    slope = math.radians(median(slopes)) if slopes else 0.0
    cosine, sine = math.cos(slope), math.sin(slope)
    straighten = np.array([[cosine, -sine], [sine, cosine]], dtype=np.float32)
    pieces = []
    for index, (line, quad) in enumerate(zip(seen, placed, strict=True)):
        straight = quad @ straighten
        (x1, y1), (x2, y2) = straight.min(axis=0), straight.max(axis=0)
        pieces.append(
            Piece(
                index=index, text=line.text, x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2)
            )
        )
    return pieces


def _line(row: Row, seen: Sequence[Seen], width: int, height: int) -> TextLine:
    """The pieces of a row as one line of text."""
    parts = [seen[piece.index] for piece in row]
    text = parts[0].text
    for before, piece in pairwise(row):
        near = piece.x1 - before.x2 < 0.3 * min(before.height, piece.height)
        joint = "" if near and _unspaced(text[-1]) and _unspaced(piece.text[0]) else " "
        text += joint + piece.text
    characters = sum(len(part.text) for part in parts)
    return TextLine(
        text=text,
        box=_box([part.quad for part in parts], width, height),
        confidence=round(sum(part.weight for part in parts) / characters, 4),
        unclear=any(part.unclear for part in parts),
        parts=tuple((part.text, _box([part.quad], width, height)) for part in parts)
        if len(parts) > 1
        else (),
    )


def _unspaced(character: str) -> bool:
    """Whether the character belongs to writing without spaces between words."""
    return "\u3000" <= character <= "\u9fff"


def _box(parts: Sequence[Quad], width: int, height: int) -> Box:
    corners = np.concatenate(parts)
    x1, y1 = np.floor(corners.min(axis=0)).astype(int)
    x2, y2 = np.ceil(corners.max(axis=0)).astype(int)
    return max(int(x1), 0), max(int(y1), 0), min(int(x2), width), min(int(y2), height)
