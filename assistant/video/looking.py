"""Answers a question about a video by what frames show: keyframes, and frames looked at anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from assistant.errors import AssistantError, Cancelled
from assistant.events import Sentence
from assistant.interfaces import Cancel, SceneDescriber
from assistant.types import Evidence, Keyframe, Picture, SentenceKind, VideoSummary
from assistant.video import sighting, wording
from assistant.video.answering import VideoAnswer, none, sentence
from assistant.video.container import frames_near
from assistant.video.moments import Moment
from assistant.video.orders import obeys
from assistant.video.questions import Question
from assistant.video.reading import FramesNear
from assistant.video.retrieval import Hit, spread
from assistant.video.sighting import Sighting

_CLOSER: Final = 2  # moments that are looked at anew
_FRAMES: Final = 3  # of each
_SIDE: Final = 960  # px of the longer side of such a frame


class Understood(Protocol):
    """A video that was understood; `working.Understood` is the one in use."""

    @property
    def store(self) -> Any:
        """Keeps pictures of keyframes and vectors (`store.VideoStore`)."""

    @property
    def facts(self) -> Any:
        """`container.VideoFacts`."""

    @property
    def keyframes(self) -> Sequence[Keyframe]:
        """With scenes and readings."""

    @property
    def evidence(self) -> Sequence[Evidence]:
        """Numbered."""

    @property
    def summary(self) -> VideoSummary:
        """What it is about."""


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Looks at the frames of one video."""

    understood: Understood
    language: str  # of the answer
    describer: SceneDescriber | None
    cancel: Cancel
    read: FramesNear = frames_near

    def seen(self, question: Question, hits: Sequence[Hit]) -> VideoAnswer | None:
        """What frames show of it; None where the question is about nothing that can be seen."""
        looked = len(self.understood.keyframes)
        if looked and not sighting.nouns(question):  # nothing that a frame could be searched for
            return none("unnamed", self.language) if question.presence else None
        found = sighting.sightings(question, self.understood.keyframes, self.language)
        if not found and self.describer is not None:
            closer, more = self._closer(question, hits, self.describer)
            found, looked = closer, looked + more
        if not found:
            if not looked:
                return None
            return VideoAnswer(
                sentences=(self._sentence(sighting.unseen(looked, self.language), "measured"),),
                found=False,
            )
        if self.describer is not None and sighting.wants_more(question):
            more_told = self._asked(question, found[0], self.describer)
            if more_told is not None:
                return more_told
            if not question.presence and not question.when:
                return None
        return self._sighted(found)

    def _sighted(self, found: Sequence[Sighting]) -> VideoAnswer:
        parts = sighting.stretches(found)[:3]
        text = sighting.told(found, parts, self.language)
        numbers = sorted(
            {
                one.number
                for one in self.understood.evidence
                if one.kind == "scene"
                and any(one.start <= sight.time <= one.end for sight in found)
            }
        )
        return VideoAnswer(
            sentences=(self._sentence(text, "measured"),),
            evidence=tuple(parts),
            numbers=tuple(numbers),
        )

    def _closer(
        self, question: Question, hits: Sequence[Hit], describer: SceneDescriber
    ) -> tuple[list[Sighting], int]:
        """What frames around the likeliest moments show, and how many were looked at."""
        looked = 0
        for hit in spread(hits, _CLOSER):
            for time, picture in self._near(hit.moment):
                self.cancel.check()
                looked += 1
                found = sighting.look(
                    question, time, picture, describer, self.language, self.cancel
                )
                if found is not None:
                    return [found], looked
        return [], looked

    def _near(self, moment: Moment) -> Iterator[tuple[float, Picture]]:
        """Frames of a moment that are no keyframes; none where the file has gone."""
        middle = (moment.start + min(moment.end, moment.start + 4.0)) / 2
        try:
            for frame in self.read(
                Path(self.understood.facts.path), middle, most=_FRAMES, longest=_SIDE
            ):
                picture = Picture(pixels=frame.pixels, source=f"{frame.time:.1f} s")
                yield frame.time, picture
        except Cancelled:
            raise
        except AssistantError:
            return

    def _asked(
        self, question: Question, sight: Sighting, describer: SceneDescriber
    ) -> VideoAnswer | None:
        """The scene describer's own answer about the frame that shows it best."""
        picture = self._picture(sight)
        if picture is None:
            return None
        told = sighting.asked(question.text, picture, describer, self.language, self.cancel)
        lines = [
            one.text
            for one in self.understood.evidence
            if one.kind == "text" and one.start <= sight.time <= one.end
        ]
        told = [one for one in told if not obeys(one, lines, self.language, question.text)]
        if not told:
            return None
        at = wording.opening(sight.time, self.language)
        return VideoAnswer(
            sentences=tuple(
                self._sentence((at if place == 0 else "") + text, "generated")
                for place, text in enumerate(told)
            ),
            evidence=((sight.start, sight.end),),
        )

    def _picture(self, sight: Sighting) -> Picture | None:
        if sight.picture is not None:
            return sight.picture
        for keyframe in self.understood.keyframes:
            if keyframe.time == sight.time:
                picture: Picture = self.understood.store.picture(keyframe)
                return picture
        return None

    def _sentence(self, text: str, kind: SentenceKind) -> Sentence:
        return sentence(text, kind, self.language)
