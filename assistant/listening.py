"""Listening to a sound of any length with any recogniser of the Whisper family.

Only what the voice detector calls speech is transcribed, long silences cut out, and a segment's
words are kept only where the evidence for speech bears them (`assistant.invented`). Long
sound is worked on in blocks that end in a silence, so that memory is bounded.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from assistant.audio import HEARING_RATE, resampled_blocks
from assistant.errors import DeadlineExceeded
from assistant.interfaces import Cancel, Float32, Options, VoiceDetector
from assistant.invented import Evidence, believable, without_sounds
from assistant.types import Audio, AudioChunk, Segment, Transcript, Word
from assistant.voiced import FRAME_S, Stretch, quietest, stretches, voiced

_BLOCK_S = 120.0  # s of sound worked on at once; bounds the memory for long recordings
_PARTIAL_S = 1.0  # s of new sound before another partial transcript is worth its work
_PAUSE_S = 2.0  # s; longer silences are cut out, as faster-whisper's own filter does
_MARGIN_S = 0.4  # s kept around speech
_SHORTEST_S = 0.15  # s; "no" takes 0.2
_NEAR_S = 0.5  # s around a segment in which its speech is looked for
_QUIET = 0.05  # peak under which a recording is made louder: Silero needs some level
_HAN_END = re.compile(r"[\u3400-\u9fff]$")
_WIDE_END = re.compile(r"[\u3000-\u9fff\uff00-\uffef]$")  # scripts without spaces


@dataclass(frozen=True, kw_only=True)
class Said:
    """A segment as a recogniser gives it; times in s of the sound that it was given."""

    text: str
    start: float
    end: float
    no_speech: float  # probability that nobody speaks
    log_probability: float  # mean over its tokens
    compression: float  # of its text by zlib; high where it repeats itself
    words: tuple[Word, ...] = ()


class Recogniser(Protocol):
    """What listening asks of a model."""

    detector: VoiceDetector

    def language(self, samples: Float32) -> str:
        """The language spoken in up to 30 s at 16 kHz."""

    def segments(
        self,
        samples: Float32,
        language: str,
        options: Options,
        *,
        partial: bool,
        check: Callable[[], None],
    ) -> Iterator[Said]:
        """Yield the segments of speech without long silences.

        `check` raises when the caller wants no more; it is called before each piece of work.
        """

    def written(self, text: str, language: str) -> str:
        """Text in the user's script."""


def listen(
    recogniser: Recogniser,
    chunks: Iterable[AudioChunk],
    options: Options,
    cancel: Cancel | None,
    language: str | None,
) -> Iterator[Transcript]:
    """Yield partial transcripts while sound arrives, then the final one.

    Raises:
        Cancelled, DeadlineExceeded
    """
    hearing = _Hearing(engine=recogniser, options=options, cancel=cancel, language=language)
    for samples in resampled_blocks(((c.samples, c.rate) for c in chunks), HEARING_RATE):
        yield from hearing.hear(samples)
    yield from hearing.finish()


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """A believed segment."""

    segment: Segment
    words: tuple[Word, ...]
    language: str
    log_probability: float  # mean over its tokens


