"""The names that may be spoken for what is seen, English and Chinese, and what they mean.

`data/names.tsv` is the list. A name covers the ImageNet classes below its WordNet senses
(those marked with a minus are taken away again) and at most one class of COCO.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assistant.vision import wordnet

# The classes of COCO in the order of the ids that its detectors answer with, from 1; a dash
# is an id that COCO left unused (Lin et al., "Microsoft COCO: Common Objects in Context",
# 2014, appendix II, and the label map of TensorFlow's object detection models).
_COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light,
fire hydrant, -, stop sign, parking meter, bench, bird, cat, dog, horse, sheep,
cow, elephant, bear, zebra, giraffe, -, backpack, umbrella, -, -,
handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove,
skateboard, surfboard, tennis racket, bottle, -, wine glass, cup, fork, knife, spoon,
bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut,
cake, chair, couch, potted plant, bed, -, dining table, -, -, toilet,
-, tv, laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster,
sink, refrigerator, -, book, clock, vase, scissors, teddy bear, hair drier, toothbrush
"""


@dataclass(frozen=True, kw_only=True)
class Name:
    """A thing as people say it."""

    english: str  # singular
    kind: str  # a group of things found together or taken for each other, e.g. "animal"
    plural: str | None  # None where nobody counts it ("food") or it is a plural ("scissors")
    chinese: str
    measure: str  # Chinese measure word
    synsets: frozenset[str]
    without: frozenset[str]  # synsets below those that the name does not cover
    coco: str | None
    height: float | None  # m, typical, of things that stand upright

    def spoken(self, language: str) -> str:
        """The name in a language; English where there is no other."""
        return self.chinese if language.split("-")[0] == "zh" else self.english


@cache
def names() -> Mapping[str, Name]:
    """All speakable names, by their English singular."""
    senses = wordnet.tree().senses
    found = {}
    for english, kind, plural, chinese, measure, keys, coco, height in wordnet.rows("names.tsv"):
        found[english] = Name(
            english=english,
            kind=kind,
            plural=None if plural == "-" else plural or f"{english}s",
            chinese=chinese,
            measure=measure,
            synsets=frozenset(senses[key] for key in keys.split() if key[0] != "-"),
            without=frozenset(senses[key[1:]] for key in keys.split() if key[0] == "-"),
            coco=coco or None,
            height=float(height) if height else None,
        )
    return found


@cache
def coco_names() -> Mapping[int, Name]:
    """The spoken name of each COCO id."""
    by_class = {name.coco: name for name in names().values() if name.coco}
    labels = enumerate((label.strip() for label in _COCO.split(",")), start=1)
    return {id: by_class[label] for id, label in labels if label != "-"}


@cache
def cover() -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Names, and which ImageNet classes each covers: English names, bool [names, 1000]."""
    tree = wordnet.tree()
    rows = [
        tree.classes_below(name.synsets) & ~tree.classes_below(name.without)
        for name in names().values()
    ]
    return tuple(names()), np.stack(rows)


def chinese(english: str) -> str:
    """The Chinese of a speakable name; the name itself when it is not in the list."""
    name = names().get(english)
    return name.chinese if name else english
