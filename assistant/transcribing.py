"""What transcribers of the Whisper family share: languages, scripts, one recording as a stream."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Generic, Self, TypeVar

from assistant.errors import EngineError, SettingsError
from assistant.interfaces import (
    DEFAULT_OPTIONS,
    Cancel,
    EngineContext,
    Float32,
    Options,
    VoiceDetector,
)
from assistant.languages import base
from assistant.listening import Said, listen
from assistant.types import Audio, AudioChunk, Transcript

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own, tried in turn when decoding fails
_DOUBT = 0.7  # probability of the best language under which the user's own ones are preferred
_FULL_WIDTH = str.maketrans(",?!:;", "，？！：；")

Model = TypeVar("Model")


class WhisperTranscriber(ABC, Generic[Model]):
    """A transcriber around a model that hears segments; engines say how they hear."""

    def __init__(
        self,
        model: Model,
        detector: VoiceDetector,
        *,
        beam_size: int = 5,
        script: str = "simplified",
        languages: Sequence[str] = ("en", "zh"),
    ) -> None:
        self._model = model
        self.detector = detector
        self._beam_size = beam_size
        self._usual = tuple(languages)
        self._script = Script(script)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the model and the profile's voice detector.

        Options beside the model's own: beam_size, script (of Mandarin: simplified or
        traditional), languages (those the user speaks, preferred where a clip leaves doubt).
        """
        chosen = {
            name: context.options[name]
            for name in ("beam_size", "script", "languages")
            if name in context.options
        }
        return cls(cls.opened(context), context.engine("voice_detector"), **chosen)

    @classmethod
    @abstractmethod
    def opened(cls, context: EngineContext) -> Model:
        """The model of the context's weights and options."""

    @property
    @abstractmethod
    def supported(self) -> Collection[str]:
        """The languages that the model knows."""

    @abstractmethod
    def language(self, samples: Float32) -> str:
        """The language spoken in up to 30 s at 16 kHz, as `likeliest` finds it."""

    @abstractmethod
    def segments(
        self,
        samples: Float32,
        language: str,
        options: Options,
        *,
        partial: bool,
        check: Callable[[], None],
    ) -> Iterator[Said]:
        """Yield the segments of speech without long silences; see `Recogniser`."""

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
        language = known_language(options.language, self.supported)
        try:
            yield from listen(self, chunks, options, cancel, language)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Whisper failed: {error}", fix="try another recording") from error

    def written(self, text: str, language: str) -> str:
        """Mandarin in the chosen script, with its own punctuation."""
        return self._script.written(text, language)


class Script:
    """Mandarin in the chosen script, with its own punctuation.

    Whisper mixes both scripts, even in one sentence: first all into one, then back.
    """

    def __init__(self, script: str) -> None:
        """`script` is simplified or traditional.

        Raises:
            SettingsError: it is neither.
        """
        from opencc import OpenCC

        traditional, simplified = OpenCC("s2tw").convert, OpenCC("tw2s").convert
        scripts = {
            "simplified": lambda text: simplified(traditional(text)),
            "traditional": traditional,
        }
        if script not in scripts:
            raise SettingsError(
                f"there is no Chinese script {script!r}", fix="use simplified or traditional"
            )
        self._convert = scripts[script]

    def written(self, text: str, language: str) -> str:
        """The text; other languages than Mandarin stay as they are."""
        if language != "zh":
            return text
        text = re.sub(r"(?<=[\u3400-\u9fff])[,?!:;]", lambda m: m[0].translate(_FULL_WIDTH), text)
        text = re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "，", text)
        return str(self._convert(text))


def known_language(asked: str | None, supported: Iterable[str]) -> str | None:
    """The asked language as Whisper writes it; None to have it detected.

    Raises:
        SettingsError: the model does not know it.
    """
    language = base(asked) if asked else None
    if language and language not in supported:
        raise SettingsError(
            f"Whisper does not know the language {asked!r}", fix="leave it out to have it detected"
        )
    return language


def likeliest(probabilities: Mapping[str, float], usual: Sequence[str]) -> str:
    """The language of these probabilities, among the user's own ones where they leave doubt."""
    best = max(probabilities, key=probabilities.__getitem__)
    if probabilities[best] >= _DOUBT or not usual:
        return best
    return max(usual, key=lambda name: probabilities.get(name, 0.0))
