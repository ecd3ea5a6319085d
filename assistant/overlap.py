"""What speech over a reply is."""

from __future__ import annotations

import re

from assistant.settings import TurnRules
from assistant.types import Transcript

_BACK = {"mhm", "嗯", "yeah", "okay"}


def is_echo(text: str, spoken: str) -> bool:
    words, said = (re.findall(r"\w+", t.casefold()) for t in (text, spoken))
    return len(words) >= 3 and sum(w in said for w in words) >= 0.8 * len(words)


def kind(heard: Transcript | None, spoken: str, *, voiced_s: float, rules: TurnRules) -> str:
    if heard is None:
        return "noise" if voiced_s < 0.4 else "undecided"
    text = heard.text.strip().casefold().strip(".,!。")
    if not text:
        return "noise"
    if text in _BACK:
        return "backchannel"
    if is_echo(text, spoken):
        return "echo"
    return "speech"
