"""How fast and how well speech is heard, against faster-whisper's default call.

Short clips: those of the development set under 6 s (where ASSISTANT_EVAL names its folder) and a
hundred synthesised ones. Long files: the same clips, joined with pauses. Both sides have the
same weights (int8), the same threads, and are told the language; word errors come from jiwer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.bench.pairs import Timing, compared
from assistant.evaluation import clips
from assistant.evaluation.cases import manifest
from assistant.evaluation.hearing import SPEECH, errors
from assistant.interfaces import Options
from assistant.languages import base
from assistant.registry import Engines
from assistant.settings import variable
from assistant.types import Audio

SHORT_S = 6.0  # s; clips from here on are no short ones
_LONG_S = 300.0  # s, length of a long file
_PAUSES = (0.3, 2.5)  # s between the clips of a long file
_CALL = "faster-whisper 1.2.1, WhisperModel.transcribe with its defaults, language given"

Hear = Callable[[Audio, str], str]


@dataclass(frozen=True, kw_only=True)
class HearingTiming(Timing):
    """Beside the timing, by language: words (characters of Mandarin and Japanese) heard wrongly."""

    errors: dict[str, dict[str, int]] = field(default_factory=dict)  # ours, baseline, of
    extra_errors: int = 0  # ours less the baseline's, all languages


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A sound and what is said in it."""

    audio: Audio
    language: str
    texts: tuple[str, ...]  # each of them is right


def hearing_clips(engines: Engines) -> tuple[HearingTiming, ...]:
    """Clips under 6 s: the batch call, and the call of a live session."""
    said = [*_development(engines, SHORT_S), *_synthesised(engines)]
    ours = {"hearing-clips": _ours(engines), "hearing-clips, live": _ours(engines, quick=True)}
    return _timed(said, ours, _plain(engines))


def hearing_long(engines: Engines) -> tuple[HearingTiming, ...]:
    """A file of five minutes and more in English and one in Mandarin, timed each by itself."""
    parts = [*_development(engines, 60.0), *_synthesised(engines)]
    ours, plain = _ours(engines), _plain(engines)
    timings: list[HearingTiming] = []
    for seed, language in enumerate(("en", "zh")):
        said = _joined([part for part in parts if part.language == language], seed)
        timings += _timed([said], {f"hearing-long, {language}": ours}, plain)
    return tuple(timings)


def _development(engines: Engines, longest: float) -> Iterator[_Said]:
    """Clips of the development set shorter than so many seconds; none where it is not there."""
    folder = variable("ASSISTANT_EVAL")
    for case in manifest(Path(folder)) if folder else ():
        if case.kind == SPEECH and case.truth.get("truth_confidence") != "partial":
            audio = Audio.open(case.file)
            if audio.duration < longest:
                texts = (case.truth["transcript"], *case.truth.get("accept", ()))
                yield _Said(audio=audio, language=base(case.truth["language"]), texts=texts)


def _synthesised(engines: Engines) -> Iterator[_Said]:
    for clip in clips.recipes():
        yield _Said(audio=clips.spoken(clip, engines), language=clip.language, texts=(clip.text,))


def _joined(parts: Sequence[_Said], seed: int) -> _Said:
    """Clips in a drawn order, again and again until the file is long, with pauses."""
    random = np.random.default_rng(seed)
    sounds, texts, seconds = [], [], 0.0
    while seconds < _LONG_S:
        for i in random.permutation(len(parts)):
            pause = np.zeros(round(random.uniform(*_PAUSES) * HEARING_RATE), np.float32)
            sounds += [parts[i].audio.samples, pause]
            texts.append(parts[i].texts[0])
            seconds += parts[i].audio.duration + len(pause) / HEARING_RATE
    audio = Audio(samples=np.concatenate(sounds), rate=HEARING_RATE)
    return _Said(audio=audio, language=parts[0].language, texts=(" ".join(texts),))


def _ours(engines: Engines, *, quick: bool = False) -> Hear:
    transcriber = engines.get("transcriber")

    def hear(audio: Audio, language: str) -> str:
        return str(transcriber.transcribe(audio, Options(language=language, quick=quick)).text)

    return hear


def _plain(engines: Engines) -> Hear:
    from faster_whisper import WhisperModel

    folder = engines.locator.folder("whisper-base")
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def hear(audio: Audio, language: str) -> str:
        segments, _ = model.transcribe(audio.samples, language=language)
        return "".join(segment.text for segment in segments)

    return hear


def _timed(
    said: Sequence[_Said], ours: dict[str, Hear], baseline: Hear
) -> tuple[HearingTiming, ...]:
    """Each sound heard by each in turn, another one first each time, after one uncounted round."""
    hearers: list[tuple[str, Hear]] = [*ours.items(), ("baseline", baseline)]
    seconds: dict[str, list[float]] = {name: [] for name, _ in hearers}
    wrong: dict[str, dict[str, int]] = {name: {} for name, _ in hearers}
    length: dict[str, int] = {}
    short = Audio(samples=said[0].audio.samples[: int(SHORT_S * HEARING_RATE)], rate=HEARING_RATE)
    for _, hear in hearers:
        hear(short, said[0].language)
    for number, one in enumerate(said):
        turn = number % len(hearers)
        for name, hear in [*hearers[turn:], *hearers[:turn]]:
            began = time.perf_counter()
            text = hear(one.audio, one.language)
            seconds[name].append(time.perf_counter() - began)
            scores = [errors(reference, text, one.language) for reference in one.texts]
            bad, words = min(scores)
            wrong[name][one.language] = wrong[name].get(one.language, 0) + bad
            if name == "baseline":
                length[one.language] = length.get(one.language, 0) + words
    return tuple(
        HearingTiming(
            **compared(name, seconds[name], seconds["baseline"], against=_CALL),
            errors=_table(wrong[name], wrong["baseline"], length),
            extra_errors=sum(wrong[name].values()) - sum(wrong["baseline"].values()),
        )
        for name in ours
    )


def _table(
    ours: dict[str, int], baseline: dict[str, int], length: dict[str, int]
) -> dict[str, Any]:
    return {
        language: {"ours": ours[language], "baseline": baseline[language], "of": length[language]}
        for language in sorted(length)
    }
