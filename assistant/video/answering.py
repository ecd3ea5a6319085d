"""An answer about a video: sentences, each of its kind, and where in the video it is from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.events import Sentence
from assistant.languages import joined
from assistant.types import SentenceKind
from assistant.video import wording
from assistant.video.moments import Moment
from assistant.video.statements import Statement

_NOT: Final = {
    "said": (
        "I find nothing about that in what is said or written in the video.",
        "视频里说的话和出现的文字里，我没有找到这个内容。",
    ),
    "priced": (
        "I find no price for that in what is said or written in the video.",
        "视频里说的话和出现的文字里，我没有找到价格。",
    ),
    "unnamed": (
        "I can't tell from the frames of the video; I don't know how that looks.",
        "从视频的画面里我看不出来，我不认得那是什么样子。",
    ),
    "nothing": ("I don't know which part you mean.", "我不知道您指的是哪一段。"),
    "beyond": ("The video does not go on there.", "视频到不了那里。"),
    "quiet": ("I can't tell what happens there.", "那里发生了什么，我说不上来。"),
}


@dataclass(frozen=True, kw_only=True)
class VideoAnswer:
    """An answer and where in the video it is from."""

    sentences: tuple[Sentence, ...]
    evidence: tuple[tuple[float, float], ...] = ()  # s, start and end of each part
    numbers: tuple[int, ...] = ()  # of the evidence that was quoted
    found: bool = True  # False where the video does not tell
    words: tuple[str, ...] = ()  # what was asked about, for the next question

    @property
    def text(self) -> str:
        """The answer as it is spoken."""
        return joined([one.text for one in self.sentences])


def quoting(
    told: Sequence[Statement], moments: Sequence[Moment], language: str
) -> VideoAnswer | None:
    """Statements of some moments, what was said and written quoted; None without any."""
    if not told:
        return None
    sentences: list[Sentence] = []
    for moment in moments:
        sentences += _worded([one for one in told if one in moment.statements], language)
    return VideoAnswer(
        sentences=tuple(sentences),
        evidence=tuple(_span(told, one) for one in moments),
        numbers=tuple(sorted({number for one in told for number in one.evidence})),
    )


def sentence(text: str, kind: SentenceKind, language: str) -> Sentence:
    """A sentence of an answer."""
    return Sentence(text=text, kind=kind, language="zh" if wording.chinese(language) else "en")


def none(key: str, language: str) -> VideoAnswer:
    """That the video does not tell; `key` says what is not known."""
    text = _NOT[key][wording.chinese(language)]
    return VideoAnswer(sentences=(sentence(text, "measured", language),), found=False)


def _worded(told: Sequence[Statement], language: str) -> Iterator[Sentence]:
    """Statements of a moment as sentences, the first with its time."""
    groups: list[tuple[SentenceKind, str]] = []
    scenes = [one for one in told if one.kind == "scene"]
    actions = [one for one in told if one.kind == "action"]
    lines = [one for one in told if one.kind == "text"]
    speech = [one for one in told if one.kind == "speech"]
    groups += [("generated", wording.seen(one, language)) for one in scenes]
    groups += [("measured", wording.seen(one, language)) for one in actions]
    if lines:
        groups.append(("quoted", wording.written(lines, language)))
    if speech:
        groups.append(("quoted", wording.said(speech, language)))
    start = next((some[0].start for some in (speech, lines, actions, scenes) if some), 0.0)
    for place, (kind, text) in enumerate(groups):
        lead = wording.opening(start, language) if place == 0 else ""
        yield sentence(lead + text, kind, language)


def _span(told: Sequence[Statement], moment: Moment) -> tuple[float, float]:
    """From when to when it is said; else how long it is shown in the moment, s."""
    inside = [one for one in told if one in moment.statements]
    speech = [one for one in inside if one.kind == "speech"]
    if speech:
        return speech[0].start, speech[-1].end
    return (
        max(moment.start, min(one.start for one in inside)),
        min(moment.end, max(one.end for one in inside)),
    )
