"""Whisper through faster-whisper (CTranslate2), with a voice detector in front.

Only what the detector calls speech is transcribed, long silences cut out, and a segment's
words are kept only where the evidence for speech bears them (`assistant.invented`).
Weights: a folder with a CTranslate2 conversion; no model hub is ever asked.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.transcribe import restore_speech_timestamps
from opencc import OpenCC

from assistant.audio import HEARING_RATE, resampled_blocks
from assistant.errors import DeadlineExceeded, EngineError, SettingsError
from assistant.interfaces import (
    DEFAULT_OPTIONS,
    Cancel,
    EngineContext,
    Float32,
    Options,
    VoiceDetector,
)
from assistant.invented import Evidence, believable, without_sounds
from assistant.languages import base
from assistant.types import Audio, AudioChunk, Segment, Transcript, Word
from assistant.voiced import FRAME_S, stretches, voiced

_BLOCK_S = 120.0  # s of sound worked on at once; bounds the memory for long recordings
_PARTIAL_S = 1.0  # s of new sound before another partial transcript is worth its work
_PAUSE_S = 2.0  # s; longer silences are cut out, as faster-whisper's own filter does
_MARGIN_S = 0.4  # s kept around speech
_SHORTEST_S = 0.15  # s; "no" takes 0.2
_NEAR_S = 0.5  # s around a segment in which its speech is looked for
_QUIET = 0.05  # peak under which a recording is made louder: Silero needs some level
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own, tried in turn when decoding fails
_HAN_END = re.compile(r"[\u3400-\u9fff]$")
_WIDE_END = re.compile(r"[\u3000-\u9fff\uff00-\uffef]$")  # scripts without spaces
_FULL_WIDTH = str.maketrans(",?!:;", "，？！：；")


class FasterWhisper:
    """A transcriber. Stops after at most one window of 30 s: 2 to 4 s of work on 2 cores."""

    name: ClassVar[str] = "faster-whisper"

    def __init__(
        self,
        model: WhisperModel,
        detector: VoiceDetector,
        *,
        beam_size: int = 5,
        script: str = "simplified",
        languages: tuple[str, ...] = ("en", "zh"),
    ) -> None:
        self._model = model
        self.detector = detector
        self._beam_size = beam_size
        self._usual = languages
        # Whisper mixes both scripts, even in one sentence: first all into one, then back.
        traditional, simplified = OpenCC("s2tw").convert, OpenCC("tw2s").convert
        self._scripts = {
            "simplified": lambda text: simplified(traditional(text)),
            "traditional": traditional,
        }
        if script not in self._scripts:
            raise SettingsError(
                f"there is no Chinese script {script!r}", fix="use simplified or traditional"
            )
        self._script = script

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load Whisper base int8 in about 1 s; 300 MB of memory.

        Options: compute_type, cpu_threads, device, beam_size, script (of Mandarin: simplified or
        traditional), languages (those the user speaks, preferred where a clip leaves doubt).
        """
        options = context.options
        model = WhisperModel(
            str(context.weights()),
            device=options.get("device", "cpu"),
            compute_type=options.get("compute_type", "int8"),
            cpu_threads=options.get("cpu_threads", 2),
            local_files_only=True,
        )
        return cls(
            model,
            context.engine("voice_detector"),
            beam_size=options.get("beam_size", 5),
            script=options.get("script", "simplified"),
            languages=tuple(options.get("languages", ("en", "zh"))),
        )

    def transcribe(
        self, audio: Audio, options: Options = DEFAULT_OPTIONS, cancel: Cancel | None = None
    ) -> Transcript:
        """The joined stream of one recording; empty text when nobody speaks.

        Raises:
            Cancelled, DeadlineExceeded, EngineError, SettingsError
        """
        chunk = AudioChunk(samples=audio.samples, rate=audio.rate, start=0.0)
        *_, final = self.stream([chunk], options, cancel)
        return final

    def stream(
        self,
        chunks: Iterable[AudioChunk],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[Transcript]:
        """Yield partial transcripts while sound arrives, then the final one.

        Raises:
            Cancelled, DeadlineExceeded, EngineError, SettingsError
        """
        language = base(options.language) if options.language else None
        if language and language not in self._model.supported_languages:
            raise SettingsError(
                f"Whisper does not know the language {options.language!r}",
                fix="leave it out to have it detected",
            )
        hearing = _Hearing(engine=self, options=options, cancel=cancel, language=language)
        try:
            for samples in resampled_blocks(((c.samples, c.rate) for c in chunks), HEARING_RATE):
                yield from hearing.hear(samples)
            yield from hearing.finish()
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Whisper failed: {error}", fix="try another recording") from error

    def language(self, samples: Float32) -> str:
        """The language spoken in up to 30 s, among the usual ones where it leaves doubt.

        Encodes only the sound itself and a little padding, which is several times faster than
        Whisper's full window of 30 s and finds the same languages.
        """
        features = self._model.feature_extractor(samples[: 30 * HEARING_RATE])[..., :2800]
        padded = np.pad(features, ((0, 0), (0, 200)))
        found = self._model.model.detect_language(self._model.encode(padded))[0]
        probabilities = {token[2:-2]: probability for token, probability in found}
        best = max(probabilities, key=probabilities.__getitem__)
        if probabilities[best] >= 0.7 or not self._usual:
            return str(best)
        return max(self._usual, key=lambda name: probabilities.get(name, 0.0))

    def segments(
        self, samples: Float32, language: str, options: Options, *, partial: bool
    ) -> Iterator[Any]:
        """faster-whisper's own segments of speech without long silences."""
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            task="translate" if options.translate else "transcribe",
            beam_size=1 if partial else self._beam_size,
            temperature=0.0 if partial else _TEMPERATURES,
            word_timestamps=options.words and not partial,
        )
        yield from segments

    def written(self, text: str, language: str) -> str:
        """Mandarin in the chosen script, with its own punctuation."""
        if language != "zh":
            return text
        text = re.sub(r"(?<=[\u3400-\u9fff])[,?!:;]", lambda m: m[0].translate(_FULL_WIDTH), text)
        text = re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "，", text)
        return str(self._scripts[self._script](text))


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

    engine: FasterWhisper
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
            sound = np.concatenate(self.waiting)
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
        spoken = stretches(
            self.engine.detector.probabilities(block), pause=0.1, margin=0.0, shortest=0.0
        )
        edges = [0.0, *(t for s in spoken for t in (s.start, s.end)), block.duration]
        silences = list(zip(edges[::2], edges[1::2], strict=True))
        start, end = max(silences, key=lambda s: s[1] - s[0])
        return half + int((start + end) / 2 * HEARING_RATE)

    def _work(self, sound: Float32, *, partial: bool) -> Iterator[_Heard]:
        """The believed segments of a block, times counted from the stream's start."""
        peak = float(np.abs(sound).max(initial=0.0))
        if 0 < peak < _QUIET:
            sound = sound * np.float32(0.5 / peak)
        probabilities = self.engine.detector.probabilities(Audio(samples=sound, rate=HEARING_RATE))
        found = stretches(probabilities, pause=_PAUSE_S, margin=_MARGIN_S, shortest=_SHORTEST_S)
        if not found:
            return
        spans = [
            {
                "start": int(s.start * HEARING_RATE),
                "end": min(len(sound), int(s.end * HEARING_RATE)),
            }
            for s in found
        ]
        spoken = np.concatenate([sound[s["start"] : s["end"]] for s in spans])
        language = self.language or self.engine.language(spoken)
        segments = self.engine.segments(spoken, language, self.options, partial=partial)
        for segment in restore_speech_timestamps(segments, spans, HEARING_RATE):
            self._check()
            segment.end = min(segment.end, len(sound) / HEARING_RATE)  # Whisper rounds up
            heard = self._believed(segment, probabilities, language)
            if heard is not None:
                yield heard

    def _believed(self, segment: Any, probabilities: Float32, language: str) -> _Heard | None:
        first = max(0, int((segment.start - _NEAR_S) / FRAME_S))
        near = probabilities[first : int((segment.end + _NEAR_S) / FRAME_S) + 1]
        evidence = Evidence(
            voiced=voiced(near),
            peak=float(near.max(initial=0.0)),
            no_speech=segment.no_speech_prob,
            log_probability=segment.avg_logprob,
            compression=segment.compression_ratio,
        )
        text = without_sounds(segment.text)
        if not believable(text, evidence):
            return None
        written = "en" if self.options.translate else language
        words = tuple(
            Word(
                text=self.engine.written(word.word, written).strip(),
                start=round(self.offset + word.start, 2),
                end=round(self.offset + word.end, 2),
                confidence=word.probability,
            )
            for word in segment.words or ()
        )
        return _Heard(
            segment=Segment(
                text=self.engine.written(text, written),
                start=round(self.offset + segment.start, 2),
                end=round(self.offset + segment.end, 2),
            ),
            words=words,
            language=language,
            log_probability=segment.avg_logprob,
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
