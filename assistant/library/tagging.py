"""What one picture can be tagged with: people, place, event, mood; each null where nothing tells.

Without a picture encoder an event comes from tags that hardly stand for anything else (a
bridegroom, a graduation cap), and a mood never: no tag tells of one. With CLIP or the like both
are chosen among sentences (zero-shot classification: Radford et al., arXiv 2103.00020).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.errors import EngineMissing
from assistant.library import places
from assistant.types import Picture
from assistant.vision.agreement import Seen
from assistant.vision.look import tags

Scores = Callable[[Picture, Sequence[str]], Mapping[str, float]]
"""How well each text fits a picture; they sum to 1."""

_ENOUGH: Final = 0.5  # confidence from which an event or a mood is named
_EVENTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "wedding": (("bridegroom",),),
    "graduation": (("graduation cap",), ("academic gown", "person")),
    "birthday": (("cake", "candle"),),
    "beach day": (("beach", "person"), ("beach", "bikini")),
    "skiing": (("skis", "person"),),
    "diving": (("scuba diver",),),
}  # event -> tags that together tell of it; any row will do
_EVENT_TEXTS: Final = {
    "a photo of a wedding": "wedding",
    "a photo of a birthday party": "birthday",
    "a photo of a graduation ceremony": "graduation",
    "a photo of a Christmas celebration": "Christmas",
    "a photo of a day at the beach": "beach day",
    "a photo of a concert": "concert",
    "a photo of a sports match": "sports match",
    "a photo of people skiing": "skiing",
    "a photo of a hike in the mountains": "hike",
    "a photo of a meal with friends": "meal together",
    "a photo of a business meeting": "meeting",
    "an ordinary photo of no special event": None,
}
_MOOD_TEXTS: Final = {
    "a cheerful, joyful photo": "cheerful",
    "a calm, peaceful photo": "calm",
    "a romantic, tender photo": "tender",
    "a lively, energetic photo": "lively",
    "a sad, lonely photo": "sad",
    "a gloomy, threatening photo": "gloomy",
    "a plain photo without any mood": None,
}


@dataclass(frozen=True, kw_only=True)
class Tag:
    """Something that a picture is tagged with."""

    value: str | int
    confidence: float  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class PictureTags:
    """The tags of one picture; None where nothing supports one."""

    people: Tag | None
    place: Tag | None
    event: Tag | None
    mood: Tag | None


def tagged(picture: Picture, seen: Seen | None, scores: Scores | None = None) -> PictureTags:
    """The tags of a picture.

    Args:
        seen: what detector and classifier found; None where there are none.
        scores: of an encoder that puts pictures and texts into one space; None where there is
            none.
    """
    if scores is not None:
        event, mood = _chosen(picture, _EVENT_TEXTS, scores), _chosen(picture, _MOOD_TEXTS, scores)
    else:
        event, mood = None if seen is None else _event(seen), None
    return PictureTags(people=_people(seen), place=_place(picture), event=event, mood=mood)


def event_of(found: Mapping[str, float]) -> Tag | None:
    """The event that tags tell of, as sure as the least sure tag that it needs."""
    sure = {
        event: max(min(found.get(tag, 0.0) for tag in needed) for needed in rows)
        for event, rows in _EVENTS.items()
    }
    best = max(sure, key=lambda event: sure[event])
    return Tag(value=best, confidence=sure[best]) if sure[best] >= _ENOUGH else None


def _people(seen: Seen | None) -> Tag | None:
    """How many were seen, as sure as the least sure of them."""
    if seen is None or not seen.people:
        return None
    sure = [thing.confidence for thing in seen.objects if thing.name == "person"]
    return Tag(value=seen.people, confidence=min(sure)) if sure else None


def _place(picture: Picture) -> Tag | None:
    """The nearest town, of coordinates that the camera wrote down."""
    if picture.place is None:
        return None
    try:
        name = places.place_of(*picture.place, "en")
    except EngineMissing:
        return None
    return Tag(value=name, confidence=1.0) if name else None


def _event(seen: Seen) -> Tag | None:
    observed = seen.observation
    return None if observed is None or observed.drawn else event_of(dict(tags(observed)))


def _chosen(picture: Picture, texts: Mapping[str, str | None], scores: Scores) -> Tag | None:
    found = scores(picture, list(texts))
    best = max(found, key=lambda text: found[text])
    name = texts[best]
    return (
        None if name is None or found[best] < _ENOUGH else Tag(value=name, confidence=found[best])
    )
