"""What a request for photos asks for: exact filters, and the content that is left to rank by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from assistant.languages import base
from assistant.library import cameras, counting, places, quoting, times, wanted
from assistant.library.places import Place
from assistant.library.times.spans import ImpossibleError

LONGEST: Final = 500
"""Characters of a request that are read."""

_SOUTH = -10.0  # degrees; nearer the equator there are no four seasons
_Part = tuple[int, int, str]  # start, end, what stands there instead


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
    place: Place | None = None  # `places.inside` tells whether a photo lies there
    words: tuple[str, ...] = ()  # each has to stand in the picture, in any case
    people: tuple[int, int | None] | None = None  # least and most that are seen
    camera: str | None = None  # as spoken, "iPhone", "Canon"; see `cameras.matches`
    rejected: str | None = None  # one sentence in the query's language, for an impossible date


def parse(text: str, *, language: str, now: datetime) -> PhotoQuery:
    """Take a request apart by rules, in English and Chinese, whichever `language` says.

    `now` is the user's local time. Seasons are the northern ones unless the place that is named
    lies in the south. What no rule knows stays in the content; nothing is guessed.

    Raises:
        EngineMissing: the packages of the photo library are not installed.
    """
    text = re.sub(r"\s+", " ", text.replace(wanted.GAP, " "))[:LONGEST].strip()
    quoted = _cut(quoting.find(text), text, now)
    parts: list[_Part] = [(found.start, found.end, "") for found in quoted]
    masked = _masked(text, parts)
    camera = cameras.find(masked)
    if camera is not None:
        parts.append((camera.start, camera.end, ""))
    when = times.find(_masked(text, parts), now=now)
    parts += [(start, end, "") for start, end in when.parts]
    people = counting.find(_masked(text, parts))
    if people is not None:
        parts.append((people.start, people.end, people.rest))
    where = places.find(_masked(text, parts))
    if where is not None:
        parts.append((where.start, where.end, ""))
    content = wanted.content(wanted.without(text, parts))
    if where is None and content and (alone := places.whole(content)) is not None:
        where, content = alone, ""
    if where is not None and where.place.latitude < _SOUTH:
        when = times.find(_masked(text, parts[: len(quoted)]), now=now, southern=True)
    return PhotoQuery(
        content=content,
        language=base(language),
        taken=when.span,
        place=where.place if where is not None else None,
        words=tuple(quoting.pieces(quoted)),
        people=people.people if people is not None else None,
        camera=camera.camera if camera is not None else None,
        rejected=_rejected(when, base(language)),
    )


def _masked(text: str, parts: list[_Part]) -> str:
    """The text with parts made unreadable, character for character."""
    for start, end, _ in parts:
        text = text[:start] + wanted.GAP * (end - start) + text[end:]
    return text


_DIGITS_ONLY = re.compile(r"^\s*\d+\s*$")


def _cut(found: list[quoting.Found], text: str, now: datetime) -> list[quoting.Found]:
    """Words without quotes end where a time, place or camera begins."""
    if not found or found[0].quoted:
        return found
    one = found[0]
    tail = text[one.begins : one.end]
    ends = [start for start, end in times.find(tail, now=now).parts if _tells(tail[start:end])]
    where, camera = places.find(tail), cameras.find(tail)
    ends += [other.start for other in (where, camera) if other is not None]
    end = min((e for e in ends if e > 0), default=None)
    if end is None:
        return found
    words = quoting.plain(tail[:end])
    stop = one.begins + end
    return [quoting.Found(start=one.start, end=stop, words=words, begins=one.begins)]


def _tells(time: str) -> bool:
    """A bare year may be among the words ("budget 2026")."""
    return _DIGITS_ONLY.match(time) is None


# --- impossible dates -----------------------------------------------------------------

_MONTHS = re.findall(
    r"\S+",
    "January February March April May June July August September October November December",
)


def _rejected(when: times.Times, language: str) -> str | None:
    if when.fault is not None:
        return _no_such(when.fault, language)
    if when.future:
        return "那个时间还没有到。" if language == "zh" else "That time has not come yet."
    return None


def _no_such(fault: ImpossibleError, language: str) -> str:
    """One sentence about a date that no calendar has."""
    zh = language == "zh"
    if not 1 <= fault.month <= 12:
        return f"没有{fault.month}月。" if zh else f"There is no month {fault.month}."
    if zh:
        year = f"{fault.year}年" if fault.year else ""
        return f"{year}{fault.month}月没有{fault.day}号。"
    year = f" in {fault.year}" if fault.year else ""
    return f"There is no {_MONTHS[fault.month - 1]} {fault.day}{year}."