@dataclass(kw_only=True)
class _Hearing:
    """One stream being transcribed: the sound not settled yet and what was heard so far."""

    engine: Recogniser
    options: Options
    cancel: Cancel | None
    language: str | None  # None: find out, block by block
    waiting: list[Float32] = field(default_factory=list)
    length: int = 0  # samples in `waiting`
    tried: int = 0  # of them in the last partial transcript
    offset: float = 0.0  # s, where `waiting` starts
    heard: list[_Heard] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def hear(self, samples: Float32) -> Iterator[Transcript]:
        """Take new sound; yield partial transcripts where there is enough of it."""
        self._check()
        # Before the new sound is taken, so that a batch of one chunk is worked on only once.
        if self.length - self.tried > _PARTIAL_S * HEARING_RATE:
            self.tried = self.length
            partial = list(self._work(np.concatenate(self.waiting), partial=True))
            if partial:
                yield self._transcript([*self.heard, *partial], final=False)
        self.waiting.append(samples)
        self.length += len(samples)
        while self.length > _BLOCK_S * HEARING_RATE:
            sound = self.waiting[0] if len(self.waiting) == 1 else np.concatenate(self.waiting)
            end = self._quietest(sound)
            yield from self._settle(sound[:end])
            self.waiting, self.length, self.tried = [sound[end:]], len(sound) - end, 0
            self.offset += end / HEARING_RATE

    def finish(self) -> Iterator[Transcript]:
        """Work on what is left; yield a partial transcript a segment, then the final one."""
        if self.length:
            yield from self._settle(np.concatenate(self.waiting))
        yield self._transcript(self.heard, final=True)

    def _settle(self, sound: Float32) -> Iterator[Transcript]:
        for heard in self._work(sound, partial=False):
            self.heard.append(heard)
            yield self._transcript(self.heard, final=False)

    def _quietest(self, sound: Float32) -> int:
        """The sample in the middle of the longest silence in the block's second half."""
        half = int(_BLOCK_S / 2 * HEARING_RATE)
        block = Audio(samples=sound[half : 2 * half], rate=HEARING_RATE)
        probabilities = self.engine.detector.probabilities(block)
        return half + int(quietest(probabilities, 0.0, block.duration) * HEARING_RATE)

    def _work(self, sound: Float32, *, partial: bool) -> Iterator[_Heard]:
        """The believed segments of a block, times counted from the stream's start."""
        peak = float(np.abs(sound).max(initial=0.0))
        if 0 < peak < _QUIET:
            sound = sound * np.float32(0.5 / peak)
        probabilities = self.engine.detector.probabilities(Audio(samples=sound, rate=HEARING_RATE))
        found = stretches(probabilities, pause=_PAUSE_S, margin=_MARGIN_S, shortest=_SHORTEST_S)
        if not found:
            return
        spoken = np.concatenate(
            [sound[int(s.start * HEARING_RATE) : int(s.end * HEARING_RATE)] for s in found]
        )
        language = self.language or self.engine.language(spoken)
        segments = self.engine.segments(
            spoken, language, self.options, partial=partial, check=self._check
        )
        for segment in segments:
            self._check()
            heard = self._believed(segment, found, probabilities, language)
            if heard is not None:
                yield heard

    def _believed(
        self, said: Said, spans: Sequence[Stretch], probabilities: Float32, language: str
    ) -> _Heard | None:
        start, end = original(said.start, spans), original(said.end, spans, ending=True)
        first = max(0, int((start - _NEAR_S) / FRAME_S))
        near = probabilities[first : int((end + _NEAR_S) / FRAME_S) + 1]
        evidence = Evidence(
            voiced=voiced(near),
            peak=float(near.max(initial=0.0)),
            no_speech=said.no_speech,
            log_probability=said.log_probability,
            compression=said.compression,
        )
        text = without_sounds(said.text)
        if not believable(text, evidence):
            return None
        written = "en" if self.options.translate else language
        words = tuple(
            Word(
                text=self.engine.written(word.text, written).strip(),
                start=round(self.offset + original(word.start, spans), 2),
                end=round(self.offset + original(word.end, spans, ending=True), 2),
                confidence=word.confidence,
            )
            for word in said.words
        )
        return _Heard(
            segment=Segment(
                text=self.engine.written(text, written),
                start=round(self.offset + start, 2),
                end=round(self.offset + end, 2),
            ),
            words=words,
            language=language,
            log_probability=said.log_probability,
        )

    def _transcript(self, heard: list[_Heard], *, final: bool) -> Transcript:
        spoken: dict[str, float] = {}
        for one in heard:
            duration = one.segment.end - one.segment.start
            spoken[one.language] = spoken.get(one.language, 0.0) + duration
        sure = sum(h.log_probability for h in heard) / len(heard) if heard else 0.0
        return Transcript(
            text=joined([one.segment.text for one in heard]),
            language=max(spoken, key=spoken.__getitem__) if spoken else "",
            segments=tuple(one.segment for one in heard),
            words=tuple(word for one in heard for word in one.words),
            confidence=round(math.exp(sure), 3),
            final=final,
        )

    def _check(self) -> None:
        if self.cancel is not None:
            self.cancel.check()
        limit = self.options.deadline_s
        if limit is not None and time.monotonic() - self.began > limit:
            raise DeadlineExceeded(
                f"hearing took longer than {limit:g} s", fix="give a shorter recording"
            )


def joined(texts: list[str]) -> str:
    """Segments as one text: a space between Latin ones, a comma between bare Chinese ones."""
    text = ""
    for piece in texts:
        if not text or not piece:
            text += piece
        elif _HAN_END.search(text) and _HAN_END.search(piece[0]):
            text += f"，{piece}"
        elif _WIDE_END.search(text) or _WIDE_END.search(piece[0]):
            text += piece
        else:
            text += f" {piece}"
    return text


def original(seconds: float, spans: Sequence[Stretch], *, ending: bool = False) -> float:
    """Where a moment of the stretches, joined, lies in the sound that they were cut from, s.

    A moment between two stretches is the end of the first when something ends there.
    """
    left = seconds
    for span in spans:
        length = span.end - span.start
        if left < length or (ending and left <= length):
            return span.start + left
        left -= length
    return spans[-1].end  # Whisper rounds up
