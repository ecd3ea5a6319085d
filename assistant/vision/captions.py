"""Where captions lie in a text encoder's space: the middle of many that have nothing in common.

E5's cosines crowd between 0.75 and 0.9, most of which is what any two texts share. With the
middle of unrelated captions taken out (Mu and Viswanath, "All-but-the-Top", ICLR 2018, without
the components), unrelated texts lie about 0. English and Chinese queries and the descriptions
of pictures each have a middle of their own, which brings the languages together.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np

from assistant.interfaces import Float32, TextEncoder
from assistant.vision.names import names

_FILE: Final = "caption_centres.npz"
_TEXTS: Final = 120  # of each kind
_SEED: Final = 1
_ENGLISH: Final = (
    "A {a} and a {b} in front of a {c}.",
    "A man with a {a} beside a {b} and a {c}.",
    "A {a} on a {b} under a {c}.",
    "Close-up of a {a} on a grey {b}.",
    "People stand near a {a} with a {b} behind.",
    "A white {a} next to a red {b}.",
)
_CHINESE: Final = (
    "一个{a}和一个{b}在{c}前面。",
    "一名男子拿着{a}站在{b}和{c}旁边。",
    "{b}上的{a}，上方是{c}。",
    "灰色{b}上一个{a}的特写。",
    "人们站在{a}附近，后面是{b}。",
    "白色的{a}旁边有红色的{b}。",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Centres:
    """Means of unrelated texts, [d] each."""

    english: Float32  # queries
    chinese: Float32  # queries
    pictures: Float32  # descriptions of pictures, as passages


def described(tags: list[str] | tuple[str, ...]) -> str:
    """A picture's tags as a text."""
    return f"a photo of {', '.join(tags)}" if tags else "a photo"


def centres(encoder: TextEncoder) -> Centres:
    """The centres of an encoder; those of an unknown one are measured, which takes seconds."""
    path = resources.files("assistant.vision") / "data" / _FILE
    with resources.as_file(path) as file, np.load(file) as stored:
        if str(stored["encoder"]) == encoder.id:
            return Centres(**{name: stored[name] for name in Centres.__dataclass_fields__})
    return measured(encoder)


def measured(encoder: TextEncoder) -> Centres:
    """The centres, from texts made of random names."""
    chance = random.Random(_SEED)
    known = list(names())
    english, chinese, pictures = [], [], []
    for number in range(_TEXTS):
        a, b, c = (chance.choice(known) for _ in range(3))
        english.append(_ENGLISH[number % len(_ENGLISH)].format(a=a, b=b, c=c))
        a, b, c = (names()[chance.choice(known)].chinese for _ in range(3))
        chinese.append(_CHINESE[number % len(_CHINESE)].format(a=a, b=b, c=c))
        pictures.append(described(chance.sample(known, chance.choice([1, 2, 3, 5, 6]))))
    return Centres(
        english=_mean(encoder.texts(english)),
        chinese=_mean(encoder.texts(chinese)),
        pictures=_mean(encoder.texts(pictures, query=False)),
    )


def _mean(vectors: Float32) -> Float32:
    return np.asarray(vectors.mean(axis=0), np.float32)
