"""Answers a question about a video by what is said and written in the moments that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assistant.video import kinds, questions
from assistant.video.answering import VideoAnswer, none, quoting
from assistant.video.moments import Moment
from assistant.video.questions import Question, in_text
from assistant.video.retrieval import Hit, spread
from assistant.video.salience import empty
from assistant.video.statements import Statement

_ANSWERS: Final = 2  # moments that an answer quotes
_QUOTED: Final = 2  # statements of each
_ACTIONS: Final = 2  # of each
_LINES: Final = 3  # on screen, of each


def said(question: Question, answers: Sequence[Hit], language: str) -> VideoAnswer:
    """What is said and written in the moments that answer."""
    best = answers[0].covered
    near = [hit for hit in answers if hit.covered >= 0.8 * best]
    chosen = spread(near, _ANSWERS if question.when else 1)
    told: list[Statement] = []
    for hit in chosen:
        told += _fitting(question, hit.moment)
    return quoting(told, [hit.moment for hit in chosen], language) or none("said", language)


def _fitting(question: Question, moment: Moment) -> list[Statement]:
    """The statements of a moment that hold most of the question's words, in order of time."""

    def worth(one: Statement) -> float:
        held = [in_text(word, one.text, question.language) for word in question.words]
        held.append(question.category is not None and kinds.named(question.category, one.text))
        wanted = question.wanted is not None and questions.holds(question.wanted, one.text)
        return sum(held) + 0.5 * wanted + 0.1 * (not empty(one))

    speech = sorted(moment.of("speech"), key=worth, reverse=True)
    best = [one for one in speech[:_QUOTED] if worth(one) >= 0.4 * worth(speech[0])]
    lines = moment.of("text")[:_LINES]
    least = max((worth(one) for one in best), default=0.0)
    scenes = [one for one in moment.of("scene") if worth(one) > max(0.5, least)][:1]
    actions = [one for one in moment.of("action") if worth(one) > 0.5][:_ACTIONS]
    chosen = [*scenes, *actions, *lines, *best]
    return sorted(chosen, key=lambda one: one.start) or list(moment.statements[:1])
