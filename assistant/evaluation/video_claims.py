"""Whether what was told about a talk was said, written or shown in it; judged by its script.

A claim is invented where it has a number that the script has not, or where more than a third of
its words (of Chinese: of its characters in pairs) are neither in the script nor among the words
that introduce quotes. Fewer foreign words are what a transcriber misheard; they are counted too.
What was seen is judged by what the photos and clips of the development media are known to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from assistant.evaluation.cases import Case
from assistant.evaluation.describing import judge
from assistant.evaluation.hearing import unified
from assistant.evaluation.video_clips import KIND
from assistant.evaluation.video_talks import Made, Talk
from assistant.settings import read_yaml
from assistant.types import Evidence, Keyframe, VideoSummary
from assistant.video.movements import Movement

_FOREIGN: Final = 1 / 3  # of a claim's words, above which it is no mishearing
_STEM: Final = 5  # letters by which English words are compared, so that endings may vary
_TIME: Final = re.compile(r"\b\d+:\d\d(?::\d\d)?\b")
_WORDS: Final = {
    name: frozenset(words.split())
    for name, words in read_yaml(Path(__file__).with_name("video_words.yaml")).items()
}
_CHINESE_NUMBER: Final = re.compile(r"[零〇一二两三四五六七八九十百千万亿点]{2,}")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One claim of a summary."""

    kind: str  # topic, sentence or event
    text: str
    evidence: tuple[int, ...]
    start: float | None = None  # s, of an event
    end: float | None = None  # s


def claims(summary: VideoSummary) -> Iterator[Told]:
    """The topic, the three sentences and the events."""
    yield Told(kind="topic", text=summary.topic.text, evidence=summary.topic.evidence)
    for claim in summary.sentences:
        yield Told(kind="sentence", text=claim.text, evidence=claim.evidence)
    for event in summary.timeline:
        yield Told(
            kind="event",
            text=event.text,
            evidence=event.evidence,
            start=event.start,
            end=event.end,
        )


def carried(claim: Told, evidence: Sequence[Evidence]) -> bool:
    """Whether it names evidence, and only such as there is."""
    known = {one.number for one in evidence}
    return bool(claim.evidence) and known.issuperset(claim.evidence)


def unseen(claim: Told, evidence: Sequence[Evidence]) -> str:
    """A claim without what it tells of things seen, which no script has."""
    text = claim.text
    for one in evidence:
        if one.kind in ("scene", "action") and one.number in claim.evidence:
            text = re.sub(re.escape(one.text.rstrip(".。")), " ", text, flags=re.IGNORECASE)
    return text


class Script:
    """All that a talk says and writes, as words and numbers."""

    def __init__(self, talk: Talk) -> None:
        self.language = talk.language
        parts = [text for part in talk.parts for text in (*part.slide, part.say)]
        self._plain = _plain(" . ".join(parts), self.language)
        units = _units(self._plain, self.language)
        self._known = {_stem(unit) for unit in units} if self.language == "en" else set(units)

    def foreign(self, text: str) -> tuple[list[str], float]:
        """Words, or pairs of characters, that the script has not, and their share."""
        units = _units(_plain(_TIME.sub(" ", text), self.language), self.language)
        own = _WORDS[self.language]
        unknown = [unit for unit in units if unit not in own and not self._has(unit)]
        return unknown, len(unknown) / len(units) if units else 0.0

    def wrong_numbers(self, text: str) -> list[str]:
        """Numbers that the script has not; times are left out."""
        plain = _plain(_TIME.sub(" ", text), self.language)
        return [number for number in _numbers(plain, self.language) if number not in self._plain]

    def invented(self, text: str) -> bool:
        """Whether a claim says what the script does not."""
        return bool(self.wrong_numbers(text)) or self.foreign(text)[1] > _FOREIGN

    def judged(self, text: str) -> dict[str, Any]:
        """A claim with what the script has not."""
        return {
            "text": text,
            "numbers": self.wrong_numbers(text),
            "foreign": self.foreign(text)[0],
        }

    def _has(self, unit: str) -> bool:
        return (_stem(unit) if self.language == "en" else unit) in self._known


def _plain(text: str, language: str) -> str:
    plain = unified(text, language)
    if language == "zh":
        return re.sub("两(?=[百千万亿])", "二", plain).replace(" ", "|")  # 200 is read 二百
    return re.sub(r"(?<=hundred) and (?=\w)", " ", plain)


def _units(plain: str, language: str) -> list[str]:
    if language == "en":
        return plain.split()
    return ["".join(pair) for pair in pairwise(plain) if "|" not in pair]


def _stem(word: str) -> str:
    return word[:_STEM]


def _numbers(plain: str, language: str) -> list[str]:
    """Each run of number words, as it stands in the text."""
    if language == "zh":
        return _CHINESE_NUMBER.findall(plain)
    runs: list[list[str]] = [[]]
    for word in plain.split():
        if word in _WORDS["numbers"]:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [" ".join(run) for run in runs if run]


def seen_wrongly(
    made: Made,
    keyframes: Sequence[Keyframe],
    media: Mapping[str, Case],
    movements: Sequence[Movement] = (),
) -> list[tuple[float, str]]:
    """Times and names of things that are told as seen, or as moving, and are not shown then.

    Args:
        media: what is known of the development media, by file.
        movements: that were told; in a slide or a photo nothing moves.
    """
    found: list[tuple[float, str]] = []
    for movement in movements:
        file = _shown(made, movement.start)
        moves = file in media and media[file].kind == KIND
        if not moves or judge({movement.name}, media[file]).invented:
            found.append((movement.start, movement.name))
    for keyframe in keyframes:
        if keyframe.scene is None:
            continue
        names = {thing.name for thing in keyframe.scene.objects}
        file = _shown(made, keyframe.time)
        wrong = judge(names, media[file]).invented if file in media else tuple(sorted(names))
        found += [(keyframe.time, name) for name in wrong]
    return found


def _shown(made: Made, time: float) -> str:
    """The file of the media that is seen at a time; empty for a slide."""
    for part, stretch in zip(made.talk.parts, made.stretches, strict=True):
        if stretch.start - 0.1 <= time < stretch.end + 0.1:
            return part.file
    return ""
