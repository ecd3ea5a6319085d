"""Whisper through faster-whisper (CTranslate2), with a voice detector in front.

An utterance is encoded with a few seconds of padding instead of Whisper's full window of 30 s,
which is several times faster. The padding is silence, as Whisper was trained with it, not the
zeros that faster-whisper takes: with those a short window loops at the end now and then. What
looks like a loop, or is unlikely, is decoded again with more padding or over the full window.
Long sound is cut in silences into pieces of one window each, several of them decoded together.
Weights: a folder with a CTranslate2 conversion; no model hub is ever asked.
"""

from __future__ import annotations

import itertools
import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from assistant.audio import HEARING_RATE
from assistant.errors import EngineError
from assistant.interfaces import (
    DEFAULT_OPTIONS,
    Cancel,
    EngineContext,
    Float32,
    Options,
    VoiceDetector,
)
from assistant.listening import PIECE_S, Said, Script, known_language, likeliest, listen, moved
from assistant.types import Audio, AudioChunk, Transcript, Word
from assistant.voiced import Stretch, pieces

_PADDING = 500  # frames of 10 ms after an utterance; 200 to 300 loop now and then
_WIDER = 1000  # the same for a second look that has to be quick
_BRIEF_S = 1.5  # s, of a word or two over a reply, which has to be understood at once
_SHORT_S = 24.0  # s; longer utterances gain nothing from a short window
_TOGETHER = 4  # pieces decoded at once; after the first, which is soon to be shown
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own, tried in turn when decoding fails
_REPETITIVE = 2.4  # compression ratio at which Whisper itself calls a decoding failed
_UNLIKELY = -0.55  # mean log probability under which the full window heard better
_HOPELESS = -1.0  # the same for one piece of many: Whisper's own (Radford et al. 2022)
_FASTEST = 30.0  # characters a second; nobody speaks faster
_LOOP = re.compile(r"(.{2,40}?)\1{3,}", re.DOTALL)


def silent(features: Float32) -> Float32:
    """Log-mel features, [80, n] or [pieces, 80, n], whose padding of zeros is silence instead."""
    cut: Float32 = np.array(features)
    for piece in cut.reshape(-1, *cut.shape[-2:]):
        zeros = ~piece.any(axis=0)
        if not zeros.all():
            piece[:, zeros] = piece[:, ~zeros].min()
    return cut


class ShortContext(WhisperModel):  # type: ignore[misc]
    """Whisper whose encoder sees the sound and a little padding. Several threads may use it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._own = threading.local()

    @contextmanager
    def padded(self, padding: int | None) -> Iterator[None]:
        """This thread's calls meanwhile pad by so many frames; None: to the full window."""
        self._own.padding = padding
        try:
            yield
        finally:
            self._own.padding = _PADDING

    def encode(self, features: Float32) -> Any:
        """The encoder's output; the last one of a thread is kept, to find the language first."""
        cut, padding = features, getattr(self._own, "padding", _PADDING)
        if padding is not None:
            length = features.shape[-1]  # of [80, n], or [pieces, 80, n]
            filled = np.flatnonzero(features.reshape(-1, length).any(axis=0))  # zeros are padding
            content = int(filled[-1]) + 1 if len(filled) else 0
            length = min(length, content + padding + (content + padding) % 2)
            cut = silent(features[..., :length])
        kept = getattr(self._own, "kept", None)
        if kept is not None and np.array_equal(kept[0], cut):
            return kept[1]
        output = super().encode(cut)
        self._own.kept = (cut, output)
        return output


