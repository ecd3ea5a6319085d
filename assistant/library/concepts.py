"""The things that a query names, as tags that photos bear: "puppies" is every dog.

Nouns of both languages are looked up by their place in WordNet, English ones with their plurals.
It finds what embeddings blur ("a church" is not any house), and tells with the photos that bear
none of it when nothing matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.languages import language_of
from assistant.library.words import meaningful
from assistant.vision import wordnet
from assistant.vision.look import classes
from assistant.vision.names import cover, names
from assistant.vision.vocabulary import named, words

_LONGEST_ENGLISH: Final = 3  # words
_LONGEST_CHINESE: Final = 9  # characters
_BROADEST: Final = 60  # ImageNet classes; a word that covers more ("animal") goes by its name
# Names that say too little to stand for a kind that has no name: a chisel is not any tool.
_WIDE: Final = frozenset(
    (
        *("animal", "building", "clothing", "drink", "food", "fruit", "furniture", "insect"),
        *("kitchen utensil", "musical instrument", "tool", "toy", "vegetable", "vehicle"),
    )
)
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
_BEFORE: Final = frozenset(
    "的只个条辆匹头朵棵座位名架艘把张和与跟有在抱骑看大小多白黑红些对里上下中边旁"
)
_AFTER: Final = frozenset("在和与跟旁里上下前后边，。、的吗呢")


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A thing that is asked for."""

    word: str  # as it stands in the query
    tags: frozenset[str]  # any of them will do
    above: frozenset[str] = frozenset()  # names of what it is a kind of: a duck may pass as a bird


def concepts(query: str) -> list[Concept]:
    """The things that a query names, in order; empty where no tag can tell of any."""
    found = _chinese(query) if language_of(query, "en") == "zh" else _english(query.lower())
    return [
        Concept(word=word, tags=tags | _head(word), above=_above(word) - tags - _head(word))
        for word, tags in dict(found).items()
    ]


def _head(word: str) -> frozenset[str]:
    """The kind that a name says itself: a pickup truck is a truck, but no hot dog is a dog."""
    first, _, last = word.rpartition(" ")
    return named(last) & _above(word) if first else frozenset()


def nothing_else(query: str, asked: Sequence[Concept]) -> bool:
    """Whether a query names these things and says nothing else that could be looked for."""
    rest = query.lower()
    for concept in asked:
        rest = rest.replace(concept.word, " ")
    return not meaningful(rest)


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
    """What photos bear where they show this: its names, and the ImageNet classes below it.

    What has neither, as a kind of dog that no class is, goes by the nearest name above it.
    """
    if run in _NO_THINGS:
        return frozenset()
    tree = wordnet.tree()
    forms = wordnet.singulars(run.replace(" ", "_"))
    spoken = any(form.replace("_", " ") in words() for form in forms)
    inside = any(form in tree.words or form in tree.kinds for form in forms)
    if not (spoken or inside):
        return frozenset()
    meanings = frozenset(s for form in forms for s in tree.words.get(form, ()))
    covered = tree.classes_below(meanings)
    if spoken and run.isascii():  # of an everyday name no rarer sense: toys are no toy dogs
        covered &= _covered(named(run))
    narrow: frozenset[str] = frozenset()
    if 0 < covered.sum() <= _BROADEST:
        narrow = frozenset(classes()[place] for place in np.flatnonzero(covered))
    kinds = frozenset(s for form in forms for s in tree.kinds.get(form, ()))
    return named(run) | narrow or _nearest(meanings | kinds)


def _covered(everyday: frozenset[str]) -> NDArray[np.bool_]:
    """The ImageNet classes that names cover, bool [1000]."""
    labels, covered = cover()
    own: NDArray[np.bool_] = covered[[label in everyday for label in labels]]
    return np.asarray(own.any(axis=0), np.bool_)


@cache
def _above(run: str) -> frozenset[str]:
    """The names that say in general what a word means, without those that say too little."""
    tree = wordnet.tree()
    forms = wordnet.singulars(run.replace(" ", "_"))
    meanings = {s for f in forms for s in (*tree.words.get(f, ()), *tree.kinds.get(f, ()))}
    whole = frozenset().union(*(tree.above(synset) for synset in meanings))
    met = frozenset(n for n, name in names().items() if not name.synsets.isdisjoint(whole))
    return met - _WIDE


def _nearest(synsets: frozenset[str]) -> frozenset[str]:
    """The first names on the way up from synsets; none where only a wide one is met."""
    tree, waiting = wordnet.tree(), set(synsets)
    while waiting:
        met = {n for n, name in names().items() if not name.synsets.isdisjoint(waiting)}
        if met:
            return frozenset(met - _WIDE)
        waiting = {above for synset in waiting for above in tree.hypernyms.get(synset, ())}
    return frozenset()


def _chinese(query: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The longest words that name something."""
    place = 0
    while place < len(query):
        for length in range(min(_LONGEST_CHINESE, len(query) - place), 0, -1):
            run = query[place : place + length]
            tags = _tags_of(run) if length > 1 or _alone(query, place) else frozenset()
            if tags:
                yield run, tags
                place += length - 1
                break
        place += 1


def _alone(query: str, place: int) -> bool:
    """Whether a single character is a word by itself."""
    before, after = query[:place], query[place + 1 :]
    return (not before or before[-1] in _BEFORE) and (not after or after[0] in _AFTER)
