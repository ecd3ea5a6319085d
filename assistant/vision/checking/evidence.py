"""What was measured about a picture, as evidence for and against claims."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from rapidfuzz import fuzz

from assistant.types import SceneObject
from assistant.vision import colours
from assistant.vision.agreement import Observation
from assistant.vision.answers import Facts
from assistant.vision.names import cover, names
from assistant.vision.vocabulary import named

Support = Literal["seen", "faint", "absent", "unknown"]

_FOR_NOTHING = 0.001  # of every class, from label smoothing; see `vision.agreement`
_SOME = 0.03  # probability of a name that counts as seeing it
_LITTLE = 0.005  # below it the classifier gives a name no more than chance
_SCENERY = frozenset({"outdoors", "building", "street", "worn", "plant", "room", "furniture"})
"""Kinds of which the classifier's silence means little: one label a picture goes to what fills
it, not to the wall behind."""
_TEXT_ALIKE = 82  # of 100, partial similarity from which a quoted text was read
_COLOUR_LEAST = 0.03  # share of a thing's box, or ...
_COLOUR_SOMEWHERE = 0.004  # ... of the picture, from which a colour can be there
_NEIGHBOURS = {
    "brown": "orange red beige yellow black grey", "orange": "red yellow", "beige": "white "
    "yellow brown grey", "grey": "white black blue beige", "white": "grey beige", "black": "grey "
    "brown blue", "turquoise": "blue green", "pink": "red purple", "purple": "pink blue",
    "red": "orange pink", "yellow": "orange beige", "green": "turquoise", "blue":
    "turquoise purple grey",
}  # fmt: skip
"""Colours that people and light change into one another."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The measurements of one picture."""

    facts: Facts

    def support(self, meant: frozenset[str]) -> Support:
        """How far any of some speakable names was seen.

        `absent` where the detector or the classifier knows such things and found none,
        `unknown` where neither can tell.
        """
        seen = {thing.name for thing in self.facts.objects}
        if not seen.isdisjoint(meant) or self.count(meant):
            return "seen"
        best = max((self._soft.get(name, 0.0) for name in meant), default=0.0)
        if best >= _SOME:
            return "seen"
        known = [names()[name] for name in meant if name in names()]
        if not known or all(name.kind in _SCENERY and not name.coco for name in known):
            return "unknown"
        if best >= _LITTLE or any(meant & named(hint) for hint in self._hints):
            return "faint"
        return "absent" if any(name.coco or name.kind in _ANIMALS for name in known) else "faint"

    def count(self, meant: Collection[str]) -> int:
        """How many boxes of some names the detector is sure of."""
        return sum(thing.box is not None and thing.name in meant for thing in self.facts.objects)

    def at_most(self, meant: Collection[str]) -> int:
        """How many boxes of some names there may be, faint ones counted."""
        seen = self._observation
        faint = sum(c.name in meant for c in seen.candidates) if seen else 0
        return max(self.count(meant), faint)

    def things(self, meant: Collection[str]) -> list[SceneObject]:
        """The things with boxes that some names mean."""
        return [t for t in self.facts.objects if t.box is not None and t.name in meant]

    def coloured(self, colour: str, meant: Collection[str]) -> bool:
        """Whether a thing, or anything where it has no box, can have a colour."""
        alike = {colour, *_NEIGHBOURS.get(colour, "").split()}
        boxes = [t.box for t in self.things(meant) if t.box is not None]
        for box in boxes:
            found = colours.region(self.facts.picture, box)
            if sum(s.share for s in found if s.name == colour) >= _COLOUR_LEAST * 2:
                return True
            if sum(s.share for s in found if s.name in alike) >= 0.25:
                return True
        if boxes:
            return False
        return self._whole_colours.get(colour, 0.0) >= _COLOUR_SOMEWHERE

    def reads(self, text: str) -> bool:
        """Whether a text, quoted by a model, was read in the picture."""
        wanted = _plain(text)
        if not wanted:
            return True
        if any(c.isdigit() for c in wanted):  # digits must agree to the last one
            if not {_unpadded(number) for number in _numbers(text)} <= self._numbers:
                return False
            if not re.search(r"[^\W\d_]", wanted):
                return True
        if wanted in self._read:
            return True
        if len(wanted) < 4 or len(wanted) > len(self._read) + 3:
            return False
        return fuzz.partial_ratio(wanted, self._read) >= _TEXT_ALIKE

    @cached_property
    def lines(self) -> int:
        """Lines of text that were read."""
        return len(self.facts.lines)

    @cached_property
    def _read(self) -> str:
        return "\n".join(_plain(line.text) for line in self.facts.lines).replace("\n", "")

    @cached_property
    def _numbers(self) -> frozenset[str]:
        """Runs of digits that were read, as written and with marks and blanks between them."""
        texts = [line.text for line in self.facts.lines]
        runs = {run for text in texts for run in re.findall(r"\d+", text)}
        return frozenset(map(_unpadded, runs.union(*(_numbers(text) for text in texts))))

    @property
    def _observation(self) -> Observation | None:
        return self.facts.observation

    @cached_property
    def _whole_colours(self) -> dict[str, float]:
        return {share.name: share.share for share in colours.whole(self.facts.picture)}

    @cached_property
    def _soft(self) -> dict[str, float]:
        """The classifier's probability of each name, the best of picture and boxes."""
        seen = self._observation
        if seen is None:
            return {}
        english, covers = cover()
        views = [seen.whole, *(c.classes for c in seen.candidates if c.classes is not None)]
        sums = np.maximum(np.stack(views) - _FOR_NOTHING, 0) @ covers.T.astype(np.float32)
        return {name: float(p) for name, p in zip(english, sums.max(axis=0), strict=True)}

    @cached_property
    def _hints(self) -> frozenset[str]:
        """Names of boxes that agreement did not keep: no sight, but no absence either."""
        seen = self._observation
        return frozenset(c.name for c in seen.candidates) if seen else frozenset()


_ANIMALS = frozenset({"mammal", "bird", "animal"})


def _numbers(text: str) -> list[str]:
    """Numbers without the marks inside them: "5.8" is 58, "(714) 879-3574" one number."""
    found = re.findall(r"\d[\d.,:/]*(?:[\s()-]+\d{3,}[\d-]*)*|\d", text)
    return [re.sub(r"\D", "", number) for number in found]


def _unpadded(number: str) -> str:
    """02 as 2, as in dates; longer numbers are codes, whose zeros count."""
    return number.lstrip("0") or "0" if len(number) <= 2 else number


def _plain(text: str) -> str:
    """Letters, digits and characters alone, in lower case."""
    return re.sub(r"[\W_]+", "", text).lower()
