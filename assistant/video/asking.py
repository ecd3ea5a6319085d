"""Answers questions about a video from its evidence, with times, or says that it does not tell.

What was said or written is quoted; what is seen is told of frames that were looked at, and some
around the best moments are looked at anew. What is not found is never denied: "I don't see one
in the frames that I looked at". Questions may go on from the last answer ("and then?", "play me
that part").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from assistant.interfaces import Cancel
from assistant.registry import Engines
from assistant.types import Keyframe, Picture
from assistant.video import movement_words, placing, questions, reading, sighting
from assistant.video.answering import VideoAnswer, none, quoting
from assistant.video.looking import Looker, Understood
from assistant.video.questions import Question
from assistant.video.retrieval import Retriever
from assistant.video.saying import said

_TOLD: Final = 2  # movements of what is asked for


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
        found = placing.placed(question, retriever, self.last, self.language)
        if found is None and question.length:
            found = placing.length(self.understood.evidence, self.language)
        if found is None:
            found = self._searched(question, retriever)
        if question.play and found.evidence:
            return placing.played(found, self.language)
        return replace(found, words=question.words)

    def _searched(self, question: Question, retriever: Retriever) -> VideoAnswer:
        hits = retriever.find(question, pictures=question.seen and not question.said)
        self.cancel.check()
        answers = [hit for hit in hits if hit.answers]
        seen = self._looker().seen(question, hits) if question.seen and not question.said else None
        if seen is not None and not seen.found:  # it may have come between two keyframes
            seen = self._happened(question, retriever) or seen
        if seen is not None and (seen.found or not answers):
            return seen
        if not answers:
            return none("priced" if question.wanted == "price" else "said", self.language)
        heard = said(question, answers, self.language)
        if seen is not None and question.presence:  # not seen, and spoken of
            return replace(heard, sentences=(*seen.sentences, *heard.sentences))
        return heard

    def _happened(self, question: Question, retriever: Retriever) -> VideoAnswer | None:
        """What a thing was seen to do; None where nothing was, or more is asked of it."""
        if sighting.wants_more(question):
            return None
        meant = frozenset().union(*sighting.nouns(question).values())
        every = [(one, moment) for moment in retriever.moments for one in moment.of("action")]
        told = [
            (one, moment)
            for one, moment in every
            if any(movement_words.names(one.text, name, self.language) for name in meant)
        ][:_TOLD]
        moments = list({id(moment): moment for _, moment in told}.values())
        return quoting([one for one, _ in told], moments, self.language)

    def _looker(self) -> Looker:
        describer = self._engine("scene_describer")
        reader = self.engines.profile.video.reader if describer is not None else "pyav"
        return Looker(
            understood=self.understood,
            language=self.language,
            describer=describer,
            cancel=self.cancel,
            read=reading.frames_near(reader),
        )

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

    def _engine(self, capability: str) -> Any:
        return self.engines.get(capability) if self.engines.has(capability) else None
