"""Keeps, hedges or drops each sentence of a vision model, by what the checks say to its claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from assistant.languages import base
from assistant.vision.checking import claims, foreign
from assistant.vision.checking.evidence import Evidence


class Mark(IntEnum):
    """What the checks say to a clause; the larger, the worse."""

    AGREED = 0  # something in it was measured too
    UNCHECKED = 1  # nothing in it can be measured
    DOUBTFUL = 2  # measurements speak against it, weakly
    FALSE = 3  # measurements contradict it


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What remains of a model's answer."""

    sentences: tuple[str, ...] = ()  # as they may be spoken, hedges included
    marks: tuple[Mark, ...] = ()  # one for each sentence
    agreed: int = 0  # sentences that a measurement supports
    hedged: int = 0
    dropped: int = 0  # sentences and clauses left out

    @property
    def confidence(self) -> float:
        """Share of what was said that measurements support, 0 to 1; hedges count half against."""
        told = len(self.sentences) + self.dropped
        return max(0.0, (self.agreed - 0.5 * self.hedged) / told) if told else 0.0


_HEDGED = re.compile(
    r"\b(?:perhaps|maybe|may be|might|could be|possibly|probably|likely|seems?|appears?|looks like"
    r"|not sure|uncertain|i think)\b|可能|好像|似乎|也许|大概|应该是|不确定|看起来|看上去|像是",
    re.I,
)
_JOINT = re.compile(
    r"(?P<mark>\s*[;；—–]\s*|,\s+(?:(?:and|but|while|where|with)\s+)?|[，、]\s*"
    r"|\s+(?:and|but|while)\s+(?=\x00|(?:there|it|a|an|the|two|three|four|five|six|one|some|another"
    r"|he|she|they)\s))",
    re.I,
)
_STANDS = re.compile(
    r"^(?:there (?:is|are)|it|a|an|the|two|three|four|five|six|one|some|another|he|she|they"
    r"|people)\b.*?\b(?:is|are|has|have|stands?|sits?|lies?|lie|hangs?|grows?|rests?|runs?|walks?"
    r"|holds?|wears?|looks?|leads?|shows?|reads?|says?|rises?|lines?|leans?|drops?|rides?"
    r"|crosses|plays?|waits?|poses?)\b",
    re.I,
)
_STANDS_ZH = re.compile(r"有|是|在|站|坐|放|停|躺|写|挂|看")
_COUNTABLE_LINES = re.compile(r"\blines?\b|行")
_COUNTED = re.compile(
    r"\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|fifty|hundred)\b"
    r"|[三四五六七八九十]{1,3}[个只条辆位名匹头台架艘座张把本部支根双对块片盘碗杯瓶棵朵列件顶间栋幅行]",
    re.I,
)
_HEDGE = {"en": "Perhaps ", "zh": "可能"}


def check(said: Iterable[str], evidence: Evidence, language: str) -> Checked:
    """The sentences of a model that may be spoken in a language.

    A clause that measurements contradict is dropped, with the whole sentence where the rest
    cannot stand alone; a doubtful sentence is hedged. Sentences in another language than the
    reply's are dropped whole.
    """
    kept: list[str] = []
    marks: list[Mark] = []
    agreed = hedged = dropped = 0
    for sentence in said:
        if foreign.other_language(claims.without_quotes(sentence), language):
            dropped += 1
            continue
        text, mark, lost = _sentence(sentence, evidence, language)
        dropped += lost
        if not text:
            continue
        if mark == Mark.DOUBTFUL:
            hedged += 1
            text = hedge(text, language)
        agreed += mark == Mark.AGREED
        kept.append(text)
        marks.append(mark)
    return Checked(
        sentences=tuple(kept), marks=tuple(marks), agreed=agreed, hedged=hedged, dropped=dropped
    )


def hedge(sentence: str, language: str) -> str:
    """A sentence said with doubt; one that doubts already stays."""
    if _HEDGED.search(sentence):
        return sentence
    if base(language) == "zh":
        return _HEDGE["zh"] + sentence
    first, _, rest = sentence.partition(" ")
    keeps = first == "I" or (len(first) > 1 and first.isupper())
    return f"{_HEDGE['en']}{first if keeps else first[:1].lower() + first[1:]} {rest}".rstrip()


def _sentence(sentence: str, evidence: Evidence, language: str) -> tuple[str, Mark, int]:
    """What is left of a sentence, how sure it is, and how many parts were left out."""
    clauses, marks = _clauses(sentence)
    kept: list[tuple[str, str]] = []
    worst_hedge, best = Mark.AGREED, Mark.UNCHECKED
    lost = 0
    for index, (clause, joint) in enumerate(zip(clauses, marks, strict=True)):
        placed = _placed(clause, evidence, language)
        mark = _judge(placed, evidence, language)
        orphan = lost > 0 and not _stands(placed, language)
        if mark == Mark.FALSE or not placed.strip() or (orphan and (index > 0)):
            lost += 1
            continue
        kept.append((placed, joint))
        worst_hedge, best = max(worst_hedge, mark), min(best, mark)
    if not kept:
        return "", Mark.FALSE, max(lost, 1)
    text = kept[0][0].strip(" ,;，；")
    for placed, joint in kept[1:]:
        text = f"{text}{joint}{placed.strip(' ,;，；')}"
    return _finished(text, language), max(worst_hedge, best), lost


