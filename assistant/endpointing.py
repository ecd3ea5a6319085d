"""When a turn has ended: how long a silence must be, from its melody and its words.

Three signs are put together: the melody (Smart Turn), whether the words so far can be a whole
utterance, and how little was said. A finished question needs a third of a second of silence; an
unfinished sentence waits, as people do who look for a word.
"""

from __future__ import annotations

import re
from functools import cache

from assistant import templates
from assistant.languages import base
from assistant.overlap import tokens
from assistant.settings import TurnRules

_ENDS = re.compile(r"[.!?。！？][\"'”’」』）)]*$")
_TRAILS = re.compile(r"(?:\.\.\.|…|[,;:，、；：—-])[\"'”’」』）)]*$")
_LEAD_IN = re.compile(
    r"\b(?:can|could|would|will) you(?: please)?(?: tell| show| read| give)?(?: me)?\W*$"
    r"|^(?:please )?(?:tell|show|give|read) me\W*$",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"\b(?:turn|switch|put|go|carry|come|hold|move)\b.{0,12}\b(?:on|in|up|down|off)\W*$",
    re.IGNORECASE,
)
# Digits are said in groups; a group ends with a melody that sounds finished.
_DICTATED = re.compile(
    r"(?:\b(?:number|code|pin|dial|phone|password)\b|电话|号码|密码|手机|验证码|拨).*\d\W*$",
    re.IGNORECASE,
)
# "红色的", "左边的那个": an answer, not the beginning of a longer phrase.
_CHOICE = re.compile(r"(?!请|把|给|找|读|看|帮|告|[我你您他她它这那]们?的).{1,4}的(?:那个|这个)?")
_UNSURE = 0.5
_LITTLE_S = 0.9  # s of speech under which the melody says little


def completeness(text: str, language: str) -> float:
    """How likely the words are a whole utterance, in [0, 1]."""
    text = text.strip()
    words = tokens(text)
    if not words:
        return 0.0
    chinese = base(language) == "zh"
    joined = "".join(words) if chinese else " ".join(words)
    key = "zh" if chinese else "en"
    if any(joined in _endings(name, "answers") for name in ("en", "zh")):
        return 1.0
    if _DICTATED.search(text):
        return 0.2
    if chinese:
        if _CHOICE.fullmatch(joined):
            return 0.8
        asks = re.search(r"[吗呢吧？?]", text[-2:])
        if joined.endswith(_endings(key, "open")) and not asks:
            return 0.1
    elif _LEAD_IN.search(text):
        return 0.15
    elif _PARTICLE.search(text):
        return 0.8
    elif words[-1] in _endings(key, "open"):
        # "What is this for?": asked so, even a preposition ends a sentence.
        return 0.7 if text.endswith("?") else 0.1
    if _TRAILS.search(text):
        return 0.2
    if _ENDS.search(text):
        return 0.9 if text[-1] in "?？!！" or len(words) >= 3 else 0.7
    return 0.55 if len(words) >= 3 else 0.4


def required_pause(
    rules: TurnRules,
    *,
    prosody: float | None,
    text: str | None,
    language: str,
    voiced_s: float,
) -> float:
    """Seconds of silence after which the turn has ended.

    Args:
        rules: shortest and longest pause, weight of the melody.
        prosody: probability, by the melody, that the speaker has finished; None is unknown.
        text: the words so far; None is unknown.
        language: BCP-47, of the words.
        voiced_s: s of speech so far.
    """
    words = _UNSURE if text is None else completeness(text, language)
    if text is not None and words == 1.0:
        return rules.shortest_pause_s
    melody = _UNSURE if prosody is None else prosody
    weight = rules.prosody_weight * min(1.0, voiced_s / _LITTLE_S)
    finished = weight * melody + (1 - weight) * words
    share = min(1.0, max(0.0, (1.0 - finished) / (1.0 - rules.unfinished)) ** rules.pause_curve)
    return rules.shortest_pause_s + float(share) * (rules.longest_pause_s - rules.shortest_pause_s)


@cache
def _endings(language: str, kind: str) -> tuple[str, ...]:
    return tuple(templates.mapping("endings.yaml")[language][kind].split())
