"""What a question asks to be named, and kinds of it: "what animals" is answered by a goat.

By the place of nouns in WordNet, English and Chinese (`assistant.vision.wordnet`, which knows
what a picture can show). Of a word with several senses its two commonest count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from assistant.vision.wordnet import singulars, tree

_ASKS: Final = re.compile(
    r"\b(?:what|which)\s+(?:(?:kinds?|sorts?|types?)\s+of\s+|other\s+)?(?P<en>[a-z]+)\b|"
    r"(?:什么|哪些|哪种|哪几[种个只样])样?的?(?P<zh>[\u4e00-\u9fff]{1,4})",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[a-z]+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
_COMMON: Final = 2  # senses of an English word that count
_LONGEST: Final = 4  # characters of a Chinese name
# One character names a thing only beside these.
_BEFORE: Final = frozenset("只匹头条尾群些养种棵朵把架辆艘个和与跟、吃")
# Words that WordNet knows as things, too, and that hardly ever name one in a sentence.
_NO_THINGS: Final = frozenset(
    re.findall(
        r"\S+",
        "male female young adult entire pet offspring giant stayer sire stock head issue light "
        "play stand run set lot kind way time day night year back front side top bottom left "
        "right old new big small white black red green blue yellow brown grey gold silver cross "
        "well can will may must might do go take make have has is was be s t a i me it he as in "
        "at so no or us",
    )
)


def category(question: str) -> str | None:
    """What is to be named, as it stands in the question; None where WordNet does not know it."""
    for found in _ASKS.finditer(question.lower()):
        if found["en"] and _meanings(found["en"]):
            return found["en"]
        run = found["zh"] or ""
        for size in range(len(run), 0, -1):
            if size > 1 and _meanings(run[:size]):
                return run[:size]
    return None


def named(category: str, text: str) -> bool:
    """Whether a text names something of a category."""
    meant = _meanings(category)
    return any(not _whole(word).isdisjoint(meant) for word in _names(text.lower()))


def _names(text: str) -> Iterator[str]:
    """The words of a text that may name something."""
    yield from (word for word in _WORD.findall(text) if word not in _NO_THINGS)
    for run in _HAN.findall(text):
        for at in range(len(run)):
            if at and run[at - 1] in _BEFORE:
                yield run[at]
            for size in range(2, min(_LONGEST, len(run) - at) + 1):
                yield run[at : at + size]


@cache
def _meanings(word: str) -> frozenset[str]:
    found = tree().words
    return frozenset(synset for form in singulars(word) for synset in found.get(form, ()))


@cache
def _whole(word: str) -> frozenset[str]:
    """What a word names, with all that lies above it."""
    known = tree()
    found: set[str] = set()
    for form in singulars(word):
        own = known.words.get(form, frozenset())
        if own and form.isascii():
            senses = (known.senses.get(f"{form}.{n}") for n in range(1, _COMMON + 1))
            found |= {synset for synset in senses if synset is not None}
        else:  # the table has no senses of it; of a rarer word there is seldom more than one
            found |= own or known.kinds.get(form, frozenset())
    return frozenset().union(*(known.above(synset) for synset in found))
