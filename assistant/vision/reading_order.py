"""Reading order: pieces of text on an upright page become lines, columns and paragraphs.

Recursive cutting in the manner of the XY-cut (Nagy and Seth, "Hierarchical representation of
optically scanned documents", ICPR 1984), except that a gutter counts as one between columns
only where both sides hold running text; otherwise it is the space inside a table's rows.
All lengths are in pixels of the deskewed page; y grows downwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_NUMERIC: Final = re.compile(r"[\d\s.,:%/×x*+()£$€¥￥元-]+|[A-Z]{0,3}\s?[\d.,]+\s?\w{0,3}")
_RUNNING_ASPECT: Final = 5.0  # width to height of a piece that may be a line of running text
_GUTTER: Final = 0.7  # least width of a gutter, in line heights
_SAME_ROW: Final = 0.5  # vertical overlap, as a share of the lower piece
_ROW_SIZES: Final = 3.0  # greatest ratio of heights within a row
_PARAGRAPH_GAP: Final = 0.85  # empty space between paragraphs, in line heights
_SIZE_CHANGE: Final = 1.6  # ratio of line heights that starts a new paragraph


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of text and its rectangle; `index` is the caller's own number for it."""

    index: int
    text: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def height(self) -> float:
        return max(self.y2 - self.y1, 1.0)

    @property
    def width(self) -> float:
        return max(self.x2 - self.x1, 1.0)


Row = tuple[Piece, ...]
"""Pieces side by side, from left to right: one line of the text."""
Paragraph = tuple[Row, ...]


def paragraphs(pieces: Iterable[Piece]) -> list[Paragraph]:
    """All pieces, each exactly once, in the order in which a person would read them aloud."""
    found: list[Paragraph] = []
    for block in _blocks(_strips(list(pieces))):
        found += block
    return found


def _strips(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces grouped so that no horizontal line crosses two groups, from top to bottom."""
    strips: list[list[Piece]] = []
    bottom = float("-inf")
    for piece in sorted(pieces, key=lambda p: p.y1 + 0.15 * p.height):
        # Boxes reach a little beyond their letters; a sliver of overlap is none.
        if not strips or piece.y1 + 0.15 * piece.height >= bottom:
            strips.append([])
        strips[-1].append(piece)
        bottom = max(bottom, piece.y2 - 0.15 * piece.height)
    return strips


def _blocks(strips: Sequence[list[Piece]]) -> Iterable[list[Paragraph]]:
    """Runs of strips that share columns, and the strips between them."""
    plain: list[Piece] = []
    start = 0
    while start < len(strips):
        end, columns = _longest_columns(strips, start)
        if columns:
            yield _single_column(plain)
            plain = []
            for column in columns:
                yield paragraphs(column)
            start = end
        else:
            plain += strips[start]
            start += 1
    yield _single_column(plain)


def _longest_columns(
    strips: Sequence[list[Piece]], start: int
) -> tuple[int, tuple[list[Piece], list[Piece]] | None]:
    """The longest run from `start` that one gutter divides, and its two sides."""
    best: tuple[int, tuple[list[Piece], list[Piece]] | None] = (start, None)
    run: list[Piece] = []
    for end in range(start, len(strips)):
        run = run + strips[end]
        gutters = list(_gutters(run))
        if not gutters and end > start and _spanned(run):
            break
        for left, right in gutters:
            if _are_columns(left, right):
                best = (end + 1, (left, right))
                break
    return best


def _spanned(run: Sequence[Piece]) -> bool:
    """Whether one piece is nearly as wide as the whole run, so that no gutter divides it."""
    width = max(p.x2 for p in run) - min(p.x1 for p in run)
    return any(p.width > 0.8 * width for p in run)


def _gutters(pieces: Sequence[Piece]) -> Iterable[tuple[list[Piece], list[Piece]]]:
    """The pieces left and right of each empty vertical band, the widest band first."""
    least = _GUTTER * median(p.height for p in pieces)
    in_order = sorted(pieces, key=lambda p: p.x1)
    bands: list[tuple[float, float]] = []
    reach = in_order[0].x2
    for piece in in_order[1:]:
        if piece.x1 - reach >= least:
            bands.append((piece.x1 - reach, piece.x1))
        reach = max(reach, piece.x2)
    for _, edge in sorted(bands, reverse=True):
        yield [p for p in pieces if p.x2 < edge], [p for p in pieces if p.x1 >= edge]


def _are_columns(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether both sides are running text, and not the two halves of a table's rows."""
    rows = len(_rows(left)), len(_rows(right))
    if min(rows) < 2:
        return False
    sides = (left, right)
    if any(sum(bool(_NUMERIC.fullmatch(p.text)) for p in s) >= len(s) / 2 for s in sides):
        return False
    running = all(median(p.width / p.height for p in s) >= _RUNNING_ASPECT for s in sides)
    return running or not _pair_up(left, right)


def _pair_up(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether most pieces of the shorter side stand beside one of the other side."""
    fewer, more = sorted((left, right), key=len)
    beside = sum(any(_beside(p, q) for q in more) for p in fewer)
    return beside >= 0.6 * len(fewer)


def _beside(one: Piece, other: Piece) -> bool:
    low, high = sorted((one.height, other.height))
    shared = min(one.y2, other.y2) - max(one.y1, other.y1)
    return shared >= _SAME_ROW * low and high <= _ROW_SIZES * low


def _rows(pieces: Sequence[Piece]) -> list[Row]:
    """Pieces side by side joined into rows, from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.y1 + p.y2):
        row = next((r for r in reversed(rows[-3:]) if _fits(piece, r)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [tuple(sorted(row, key=lambda p: p.x1)) for row in rows]


def _fits(piece: Piece, row: Sequence[Piece]) -> bool:
    """Beside a piece of the row, and above or below none of them."""
    apart = all(
        min(piece.x2, p.x2) - max(piece.x1, p.x1) <= 0.3 * min(piece.width, p.width) for p in row
    )
    return apart and any(_beside(piece, p) for p in row)


def _single_column(pieces: Sequence[Piece]) -> list[Paragraph]:
    """Rows from top to bottom, parted into paragraphs at gaps and changes of size."""
    found: list[list[Row]] = []
    for row in _rows(pieces):
        if not found or _new_paragraph(found[-1][-1], row):
            found.append([])
        found[-1].append(row)
    return [tuple(paragraph) for paragraph in found]


def _new_paragraph(above: Row, below: Row) -> bool:
    heights = [median(p.height for p in row) for row in (above, below)]
    gap = min(p.y1 for p in below) - max(p.y2 for p in above)
    return gap > _PARAGRAPH_GAP * min(heights) or max(heights) > _SIZE_CHANGE * min(heights)
