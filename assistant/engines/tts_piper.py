"""Piper: a VITS voice per file, fast enough for a small computer (GPL-3, extra `voices`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

import numpy as np
from piper import PiperVoice, SynthesisConfig

from assistant.errors import EngineError, WeightsMissing
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options, Voice
from assistant.languages import sentences
from assistant.types import Audio, SpokenChunk

_VOLUME = 1.5  # this engine's voices peak near 0.5; a peak near 0.75 leaves room


class Piper:
    """A synthesizer. Stops within one sentence of work: about 0.1 s a second of speech."""

    name: ClassVar[str] = "piper"
    rates: ClassVar[tuple[float, float]] = (0.5, 3.0)  # still understood, see docs/hearing.md

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
        voice = PiperVoice.load(found[0], download_dir=folder)
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
        """Yield a chunk a sentence; `options.rate` is kept between 0.5 and 3.

        Raises:
            Cancelled, EngineError
        """
        slowest, fastest = self.rates
        rate = min(max(options.rate, slowest), fastest)
        settings = SynthesisConfig(
            length_scale=self._voice.config.length_scale / rate,
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
        pieces = iter(self._voice.synthesize(re.sub(r"\[\[|\]\]", " ", text), settings))
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
            yield SpokenChunk(audio=Audio(samples=samples, rate=piece.sample_rate), text=written)
            written = ""  # a sentence that Piper cuts further has its words on its first piece
