"""What understanding a video gives: how far it is, and at last all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from assistant.types import Evidence, Keyframe, Shot, Transcript, VideoSummary
from assistant.video.container import VideoFacts
from assistant.video.store import VideoStore

Stage = Literal["frames", "movements", "words", "pictures", "telling"]

STAGES: Final[tuple[Stage, ...]] = ("frames", "movements", "words", "pictures", "telling")
"""In order: cuts and keyframes; who comes and goes; what is said; what keyframes show; the
summary."""


@dataclass(frozen=True, kw_only=True)
class Working:
    """How far a stage is: seconds of the video of the first three, else keyframes, parts."""

    stage: Stage
    done: float
    total: float | None  # None where the file does not tell its duration


@dataclass(frozen=True, kw_only=True, eq=False)
class Understood:
    """All that is known of a video, in one language."""

    path: Path
    store: VideoStore  # open; close it when done
    facts: VideoFacts
    end: float  # s, of what could be watched and heard
    shots: tuple[Shot, ...]
    keyframes: tuple[Keyframe, ...]  # with what was seen and read in them
    transcript: Transcript
    evidence: tuple[Evidence, ...]  # the summary's numbers mean these
    summary: VideoSummary
    faults: tuple[str, ...]  # what could not be watched or heard, in words
    elapsed_s: float  # of this run

    @property
    def language(self) -> str:
        """BCP-47, of the summary."""
        return self.summary.language

    def numbered(self, number: int) -> Evidence:
        """The evidence of a number."""
        return self.evidence[number - 1]
