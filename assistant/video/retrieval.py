"""Finds the moments of a video that a question is about.

Three rankings of the same moments, fused by reciprocal rank as in the photo library: sentences
near in meaning (E5), words in common, and frames that look like it (CLIP, or tags in its place).
That a moment answers is told by its words: it has to hold most of what the question names,
weighed by how rare that is in the video. What is nowhere in the video is rarest.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from assistant.interfaces import Float32, ImageTextEncoder, TextEncoder
from assistant.types import Evidence, Keyframe, Picture
from assistant.video import kinds
from assistant.video.moments import Moment, moments
from assistant.video.questions import Question, holds, in_text, measures
from assistant.video.statements import Statement, statements

_RANK: Final = 20  # the constant of reciprocal rank fusion, as in `library.search`
_COVERED: Final = 0.55  # of a question's words, weighed, that an answer has
_FEWER: Final = 0.34  # the same where the meaning stands out too
_STANDS_OUT: Final = 2.0  # standard deviations above the mean cosine
_FEW: Final = 6  # moments; among fewer nothing stands out
_ENCODING_S: Final = 8.0  # s that one question may spend on encoding frames
_MEANS_IT: Final = re.compile(
    r"^\W*(?:it|its|this|these|that|they|their|he|his|she|her|here)\b|^[^，。]{0,2}(?:这|那|它|他|她|其)",
    re.IGNORECASE,
)  # what begins so may be about what was named before
_OWN: Final = 0.5  # of a word, below which it does not stand in the title
_BEFORE: Final = 0.5  # what a word counts that stands before a moment, where "it" may mean it
_WEIGHTS: Final = {"meaning": 1.0, "words": 1.0, "pictures": 0.7}


class Kept(Protocol):
    """Where vectors are kept between questions; `store.VideoStore` is one."""

    def vector(self, hash: str, maker: str) -> Float32 | None:
        """A vector that was kept, [d], or None."""

    def write_vector(self, hash: str, maker: str, vector: Float32) -> None:
        """Keep a vector."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A moment that may be meant."""

    moment: Moment
    score: float  # 0 to 1, comparable within one question
    covered: float  # of the question's words, weighed by rarity, 0 to 1
    near: float  # standard deviations by which its meaning is nearer than the mean
    answers: bool  # whether it holds enough of what was asked, and what an answer must have


