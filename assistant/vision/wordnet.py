"""WordNet's tree of things, cut to what a picture can show.

Words are WordNet lemmas and their Chinese, synsets are ids such as "n02084071" (offsets of
WordNet 3.0, the ids that ImageNet's classes carry), senses are written "dog.1". `data/chinese.tsv`
was written by hand; the other tables are made by `scripts/make_wordnet_table.py` and
`scripts/make_chinese_table.py`. Licences of WordNet and the Chinese Open Wordnet are beside them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "mice": "mouse",
    "knives": "knife",
    "shelves": "shelf",
    "leaves": "leaf",
    "loaves": "loaf",
    "calves": "calf",
    "wolves": "wolf",
}
_PARENTHESIS = re.compile(r" \(.*\)| / .*")  # "kite (bird of prey)", "handrail / baluster"


def rows(name: str) -> list[list[str]]:
    """The lines of a table in `data/`, split at tabs, without comments."""
    text = (resources.files("assistant.vision") / "data" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]


@cache
def imagenet() -> tuple[str, ...]:
    """Ids of the 1000 ImageNet classes, in the order of a model's outputs."""
    return tuple(row[0] for row in rows("imagenet.tsv"))


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Synsets with what lies above them."""

    hypernyms: Mapping[str, tuple[str, ...]]  # synset -> synsets right above it
    senses: Mapping[str, str]  # "dog.1" -> synset
    words: Mapping[str, frozenset[str]]  # word -> synsets that it may mean
    kinds: Mapping[str, frozenset[str]]  # word -> kept synsets right above its own, cut ones
    classes: Mapping[str, frozenset[int]]  # synset -> places of the ImageNet classes below it

    def above(self, synset: str) -> frozenset[str]:
        """A synset and everything above it."""
        return _above(synset, self.hypernyms)

    def classes_below(self, synsets: Collection[str]) -> NDArray[np.bool_]:
        """Which ImageNet classes are kinds of any of these, bool [1000]."""
        below = np.zeros(len(imagenet()), np.bool_)
        for synset in synsets:
            below[list(self.classes.get(synset, ()))] = True
        return below

    def is_kind(self, synsets: Collection[str], word: str) -> bool:
        """Whether a word means one of these synsets or a kind of one.

        Plurals count, and "coffee mug" counts as "mug" too. A word that the table lacks
        means nothing.
        """
        forms = _forms(word)
        found = {s for form in forms for s in self.words.get(form, ())}
        found |= {s for form in forms for s in self.kinds.get(form, ())}
        return any(not self.above(synset).isdisjoint(synsets) for synset in found)

    def is_genus(self, synsets: Collection[str], word: str) -> bool:
        """Whether a word means something that lies above one of these synsets."""
        found = {synset for form in _forms(word) for synset in self.words.get(form, ())}
        return any(not self.above(synset).isdisjoint(found) for synset in synsets)

    def same_or_kind(self, first: Collection[str], second: Collection[str]) -> bool:
        """Whether any synset of one equals, or lies above, one of the other."""
        return any(not self.above(synset).isdisjoint(second) for synset in first) or any(
            not self.above(synset).isdisjoint(first) for synset in second
        )


def _forms(word: str) -> set[str]:
    whole = re.sub(r"[\s-]+", "_", word.strip().lower())
    return {form for part in (whole, whole.rsplit("_", 1)[-1]) for form in singulars(part)}


def singulars(word: str) -> tuple[str, ...]:
    """A word and what it may be the plural of, likeliest first (after WordNet's morphy)."""
    head, _, last = word.rpartition("_")
    forms = [last]
    if last in _IRREGULAR:
        forms.append(_IRREGULAR[last])
    if last.endswith("ies"):
        forms.append(last[:-3] + "y")
    if re.search(r"(s|x|z|ch|sh)es$", last):
        forms.append(last[:-2])
    if last.endswith("s") and not last.endswith("ss"):
        forms.append(last[:-1])
    return tuple(f"{head}_{form}" if head else form for form in forms)


def _above(synset: str, hypernyms: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found = {synset}
    waiting = [synset]
    while waiting:
        new = set(hypernyms[waiting.pop()]) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


@cache
def tree() -> Tree:
    """The committed tree, read once."""
    hypernyms: dict[str, tuple[str, ...]] = {}
    senses: dict[str, str] = {}
    words: defaultdict[str, set[str]] = defaultdict(set)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for synset, above, own, below in rows("wordnet.tsv"):
        hypernyms[synset] = tuple(above.split())
        for sense in own.split():
            senses[sense] = synset
            words[sense.rsplit(".", 1)[0]].add(synset)
        for word in below.split():
            kinds[word].add(synset)
    for id, name in rows("imagenet.tsv"):  # some classes go by names that WordNet lacks
        words[_PARENTHESIS.sub("", name).lower().replace(" ", "_")].add(id)
    for synset, _, own, *kind in rows("chinese.tsv"):
        for word in own.split():
            words[word].add(synset)
        for word in " ".join(kind).split():
            kinds[word].add(synset)
    for synset, below in rows("chinese_kinds.tsv"):
        for word in below.split():
            kinds[word].add(synset)
    classes: defaultdict[str, set[int]] = defaultdict(set)
    for place, id in enumerate(imagenet()):
        for synset in _above(id, hypernyms):
            classes[synset].add(place)
    return Tree(
        hypernyms=hypernyms,
        senses=senses,
        words={word: frozenset(found) for word, found in words.items()},
        kinds={word: frozenset(found) for word, found in kinds.items()},
        classes={synset: frozenset(found) for synset, found in classes.items()},
    )
