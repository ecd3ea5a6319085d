"""How truly scenes are described: things named that are there, and things that are not.

A name is there when it means the same as a word of the truth by WordNet, a kind of it, or a
genus of it; words of the caption count too. What WordNet cannot settle was settled once by
looking at the photo, and people were counted, in `describing_truth.yaml`, which knows a
photo by its SHA-256. A photo that the file does not know is judged by WordNet alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any, Final

import yaml

from assistant.evaluation.cases import Case
from assistant.vision import wordnet
from assistant.vision.names import names

KIND: Final = "photo"
_TRUTH: Final = Path(__file__).with_name("describing_truth.yaml")
_DIGITS: Final = 12  # hexadecimal digits of a SHA-256, enough to tell photos apart
# Words that mean people without being a kind of person in WordNet.
_PEOPLE: Final = frozenset({"family", "families", "crowd", "couple", "group", "team", "hands"})
# Colours in captions are nouns too: an orange kayak is no orange, a white house no person.
_COLOURS: Final = frozenset(
    {"black", "chocolate", "coral", "cream", "lemon", "olive", "orange", "rose", "white"}
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was said about one photo, set against the truth."""

    hits: tuple[str, ...]  # names of things that are there
    invented: tuple[str, ...]  # names of things that are not


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What somebody who looked at a photo wrote down."""

    people: int | None = None  # None where they cannot be counted
    there: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    at: Mapping[str, Sequence[float]] = field(default_factory=dict)  # middles, of the width


def rate(part: int, whole: int) -> dict[str, float | int | None]:
    """A share with its 95 % interval.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 209-212; z = 1.96.
    """
    if whole == 0:
        return {"value": None, "of": 0}
    z = 1.96
    share = part / whole
    middle = share + z * z / (2 * whole)
    reach = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return {
        "value": round(share, 3),
        "of": whole,
        "low": round(max(0.0, (middle - reach) / scale), 3),
        "high": round(min(1.0, (middle + reach) / scale), 3),
    }


def judge(spoken: Iterable[str], case: Case) -> Verdict:
    """Which of the names are there and which are not."""
    looked = looked_at(case)
    there, absent = [], []
    for name in sorted(set(spoken)):
        if name in looked.there or (name not in looked.absent and _means(name, case.truth)):
            there.append(name)
        else:
            absent.append(name)
    return Verdict(hits=tuple(there), invented=tuple(absent))


def people(case: Case) -> int | None:
    """How many people a photo shows, where that is known."""
    counts = case.truth.get("count", {})
    return counts["person"] if "person" in counts else looked_at(case).people


def looked_at(case: Case) -> Looked:
    """What somebody saw in a photo; nothing where nobody looked."""
    row = _written().get(key(case.file), {})
    return Looked(
        people=row.get("people"),
        there=frozenset(row.get("there", ())),
        absent=frozenset(row.get("absent", ())),
        at=row.get("at", {}),
    )


@cache
def key(file: Path) -> str:
    """The digits of its SHA-256 that a photo is known by; empty where it is not there."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:_DIGITS] if file.is_file() else ""


@cache
def _written() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(_TRUTH.read_text(encoding="utf-8"))
    return found


def _means(name: str, truth: Mapping[str, Any]) -> bool:
    """Whether a word of the truth means the name, a kind of it or a genus of it."""
    known = names().get(name)
    synsets = known.synsets if known else frozenset[str]()
    tree = wordnet.tree()
    things = [*map(str, truth.get("objects", ())), *map(str, truth.get("count", ()))]
    caption = re.findall(r"[a-z]+", str(truth.get("caption", "")).lower())
    words = [word for word in caption if word not in _COLOURS]
    said = {*things, *words, *(f"{first} {second}" for first, second in pairwise(words))}
    if name == "person" and not _PEOPLE.isdisjoint(said):
        return True
    if name in said or any(tree.is_kind(synsets, word) for word in said):
        return True
    return any(tree.is_genus(synsets, thing) for thing in things)