@dataclass
class Retriever:
    """The moments of one video, ready to be asked about."""

    evidence: Sequence[Evidence]
    keyframes: Sequence[Keyframe] = ()
    picture: Callable[[Keyframe], Picture] | None = None
    encoder: TextEncoder | None = None
    images: ImageTextEncoder | None = None
    kept: Kept | None = None
    _vectors: dict[str, Float32] = field(default_factory=dict)

    @cached_property
    def statements(self) -> list[Statement]:
        """All statements, in order of time."""
        return statements(self.evidence)

    @cached_property
    def end(self) -> float:
        """Of the video, s."""
        return max((one.end for one in self.evidence), default=0.0)

    @cached_property
    def moments(self) -> list[Moment]:
        """All moments, in order of time."""
        return moments(self.statements, end=self.end, most=len(self.statements) + 1)

    def at(self, moment: float) -> Moment | None:
        """The moment at a time, s, or the nearest one."""
        inside = (one for one in self.moments if one.start <= moment < one.end)
        nearest = sorted(self.moments, key=lambda one: abs(one.start - moment))
        return next(inside, next(iter(nearest), None))

    def beside(self, moment: float, step: int) -> Moment | None:
        """The moment before (-1) or after (1) the one at a time, s; None beyond the ends."""
        here = self.at(moment)
        if here is None:
            return None
        place = self.moments.index(here) + step
        return self.moments[place] if 0 <= place < len(self.moments) else None

    def find(self, question: Question, *, pictures: bool = True) -> list[Hit]:
        """The moments, the likeliest first.

        Args:
            pictures: whether frames are compared too; it takes a second a frame at first.
        """
        if not self.moments or not (question.words or measures(question.wanted)):
            return []
        covered = self._covered(question)
        near = self._near(question.text)
        rankings = {"words": covered, "meaning": near}
        if pictures:
            likely = [a + b for a, b in zip(covered, near, strict=True)]
            rankings["pictures"] = self._alike(question.text, likely)
        fused = [0.0] * len(self.moments)
        for name, values in rankings.items():
            if not any(values):
                continue
            order = sorted(range(len(values)), key=lambda place: -values[place])
            for rank, place in enumerate(order):
                fused[place] += _WEIGHTS[name] * (_RANK + 1) / (_RANK + rank + 1)
        best = sum(_WEIGHTS[name] for name, values in rankings.items() if any(values)) or 1.0
        hits = [
            Hit(
                moment=moment,
                score=fused[place] / best,
                covered=covered[place],
                near=near[place],
                answers=self._answers(question, moment, covered[place], near[place]),
            )
            for place, moment in enumerate(self.moments)
        ]
        return sorted(hits, key=lambda hit: (-hit.answers, -round(hit.covered, 1), -hit.score))

    def vectors(self, texts: Sequence[str]) -> Float32 | None:
        """Vectors of passages, [n, d]; None without an encoder."""
        if self.encoder is None or not texts:
            return None
        maker = f"passage/{self.encoder.id}"
        missing = []
        for text in dict.fromkeys(texts):
            if text not in self._vectors:
                kept = self.kept.vector(_hash(text), maker) if self.kept is not None else None
                if kept is None:
                    missing.append(text)
                else:
                    self._vectors[text] = kept
        if missing:
            for text, row in zip(missing, self.encoder.texts(missing, query=False), strict=True):
                self._vectors[text] = row
                if self.kept is not None:
                    self.kept.write_vector(_hash(text), maker, row)
        return np.stack([self._vectors[text] for text in texts])

    def _answers(self, question: Question, moment: Moment, covered: float, near: float) -> bool:
        if measures(question.wanted):  # no meaning stands in for what it is the measure of
            return covered >= _COVERED and self._tells(question, moment)
        text = " ".join(one.text for one in moment.statements)
        if not holds(question.wanted, text) or not self._beyond(question, moment, text):
            return False
        stands_out = near >= _STANDS_OUT and len(self.moments) >= _FEW
        return covered >= _COVERED or (stands_out and covered >= _FEWER)

    def _beyond(self, question: Question, moment: Moment, text: str) -> bool:
        """Whether a moment holds more of a question than what the whole video is about.

        "Which bank owns the café" has one word of a video about a café, and no answer there.
        """
        title = self._title
        own = [w for w in question.words if in_text(w, title, question.language) < _OWN]
        held = any(in_text(word, text, question.language) > 0 for word in own)
        return not own or held or _names_kind(question, moment)

    @property
    def _title(self) -> str:
        """What is shown and said first, which tells what a video is about."""
        return " ".join(one.text for one in self.moments[0].statements)

    @staticmethod
    def _tells(question: Question, moment: Moment) -> bool:
        """Whether one statement tells the measure that is wanted, of what the question names."""
        told = [one.text for one in moment.statements if holds(question.wanted, one.text)]
        return any(_about(question, text) or _MEANS_IT.search(text) for text in told)

    def _covered(self, question: Question) -> list[float]:
        """How much of the question's words each moment holds, weighed by rarity."""
        texts = [" ".join(one.text for one in moment.statements) for moment in self.moments]
        if not question.words:  # "how tall is it": the measure alone
            return [float(self._tells(question, moment)) for moment in self.moments]
        held = np.array(
            [[in_text(word, text, question.language) for word in question.words] for text in texts],
            np.float32,
        )
        if question.category in question.words:
            place = question.words.index(question.category)
            held[:, place] = np.maximum(
                held[:, place], [float(_names_kind(question, moment)) for moment in self.moments]
            )
        held = np.maximum(held, _BEFORE * self._carried(held, question))
        rarity = np.log(1 + len(texts) / (0.5 + held.sum(axis=0)))
        size = np.array([max(1, len(word)) if not word.isascii() else 1 for word in question.words])
        weights = rarity * size
        return [float(value) for value in held @ weights / max(1e-9, float(weights.sum()))]

    def _carried(self, held: Float32, question: Question) -> Float32:
        """What a pronoun in a moment may mean: words of the moments before and of the opening."""
        before = np.zeros_like(held)
        before[1:] = held[:-1]
        before[2:] = np.maximum(before[2:], held[:-2])
        opening = [in_text(word, self._title, question.language) for word in question.words]
        return np.asarray(np.maximum(before, np.array(opening)[None, :]), np.float32)

    def _near(self, text: str) -> list[float]:
        """How much nearer in meaning each moment is than the mean, in standard deviations."""
        told = [moment.statements for moment in self.moments]
        rows = self.vectors([one.text for some in told for one in some])
        if rows is None or self.encoder is None:
            return [0.0] * len(told)
        cosines = rows @ self.encoder.texts([text])[0]
        ends = np.cumsum([len(some) for some in told])
        best = [
            float(cosines[end - len(some) : end].max()) if some else -1.0
            for some, end in zip(told, ends, strict=True)
        ]
        spread = float(np.std(best))
        mean = float(np.mean(best))
        return [(value - mean) / spread if spread > 1e-6 else 0.0 for value in best]

    def _alike(self, text: str, likely: Sequence[float]) -> list[float]:
        """The best cosine of a frame in each moment; frames of likely moments are encoded first.

        What is encoded is kept, so a long video is compared whole after some questions.
        """
        values = [0.0] * len(self.moments)
        if self.images is None or self.picture is None or not self.keyframes:
            return values
        query = self.images.texts([text])[0]
        places = {id(moment): place for place, moment in enumerate(self.moments)}
        framed = [(keyframe, self.at(keyframe.time)) for keyframe in self.keyframes]
        placed = [(places[id(moment)], keyframe) for keyframe, moment in framed if moment]
        until = time.monotonic() + _ENCODING_S
        for place, keyframe in sorted(placed, key=lambda pair: -likely[pair[0]]):
            row = self._looked(keyframe, encode=time.monotonic() < until)
            if row is not None:
                values[place] = max(values[place], float(row @ query))
        return values

    def _looked(self, keyframe: Keyframe, *, encode: bool) -> Float32 | None:
        assert self.images is not None
        assert self.picture is not None
        name, maker = f"frame {keyframe.time:.3f}", f"image/{self.images.id}"
        if name not in self._vectors:
            row = self.kept.vector(name, maker) if self.kept is not None else None
            if row is None and not encode:
                return None
            if row is None:
                row = self.images.images([self.picture(keyframe)])[0]
                if self.kept is not None:
                    self.kept.write_vector(name, maker, row)
            self._vectors[name] = row
        return self._vectors[name]


def _about(question: Question, text: str, *, but: str | None = None) -> bool:
    """Whether a statement has a word of the question; `but` is one that does not count."""
    words = [word for word in question.words if word != but]
    return not words or any(in_text(word, text, question.language) >= 0.5 for word in words)


def _names_kind(question: Question, moment: Moment) -> bool:
    """Whether one statement names a kind of what is to be named, and what is asked of it."""
    asked = question.category
    return asked is not None and any(
        _about(question, one.text, but=asked) and kinds.named(asked, one.text)
        for one in moment.statements
    )


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def spread(hits: Sequence[Hit], most: int) -> list[Hit]:
    """The best few of which no two lie beside each other."""
    kept: list[Hit] = []
    for hit in hits:
        apart = all(math.fabs(hit.moment.start - other.moment.start) > 1.0 for other in kept)
        if apart and len(kept) < most:
            kept.append(hit)
    return kept
