"""What keeps a text from being read, or from being read whole."""

from __future__ import annotations

from typing import Final

from assistant.interfaces import Cancel, TextReader
from assistant.types import Picture, Reading
from assistant.vision import framing, quality

_FILLED: Final = 0.1  # of the picture's parts: what fills fewer is far off


def hindrance(
    picture: Picture, reading: Reading, reader: TextReader, cancel: Cancel | None = None
) -> str | None:
    """The one thing that the user should mend, as a key of `faults.SENTENCES`.

    Where nothing could be read for sure, the reader looks closer: a text that it finds then is
    too small, whatever else is measured. None where nothing speaks against the picture.

    Raises:
        Cancelled
    """
    framed = framing.of_text(reading, picture)
    if framed is not None or any(not line.unclear for line in reading.lines):
        return framed
    measured = quality.measure(picture)
    if measured.unreadable:
        return measured.faults[0]
    overlooked = framing.overlooked_text(picture, reader, cancel)
    if overlooked is not None or measured.faults:
        return overlooked or measured.faults[0]
    nothing = not (reading.lines or reading.unread)
    return "too_small" if nothing and measured.filled < _FILLED else None
