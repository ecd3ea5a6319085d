"""What is said about photos that were found: how many, when, and the best three.

File names are not read out; text in a picture is quoted, never obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from assistant.errors import EngineMissing
from assistant.events import Sentence
from assistant.languages import base
from assistant.library import places
from assistant.library.records import Photo, shown
from assistant.library.search import Answer, Hit
from assistant.types import SentenceKind
from assistant.vision import wordnet
from assistant.vision.names import names

_READ_OUT: Final = 3
_SURE: Final = 0.45  # confidence from which a tag is spoken
_MOST_TAGS: Final = 3
_LONGEST_QUOTE: Final = 60  # characters
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDER: Final = (("First", "第一张"), ("Second", "第二张"), ("Third", "第三张"))


def sentences(answer: Answer, language: str) -> Iterator[Sentence]:
    """The answer aloud, in English or Chinese; the first sentence says how many and when."""
    chinese = base(language) == "zh"
    own = "zh" if chinese else "en"
    photos = [hit.photo for hit in answer.hits]
    if answer.rejected is not None:
        yield Sentence(text=answer.rejected, kind="measured", language=own)
        return
    if not photos:
        text = "我没有找到这样的照片。" if chinese else "I found no such photo."
        yield Sentence(text=text, kind="measured", language=own)
        return
    yield Sentence(text=_how_many(answer, own), kind="measured", language=own)
    for number, photo in enumerate(photos[:_READ_OUT]):
        ordinal = "" if len(photos) == 1 else _ORDER[number][chinese]
        # A caption is a vision model's; tags, times and places are measured.
        kind: SentenceKind = "generated" if photo.caption else "measured"
        yield Sentence(text=_one(photo, ordinal, own), kind=kind, language=own)
        quote = _quote(photo)
        if quote:
            intro = "上面写着：" if chinese else "It reads: "
            yield Sentence(text=intro + quote, kind="quoted", language=own)


def row(hit: Hit, language: str) -> dict[str, Any]:
    """A hit as data: file, score, taken_at, place, why."""
    moment = hit.photo.taken_at
    return {
        "file": shown(hit.photo.file),
        "score": hit.score,
        "taken_at": moment.isoformat() if moment is not None else None,
        "place": place(hit.photo, language) or None,
        "why": ", ".join(hit.why),
    }


def _how_many(answer: Answer, language: str) -> str:
    """ "I found 12 photos, the best from July 2019." """
    count = answer.count
    moments = [hit.photo.taken_at for hit in answer.hits if hit.photo.taken_at is not None]
    span = _span(moments, language) if count > 1 else ""
    if language == "zh":
        known = f"我找到{count}张照片" if answer.sure else f"我不确定，最接近的有{count}张照片"
        return f"{known}{'，' + span if span else ''}。"
    noun = "photo" if count == 1 else "photos"
    come = "comes" if count == 1 else "come"
    known = (
        f"I found {count} {noun}" if answer.sure else f"I'm not sure; {count} {noun} {come} near"
    )
    return f"{known}{', ' + span if span else ''}."


def _span(moments: Sequence[datetime], language: str) -> str:
    """ "from July 2019 to May 2021"; empty where no photo tells."""
    if not moments:
        return ""
    keyed = sorted((m.year, m.month) for m in moments)
    first, last = (month(*key, language) for key in (keyed[0], keyed[-1]))
    if language == "zh":
        return f"最好的拍摄于{first}" if first == last else f"最好的拍摄于{first}到{last}"
    return f"the best from {first}" if first == last else f"the best from {first} to {last}"


def month(year: int, number: int, language: str) -> str:
    """ "July 2019", "2019年7月"."""
    return f"{year}年{number}月" if language == "zh" else f"{_MONTHS[number - 1]} {year}"


def _one(photo: Photo, ordinal: str, language: str) -> str:
    shown = what(photo, language)
    when = month(photo.taken_at.year, photo.taken_at.month, language) if photo.taken_at else ""
    where = place(photo, language)
    if language == "zh":
        facts = "，".join(part for part in (when, f"在{where}" if where else "") if part)
        subject = ordinal or "照片"
        return f"{subject}：{'，'.join(part for part in (facts, shown) if part) or '内容不清楚'}。"
    facts = ", ".join(part for part in (when, f"near {where}" if where else "") if part)
    told = ", ".join(part for part in (shown, facts) if part) or "I can't tell what it shows"
    return f"{ordinal}: {told}." if ordinal else f"It shows {told}." if shown else f"{told}."


def what(photo: Photo, language: str) -> str:
    """The caption, else what was surely seen: "a dog and grass"; empty where nothing was."""
    if photo.caption and language == "en":
        return photo.caption.rstrip(".")
    sure = [name for name, confidence in photo.tags if confidence >= _SURE and name in names()]
    kept = _specific(sure)[:_MOST_TAGS]
    words = [names()[name].spoken(language) for name in kept]
    if language == "zh":
        return "、".join(words)
    return words[0] if len(words) == 1 else " and ".join([", ".join(words[:-1]), *words[-1:]][-2:])


def place(photo: Photo, language: str) -> str:
    """The town that is nearest; empty where the photo does not tell, or no table is there."""
    if photo.place is None:
        return ""
    try:
        return places.place_of(*photo.place, language)
    except EngineMissing:
        return ""


def _quote(photo: Photo) -> str:
    line = " ".join(photo.text.split())
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"


def _specific(found: Sequence[str]) -> list[str]:
    """Names without those that only say in general what another one says."""
    tree = wordnet.tree()
    kept: list[str] = []
    for name in found:
        own = names()[name].synsets
        others = [names()[other].synsets for other in found if other != name]
        general = any(
            any(not (tree.above(s) - other).isdisjoint(own) for s in other) for other in others
        )
        if not general:
            kept.append(name)
    return kept
