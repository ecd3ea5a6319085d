"""Whisper through faster-whisper (CTranslate2), with a voice detector in front.

An utterance is encoded with a few seconds of padding instead of Whisper's full window of 30 s,
which is several times faster. The padding is silence, as Whisper was trained with it, not the
zeros that faster-whisper takes: with those a short window loops at the end now and then. What
looks like a loop, or is unlikely, is decoded again over the full window; of two decodings the
second has to be clearly likelier, since the full window is a little surer of the same words.
Long sound goes through Whisper's own sliding window, which goes on where a decoding stopped early,
and is conditioned on the text before. Pieces decoded together (`BatchedInferencePipeline`) are each
decoded once: what comes after such a stop is lost, sentences of it.
Weights: a folder with a CTranslate2 conversion; no model hub is ever asked.
"""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from faster_whisper import WhisperModel

from assistant.audio import HEARING_RATE
from assistant.interfaces import EngineContext, Float32, Options
from assistant.listening import Said
from assistant.transcribing import TEMPERATURES, WhisperTranscriber, likeliest
from assistant.types import Word

_PADDING = 500  # frames of 10 ms after an utterance; 200 to 300 loop now and then
_WIDER = 1000  # the same for a second look that has to be quick
_BRIEF_S = 1.5  # s, of a word or two over a reply, which has to be understood at once
_SHORT_S = 24.0  # s; longer utterances gain nothing from a short window
_REPETITIVE = 2.4  # compression ratio at which Whisper itself calls a decoding failed
_UNLIKELY = -0.55  # mean log probability under which a second decoding is tried
_SURER = 0.15  # of mean log probability, by which a second decoding has to be likelier
_FASTEST = 30.0  # characters a second; nobody speaks faster
_LOOP = re.compile(r"(.{2,40}?)\1{3,}", re.DOTALL)


def silent(features: Float32) -> Float32:
    """Log-mel features, [80, n], whose padding of zeros is silence instead."""
    zeros = ~features.any(axis=0)
    cut: Float32 = np.array(features)
    if not zeros.all():
        cut[:, zeros] = cut[:, ~zeros].min()
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
            filled = np.flatnonzero(features.any(axis=0))  # zeros are padding
            content = int(filled[-1]) + 1 if len(filled) else 0
            length = content + padding + (content + padding) % 2
            cut = silent(features[:, :length])
        kept = getattr(self._own, "kept", None)
        if kept is not None and np.array_equal(kept[0], cut):
            return kept[1]
        output = super().encode(cut)
        self._own.kept = (cut, output)
        return output


class FasterWhisper(WhisperTranscriber[ShortContext]):
    """A transcriber. Stops after at most one window of 30 s: 2 to 6 s of work on 2 cores."""

    name: ClassVar[str] = "faster-whisper"

    @classmethod
    def opened(cls, context: EngineContext) -> ShortContext:
        """Whisper base int8 loads in about 1 s and takes 300 MB of memory.

        Options: compute_type, cpu_threads, device.
        """
        # oneDNN keeps code for each length of sound that it has met: 1 MB a request.
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
        return ShortContext(
            str(context.weights()),
            device=context.options.get("device", "cpu"),
            compute_type=context.options.get("compute_type", "int8"),
            cpu_threads=context.options.get("cpu_threads", 2),
            local_files_only=True,
        )

    @property
    def supported(self) -> Collection[str]:
        """The languages that the model knows."""
        known: list[str] = self._model.supported_languages
        return known

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
        long = seconds > _SHORT_S
        # A short window translates worse. Where somebody waits, the second look is a quick one.
        widths = (_PADDING, _WIDER) if options.quick else (_PADDING,)
        best: list[Said] | None = None  # the likeliest decoding that is no failure
        for padding in () if long or options.translate else widths:
            with self._model.padded(padding):
                segments = self._decoded(samples, language, options, partial=partial, once=True)
                best = likelier(best, list(segments), seconds)
            hurried = options.quick and seconds < _BRIEF_S  # a few syllables are always unlikely
            final = partial or hurried or padding == _WIDER
            if best is not None and not failed(best, seconds, -math.inf if final else _UNLIKELY):
                yield from best
                return
            check()
        once = partial or options.quick  # another temperature costs as much again
        segments = self._decoded(samples, language, options, partial=partial, once=once)
        if best is not None:
            with self._model.padded(None):
                found = list(segments)
            yield from likelier(best, found, seconds) or best
            return
        last = _PADDING if long and not options.translate else None  # after the last window
        while True:
            # Around each step, so that a caller who stops midway leaves no thread slow for good.
            with self._model.padded(last):
                segment = next(segments, None)
            if segment is None:
                return
            yield segment

    def _decoded(
        self, samples: Float32, language: str, options: Options, *, partial: bool, once: bool
    ) -> Iterator[Said]:
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            task="translate" if options.translate else "transcribe",
            beam_size=1 if partial else self._beam_size,
            temperature=0.0 if once else TEMPERATURES,
            condition_on_previous_text=not once,  # a loop that nothing mends would go on
            word_timestamps=options.words and not partial,
        )
        yield from map(_said, segments)


def likelier(best: list[Said] | None, found: list[Said], seconds: float) -> list[Said] | None:
    """The decoding to keep: the one before, unless another is clearly likelier and no failure."""
    if failed(found, seconds, -math.inf):
        return best
    if best is None or _likely(found) >= _likely(best) + _SURER:
        return found
    return best


def _likely(segments: list[Said]) -> float:
    return min((segment.log_probability for segment in segments), default=-math.inf)


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
