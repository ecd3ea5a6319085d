"""Checks that a sentence about a video says no more than the evidence that it cites.

A language model rewords; whether it also invents is told by its words alone. Each clause must be
carried by one statement of the evidence: its names, numbers and words of meaning stand there, in
about the same order, and what is denied there is denied here. So nothing is put together out of
two statements ("heated with driftwood" of "there was no heating" and "we burned driftwood").
Words of telling ("the speaker explains") are free. A sentence in another language than its
evidence cannot be checked so, and fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from assistant.languages import base, language_of, sentences
from assistant.library.words import plain
from assistant.safety import clearance_in
from assistant.safety.number_words import HAN as NUMERAL
from assistant.safety.number_words import NUMBER, PART, normal, values
from assistant.safety.sentences import clauses
from assistant.types import Evidence
from assistant.video.statements import statements

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
_NUMBERS_ZH: Final = re.compile(rf"{NUMERAL}+|\d+")
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
    read = {value for line in lines for found in values(normal(line)) for value in found}
    if any(not found & read for found in values(normal(text))):
        return "has a number that its evidence has not"
    return _unsaid(text, [one.text for one in statements(cited)], language)


def carried(text: str, held: Sequence[str], language: str) -> bool:
    """Whether each clause of a sentence stands, in its words, in one of some statements."""
    return _unsaid(text, held, language) is None


def _unsaid(text: str, held: Sequence[str], language: str) -> str | None:
    return _fault_zh(text, held) if _own(language) == "zh" else _fault_en(text, held)


def _own(language: str) -> str:
    return "zh" if base(language) == "zh" else "en"


def _fault_en(text: str, held: Sequence[str]) -> str | None:
    for clause in clauses(text):
        found = [_unlike(clause, statement) for statement in held]
        if None not in found:
            return _nearest(found)
    if all(word in FREE for word in _meaning(text)):
        return "says nothing"
    return _denial(text, held, lambda sentence: _share_en(sentence, text))


def _unlike(clause: str, statement: str) -> str | None:
    """Why a clause says more than one statement, or None."""
    given = _meaning(statement)
    places: list[int] = []
    for word in _meaning(clause):
        if word in FREE or _COUNTED.fullmatch(word):
            continue  # numbers were compared by their values
        found = [place for place, other in enumerate(given) if same(word, other)]
        if not found:
            return f"says {word!r}, which its evidence does not say with the rest"
        after = (place for place in found if not places or place > places[-1])
        places.append(next(after, found[0]))
    if len(places) > 3 and _rising(places) < _ORDERED * len(places):
        return "turns around what its evidence says"
    return None


def _nearest(found: Sequence[str | None]) -> str:
    """The fault of the statement that nearly carries a clause: one of order, else the last."""
    turned = [fault for fault in found if fault is not None and fault.startswith("turns")]
    return next(iter(turned), found[-1] or "") if found else "cites nothing"


def _fault_zh(text: str, held: Sequence[str]) -> str | None:
    for clause in clauses(text):
        found = [_unlike_zh(clause, plain(statement)) for statement in held]
        if None not in found:
            return _nearest(found)
    if not HAN.search(FREE_ZH.sub("", text)) and not re.search(r"[A-Za-z0-9]", text):
        return "says nothing"
    return _denial(text, held, lambda sentence: _share_zh(sentence, text))


def _unlike_zh(clause: str, statement: str) -> str | None:
    words = [word for word in WORD.findall(plain(clause)) if not HAN.search(word)]
    wanted = [word for word in words if not _COUNTED.fullmatch(word)]
    runs = HAN.findall(_NUMBERS_ZH.sub(" ", FREE_ZH.sub(" ", plain(clause))))
    missing = [word for word in wanted if word not in statement]
    missing += [run for run in runs if not _covered(run, statement)]
    if missing:
        return f"says {missing[0]!r}, which its evidence does not say with the rest"
    return None


def _denial(text: str, lines: Sequence[str], share: Callable[[str], float]) -> str | None:
    """What is denied on one side only."""
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
