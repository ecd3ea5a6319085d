"""Whisper through openai-whisper, the reference implementation, with a voice detector in front.

Every utterance is encoded over Whisper's full window of 30 s, so it is several times slower
than faster-whisper; its worth is that it reads OpenAI's own checkpoints and is what other
implementations are compared with.
Weights: a folder with one checkpoint, `NAME.pt`; nothing is ever downloaded by this engine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, ClassVar

import torch
import whisper
from whisper.audio import N_FRAMES, N_SAMPLES, log_mel_spectrogram, pad_or_trim
from whisper.model import AudioEncoder
from whisper.tokenizer import LANGUAGES

from assistant.errors import WeightsCorrupt, WeightsMissing
from assistant.interfaces import EngineContext, Float32, Options
from assistant.listening import Said
from assistant.transcribing import TEMPERATURES, WhisperTranscriber, likeliest
from assistant.types import Word

# torch's threads wait busily for each other: beside other work, 2 on 2 cores took 20 s, 1 took 3 s.
_THREADS = 1
_BEST_OF = 5  # of them sampled at each temperature over zero; the command line's own


class Remembering(AudioEncoder):  # type: ignore[misc]
    """An encoder that keeps its last output.

    Finding the language, decoding, decoding again and finding word times ask for the same one.
    """

    kept: tuple[torch.Tensor, torch.Tensor] | None = None

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """float [n, mels, 3000] -> float [n, 1500, width]"""
        if self.kept is None or not torch.equal(self.kept[0], mel):
            self.kept = (mel, super().forward(mel))
        return self.kept[1]


class Interruptible(whisper.Whisper):  # type: ignore[misc]
    """Whisper that asks before each decoding of a window whether it is still wanted."""

    check: Callable[[], None] | None = None

    def __init__(self, dims: whisper.ModelDimensions) -> None:
        super().__init__(dims)
        audio = (dims.n_audio_ctx, dims.n_audio_state, dims.n_audio_head, dims.n_audio_layer)
        self.encoder = Remembering(dims.n_mels, *audio)
        self.one_at_a_time = threading.Lock()

    def decode(self, *arguments: Any, **options: Any) -> Any:
        """As `whisper.decode`; raises what `check` raises."""
        if self.check is not None:
            self.check()
        return super().decode(*arguments, **options)


class OpenAiWhisper(WhisperTranscriber[Interruptible]):
    """A transcriber. Stops after at most one decoding of a window of 30 s: 2 to 6 s on 2 cores.

    Several threads may use it; they wait for each other, since decoding hooks into the model.
    """

    name: ClassVar[str] = "openai-whisper"

    @classmethod
    def opened(cls, context: EngineContext) -> Interruptible:
        """A checkpoint; base takes 300 MB of memory in float32.

        Options: device, cpu_threads (1 unless given; of all of torch).
        """
        torch.set_num_threads(context.options.get("cpu_threads", _THREADS))
        file = checkpoint(context.weights())
        return load_checkpoint(file, context.options.get("device", "cpu"))

    @property
    def supported(self) -> Collection[str]:
        """The languages that the model knows."""
        return LANGUAGES if self._model.is_multilingual else ("en",)

    def language(self, samples: Float32) -> str:
        """The language spoken in up to 30 s, among the usual ones where it leaves doubt."""
        if not self._model.is_multilingual:
            return "en"
        # As `whisper.transcribe` cuts its first window, which is then encoded already.
        mel = log_mel_spectrogram(samples, self._model.dims.n_mels, padding=N_SAMPLES)
        window = pad_or_trim(mel[:, :-N_FRAMES], N_FRAMES).to(self._model.device)
        with self._model.one_at_a_time:
            _, probabilities = self._model.detect_language(window)
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
        """Yield the segments of speech without long silences, once all were heard."""
        once = partial or options.quick  # another temperature costs several times as much
        with self._model.one_at_a_time:
            self._model.check = check
            result = whisper.transcribe(
                self._model,
                samples,
                language=language,
                task="translate" if options.translate else "transcribe",
                beam_size=None if once else self._beam_size,
                best_of=_BEST_OF,
                temperature=0.0 if once else TEMPERATURES,
                condition_on_previous_text=not once,
                word_timestamps=options.words and not partial,
                fp16=self._model.device.type != "cpu",
            )
        yield from map(_said, result["segments"])


def _said(segment: Mapping[str, Any]) -> Said:
    return Said(
        text=segment["text"],
        start=segment["start"],
        end=segment["end"],
        no_speech=segment["no_speech_prob"],
        log_probability=segment["avg_logprob"],
        compression=segment["compression_ratio"],
        words=tuple(
            Word(
                text=word["word"],
                start=float(word["start"]),
                end=float(word["end"]),
                confidence=float(word["probability"]),
            )
            for word in segment.get("words", ())
        ),
    )


def checkpoint(folder: Path) -> Path:
    """The one checkpoint in a folder of weights.

    Raises:
        WeightsMissing: it holds none, or several.
    """
    found = sorted(folder.glob("*.pt"))
    if len(found) != 1:
        held = "several checkpoints" if found else "no checkpoint"
        raise WeightsMissing(f"{folder} holds {held}", fix="put one file NAME.pt into it")
    return found[0]


def load_checkpoint(file: Path, device: str = "cpu") -> Interruptible:
    """The model of a checkpoint, float32 on a processor; nothing in the file is run.

    A file with the name of a published model (`base.pt`, `large-v3-turbo.pt`) gets that model's
    alignment heads, which word times need; others use the upper half of all heads.

    Raises:
        WeightsCorrupt: it is no checkpoint of Whisper.
    """
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
        model = Interruptible(whisper.ModelDimensions(**content["dims"]))
        model.load_state_dict(content["model_state_dict"])
        heads = whisper._ALIGNMENT_HEADS.get(file.stem)
        if heads is not None:
            model.set_alignment_heads(heads)
    except (RuntimeError, ValueError, TypeError, KeyError, EOFError, UnpicklingError) as error:
        # torch's own message would advise to load it unsafely.
        raise WeightsCorrupt(
            f"{file} is no checkpoint of Whisper", fix="fetch or make it again"
        ) from error
    model.to(device)
    return model
