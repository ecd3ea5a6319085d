"""Reading order from rectangles alone."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.vision.reading_order import Piece, paragraphs

PROSE = "words that run on across a whole line"


def piece(index: int, x: float, y: float, width: float, text: str = PROSE) -> Piece:
    return Piece(index=index, text=text, x1=x, y1=y, x2=x + width, y2=y + 20)


def order(pieces: Sequence[Piece]) -> list[list[list[int]]]:
    return [[[p.index for p in row] for row in paragraph] for paragraph in paragraphs(pieces)]


def test_lines_go_down_and_gaps_part_paragraphs() -> None:
    pieces = [piece(2, 0, 120, 300), piece(0, 0, 0, 300), piece(1, 0, 30, 280)]
    assert order(pieces) == [[[0], [1]], [[2]]]


def test_running_text_side_by_side_is_read_column_by_column() -> None:
    left = [piece(row, 0, 30 * row, 240) for row in range(4)]
    right = [piece(4 + row, 280, 30 * row, 240) for row in range(4)]
    assert order([*right, *left]) == [[[0], [1], [2], [3]], [[4], [5], [6], [7]]]


def test_a_title_across_the_columns_comes_first_and_a_footer_last() -> None:
    left = [piece(1 + row, 0, 60 + 30 * row, 240) for row in range(3)]
    right = [piece(4 + row, 280, 65 + 30 * row, 240) for row in range(3)]
    title, footer = piece(0, 100, 0, 330), piece(7, 0, 200, 520)
    found = [
        i for paragraph in order([footer, *right, *left, title]) for row in paragraph for i in row
    ]
    assert found == list(range(8))


def test_prices_stay_beside_their_names() -> None:
    names = [piece(2 * row, 0, 30 * row, 200, "Tomato soup of the day") for row in range(4)]
    prices = [piece(2 * row + 1, 420, 30 * row + 2, 60, "$4.50") for row in range(4)]
    assert order([*prices, *names]) == [[[0, 1], [2, 3], [4, 5], [6, 7]]]


def test_short_cells_side_by_side_are_rows_of_a_table() -> None:
    days = [piece(2 * row, 0, 30 * row, 60, "Mon") for row in range(3)]
    words = [piece(2 * row + 1, 100, 30 * row, 70, "closed") for row in range(3)]
    assert order([*words, *days]) == [[[0, 1], [2, 3], [4, 5]]]


def test_a_change_of_size_starts_a_paragraph() -> None:
    heading = Piece(index=0, text="SALE", x1=0, y1=0, x2=200, y2=60)
    assert order([heading, piece(1, 0, 70, 200)]) == [[[0]], [[1]]]


def test_nothing_in_nothing_out() -> None:
    assert paragraphs([]) == []
