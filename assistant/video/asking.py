"""Answers questions about a video from its evidence, with times, or says that it does not tell.

What was said or written is quoted; what is seen is told of frames that were looked at, and some
around the best moments are looked at anew. What is not found is never denied: "I don't see one
in the frames that I looked at". Questions may go on from the last answer ("and then?", "play me
that part").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from assistant.errors import AssistantError, Cancelled
from assistant.events import Sentence
from assistant.interfaces import Cancel, SceneDescriber
from assistant.languages import joined
from assistant.registry import Engines
from assistant.types import Evidence, Keyframe, Picture, SentenceKind, VideoSummary
from assistant.video import questions, sighting, wording
from assistant.video.moments import Moment
from assistant.video.orders import obeys
from assistant.video.questions import Question, in_text
from assistant.video.retrieval import Hit, Retriever, spread
from assistant.video.salience import empty
from assistant.video.sighting import Sighting
from assistant.video.statements import Statement

_ANSWERS: Final = 2  # moments that an answer quotes
_QUOTED: Final = 2  # statements of each
_LINES: Final = 3  # on screen, of each
_CLOSER: Final = 2  # moments that are looked at anew
_FRAMES: Final = 3  # of each
_SIDE: Final = 960  # px of the longer side of such a frame
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


def ask(
    understood: Understood,
    question: str,
    *,
    language: str,
    engines: Engines,
    history: Sequence[VideoAnswer] = (),
    cancel: Cancel | None = None,
) -> VideoAnswer:
    """Answer a question about a video.

    Args:
        language: of the answer.
        history: earlier answers about this video, oldest first.

    Raises:
        Cancelled
    """
    asking = _Asking(
        understood=understood,
        language=language,
        engines=engines,
        last=history[-1] if history else None,
        cancel=cancel or Cancel(),
    )
    return asking.answer(questions.parse(question))


@dataclass
class _Asking:
    """One question at work."""

    understood: Understood
    language: str
    engines: Engines
    last: VideoAnswer | None
    cancel: Cancel

    def answer(self, question: Question) -> VideoAnswer:
        retriever = self._retriever()
        carries = question.points and not question.play and question.step is None
        if carries and self.last is not None:
            own = set(question.words)
            if len(own) < 2:
                more = tuple(word for word in self.last.words if word not in own)
                question = replace(question, words=(*question.words, *more))
        found = self._placed(question, retriever)
        if found is None and question.length:
            found = self._length()
        if found is None:
            found = self._searched(question, retriever)
        if question.play and found.evidence:
            return self._played(found)
        return replace(found, words=question.words)

    # --- parts that a question names by their place

    def _placed(self, question: Question, retriever: Retriever) -> VideoAnswer | None:
        """A part at a time, at an edge, beside the last answer; None where none is named."""
        last = self.last.evidence if self.last is not None else ()
        if question.at is not None:
            if question.at > retriever.end:
                return self._none("beyond")
            return self._moment(retriever.at(question.at), question.at)
        if question.play and not question.words:
            if not last or self.last is None:
                return self._none("nothing")
            return replace(self.last, sentences=())
        if question.step is not None and last and not question.words:
            step = 1 if question.step == "after" else -1
            time = last[-1][0] if step > 0 else last[0][0]
            beside = retriever.beside(time, step)
            return self._moment(beside) if beside is not None else self._none("beyond")
        if question.edge is not None and not question.words and retriever.moments:
            place = 0 if question.edge == "start" else -1
            edge = retriever.end if place else 0.0
            return self._moment(retriever.moments[place], edge)
        return None

    def _moment(self, moment: Moment | None, near: float | None = None) -> VideoAnswer:
        """What is known of a moment, of much speech that nearest to a time, s."""
        if moment is None:
            return self._none("quiet")
        time = moment.start if near is None else near
        scenes = moment.of("scene")[:1]
        lines = moment.of("text")[:_LINES]
        useful = [one for one in moment.of("speech") if not empty(one)]
        nearest = sorted(useful, key=lambda one: max(one.start - time, time - one.end, 0.0))
        count = _QUOTED + (near is None)
        speech = sorted(nearest[:count], key=lambda one: one.start)
        told = self._told([*scenes, *lines, *speech], [moment])
        if told is None:
            return self._none("quiet")
        if len(speech) < len(useful):
            return told
        return replace(told, evidence=((moment.start, moment.end),))

    def _length(self) -> VideoAnswer | None:
        measured = [one for one in self.understood.evidence if one.kind == "measure"]
        if not measured:
            return None
        end = max(one.end for one in self.understood.evidence)
        lasts = wording.clock(end, self.language)
        chinese = wording.chinese(self.language)
        text = f"视频长{lasts}。" if chinese else f"The video lasts {lasts}."
        return VideoAnswer(
            sentences=(self._sentence(text, "measured"),),
            evidence=((0.0, end),),
            numbers=(measured[0].number,),
        )

    def _played(self, found: VideoAnswer) -> VideoAnswer:
        """Start and end of the part that is to be played."""
        start, end = found.evidence[0]
        chinese = wording.chinese(self.language)
        begins, ends = (wording.clock(time, self.language) for time in (start, end))
        text = (
            f"那一段从{begins}到{ends}。" if chinese else f"That part goes from {begins} to {ends}."
        )
        return replace(
            found, sentences=(self._sentence(text, "measured"),), evidence=((start, end),)
        )

    # --- what a question names by its content

    def _searched(self, question: Question, retriever: Retriever) -> VideoAnswer:
        hits = retriever.find(question, pictures=question.seen and not question.said)
        self.cancel.check()
        answers = [hit for hit in hits if hit.answers]
        seen = self._seen(question, hits) if question.seen and not question.said else None
        if seen is not None and (seen.found or not answers):
            return seen
        if not answers:
            return self._none("priced" if question.wanted == "price" else "said")
        heard = self._heard(question, answers)
        if seen is not None and question.presence:  # not seen, and spoken of
            return replace(heard, sentences=(*seen.sentences, *heard.sentences))
        return heard

    def _heard(self, question: Question, answers: Sequence[Hit]) -> VideoAnswer:
        """What is said and written in the moments that answer."""
        best = answers[0].covered
        near = [hit for hit in answers if hit.covered >= 0.8 * best]
        chosen = spread(near, _ANSWERS if question.when else 1)
        told: list[Statement] = []
        for hit in chosen:
            told += _fitting(question, hit.moment)
        return self._told(told, [hit.moment for hit in chosen]) or self._none("said")

    def _seen(self, question: Question, hits: Sequence[Hit]) -> VideoAnswer | None:
        """What frames show of it; None where the question is about nothing that can be seen."""
        looked = len(self.understood.keyframes)
        if looked and not sighting.nouns(question):  # nothing that a frame could be searched for
            return self._none("unnamed") if question.presence else None
        describer = self._describer()
        found = sighting.sightings(question, self.understood.keyframes, self.language)
        if not found and describer is not None:
            closer, more = self._closer(question, hits, describer)
            found, looked = closer, looked + more
        if not found:
            if not looked:
                return None
            return VideoAnswer(
                sentences=(self._sentence(sighting.unseen(looked, self.language), "measured"),),
                found=False,
            )
        if describer is not None and sighting.wants_more(question):
            more_told = self._asked(question, found[0], describer)
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
        from assistant.video.container import frames_near

        middle = (moment.start + min(moment.end, moment.start + 4.0)) / 2
        try:
            for frame in frames_near(
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

    # --- how it is told

    def _told(self, told: Sequence[Statement], moments: Sequence[Moment]) -> VideoAnswer | None:
        if not told:
            return None
        sentences: list[Sentence] = []
        for moment in moments:
            inside = [one for one in told if one in moment.statements]
            sentences += self._worded(inside)
        return VideoAnswer(
            sentences=tuple(sentences),
            evidence=tuple(_span(told, one) for one in moments),
            numbers=tuple(sorted({number for one in told for number in one.evidence})),
        )

    def _worded(self, told: Sequence[Statement]) -> Iterator[Sentence]:
        """Statements of a moment as sentences, the first with its time."""
        groups: list[tuple[SentenceKind, str]] = []
        scenes = [one for one in told if one.kind == "scene"]
        lines = [one for one in told if one.kind == "text"]
        speech = [one for one in told if one.kind == "speech"]
        groups += [("generated", wording.seen(one, self.language)) for one in scenes]
        if lines:
            groups.append(("quoted", wording.written(lines, self.language)))
        if speech:
            groups.append(("quoted", wording.said(speech, self.language)))
        start = next((some[0].start for some in (speech, lines, scenes) if some), 0.0)
        for place, (kind, text) in enumerate(groups):
            lead = wording.opening(start, self.language) if place == 0 else ""
            yield self._sentence(lead + text, kind)

    def _sentence(self, text: str, kind: SentenceKind) -> Sentence:
        return Sentence(
            text=text, kind=kind, language="zh" if wording.chinese(self.language) else "en"
        )

    def _none(self, key: str) -> VideoAnswer:
        text = _NOT[key][wording.chinese(self.language)]
        return VideoAnswer(sentences=(self._sentence(text, "measured"),), found=False)

    # --- what is needed

    def _retriever(self) -> Retriever:
        store = self.understood.store
        picture: Callable[[Keyframe], Picture] | None = getattr(store, "picture", None)
        return Retriever(
            evidence=self.understood.evidence,
            keyframes=self.understood.keyframes,
            picture=picture,
            encoder=self._engine("text_encoder"),
            images=self._engine("image_text_encoder"),
            kept=store,
        )

    def _describer(self) -> SceneDescriber | None:
        found: SceneDescriber | None = self._engine("scene_describer")
        return found

    def _engine(self, capability: str) -> Any:
        return self.engines.get(capability) if self.engines.has(capability) else None


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


def _fitting(question: Question, moment: Moment) -> list[Statement]:
    """The statements of a moment that hold most of the question's words, in order of time."""

    def worth(one: Statement) -> float:
        held = [in_text(word, one.text, question.language) for word in question.words]
        wanted = question.wanted is not None and questions.holds(question.wanted, one.text)
        return sum(held) + 0.5 * wanted + 0.1 * (not empty(one))

    speech = sorted(moment.of("speech"), key=worth, reverse=True)
    best = [one for one in speech[:_QUOTED] if worth(one) >= 0.4 * worth(speech[0])]
    lines = moment.of("text")[:_LINES]
    least = max((worth(one) for one in best), default=0.0)
    scenes = [one for one in moment.of("scene") if worth(one) > max(0.5, least)][:1]
    chosen = [*scenes, *lines, *best]
    return sorted(chosen, key=lambda one: one.start) or list(moment.statements[:1])