def _clauses(sentence: str) -> tuple[list[str], list[str]]:
    """The clauses of a sentence, each with the joint before it; quotes are never parted."""
    holes: list[str] = []

    def hide(found: re.Match[str]) -> str:
        holes.append(found[0])
        return f"\x00{len(holes) - 1}\x00"

    hidden = re.sub(
        r'"[^"]*"|“[^”]*”|「[^」]*」|《[^》]*》|\d[\d,]*\d', hide, sentence.rstrip(" .。!！")
    )
    parts, joints, last = [], [""], 0
    for found in _JOINT.finditer(hidden):
        parts.append(hidden[last : found.start()])
        joints.append(found["mark"])
        last = found.end()
    parts.append(hidden[last:])
    shown = [re.sub("\x00(\\d+)\x00", lambda m: holes[int(m[1])], part) for part in parts]
    return shown, joints


def _judge(clause: str, evidence: Evidence, language: str) -> Mark:
    """The worst that the checks say to a clause's claims."""
    if not all(evidence.reads(text) for text in claims.quoted(clause)):
        return Mark.FALSE
    numbers = claims.digits(clause)
    if not all(evidence.reads(number) for number in numbers):
        return Mark.FALSE
    told = claims.things(clause, base(language))
    marks = [_thing(thing, evidence) for thing in told]
    if claims.quoted(clause) or numbers:
        marks.append(Mark.AGREED)
    bare = claims.shades(clause, base(language)) - {thing.colour for thing in told}
    if not all(evidence.coloured(colour, frozenset()) for colour in bare):
        return Mark.FALSE
    if Mark.FALSE in marks:
        return Mark.FALSE
    if Mark.AGREED in marks:
        return Mark.AGREED  # what was measured vouches for the faint things beside it
    if _COUNTED.search(claims.without_quotes(clause)):
        return Mark.DOUBTFUL  # a count of what nobody else counts
    return max(marks, default=Mark.UNCHECKED)


def _thing(thing: claims.Thing, evidence: Evidence) -> Mark:
    """What the checks say to one thing, its number and its colour."""
    support = evidence.support(thing.meant)
    if thing.likeness and support in ("absent", "faint"):
        support = "unknown"
    if support == "absent":
        return Mark.FALSE
    if thing.colour and not evidence.coloured(thing.colour, thing.meant):
        return Mark.FALSE
    sure, most = evidence.count(thing.meant), evidence.at_most(thing.meant)
    if thing.number is not None and (sure or most):
        if thing.number < sure or thing.number > max(most, sure):
            return Mark.FALSE
    elif thing.number is not None and thing.number > (2 if support == "seen" else 1):
        return Mark.DOUBTFUL
    if support == "faint":
        return Mark.DOUBTFUL
    return Mark.AGREED if support == "seen" else Mark.UNCHECKED


def _placed(clause: str, evidence: Evidence, language: str) -> str:
    """A clause that keeps its direction only where a box agrees with it."""
    left = claims.leads_left(clause)
    if left is None:
        return clause
    boxes = [
        found
        for thing in claims.things(clause, base(language))
        for found in evidence.things(thing.meant)
        if found.direction is not None
    ]
    agrees = boxes and all((found.direction or 0.0) < 0 if left else (found.direction or 0.0) > 0
                           for found in boxes)  # fmt: skip
    return clause if agrees else claims.without_direction(clause)


def _stands(clause: str, language: str) -> bool:
    if base(language) == "zh":
        return len(clause) >= 4 and bool(_STANDS_ZH.search(clause))
    return bool(_STANDS.match(clause.strip()))


def _finished(text: str, language: str) -> str:
    text = re.sub(r"\s+([,.;])", r"\1", text.strip(" ,;，；、"))
    if text[:1].islower():
        text = text[0].upper() + text[1:]
    if text[-1:] in ".!?。！？":
        return text
    return text + ("。" if base(language) == "zh" else ".")


def consistent(sentence: str, other: Sequence[str], language: str) -> bool:
    """Whether a second answer tells what a sentence tells: a third of its content words.

    A model that makes things up seldom makes up the same under another wording (SelfCheckGPT:
    Manakul, Liusie and Gales, EMNLP 2023).
    """
    wanted = _content(sentence, language)
    if not wanted:
        return True
    there = set().union(*(_content(text, language) for text in other)) if other else set()
    return len(wanted & there) * 3 >= len(wanted)


def _content(text: str, language: str) -> set[str]:
    """Words of four letters and more, or pairs of Chinese characters."""
    if base(language) == "zh":
        han = re.sub(r"[^\u4e00-\u9fff]", "", text)
        return {han[i : i + 2] for i in range(len(han) - 1)}
    return {re.sub(r"(?:es|s)$", "", w) for w in re.findall(r"[a-z]{4,}", text.lower())} - _COMMON


_COMMON = frozenset(
    re.findall(
        r"\S+",
        "there with that this from have their they them which picture image photo shows show "
        "perhap "
        "stand behind front next side",
    )
)
