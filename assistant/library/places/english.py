"""Places in English requests: "near Kyoto", "in Paris, Texas", "my trip to Japan"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.library.places import gazetteer
from assistant.library.places.found import Found
from assistant.library.places.resolving import resolved

_LOUD = 100_000  # people of a town that is known in lower case, too
_FAMOUS = 1_000_000  # ... and where nothing says that it is a place
_WORDS = 4  # of the longest name that is tried
_MARK = re.compile(
    r"\b(?:(?P<near>near(?:by)?|around|close to|outside(?: of)?|not far from|in the area of)|"
    r"(?:taken |shot |made |from |back |somewhere |anywhere )?(?:in|at|from|over|across)|"
    r"(?:streets?|views?|skyline|rooftops|coast|beach(?:es)?|mountains|countryside|outskirts|suburbs|"
    r"airport|harbou?r|port|market) of|"
    r"(?:(?:from |on |during |of )?(?:our |my |the |a |that )(?:\w+ )?)?"
    r"(?:trips?|travels?|journeys?|visits?|vacations?|holidays?|honeymoon|tours?|flights?|went|"
    r"drive|been) (?:to|in|through|across|around))"
    r"\s+(?:the\s+)?(?:(?:city|town|country|state|province|area|region|downtown|middle|centre|"
    r"center|streets|north|south|east|west) (?:of )?)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?", re.UNICODE)
_NEXT = re.compile(r"[ -]")
_WITHIN = re.compile(r"(?:,|\s+in|,\s*in)\s+(?:the\s+)?", re.IGNORECASE)
_KEPT = re.compile(
    r"(?:streets?|views?|skyline|rooftops|coast|beach(?:es)?|mountains|countryside|outskirts|"
    r"suburbs|airport|harbou?r|port|market)\b",
    re.IGNORECASE,
)
_TRIP = re.compile(
    r"(?P<name>[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,2}) "
    r"(?:(?:trip|holiday|vacation|honeymoon|journey|tour|visit|getaway)s?)\b"
)

# Towns, too, but not in a request for photos; in capitals only where that tells them apart.
_NEVER = frozenset(
    re.findall(
        r"\S+",
        "the of a an and or my our your us me we i it this that these those all some man men "
        "woman women best sea sun bed bar sale home town city street union bank forest beach "
        "park summer spring autumn winter march may water lake pool mountain garden kitchen "
        "bathroom school church snow rain black white red green blue orange yellow pink purple "
        "gray grey brown gold silver front middle back background night morning evening center "
        "centre bag box car bus train boat bottom top order love need most same one two three "
        "which what where when photo photos picture pictures college university hospital museum "
        "hotel airport station ",
    )
)
_PROPER = frozenset(
    re.findall(
        r"\S+",
        "reading bath nice mobile split victoria of sale best man como",
    )
)


def find(text: str) -> Iterator[Found]:
    """The places of a text that follow a word such as "in" or "near"."""
    end = 0
    for mark in _MARK.finditer(text):
        if mark.start() < end:
            continue
        found = _at(text, mark)
        if found is not None:
            end = found.end
            yield found
    for trip in _TRIP.finditer(text):
        words = trip["name"].split(" ")
        for first in range(len(words)):
            name = " ".join(words[first:])
            if _capitalised(name) and _plausible(name) and (place := resolved(name)) is not None:
                start = trip.start() + len(" ".join([*words[:first], ""]))
                yield Found(start=start, end=trip.end(), place=place)
                break


def _at(text: str, mark: re.Match[str]) -> Found | None:
    for name, end in _candidates(text, mark.end()):
        if not _plausible(name):
            continue
        near = bool(mark["near"])
        more = _WITHIN.match(text, end)
        if more is not None:
            for wider, stop in _candidates(text, more.end()):
                if _capitalised(wider) and (place := resolved(name, near=near, within=wider)):
                    return Found(start=_start(mark), end=stop, place=place)
        place = resolved(name, near=near)
        if place is not None and (_capitalised(name) or _loud(name)):
            return Found(start=_start(mark), end=end, place=place)
    return None


def _start(mark: re.Match[str]) -> int:
    """Where the place begins: "streets" stays, since it tells what the photo shows."""
    kept = _KEPT.match(mark[0])
    return mark.start() + (re.match(r"\w+", mark[0]) or mark).end() if kept else mark.start()


def _candidates(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Runs of words from here, the longest first, with their ends."""
    ends: list[int] = []
    place = start
    while len(ends) < _WORDS and (word := _NAME.match(text, place)) is not None:
        ends.append(word.end())
        gap = _NEXT.match(text, word.end())
        if gap is None:
            break
        place = gap.end()
    for end in reversed(ends):
        name = text[start:end]
        yield name, end
        if name.endswith("."):
            yield name[:-1], end - 1


def _capitalised(name: str) -> bool:
    return all(word[:1].isupper() for word in name.split() if len(word) > 3) and name[:1].isupper()


def _plausible(name: str) -> bool:
    low = name.casefold()
    if low in _NEVER:
        return name == "US"
    return name[:1].isupper() or low not in _PROPER


def _loud(name: str) -> bool:
    """Whether a name in lower case is that of a country or a large town."""
    if gazetteer.is_area(name):
        return len(name) > 3 or name in ("uk", "usa")
    known = gazetteer.towns()
    found = known.named(name)
    return bool(found) and known.people[found[0]] >= _LOUD


def whole(text: str) -> Found | None:
    """The place that the text is and nothing else: "Kyoto", "Paris, France"."""
    bare = text.strip(" .,!?")
    for name, end in _candidates(bare, 0):
        if end != len(bare) and not _WITHIN.match(bare, end):
            continue
        if not _plausible(name) or not (_capitalised(name) or _famous(name)):
            continue
        if end == len(bare) and (place := resolved(name)) is not None:
            return Found(start=0, end=len(text), place=place)
        more = _WITHIN.match(bare, end)
        if more is not None and (place := resolved(name, within=bare[more.end() :])) is not None:
            return Found(start=0, end=len(text), place=place)
    return None


def _famous(name: str) -> bool:
    """Whether a name in lower case is that of a very large town; no country ("turkey", "china")."""
    known = gazetteer.towns()
    found = known.named(name)
    large = bool(found) and known.people[found[0]] >= _FAMOUS
    return large and not gazetteer.is_area(name) and name not in _PROPER
