"""The mode "read": writing is spoken once, as soon as it stands still."""

from __future__ import annotations

from typing import Final

from assistant.languages import length
from assistant.vision import sentence
from assistant.watching.faults import Faults
from assistant.watching.seen import FRESH_S, Glimpse, Remark, Seen, Subject
from assistant.watching.writing import Writing, worth

_AT_ONCE: Final = 25  # words (or characters of Chinese) between two chances to interrupt


class Reading:
    """Lines in reading order, a few at a time."""

    wants: tuple[Subject, ...] = ("text",)

    def __init__(self, language: str) -> None:
        self._language = language
        self._writing = Writing()
        self._faults = Faults()
        self._seen: Seen | None = None
        self._shown = 0.0  # s, until when the camera showed it

    def glimpse(self, glimpse: Glimpse) -> None:
        """Keep fresh what the camera still shows."""
        if "text" in glimpse.still:
            self._shown = glimpse.at
            self._faults.still(glimpse.at)

    def see(self, seen: Seen) -> None:
        """Take what was read."""
        self._seen, self._shown = seen, seen.at
        self._faults.see(seen.faults, seen.at, seen.since)

    def compose(self, now: float, *, moving: bool) -> Remark | None:
        """The next lines that were not told."""
        seen = self._seen
        if seen is None or moving or now - self._shown > FRESH_S:
            return None
        texts = self._writing.new(worth(seen.lines), now)
        if not texts:
            return self._faults.compose(now) if not seen.lines else None
        count, words = 0, 0
        while count < len(texts) and (not count or words < _AT_ONCE):
            words += length(texts[count], self._language)
            count += 1
        quoted = sentence.quote(texts[:count], self._language, count)
        return Remark(
            text=quoted, topic="text", kind="quoted", since=seen.since, keys=tuple(texts[:count])
        )

    def told(self, remark: Remark, now: float) -> None:
        """Never read it again while it is there."""
        if remark.topic == "fault":
            self._faults.told(remark, now)
        else:
            self._writing.told(remark.keys, now)
