"""Piper: a VITS voice per file, fast enough for a small computer (GPL-3, extra `voices`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import ClassVar, Self

import numpy as np
from piper import AudioChunk, PiperVoice, SynthesisConfig

from assistant.errors import EngineError, WeightsMissing
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options, Voice
from assistant.languages import sentences
from assistant.types import Audio, SpokenChunk, Word

# Length scales, and the time that ten sentences took with them as a share of that at 1: each
# phoneme takes whole frames, at least one, so that the model does not shorten all of it.
_SCALES = (1 / 3, 1 / 2, 1.0, 2.0)
_SHARES = (0.541, 0.645, 1.0, 1.72)
_SLOWEST = _SCALES[-1] + (2.0 - _SHARES[-1]) * (_SCALES[-1] - 1) / (_SHARES[-1] - 1)
_VOLUME = 1.5  # this engine's voices peak near 0.5; a peak near 0.75 leaves room


class Piper:
    """A synthesizer. Stops within one sentence of work: about 0.1 s a second of speech."""

    name: ClassVar[str] = "piper"
    rates: ClassVar[tuple[float, float]] = (0.5, 1.85)  # of `_SHARES`; beyond, its pitch rises

    def __init__(self, voice: PiperVoice, name: str, language: str) -> None:
        self._voice = voice
        self._offered = Voice(name=name, languages=(language,), engine=self.name)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the one voice in the weights' folder; about 1 s.

        Raises:
            WeightsMissing: the folder holds no voice.
        """
        folder = context.weights()
        found = sorted(folder.glob("*.onnx"))
        if not found:
            raise WeightsMissing(
                f"there is no Piper voice in {folder}", fix="assistant models pull"
            )
        # With alignments the voice tells how long each phoneme is: its durations become an
        # output of the model in memory, where the package `onnx` is there.
        voice = PiperVoice.load(found[0], download_dir=folder, include_alignments=True)
        # The file is named after language, speaker and quality: en_US-joe-medium.
        language, _, speaker = found[0].stem.partition("-")
        return cls(voice, speaker.partition("-")[0] or found[0].stem, language.replace("_", "-"))

    def voices(self) -> tuple[Voice, ...]:
        return (self._offered,)

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield a chunk a sentence; `options.rate` is kept between 0.5 and 1.85.

        Raises:
            Cancelled, EngineError
        """
        slowest, fastest = self.rates
        rate = min(max(options.rate, slowest), fastest)
        settings = SynthesisConfig(
            length_scale=self._voice.config.length_scale * _length_scale(rate),
            normalize_audio=False,  # else every sentence has another loudness
            volume=_VOLUME,
        )
        for text in texts:
            for sentence in sentences(text):
                yield from self._sentence(sentence, settings, cancel)

    def _sentence(
        self, text: str, settings: SynthesisConfig, cancel: Cancel | None
    ) -> Iterator[SpokenChunk]:
        # Piper reads [[...]] as phonemes; a text that holds it means its characters.
        plain = re.sub(r"\[\[|\]\]", " ", text)
        pieces = iter(self._voice.synthesize(plain, settings, include_alignments=True))
        written = text
        while True:
            if cancel is not None:
                cancel.check()
            try:
                piece = next(pieces, None)
            except (RuntimeError, ValueError, LookupError) as error:
                raise EngineError(
                    f"Piper cannot speak {text!r}: {error}", fix="try another voice"
                ) from error
            if piece is None:
                return
            samples = np.asarray(piece.audio_float_array, np.float32)
            words = self._words(written, piece)
            yield SpokenChunk(
                audio=Audio(samples=samples, rate=piece.sample_rate),
                text=written,
                words=words,
                timing="exact" if words else "estimated",
            )
            written = ""  # a sentence that Piper cuts further has its words on its first piece

    def _words(self, text: str, piece: AudioChunk) -> tuple[Word, ...]:
        """When each word of a text sounds, by the lengths of its phonemes; () if unknown.

        Spoken together words run into one another ("of the" has no gap), so each word is
        turned into phonemes alone and found again in those of the whole.
        """
        aligned = piece.phoneme_alignments
        words = text.split()
        if not aligned or not words:
            return ()
        ends = np.cumsum([each.num_samples for each in aligned]) / piece.sample_rate
        whole = [each.phoneme for each in aligned]
        alone: list[str] = []
        spans = []
        for word in words:
            phonemes = [p for sentence in self._voice.phonemize(word) for p in sentence]
            spans.append((len(alone), len(alone) + len(phonemes)))
            alone += [*phonemes, " "]
        place: dict[int, int] = {}
        matcher = SequenceMatcher(None, alone, whole, autojunk=False)
        for block in matcher.get_matching_blocks():
            place |= {block.a + n: block.b + n for n in range(block.size)}
        found: list[Word] = []
        for word, (first, last) in zip(words, spans, strict=True):
            own = [place[n] for n in range(first, last) if n in place and alone[n].isalpha()]
            if not own:
                if re.search(r"\w", word):
                    return ()
                continue
            start, end = _group(whole, own[0], own[-1])
            began = float(ends[start - 1]) if start else 0.0
            if found:  # where two words have grown together they meet between them
                began = max(began, found[-1].end)
            found.append(Word(text=word, start=began, end=max(began, float(ends[end]))))
        return tuple(found)


def _length_scale(rate: float) -> float:
    """The model's length scale at which speech is `rate` times as fast."""
    return float(np.interp(1 / rate, (*_SHARES, 2.0), (*_SCALES, _SLOWEST)))


def _group(phonemes: list[str], first: int, last: int) -> tuple[int, int]:
    """A word's phonemes with their stress and length marks, and vowels that changed."""
    while first > 0 and phonemes[first - 1] not in " ^" and not phonemes[first - 1].isalpha():
        first -= 1
    while last + 1 < len(phonemes) and phonemes[last + 1] in "ːˑ̩̃":
        last += 1
    return first, last
