"""What differs between two pictures, told from what was seen in each.

What is seen in one picture only may have been missed in the other, and that is said.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from PIL import Image

from assistant.languages import base
from assistant.types import Picture, Scene
from assistant.vision import colours, nouns, quality, sentence

_SIDE = 64  # pixels; pictures are compared on small copies
_SAME = 0.6  # mean difference of 8-bit values that recompression may cause
_NEARLY = 4.0  # of a picture taken again from the same place
_BRIGHTER = 0.08  # difference of median luma that people notice
_THINGS = 3  # differences that are told

_SAID = {
    "same": (
        "The two pictures are the same, as far as I can measure.",
        "就我能量出的，两张图片一样。",
    ),
    "nearly": ("The two pictures are nearly the same.", "两张图片几乎一样。"),
    "alike": (
        "I see the same things in both, but I often miss things.",
        "两张里我看到的东西一样，但我经常会看漏。",
    ),
    "unknown": (
        "I can't name enough in them to compare things.",
        "画面里的东西我叫不准，比不了。",
    ),
    "missed": ("I may have missed some of it.", "其中有些可能是我看漏了。"),
    "brighter": ("The second picture is brighter.", "第二张更亮。"),
    "darker": ("The second picture is darker.", "第二张更暗。"),
}


def differences(
    pictures: tuple[Picture, Picture], scenes: tuple[Scene, Scene], language: str
) -> list[str]:
    """Sentences on what differs: things, light, colour, text; or that nothing does."""
    apart = _apart(*pictures)
    if apart < _SAME:
        return [_say("same", language)]
    told = [_say("nearly", language)] if apart < _NEARLY else []
    measured = [quality.measure(picture) for picture in pictures]
    for place, found in enumerate(measured):
        if found.unreadable:
            words = quality.fault(found.faults[0], language).sentence
            return [*told, _which(place, language) + words]
    told += _things(scenes, language, nearly=bool(told))
    lighter = measured[1].median - measured[0].median
    if abs(lighter) >= _BRIGHTER:
        told.append(_say("brighter" if lighter > 0 else "darker", language))
    return [*told, *_colours(pictures, language), *_texts(scenes, language)]


def _say(key: str, language: str) -> str:
    return _SAID[key][base(language) == "zh"]


def _which(place: int, language: str) -> str:
    if base(language) == "zh":
        return f"第{'一二'[place]}张："
    return f"About the {('first', 'second')[place]} one: "


def _apart(first: Picture, second: Picture) -> float:
    """Mean absolute difference of small copies, in 8-bit values; 255 for different shapes."""
    if first.pixels.shape == second.pixels.shape and np.array_equal(first.pixels, second.pixels):
        return 0.0
    if abs(first.width / first.height - second.width / second.height) > 0.02:
        return 255.0
    small = [
        np.asarray(Image.fromarray(p.pixels).resize((_SIDE, _SIDE), Image.Resampling.BOX), float)
        for p in (first, second)
    ]
    # The largest tile's difference: one new thing in a corner is a difference.
    tiles = np.abs(small[0] - small[1]).mean(axis=2).reshape(8, 8, 8, 8).mean(axis=(1, 3))
    return float(tiles.max())


def _things(scenes: tuple[Scene, Scene], language: str, *, nearly: bool) -> list[str]:
    first, second = (Counter(o.name for o in s.objects) for s in scenes)
    if not first and not second:
        return [] if nearly else [_say("unknown", language)]
    told = []
    for name in sorted(set(first) | set(second), key=lambda n: -abs(second[n] - first[n])):
        if first[name] != second[name]:
            told.append(_change(name, first[name], second[name], language))
    if not told:
        return [_say("alike", language)]
    return [*told[:_THINGS], _say("missed", language)]


def _change(name: str, before: int, after: int, language: str) -> str:
    old, new = (nouns.counted(name, count, language) for count in (before, after))
    if base(language) == "zh":
        if before and after:
            return f"第一张里我看到{old}，第二张里看到{new}。"
        return f"只在第{'一' if before else '二'}张里，我看到{old if before else new}。"
    if before and after:
        return f"I see {old} in the first and {new} in the second."
    return f"I see {old if before else new} only in the {'first' if before else 'second'}."


def _colours(pictures: tuple[Picture, Picture], language: str) -> list[str]:
    """The main colour of each, when each has one and they differ."""
    first, second = (colours.dominant(colours.whole(picture)) for picture in pictures)
    if first is None or second is None or first == second:
        return []
    old, new = colours.say(first, language), colours.say(second, language)
    if base(language) == "zh":
        return [f"第一张主要是{old}，第二张主要是{new}。"]
    return [f"The first is mostly {old}, the second mostly {new}."]


def _texts(scenes: tuple[Scene, Scene], language: str) -> list[str]:
    """The text of each picture that the other one lacks, quoted."""
    told = []
    for place, (own, other) in enumerate((scenes, scenes[::-1])):
        new = [text for text in own.texts if text not in other.texts]
        if new:
            told += [_only_text(place, language), sentence.quote(new, language)]
    return told


def _only_text(place: int, language: str) -> str:
    if base(language) == "zh":
        return f"第{'一二'[place]}张里有另一段文字。"
    return f"The {('first', 'second')[place]} one has other text."
