"""What a request for photos asks for: exact filters, and the content that is left to rank by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.library.places import Place


@dataclass(frozen=True, kw_only=True)
class PhotoQuery:
    """A request for photos, taken apart.

    All filters have to hold; a photo that does not tell (no time, no place, no camera) passes
    none that asks for it. `content` ranks what passes, and is empty where only filters were
    named. A query with `rejected` finds nothing; the reason is spoken instead.
    """

    content: str  # what the photo shows, worded like a caption
    language: str  # of the request: `en` or `zh`
    taken: tuple[datetime, datetime] | None = None  # half-open, as the clock there showed; no zone
    place: Place | None = None
    words: tuple[str, ...] = ()  # each has to stand in the picture, in any case
    people: tuple[int, int | None] | None = None  # least and most that are seen
    camera: str | None = None  # as spoken: "iPhone", "Canon"
    rejected: str | None = None  # one sentence in the query's language, for an impossible date
