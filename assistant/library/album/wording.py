"""The words of an album: its title, captions and chapters, of what is known and nothing else.

Known are the theme as it was asked for, tags that are sure, a vision model's caption where there
is one, text that was read, people that were counted, time and place. No language model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from assistant.languages import base
from assistant.library.answering import month, place, what
from assistant.library.query import PhotoQuery
from assistant.library.records import Photo

_LONGEST_TITLE: Final = 60  # characters of the theme
_LONGEST_QUOTE: Final = 80  # characters of what was read
_MOST_CHAPTERS: Final = 6  # of one length; with more, days become months, and months years


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A photo of an album with its words."""

    photo: Photo
    what: str  # what it shows; may be empty
    facts: str  # where and when; may be empty
    caption: str  # both, as one line
    alt: str  # all that is known of what is in the picture


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Photos of one day, month or year."""

    title: str
    photos: tuple[Shown, ...]


def shown_photos(photos: Iterable[Photo], language: str) -> list[Shown]:
    """The photos with their words."""
    return [_shown(photo, base(language)) for photo in photos]


def title(query: PhotoQuery, photos: Sequence[Shown]) -> str:
    """ "Dogs at the beach, Qingdao, June to August 2025"; the theme in the user's own words."""
    language = base(query.language)
    theme = clean(query.content)
    if len(theme) > _LONGEST_TITLE:
        theme = theme[:_LONGEST_TITLE].rsplit(" ", 1)[0] + "…"
    if not theme and query.words:
        quoted = " ".join(clean(word) for word in query.words)
        theme = f"“{quoted}”"
    parts = [theme[:1].upper() + theme[1:], _where(query, photos, language), span(photos, language)]
    known = [part for part in parts if part]
    if language == "zh":
        return "，".join(known) or "照片"
    return ", ".join(known) or "Photos"


def span(photos: Sequence[Shown], language: str) -> str:
    """ "June to August 2025"; empty where no photo tells."""
    moments = _moments(photos)
    if not moments:
        return ""
    first, last = min(moments), max(moments)
    if first.date() == last.date():
        return day(first, language)
    start, end = (month(m.year, m.month, language) for m in (first, last))
    if start == end:
        return start
    if language == "zh":
        return f"{start}至{end.removeprefix(f'{first.year}年')}"
    return f"{start.removesuffix(f' {last.year}')} to {end}"


def day(moment: datetime, language: str) -> str:
    """ "12 July 2025", "2025年7月12日"."""
    whole = month(moment.year, moment.month, language)
    return f"{whole}{moment.day}日" if language == "zh" else f"{moment.day} {whole}"


def chapters(photos: Sequence[Shown], language: str) -> list[Chapter]:
    """The photos of each day; of each month or year where there would be too many chapters."""
    language = base(language)
    for parts in (3, 2, 1):
        found = list(_grouped(photos, parts, language))
        if len(found) <= _MOST_CHAPTERS:
            break
    return found


def clean(text: str) -> str:
    """A text on one line, without characters that do not print."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _grouped(photos: Sequence[Shown], parts: int, language: str) -> Iterator[Chapter]:
    groups: dict[str, list[Shown]] = {}
    for photo in photos:
        groups.setdefault(_name(photo.photo.taken_at, parts, language), []).append(photo)
    for name, group in groups.items():
        yield Chapter(title=name, photos=tuple(group))


def _name(moment: datetime | None, parts: int, language: str) -> str:
    if moment is None:
        return "没有日期" if language == "zh" else "Without a date"
    if parts == 3:
        return day(moment, language)
    if parts == 2:
        return month(moment.year, moment.month, language)
    return f"{moment.year}年" if language == "zh" else str(moment.year)


def _shown(photo: Photo, language: str) -> Shown:
    chinese = language == "zh"
    seen = clean(what(photo, language))
    seen = seen[:1].upper() + seen[1:]
    town = place(photo, language)
    where = (f"在{town}附近" if chinese else f"near {town}") if town else ""
    when = "" if photo.taken_at is None else day(photo.taken_at, language)
    comma = "，" if chinese else ", "
    facts = comma.join(part for part in (where, when) if part)
    read = _quote(photo.text)
    said = "" if seen else (f"写着“{read}”" if chinese else f"It reads “{read}”") if read else ""
    caption = comma.join(part for part in (seen or said, facts) if part)
    caption = caption[:1].upper() + caption[1:]
    return Shown(
        photo=photo,
        what=seen or said,
        facts=facts[:1].upper() + facts[1:],
        caption=caption or ("一张照片" if chinese else "A photo"),
        alt=_alt(photo, seen, read, language),
    )


def _alt(photo: Photo, seen: str, read: str, language: str) -> str:
    """ "Dog and grass. 2 people. It reads “EXIT”."; says so where nothing was made out."""
    chinese = language == "zh"
    parts = [seen]
    if photo.people:
        count = f"{photo.people} {'person' if photo.people == 1 else 'people'}"
        parts.append(f"{photo.people}个人" if chinese else count)
    if read:
        parts.append(f"写着“{read}”" if chinese else f"It reads “{read}”")
    told = [part for part in parts if part]
    if not told:
        return "照片，看不出内容" if chinese else "A photo; I can't tell what it shows"
    return "。".join(told) if chinese else ". ".join(told)


def _quote(text: str) -> str:
    line = clean(text)
    if len(line) <= _LONGEST_QUOTE:
        return line
    return re.sub(r"\s+\S*$", "", line[:_LONGEST_QUOTE]) + "…"


def _where(query: PhotoQuery, photos: Sequence[Shown], language: str) -> str:
    """The place that was asked for, else the town that all photos share."""
    if query.place is not None:
        name = clean(query.place.name)
        return name[:1].upper() + name[1:]
    towns = {place(shown.photo, language) for shown in photos}
    return towns.pop() if len(towns) == 1 else ""


def _moments(photos: Sequence[Shown]) -> list[datetime]:
    return [
        shown.photo.taken_at.replace(tzinfo=None)
        for shown in photos
        if shown.photo.taken_at is not None
    ]
