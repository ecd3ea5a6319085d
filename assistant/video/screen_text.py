"""Text on screen over time: a line that stays is one line with a start and an end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz.fuzz import ratio

from assistant.types import Keyframe, TextLine

_ALIKE: Final = 82.0  # of 100, by which two readings are of the same line (Indel similarity)
_SHORT: Final = 4  # letters; shorter lines must be equal
_SURE: Final = 0.75  # confidence from which a line is evidence
_GAP_S: Final = 1.0  # s between two stretches that still touch
_WORDS: Final = re.compile(r"[^\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class OnScreen:
    """A line of text and how long it stays."""

    text: str  # verbatim, of the surest reading
    start: float  # s
    end: float  # s
    confidence: float  # 0 to 1
    place: float  # of its first reading from above, for the order of lines that come together


def over_time(keyframes: Iterable[Keyframe]) -> list[OnScreen]:
    """The lines that keyframes show, in order of time and then from above.

    Doubtful readings are left out, and so are marks without a word: textures are often taken
    for a letter.

    Args:
        keyframes: in order of time, each with its reading.
    """
    found: list[OnScreen] = []
    open: list[OnScreen] = []
    for keyframe in keyframes:
        lines = keyframe.reading.lines if keyframe.reading is not None else ()
        going, still = list(open), []
        for order, line in enumerate(lines):
            if not _telling(line):
                continue
            before = _same(line, going, keyframe.start)
            if before is not None:
                going.remove(before)
                still.append(_longer(before, line, keyframe.end))
            else:
                still.append(_begun(line, keyframe, order))
        found += going
        open = still
    found += open
    return sorted(found, key=lambda line: (line.start, line.place, line.text))


def _begun(line: TextLine, keyframe: Keyframe, order: int) -> OnScreen:
    return OnScreen(
        text=line.text.strip(),
        start=keyframe.start,
        end=keyframe.end,
        confidence=line.confidence,
        place=float(order),
    )


def _longer(before: OnScreen, line: TextLine, end: float) -> OnScreen:
    """The line that goes on, in its surest reading."""
    if line.confidence > before.confidence:
        before = replace(before, text=line.text.strip(), confidence=line.confidence)
    return replace(before, end=end)


def _same(line: TextLine, going: Sequence[OnScreen], start: float) -> OnScreen | None:
    """The line of the frame before that goes on in this one."""
    near = [before for before in going if start - before.end <= _GAP_S]
    alike = [(likeness(line.text, before.text), before) for before in near]
    best = max(alike, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= _ALIKE else None


def likeness(first: str, second: str) -> float:
    """How alike two readings are, 0 to 100; 0 where their numbers differ or one is too short."""
    one, other = _plain(first), _plain(second)
    if one == other:
        return 100.0
    if min(len(one), len(other)) < _SHORT or _DIGITS.findall(one) != _DIGITS.findall(other):
        return 0.0
    return float(ratio(one, other))


def _plain(text: str) -> str:
    """Case, spaces and punctuation come and go between two readings of a line."""
    return "".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))


def _telling(line: TextLine) -> bool:
    if line.unclear or line.confidence < _SURE:
        return False
    plain = _plain(line.text)
    return len(plain) >= 2 or bool(_HAN.search(plain))
