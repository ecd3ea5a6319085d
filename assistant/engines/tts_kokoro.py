"""Kokoro-82M: natural voices in several languages, Mandarin among them (extra `voices`).

Mandarin becomes phonemes through misaki's Chinese G2P, all other languages through
espeak-ng's (GPL-3, in kokoro-onnx). With espeak-ng's Mandarin phonemes the same voices
cannot be understood, so there is no such fallback.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import platformdirs
from kokoro_onnx import Kokoro as KokoroOnnx

from assistant.errors import EngineError, InputError, WeightsMissing
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Float32, Options, Voice
from assistant.languages import base, language_of, sentences
from assistant.types import Audio, SpokenChunk

# The first letter of a voice's name is its language; espeak-ng's name for its phonemes.
_LANGUAGES = {
    "a": ("en-US", "en-us"),
    "b": ("en-GB", "en-gb"),
    "e": ("es", "es"),
    "f": ("fr", "fr-fr"),
    "h": ("hi", "hi"),
    "i": ("it", "it"),
    "p": ("pt-BR", "pt-br"),
    "z": ("zh", "en-us"),  # Latin words within Chinese are read as English
    "j": ("ja", "en-us"),
}
_ENGLISH, _CHINESE = "af_heart", "zf_xiaoxiao"
_JAPANESE = "jm_kumo"  # speaks both of them, where only the Japanese voices are there
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]+")


class Kokoro:
    """A synthesizer. Stops within one sentence of work: about half as long as its speech."""

    name: ClassVar[str] = "kokoro"
    rates: ClassVar[tuple[float, float]] = (1.0, 1.0)  # stretched speech is clearer than its own

    def __init__(self, model: KokoroOnnx, styles: dict[str, Float32], chinese: Any) -> None:
        self._model = model
        self._styles = styles  # [510, 1, 256] each: one style a number of phonemes
        self._chinese = chinese

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the model, all voices and the Chinese dictionary; 2 s, 450 MB of memory.

        Raises:
            WeightsMissing: the model or every set of voices is missing.
        """
        from misaki.zh import ZHG2P

        model = _model(context.weights() / "kokoro-v1.0.int8.onnx")
        _prepare_jieba()
        return cls(model, _styles(context), ZHG2P())

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(name=name, languages=self._languages(name), engine=self.name)
            for name in sorted(self._styles)
            if self._languages(name)
        )

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield a chunk a sentence, at the voice's own speed whatever `options.rate` is.

        Raises:
            InputError: there is no such voice.
            Cancelled, EngineError
        """
        slowest, fastest = self.rates
        speed = min(max(options.rate, slowest), fastest)
        for text in texts:
            voice = self._voice(options, text)
            for sentence in sentences(text):
                if cancel is not None:
                    cancel.check()
                phonemes = self._phonemes(sentence, voice)
                if not phonemes.strip(' .,!?;:—…"()“”'):
                    continue
                try:
                    samples, rate = self._model.create(
                        phonemes, self._styles[voice], speed=speed, is_phonemes=True
                    )
                except (RuntimeError, ValueError, IndexError) as error:
                    raise EngineError(
                        f"Kokoro cannot speak {sentence!r}: {error}", fix="try another voice"
                    ) from error
                audio = Audio(samples=np.asarray(samples, np.float32), rate=rate)
                yield SpokenChunk(audio=audio, text=sentence)

    def _languages(self, voice: str) -> tuple[str, ...]:
        if voice[0] == "j":  # its own language would need another phonemizer
            return ("zh", "en-US") if voice == _JAPANESE else ()
        return (_LANGUAGES[voice[0]][0],) if voice[0] in _LANGUAGES else ()

    def _voice(self, options: Options, text: str) -> str:
        if options.voice is not None:
            if options.voice not in self._styles:
                raise InputError(
                    f"Kokoro has no voice {options.voice!r}", fix="assistant speak --list-voices"
                )
            return options.voice
        language = base(options.language or language_of(text))
        usual = {"zh": _CHINESE, "en": _ENGLISH}.get(language)
        if usual in self._styles:
            return usual
        for name in sorted(self._styles):
            if language in map(base, self._languages(name)):
                return name
        return _JAPANESE if _JAPANESE in self._styles else next(iter(self._styles))

    def _phonemes(self, text: str, voice: str) -> str:
        """Han runs through misaki, everything else through espeak-ng."""
        other = _LANGUAGES.get(voice[0], ("", "en-us"))[1]
        phonemes: list[str] = []
        at = 0
        for run in [*_HAN_RUN.finditer(text), None]:
            between = text[at : run.start() if run else len(text)]
            if re.search(r"\w", between):
                phonemes.append(self._model.tokenizer.phonemize(between, other))
            elif between.strip():
                phonemes.append(between.strip())
            if run:
                phonemes.append(self._chinese(run[0])[0])
                at = run.end()
        return " ".join(phonemes)


def _model(path: Path) -> KokoroOnnx:
    """The model without voices: those are passed with each call."""
    logging.getLogger("kokoro_onnx").setLevel(logging.ERROR)
    logging.getLogger("phonemizer").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        none = Path(folder) / "voices.npy"
        np.save(none, np.zeros(0, np.float32))
        return KokoroOnnx(str(path), str(none))


def _styles(context: EngineContext) -> dict[str, Float32]:
    try:
        files = sorted(context.weights("kokoro-voices").glob("*.bin"))
        return {p.stem: np.fromfile(p, np.float32).reshape(510, 1, 256) for p in files}
    except WeightsMissing:
        path = context.weights("kokoro-voices-ja") / "voices_ja.npz"
        with np.load(path, allow_pickle=False) as voices:
            return {name: voices[name] for name in voices.files}


def _prepare_jieba() -> None:
    """Keep jieba quiet, and its cache (a marshalled file) out of the shared /tmp."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    folder = platformdirs.user_cache_path("assistant") / "jieba"
    folder.mkdir(parents=True, exist_ok=True)
    jieba.dt.tmp_dir = str(folder)
    jieba.initialize()
