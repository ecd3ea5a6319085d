"""The things that a query names, as tags that photos bear: "puppies" is every dog.

English nouns are looked up with their plurals and their place in WordNet, Chinese ones in the
list of names. It finds what embeddings blur ("a church" is not any house), and tells with the
photos that bear none of it when nothing matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from assistant.languages import language_of
from assistant.vision import wordnet
from assistant.vision.look import classes
from assistant.vision.vocabulary import named, words

_LONGEST_ENGLISH: Final = 3  # words
_LONGEST_CHINESE: Final = 6  # characters
_BROADEST: Final = 60  # ImageNet classes; a word that covers more ("animal") goes by its name
_ENGLISH: Final = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
# Words that WordNet also knows as things, and that hardly ever name one in a caption.
_NO_THINGS: Final = frozenset(
    (
        *("white", "black", "red", "green", "blue", "yellow", "orange", "brown", "pink", "purple"),
        *("grey", "gray", "gold", "silver", "light", "dark", "stand", "stands", "sit", "sits"),
        *("cross", "crosses", "run", "runs", "ride", "rides", "front", "back", "side", "top"),
        *("bottom", "left", "right", "day", "night", "year", "time", "way", "set", "lot", "kind"),
        *("photo", "picture", "image", "shot", "view", "old", "new", "big", "small"),
    )
)
# One character is a word by itself only beside these; elsewhere it is part of another word.
_BEFORE: Final = frozenset("的只个条辆匹头朵棵座位名架艘把张和与跟有在抱骑看大小多白黑红些对")
_AFTER: Final = frozenset("在和与跟旁里上下前后边，。、的吗呢")


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A thing that is asked for."""

    word: str  # as it stands in the query
    tags: frozenset[str]  # any of them will do


def concepts(query: str) -> list[Concept]:
    """The things that a query names, in order; empty where no tag can tell of any."""
    found = _chinese(query) if language_of(query, "en") == "zh" else _english(query.lower())
    return [Concept(word=word, tags=tags) for word, tags in dict(found).items()]


def evidence(concept: Concept, tags: Mapping[str, float]) -> float:
    """How surely a photo with these tags shows a thing, 0 to 1."""
    return max((sure for tag, sure in tags.items() if tag in concept.tags), default=0.0)


def _english(query: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The longest runs of words that name something."""
    said = _ENGLISH.findall(query)
    place = 0
    while place < len(said):
        for length in range(min(_LONGEST_ENGLISH, len(said) - place), 0, -1):
            run = " ".join(said[place : place + length])
            tags = _tags_of(run)
            if tags:
                yield run, tags
                place += length - 1
                break
        place += 1


@cache
def _tags_of(run: str) -> frozenset[str]:
    if run in _NO_THINGS:
        return frozenset()
    tree = wordnet.tree()
    forms = wordnet.singulars(run.replace(" ", "_"))
    spoken = any(form.replace("_", " ") in words() for form in forms)
    inside = any(form in tree.words or form in tree.kinds for form in forms)
    if not (spoken or inside):
        return frozenset()
    covered = tree.classes_below({s for form in forms for s in tree.words.get(form, ())})
    narrow: frozenset[str] = frozenset()
    if 0 < covered.sum() <= _BROADEST:
        narrow = frozenset(classes()[place] for place in np.flatnonzero(covered))
    return named(run) | narrow


def _chinese(query: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The longest words of the list of names."""
    place = 0
    while place < len(query):
        for length in range(min(_LONGEST_CHINESE, len(query) - place), 0, -1):
            run = query[place : place + length]
            if run in words() and (length > 1 or _alone(query, place)):
                yield run, named(run)
                place += length - 1
                break
        place += 1


def _alone(query: str, place: int) -> bool:
    """Whether a single character is a word by itself."""
    before, after = query[:place], query[place + 1 :]
    return (not before or before[-1] in _BEFORE) and (not after or after[0] in _AFTER)
