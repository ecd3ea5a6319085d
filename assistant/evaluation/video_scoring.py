"""Whether a text tells something, and how found times agree with true ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from assistant.evaluation.hearing import unified


def told(text: str, words: Iterable[str], language: str) -> bool:
    """Whether a text has one alternative of each of `words` ("a|b").

    Case, punctuation, digits or number words, and Chinese script may vary; English words may
    go on ("clos" is in "closed").
    """
    return all(
        any(_has(text, alternative, language) for alternative in group.split("|"))
        for group in words
    )


def _has(text: str, wanted: str, language: str) -> bool:
    if language == "zh":
        return _plain(wanted, language) in _plain(text, language)
    return f" {_plain(wanted, language)}" in f" {_plain(text, language)}"


@cache
def _plain(text: str, language: str) -> str:
    plain = unified(text, language)
    return plain.replace(" ", "") if language == "zh" else plain


def matched(found: Sequence[float], true: Sequence[float], within: float) -> list[tuple[int, int]]:
    """Pairs of places in `found` and `true`, nearest first, each used once, at most `within` s."""
    pairs = sorted(
        (abs(a - b), i, k)
        for i, a in enumerate(found)
        for k, b in enumerate(true)
        if abs(a - b) <= within
    )
    taken: list[tuple[int, int]] = []
    for _, i, k in pairs:
        if all(i != one and k != other for one, other in taken):
            taken.append((i, k))
    return taken


def f1(hits: int, found: int, true: int) -> float:
    """Of precision and recall; 1 where there was nothing to find and nothing was found."""
    return 2 * hits / (found + true) if found + true else 1.0
