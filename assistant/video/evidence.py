"""Evidence of a video, numbered: what is measured, said, written, seen and seen to happen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from assistant.languages import base, language_of
from assistant.types import Evidence, EvidenceKind, Keyframe, Segment
from assistant.video import movement_words, screen_text, seeing
from assistant.video.movements import Movement

_ORDER: Final[dict[EvidenceKind, int]] = {
    "measure": 0, "scene": 1, "action": 2, "text": 3, "speech": 4,
}  # fmt: skip


def gathered(
    keyframes: Sequence[Keyframe],
    segments: Sequence[tuple[Segment, str]],
    measured: Sequence[Evidence],
    *,
    movements: Sequence[Movement] = (),
    language: str,
) -> tuple[Evidence, ...]:
    """All evidence, numbered from 1 in order of time.

    Args:
        keyframes: with their scenes and readings, in order of time.
        segments: what is said, each with its language.
        measured: of the file itself; their numbers are given anew.
        movements: within the shots.
        language: of the scenes.
    """
    found = [
        *measured,
        *_seen(keyframes, language),
        *_moved(movements, language),
        *_written(keyframes, language),
        *_said(segments),
    ]
    # Sorting is stable: lines that come together stay in the order in which they are read.
    found.sort(key=lambda one: (one.start, _ORDER[one.kind]))
    return tuple(replace(one, number=number) for number, one in enumerate(found, 1))


def _seen(keyframes: Sequence[Keyframe], language: str) -> list[Evidence]:
    return [
        _evidence("scene", seen.start, seen.end, seen.text, base(language))
        for seen in seeing.over_time(keyframes, language)
    ]


def _moved(movements: Sequence[Movement], language: str) -> list[Evidence]:
    return [
        _evidence("action", one.start, one.end, movement_words.sentence(one, language), language)
        for one in movements
    ]


def _written(keyframes: Sequence[Keyframe], language: str) -> list[Evidence]:
    return [
        _evidence("text", line.start, line.end, line.text, language_of(line.text, language))
        for line in screen_text.over_time(keyframes)
    ]


def _said(segments: Sequence[tuple[Segment, str]]) -> list[Evidence]:
    return [
        _evidence("speech", segment.start, segment.end, segment.text.strip(), language)
        for segment, language in segments
    ]


def _evidence(kind: EvidenceKind, start: float, end: float, text: str, language: str) -> Evidence:
    return Evidence(number=0, kind=kind, start=start, end=end, text=text, language=language)
