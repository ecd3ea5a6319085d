"""Movements as sentences."""

from __future__ import annotations

import re
from typing import Final

from assistant.video.movements import Movement, MovementKind, Side
from assistant.video.wording import chinese
from assistant.vision import nouns

_SIDES: Final[dict[Side, tuple[str, str]]] = {"left": ("left", "左边"), "right": ("right", "右边")}
_SENTENCES: Final[dict[MovementKind, tuple[str, str]]] = {
    "in": (
        "{who} comes into the picture from the {side}.",
        "{who}从画面{side}进来。",
    ),
    "again": (
        "{who} comes into the picture from the {side}, maybe back again.",
        "{who}从画面{side}进来，可能是又回来了。",
    ),
    "out": (
        "{who} goes out of the picture on the {side}.",
        "{who}从画面{side}出去了。",
    ),
    "to": ("{who} comes up to {other}.", "{who}来到{other}身边。"),
    "from": ("{who} moves away from {other}.", "{who}从{other}身边走开。"),
}


def sentence(movement: Movement, language: str) -> str:
    """What happened, as one sentence; sides are those of the picture."""
    own = chinese(language)
    who = nouns.counted(movement.name, 1, language)
    other = nouns.counted(movement.other, 1, language) if movement.other is not None else ""
    return _SENTENCES[movement.kind][own].format(
        who=who if own else who[:1].upper() + who[1:],
        other=other,
        side=_SIDES[movement.side][own] if movement.side is not None else "",
    )


def names(text: str, name: str, language: str) -> bool:
    """Whether a sentence of a movement is about a thing of an English name."""
    counted = re.escape(nouns.counted(name, 1, language))
    found = counted if chinese(language) else rf"\b{counted}\b"
    return re.search(found, text, re.IGNORECASE) is not None
