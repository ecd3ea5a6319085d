"""Telling a video without a language model: what matters most is quoted, in order.

The topic is the first title on screen with the sentence that introduces the subject; the three
sentences are the topic and the two statements that tell most, one of them from the later part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from assistant.errors import InputError
from assistant.interfaces import TextEncoder
from assistant.types import Claim, Evidence
from assistant.video import wording
from assistant.video.moments import Moment
from assistant.video.salience import empty, introduces, scores
from assistant.video.statements import Statement, numbers

_SENTENCE: Final = {"en": 28, "zh": 60}  # the same of a sentence of the summary
_OPENING: Final = 0.25  # of the video in which its subject is introduced
_LATE: Final = 0.6  # of the video after which the last sentence is looked for
_LETTERS: Final = re.compile(r"[^\W\d_].*[^\W\d_]")  # a title has two letters
_END: Final = 0.8  # of the video after which something is said near its end


def topic(moments: Sequence[Moment], scored: dict[Statement, float], end: float) -> list[Statement]:
    """What says what a video is about: a title on screen and a statement, or what is there.

    Empty where there is nothing but measures.
    """
    every = [one for moment in moments for one in moment.statements]
    speech = [one for one in every if one.kind == "speech"]
    early = [one for one in speech if one.start <= max(20.0, _OPENING * end)]
    introduced = next((one for one in early if introduces(one)), None)
    said = introduced or _top(early, scored) or _top(speech, scored)
    lines = moments[0].of("text") if moments and moments[0].start <= _OPENING * end else ()
    title = next((one for one in lines if _LETTERS.search(one.text)), None)
    found = [one for one in (title, said) if one is not None]
    if title is None and introduced is None:
        scene = _longest([one for one in every if one.kind == "scene"])
        found = [one for one in (scene, said) if one is not None]
    return found or [one for one in every if one.kind in ("text", "action")][:1]


def topic_claim(found: Sequence[Statement], language: str) -> Claim:
    """The topic as a claim."""
    texts = [
        wording.seen(one, language)
        if one.kind in ("scene", "action")
        else wording.quote(one.text, language)
        for one in found
    ]
    colon = "：" if wording.chinese(language) else ": "
    return Claim(text=colon.join(text.rstrip(".。") for text in texts), evidence=numbers(found))


def opening(found: Sequence[Statement], language: str) -> Claim:
    """The first sentence of a summary, from what says what the video is about."""
    chinese = wording.chinese(language)
    first, *rest = found
    if not rest:
        return Claim(text=wording.told(first, language), evidence=first.evidence)
    said = wording.quote(rest[0].text, language)
    if first.kind == "text":
        title = wording.quote(first.text, language)
        text = (
            f"画面上写着{title}，有人说：{said}"
            if chinese
            else f"It shows the words {title}, and a voice says: {said}"
        )
    else:
        scene = wording.seen(first, language).rstrip(".。")
        text = f"{scene}；有人说：{said}" if chinese else f"{scene}; a voice says: {said}"
    return Claim(text=wording.ended(text, language), evidence=numbers(found))


def three(
    moments: Sequence[Moment],
    found: Sequence[Statement],
    scored: dict[Statement, float],
    measured: Sequence[Evidence],
    language: str,
    end: float,
) -> tuple[Claim, Claim, Claim]:
    """Exactly three sentences.

    Raises:
        InputError: the evidence does not give three.
    """
    claims = [opening(found, language)] if found else []
    told = set(found)
    claims += _later(moments, told, scored, language, end, 3 - len(claims))
    claims += [Claim(text=one.text, evidence=(one.number,)) for one in measured]
    if len(claims) < 3:
        raise InputError(
            "too little is known of this video to tell of it", fix="add what is measured of it"
        )
    return claims[0], claims[1], claims[2]


def scored(moments: Sequence[Moment], encoder: TextEncoder | None = None) -> dict[Statement, float]:
    """How much each spoken statement of some moments tells."""
    speech = [one for moment in moments for one in moment.of("speech")]
    titles = [one for moment in moments for one in moment.of("text")]
    return dict(zip(speech, scores(speech, titles=titles, encoder=encoder), strict=True))


def _later(
    moments: Sequence[Moment],
    told: set[Statement],
    scored: dict[Statement, float],
    language: str,
    end: float,
    wanted: int,
) -> list[Claim]:
    """Up to so many sentences of what else matters, in order of time; one from the end."""
    known = {one.text for one in told}
    speech: list[Statement] = []
    for one in (one for moment in moments for one in moment.of("speech")):
        if one.text not in known and not empty(one):
            known.add(one.text)  # what is said again, as in a refrain, is told once
            speech.append(one)
    late = [one for one in speech if one.start > _LATE * end]
    rest = [one for one in speech if one not in late]
    chosen = [one for one in (_top(rest, scored), _top(late, scored)) if one is not None]
    left = sorted((one for one in speech if one not in chosen), key=lambda one: -scored[one])
    chosen = sorted((*chosen, *left)[:wanted] if wanted else [], key=lambda one: one.start)
    said = max((one.start for one in told if one.kind == "speech"), default=None)
    before = [said, *(one.start for one in chosen)]  # what the sentence before is from
    claims = [
        _spoken(one, speech, chosen, language, _where(one.start, last, end))
        for one, last in zip(chosen, before, strict=False)
    ]
    if len(claims) < wanted:
        claims += _shown(moments, told, language, wanted - len(claims))
    return claims


def _spoken(
    one: Statement,
    speech: Sequence[Statement],
    chosen: Sequence[Statement],
    language: str,
    where: wording.Where,
) -> Claim:
    """A statement, with the next one where both are short."""
    together = [one]
    at = speech.index(one)
    limit = _SENTENCE["zh" if wording.chinese(one.language) else "en"]
    if at + 1 < len(speech) and speech[at + 1] not in chosen:
        after = speech[at + 1]
        if one.length + after.length <= limit and after.start - one.end < 2.0:
            together.append(after)
    return Claim(text=wording.said(together, language, where), evidence=numbers(together))


def _where(start: float, before: float | None, end: float) -> wording.Where:
    """How a statement that starts at `start` s is introduced after one from `before` s."""
    if before is not None and start > before:
        return "last" if start > _END * end else "later"
    return "first" if start < _OPENING * end else "whole"


def _shown(
    moments: Sequence[Moment], told: set[Statement], language: str, wanted: int
) -> list[Claim]:
    """What is seen, happens or is written, one sentence a moment, each with its time."""
    known = {one.text for one in told}
    claims: list[Claim] = []
    for moment in moments:
        for one in (*moment.of("scene"), *moment.of("action"), *moment.of("text")):
            if one.text in known or len(claims) == wanted:
                continue
            known.add(one.text)
            if one.kind == "action":  # it happens once, and does not go on
                happened = wording.opening(one.start, language) + wording.told(one, language)
                claims.append(Claim(text=happened, evidence=one.evidence))
                break
            when, sentence = wording.at(one.start, language), wording.told(one, language)
            text = (
                f"{when}起：{sentence}"
                if wording.chinese(language)
                else f"From {when.removeprefix('at ')} on: {sentence}"
            )
            claims.append(Claim(text=text, evidence=one.evidence))
            break
    return claims


def _top(speech: Sequence[Statement], scored: dict[Statement, float]) -> Statement | None:
    useful = [one for one in speech if not empty(one)]
    return max(useful, key=lambda one: scored.get(one, 0.0), default=None)


def _longest(scenes: Sequence[Statement]) -> Statement | None:
    """The scene whose sentence stands for most of the time."""
    lasting: dict[str, float] = {}
    for one in scenes:
        lasting[one.text] = lasting.get(one.text, 0.0) + one.end - one.start
    return max(scenes, key=lambda one: lasting[one.text], default=None)
