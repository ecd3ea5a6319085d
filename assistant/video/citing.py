"""Checks that a sentence about a video says no more than the evidence that it cites.

A language model rewords; whether it also invents is told by its words alone: each name, number
and word that carries meaning must stand in the cited lines, in about the same order, and what is
denied there is denied here. Words of telling ("the speaker explains") are free. A sentence in
another language than its evidence cannot be checked so, and fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from assistant.languages import base, language_of, sentences
from assistant.library.words import plain
from assistant.safety import clearance_in
from assistant.safety.number_words import NUMBER, PART, normal, values
from assistant.types import Evidence

FREE: Final = frozenset(
    re.findall(
        r"\S+",
        "a an the this that these those it its they them their there here of in on at to for from "
        "by with as and or but so then also when while where which who what how why if than about "
        "into over out up is are was were be been being has have had do does did will would can "
        "could may says say said saying tells tell told telling explains explain explained "
        "explaining describes describe described describing mentions mention mentioned shows show "
        "shown showing talks talk talking discusses discuss discussed discussing introduces "
        "introduce introduced presents present presented states stated notes noted begins ends "
        "video clip film speaker speakers voice screen title titled text written reads words "
        "picture scene speech talked someone somebody",
    )
)
_SUFFIXES: Final = frozenset(
    ["", *re.findall(r"\S+", "s es ed d ing e er ers or y ies ied ion ions ation ly n en al 's")]
)
_LEAST_STEM: Final = 3  # letters that two forms of a word have in common
WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_COUNTED: Final = re.compile(rf"\d+(?:[.,:]\d+)*|{NUMBER}|{PART}")
_NOT: Final = re.compile(
    r"\b(?:not|no|never|nobody|nothing|none|neither|nor|without|cannot|stop|stopped)\b|n['’]t\b|"
    r"[不没无未别勿莫非]|停止|停了"
)
_DENIES: Final = 0.5  # of a denied sentence's words, from which a claim is about it
_ORDERED: Final = 0.75  # of a claim's words that stand in the order of the evidence
HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
FREE_ZH: Final = re.compile(
    r"视频|影片|短片|画面上?|屏幕上?|标题|字幕|文字|讲者|主讲人|说话[人者]|有人|演讲者?|内容|讲述|讲解|讲到|讲|"
    r"介绍|说明|说到|说|提到|谈到|谈|描述|展示|显示|表示|解释|写着|叙述|主要|关于|以及|如何|怎样|怎么|"
    r"其中|并且|而且|然后|接着|随后|之后|之前|同时|因为|由于|所以|因此|这个|那个|这些|那些|一个|"
    r"[的了在是和与及并也就都而其这那着过把被从到为以对将还又等中里上下一]"
)


def fault(text: str, cited: Sequence[Evidence], language: str) -> str | None:
    """Why a sentence must not be told, in a few words, or None where its evidence carries it.

    Args:
        cited: the evidence that it names.
        language: that the sentence should be in.
    """
    if not cited:
        return "cites nothing"
    if not text.strip() or language_of(text, language) != _own(language):
        return "is not in the language that was asked for"
    if any(language_of(one.text, language) != _own(language) for one in cited):
        return "is in another language than its evidence"
    lines = [one.text for one in cited]
    if clearance_in(text) is not None:
        return "clears a way or a danger"
    held = {value for line in lines for found in values(normal(line)) for value in found}
    if any(not found & held for found in values(normal(text))):
        return "has a number that its evidence has not"
    if _own(language) == "zh":
        return _fault_zh(text, lines)
    return _fault_en(text, lines)


def _own(language: str) -> str:
    return "zh" if base(language) == "zh" else "en"


def _fault_en(text: str, lines: Sequence[str]) -> str | None:
    given = _meaning(" ".join(lines))
    places: list[int] = []
    for word in _meaning(text):
        if word in FREE or _COUNTED.fullmatch(word):
            continue  # numbers were compared by their values
        found = [place for place, other in enumerate(given) if same(word, other)]
        if not found:
            return f"says {word!r}, which its evidence does not"
        places.append(
            next((place for place in found if not places or place > places[-1]), found[0])
        )
    if not places:
        return "says nothing"
    if len(places) > 3 and _rising(places) < _ORDERED * len(places):
        return "turns around what its evidence says"
    return _denial(text, lines, lambda sentence: _share_en(sentence, text))


def _fault_zh(text: str, lines: Sequence[str]) -> str | None:
    given = "\n".join(plain(line) for line in lines)
    latin = [word for word in WORD.findall(plain(text)) if not HAN.search(word)]
    missing = next((word for word in latin if word not in given), None)
    if missing is not None:
        return f"says {missing!r}, which its evidence does not"
    runs = list(HAN.findall(FREE_ZH.sub(" ", plain(text))))
    if not runs and not latin:
        return "says nothing"
    uncovered = next((run for run in runs if not _covered(run, given)), None)
    if uncovered is not None:
        return f"says {uncovered!r}, which its evidence does not"
    return _denial(text, lines, lambda sentence: _share_zh(sentence, text))


def _denial(text: str, lines: Sequence[str], share: object) -> str | None:
    """What is denied on one side only."""
    assert callable(share)
    denied = [s for line in lines for s in sentences(line) if _NOT.search(plain(s))]
    if _NOT.search(plain(text)):
        return None if denied else "denies what its evidence does not"
    if any(share(sentence) >= _DENIES for sentence in denied):
        return "leaves out that its evidence denies it"
    return None


def _meaning(text: str) -> list[str]:
    return WORD.findall(plain(text).replace("’", "'"))


def same(one: str, other: str) -> bool:
    """Whether two words are forms of one: they differ in common endings only."""
    if one == other:
        return True
    common = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    for stem in range(common, _LEAST_STEM - 1, -1):
        if one[stem:] in _SUFFIXES and other[stem:] in _SUFFIXES:
            return True
    return False


def _rising(places: Sequence[int]) -> int:
    """How many places can be kept so that they rise (longest increasing subsequence)."""
    tails: list[int] = []
    for place in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails)


def _share_en(sentence: str, text: str) -> float:
    words = [word for word in _meaning(sentence) if word not in FREE and not _NOT.search(word)]
    said = _meaning(text)
    return sum(any(same(word, other) for other in said) for word in words) / max(1, len(words))


def _share_zh(sentence: str, text: str) -> float:
    runs = HAN.findall(_NOT.sub(" ", FREE_ZH.sub(" ", plain(sentence))))
    pairs = [a + b for run in runs for a, b in pairwise(run)]
    return sum(pair in text for pair in pairs) / max(1, len(pairs))


def _covered(run: str, given: str) -> bool:
    """Whether a run of characters is made of pieces of the evidence, two and more long."""
    if len(run) == 1:
        return run in given
    at = 0
    while at < len(run):
        size = next((n for n in range(len(run) - at, 1, -1) if run[at : at + n] in given), 0)
        if not size and at == len(run) - 1 and run[at - 1 : at + 1] in given:
            size = 1  # the last character, held together with the one before
        if not size:
            return False
        at += size
    return True
