"""What frames of a video show of the thing that a question is about.

A thing counts as seen where the scene describer is sure of it; a frame that may show it says
nothing. Nothing is ever told to be absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assistant.interfaces import Cancel, Options, SceneDescriber
from assistant.types import Keyframe, Picture, Scene
from assistant.video import wording
from assistant.video.questions import Question, in_text
from assistant.vision import answers
from assistant.vision import nouns as naming
from assistant.vision import questions as pictures
from assistant.vision.precedence import HEDGE
from assistant.vision.vocabulary import named

_APART: Final = 1.0  # s between two stretches
_MORE: Final = re.compile(
    r"\bcolou?r|\bhow many\b|\bwhat (?:is|are|does|do)\b|\bwear|\bhold|\bwhich\b|\bwhere\b|"
    r"颜色|几[个只条辆人]|多少|什么|穿|拿|哪",
    re.IGNORECASE,
)
_NO_ANSWER: Final = frozenset(text for pair in answers.SAID.values() for text in pair)


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A frame in which the thing is seen."""

    name: str  # speakable English name
    time: float  # s
    start: float  # s; of the stretch that the frame stands for
    end: float  # s
    picture: Picture | None = None  # where it is no keyframe


def nouns(question: Question) -> dict[str, frozenset[str]]:
    """The things that a question names, each with the speakable names that it may mean."""
    found: dict[str, frozenset[str]] = {}
    for word in question.words:
        for part in _parts(word, question.language):
            meant = named(part)
            if meant:
                found[part] = meant
                break
    return found


def sightings(question: Question, keyframes: Sequence[Keyframe], language: str) -> list[Sighting]:
    """The keyframes whose scenes surely show what the question names, in order of time."""
    found = []
    for keyframe in keyframes:
        name = _shown(question, keyframe.scene)
        if name is not None:
            found.append(
                Sighting(name=name, time=keyframe.time, start=keyframe.start, end=keyframe.end)
            )
    return found


def look(
    question: Question,
    time: float,
    picture: Picture,
    describer: SceneDescriber,
    language: str,
    cancel: Cancel | None,
) -> Sighting | None:
    """Look at one more frame.

    Raises:
        Cancelled
    """
    scene = describer.describe(picture, "brief", Options(language=language), cancel)
    name = _shown(question, scene)
    if name is None:
        return None
    return Sighting(name=name, time=time, start=time, end=time, picture=picture)


def asked(
    question: str, picture: Picture, describer: SceneDescriber, language: str, cancel: Cancel | None
) -> list[str]:
    """What the describer answers about a frame; none where it cannot tell.

    Raises:
        Cancelled
    """
    told = list(describer.question(picture, question, Options(language=language), cancel))
    return [] if not told or told[0] in _NO_ANSWER else told


def wants_more(question: Question) -> bool:
    """Whether it is not enough to say when a thing is seen."""
    if pictures.parse(question.text).kind == "colour":  # "is there a red car": a car is no answer
        return True
    return bool(_MORE.search(question.text)) and not question.when and not question.presence


def stretches(found: Sequence[Sighting]) -> list[tuple[float, float]]:
    """When a thing is seen, s, neighbouring frames joined."""
    parts: list[tuple[float, float]] = []
    for one in sorted(found, key=lambda one: one.start):
        if parts and one.start - parts[-1][1] <= _APART:
            parts[-1] = parts[-1][0], max(parts[-1][1], one.end)
        else:
            parts.append((one.start, one.end))
    return parts


def told(found: Sequence[Sighting], parts: Sequence[tuple[float, float]], language: str) -> str:
    """That a thing is seen, and when."""
    times = [wording.at(start, language) for start, _ in parts]
    name = found[0].name
    if wording.chinese(language):
        return f"我在{'、'.join(times)}看到{naming.bare(name, 'zh')}。"
    listed = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
    return f"I see {naming.counted(name, 1, 'en')} {listed}."


def unseen(looked: int, language: str) -> str:
    """That it was not found, without a word on whether it is there."""
    if wording.chinese(language):
        return f"我看过的{looked}帧画面里没有看到，但我可能会看漏。"
    frames = "frame" if looked == 1 else f"{looked} frames"
    return f"I don't see that in the {frames} that I looked at, but I may miss things."


def _shown(question: Question, scene: Scene | None) -> str | None:
    """The name of a thing that a scene surely shows and the question names, or None."""
    if scene is None:
        return None
    wanted = frozenset().union(*nouns(question).values()) if nouns(question) else frozenset()
    for thing in scene.objects:
        if thing.name in wanted and thing.confidence >= HEDGE:
            return thing.name
    if scene.engine == "basic":
        return None
    text = " ".join((scene.sentence, *scene.details))  # checked words of a vision model
    for word in nouns(question):
        if in_text(word, text, question.language) >= 1.0:
            return next(iter(sorted(named(word))), word)
    return None


def _parts(word: str, language: str) -> list[str]:
    """A word, or the pieces of a run of Chinese, the longest first."""
    if language != "zh":
        return [word]
    sizes = range(min(6, len(word)), 0, -1)
    return [word[at : at + size] for size in sizes for at in range(len(word) - size + 1)]
