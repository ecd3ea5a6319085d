"""What answers begin with again and again: made in idle time, so that it sounds at once."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.languages import base
from assistant.tools.conversation import RATE_SAID
from assistant.tools.reading import READS
from assistant.vision.geometry import direction_words
from assistant.vision.sentence import FROM_LEFT_ZH

_ANGLES = (0.0, -10.0, 10.0, -30.0, 30.0)  # degrees, one for each direction


def openings(language: str) -> Iterator[str]:
    """Clauses, the likeliest first."""
    chinese = base(language) == "zh"
    yield READS[chinese]
    if chinese:  # in English the thing comes before its place
        yield FROM_LEFT_ZH
        yield from (direction_words(angle, "zh") for angle in _ANGLES)
    yield from (said[chinese] for said in RATE_SAID)
