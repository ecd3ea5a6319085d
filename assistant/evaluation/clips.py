"""Short spoken requests, always the same, in voices that the assistant does not use by default.

Sixty English and forty Mandarin sentences (`everyday.yaml`), each in one of a dozen (seven)
Kokoro voices, a little faster or slower, louder or softer, some with noise: drawn by a fixed
seed. Speech is made once and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from assistant.audio import HEARING_RATE
from assistant.interfaces import Options
from assistant.registry import Engines
from assistant.settings import APP, read_yaml
from assistant.speech import Speaker, trimmed
from assistant.types import Audio

SEED = 20261125
VOICES = {
    "en": (
        "af_alloy", "af_bella", "af_nova", "af_sarah", "am_echo", "am_eric", "am_michael",
        "am_puck", "bf_alice", "bf_isabella", "bm_daniel", "bm_george",
    ),
    "zh": (
        "zf_xiaobei", "zf_xiaoni", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia",
        "zm_yunyang",
    ),
}  # fmt: skip
_RATES = (0.9, 1.15)  # of the voice's own speed
_LEVELS = (-32.0, -16.0)  # dBFS, root mean square of the whole clip
_NOISE = (18.0, 35.0)  # dB, signal to white noise, in every second clip
_EDGES = (0.1, 0.4)  # s of no speech before and after


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A sentence and how it is spoken."""

    text: str
    language: str  # en or zh
    voice: str
    rate: float  # 1 is the voice's own speed
    level: float  # dBFS
    noise: float | None  # dB below the speech
    before: float  # s
    after: float  # s
    seed: int  # of the noise


def recipes(seed: int = SEED) -> Iterator[Clip]:
    """A hundred clips; the same for the same seed."""
    random = np.random.default_rng(seed)
    texts = read_yaml(Path(__file__).with_name("everyday.yaml"))
    for language, sentences in texts.items():
        voices = VOICES[language]
        for number, text in enumerate(sentences):
            yield Clip(
                text=text,
                language=language,
                voice=voices[number % len(voices)],
                rate=round(random.uniform(*_RATES), 3),
                level=round(random.uniform(*_LEVELS), 2),
                noise=round(random.uniform(*_NOISE), 2) if number % 2 else None,
                before=round(random.uniform(*_EDGES), 3),
                after=round(random.uniform(*_EDGES), 3),
                seed=int(random.integers(2**31)),
            )


def spoken(clip: Clip, engines: Engines) -> Audio:
    """The clip at 16 kHz, made at its first use.

    Raises:
        EngineError, WeightsError, InputError: the voice is not there.
    """
    recipe = repr((clip.text, clip.language, clip.voice, clip.rate))
    name = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    path = Path(platformdirs.user_cache_dir(APP)) / "clips" / f"{name}.wav"
    if not path.is_file():
        options = Options(language=clip.language, voice=clip.voice, rate=clip.rate)
        pieces = [c.audio for c in Speaker(engines).speak([clip.text], clip.language, options)]
        samples = np.concatenate([piece.samples for piece in pieces])
        whole = trimmed(Audio(samples=samples, rate=pieces[0].rate)).resampled(HEARING_RATE)
        unfinished = path.with_suffix(f".{os.getpid()}.wav")
        whole.write(unfinished)
        unfinished.replace(path)
    return _varied(clip, Audio.open(path))


def _varied(clip: Clip, voice: Audio) -> Audio:
    """At its level, between its silences, in its noise."""
    power = float(np.mean(np.square(voice.samples, dtype=np.float64)))
    gain = 10 ** (clip.level / 20) / np.sqrt(power + 1e-12)
    parts = (
        np.zeros(round(clip.before * voice.rate)),
        voice.samples * gain,
        np.zeros(round(clip.after * voice.rate)),
    )
    samples = np.concatenate(parts)
    if clip.noise is not None:
        noise = np.random.default_rng(clip.seed).standard_normal(len(samples))
        samples += noise * 10 ** ((clip.level - clip.noise) / 20)
    return Audio(samples=np.clip(samples, -1.0, 1.0).astype(np.float32), rate=voice.rate)