class FasterWhisper:
    """A transcriber. Stops after at most four pieces of 25 s: about 10 s of work on 2 cores."""

    name: ClassVar[str] = "faster-whisper"

    def __init__(
        self,
        model: ShortContext,
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
        self._script = Script(script)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load Whisper base int8 in about 1 s; 300 MB of memory.

        Options: compute_type, cpu_threads, device, beam_size, script (of Mandarin: simplified or
        traditional), languages (those the user speaks, preferred where a clip leaves doubt).
        """
        options = context.options
        model = ShortContext(
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
        language = known_language(options.language, self._model.supported_languages)
        try:
            yield from listen(self, chunks, options, cancel, language)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Whisper failed: {error}", fix="try another recording") from error

    def language(self, samples: Float32) -> str:
        """The language spoken in up to 30 s, among the usual ones where it leaves doubt.

        Decoding the same sound afterwards finds it encoded already.
        """
        features = self._model.feature_extractor(samples)[..., :-1][..., :3000]
        padded = np.pad(features, ((0, 0), (0, 3000 - features.shape[1])))
        found = self._model.model.detect_language(self._model.encode(padded))[0]
        probabilities = {token[2:-2]: probability for token, probability in found}
        return likeliest(probabilities, self._usual)

    def segments(
        self,
        samples: Float32,
        language: str,
        options: Options,
        *,
        partial: bool,
        check: Callable[[], None],
    ) -> Iterator[Said]:
        """Yield the segments of speech without long silences."""
        seconds = len(samples) / HEARING_RATE
        if seconds > _SHORT_S:
            yield from self._long(samples, language, options, partial=partial)
            return
        # A short window translates worse. Where somebody waits, what is in doubt is decoded with
        # more padding, and doubt that is left is told instead of decoding the full window.
        widths = () if options.translate else (_PADDING, _WIDER) if options.quick else (_PADDING,)
        for padding in widths:
            with self._model.padded(padding):
                segments = self._decoded(samples, language, options, partial=partial, once=True)
                found = list(segments)
            hurried = options.quick and seconds < _BRIEF_S  # a few syllables are always unlikely
            likely = -math.inf if partial or hurried or padding == _WIDER else _UNLIKELY
            if not failed(found, seconds, likely):
                yield from found
                return
            check()
        once = partial or options.quick  # another temperature costs as much again
        segments = self._decoded(samples, language, options, partial=partial, once=once)
        while True:
            # Around each step, so that a caller who stops midway leaves no thread slow for good.
            with self._model.padded(None):
                segment = next(segments, None)
            if segment is None:
                return
            yield segment

    def _long(
        self, samples: Float32, language: str, options: Options, *, partial: bool
    ) -> Iterator[Said]:
        """The segments of sound in pieces, those that failed decoded again by themselves."""
        seconds = len(samples) / HEARING_RATE
        sound = Audio(samples=samples, rate=HEARING_RATE)
        cut = pieces(self.detector.probabilities(sound), seconds, PIECE_S)
        starts = [0, *range(1, len(cut), _TOGETHER)]
        for first, after in itertools.zip_longest(starts, starts[1:]):
            group = cut[first:after]
            decoded = self._together(samples, group, language, options, partial=partial)
            for piece, found in zip(group, decoded, strict=True):
                if not failed(found, piece.end - piece.start, _HOPELESS):
                    yield from found
                    continue
                part = samples[int(piece.start * HEARING_RATE) : int(piece.end * HEARING_RATE)]
                with self._model.padded(None):
                    again = self._decoded(part, language, options, partial=partial, once=partial)
                    found = [moved(said, piece.start) for said in again]
                yield from found

    def _together(
        self,
        samples: Float32,
        group: Sequence[Stretch],
        language: str,
        options: Options,
        *,
        partial: bool,
    ) -> list[list[Said]]:
        """The segments of each piece, all decoded at once."""
        with self._model.padded(None if options.translate else _PADDING):
            segments, _ = BatchedInferencePipeline(self._model).transcribe(
                samples,
                language=language,
                task="translate" if options.translate else "transcribe",
                beam_size=1 if partial else self._beam_size,
                temperature=0.0,
                word_timestamps=options.words and not partial,
                without_timestamps=False,
                clip_timestamps=[{"start": piece.start, "end": piece.end} for piece in group],
                batch_size=len(group),
            )
            found: dict[int, list[Said]] = {}
            for segment in segments:
                found.setdefault(segment.seek, []).append(_said(segment))
        frames = self._model.frames_per_second
        keys = [int(int(piece.start * HEARING_RATE) / HEARING_RATE * frames) for piece in group]
        return [found.get(key, []) for key in keys]

    def _decoded(
        self, samples: Float32, language: str, options: Options, *, partial: bool, once: bool
    ) -> Iterator[Said]:
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            task="translate" if options.translate else "transcribe",
            beam_size=1 if partial else self._beam_size,
            temperature=0.0 if once else _TEMPERATURES,
            word_timestamps=options.words and not partial,
        )
        yield from map(_said, segments)

    def written(self, text: str, language: str) -> str:
        """Mandarin in the chosen script, with its own punctuation."""
        return self._script.written(text, language)


def failed(segments: list[Said], seconds: float, likely: float) -> bool:
    """Whether a decoding is worth another one: it repeats itself, is unlikely, says too much.

    `likely` is the least mean log probability of a segment that is not.
    """
    if any(s.compression > _REPETITIVE or s.log_probability < likely for s in segments):
        return True
    text = "".join(segment.text for segment in segments)
    return len(text) > _FASTEST * seconds + 10 or _LOOP.search(text) is not None


def _said(segment: Any) -> Said:
    return Said(
        text=segment.text,
        start=segment.start,
        end=segment.end,
        no_speech=segment.no_speech_prob,
        log_probability=segment.avg_logprob,
        compression=segment.compression_ratio,
        words=tuple(
            Word(
                text=w.word,
                start=float(w.start),
                end=float(w.end),
                confidence=float(w.probability),
            )
            for w in segment.words or ()
        ),
    )
