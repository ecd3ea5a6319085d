"""Answers a question that names a part of a video by its place: a time, an edge, the next part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from assistant.types import Evidence
from assistant.video import wording
from assistant.video.answering import VideoAnswer, none, quoting, sentence
from assistant.video.moments import Moment
from assistant.video.questions import Question
from assistant.video.retrieval import Retriever
from assistant.video.salience import empty

_QUOTED: Final = 2  # statements of a moment
_LINES: Final = 3  # on screen, of a moment
_ACTIONS: Final = 2  # that happen in it


def placed(
    question: Question, retriever: Retriever, last: VideoAnswer | None, language: str
) -> VideoAnswer | None:
    """A part at a time, at an edge, beside the last answer; None where none is named."""
    parts = last.evidence if last is not None else ()
    if question.at is not None:
        if question.at > retriever.end:
            return none("beyond", language)
        return _moment(retriever.at(question.at), language, question.at)
    if question.play and not question.words:
        if not parts or last is None:
            return none("nothing", language)
        return replace(last, sentences=())
    if question.step is not None and parts and not question.words:
        step = 1 if question.step == "after" else -1
        time = parts[-1][0] if step > 0 else parts[0][0]
        beside = retriever.beside(time, step)
        return _moment(beside, language) if beside is not None else none("beyond", language)
    if question.edge is not None and not question.words and retriever.moments:
        place = 0 if question.edge == "start" else -1
        edge = retriever.end if place else 0.0
        return _moment(retriever.moments[place], language, edge)
    return None


def length(evidence: Sequence[Evidence], language: str) -> VideoAnswer | None:
    """How long the video is; None where that was not measured."""
    measured = [one for one in evidence if one.kind == "measure"]
    if not measured:
        return None
    end = max(one.end for one in evidence)
    lasts = wording.clock(end, language)
    chinese = wording.chinese(language)
    text = f"视频长{lasts}。" if chinese else f"The video lasts {lasts}."
    return VideoAnswer(
        sentences=(sentence(text, "measured", language),),
        evidence=((0.0, end),),
        numbers=(measured[0].number,),
    )


def played(found: VideoAnswer, language: str) -> VideoAnswer:
    """Start and end of the part that is to be played."""
    start, end = found.evidence[0]
    chinese = wording.chinese(language)
    begins, ends = (wording.clock(time, language) for time in (start, end))
    text = f"那一段从{begins}到{ends}。" if chinese else f"That part goes from {begins} to {ends}."
    return replace(
        found, sentences=(sentence(text, "measured", language),), evidence=((start, end),)
    )


def _moment(moment: Moment | None, language: str, near: float | None = None) -> VideoAnswer:
    """What is known of a moment, of much speech that nearest to a time, s."""
    if moment is None:
        return none("quiet", language)
    time = moment.start if near is None else near
    scenes = moment.of("scene")[:1]
    actions = moment.of("action")[:_ACTIONS]
    lines = moment.of("text")[:_LINES]
    useful = [one for one in moment.of("speech") if not empty(one)]
    nearest = sorted(useful, key=lambda one: max(one.start - time, time - one.end, 0.0))
    count = _QUOTED + (near is None)
    speech = sorted(nearest[:count], key=lambda one: one.start)
    told = quoting([*scenes, *actions, *lines, *speech], [moment], language)
    if told is None:
        return none("quiet", language)
    if len(speech) < len(useful):
        return told
    return replace(told, evidence=((moment.start, moment.end),))
