"""Synthesised requests whose end is known, with pauses where people pause; always the same.

The words are in `turns_set.yaml`. English is spoken by Piper's voice, whose sentences are cut
between two words at the exact time, and by three Kokoro voices that say the parts one by one;
Mandarin by four Kokoro voices, part by part. What was made once is kept in the user's cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import platformdirs

from assistant.audio import HEARING_RATE
from assistant.interfaces import Float32, Options
from assistant.registry import Engines
from assistant.settings import APP, read_yaml
from assistant.speech import Speaker, trimmed
from assistant.types import Audio

Half = Literal["development", "held-out"]

PAUSE_S = 1.0  # s, as spoken; longer and shorter ones are worked out from it
_VERSION = 1  # of how the sounds are made; part of the names in the cache
_SET = Path(__file__).with_name("turns_set.yaml")
_CUT = "joe"  # Piper's voice tells exactly when each word sounds
_VOICES = {
    "en": (_CUT, "af_heart", "am_adam", "bf_emma"),
    "zh": ("zf_xiaoyi", "zm_yunjian", "zf_xiaoxiao", "zm_yunxi"),
}
_OWN_END = tuple(".?!,。？！，")
_FADE_S = 0.01  # s at a cut between two words


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it sounds. Times in s of `sound`, which has no silence after it."""

    text: str
    language: str
    kind: str  # complete, short, or where it pauses
    voice: str
    sound: Audio  # 16 kHz
    pauses: tuple[tuple[float, float], ...]  # silences inside it that were put there

    @property
    def half(self) -> Half:
        """Thresholds are chosen on one half of the requests and reported on the other."""
        number = hashlib.sha256(self.text.encode()).digest()[0]
        return "development" if number % 2 else "held-out"


def requests(engines: Engines) -> Iterator[Request]:
    """Yield all requests of the set; the first time this synthesises, about 5 minutes.

    Raises:
        EngineError, WeightsError: a voice is missing.
    """
    speaker = Speaker(engines)
    folder = platformdirs.user_cache_path(APP) / "evaluation" / "turns"
    folder.mkdir(parents=True, exist_ok=True)
    for language, kinds in read_yaml(_SET).items():
        number = 0
        for kind, texts in kinds.items():
            for text in texts:
                voice = _VOICES[language][number % len(_VOICES[language])]
                number += 1
                parts = [part.strip() for part in text.split("|")]
                name = f"{_VERSION} {voice} {'|'.join(parts)}".encode()
                path = folder / f"{hashlib.sha256(name).hexdigest()[:20]}.npz"
                if not path.is_file():
                    _write(path, *_spoken(speaker, parts, language, voice))
                sound, pauses = _read(path)
                yield Request(
                    text=text,
                    language=language,
                    kind=kind,
                    voice=voice,
                    sound=Audio(samples=sound, rate=HEARING_RATE),
                    pauses=pauses,
                )


def _write(path: Path, sound: Float32, pauses: Sequence[tuple[float, float]]) -> None:
    steps = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
    np.savez(path, sound=steps, pauses=np.array(pauses, np.float64).reshape(-1, 2))


def _read(path: Path) -> tuple[Float32, tuple[tuple[float, float], ...]]:
    with np.load(path, allow_pickle=False) as stored:
        sound = stored["sound"].astype(np.float32) / np.float32(32767)
        pauses = tuple((float(start), float(end)) for start, end in stored["pauses"])
    return sound, pauses


def _spoken(
    speaker: Speaker, parts: list[str], language: str, voice: str
) -> tuple[Float32, list[tuple[float, float]]]:
    """The parts with silences between them, [n] at 16 kHz, and where these are."""
    bare = not any(part.endswith(_OWN_END) for part in parts[:-1])
    if voice == _CUT and bare and len(parts) > 1:
        pieces = _cut(speaker, parts, language, voice)
    else:
        pieces = [_said(speaker, _going_on(part, language), language, voice) for part in parts]
    silence = np.zeros(round(PAUSE_S * HEARING_RATE), np.float32)
    sound, pauses = pieces[0], []
    for piece in pieces[1:]:
        start = len(sound) / HEARING_RATE
        pauses.append((start, start + PAUSE_S))
        sound = np.concatenate([sound, silence, piece])
    return sound, pauses


def _going_on(part: str, language: str) -> str:
    """A part as it is given to a voice: a comma keeps its melody from falling."""
    return part if part.endswith(_OWN_END) else part + ("，" if language == "zh" else ",")


def _said(speaker: Speaker, text: str, language: str, voice: str) -> Float32:
    chunks = speaker.speak([text], language, Options(voice=voice))
    parts = [trimmed(chunk.audio).resampled(HEARING_RATE).samples for chunk in chunks]
    return np.concatenate(parts).astype(np.float32)


def _cut(speaker: Speaker, parts: list[str], language: str, voice: str) -> list[Float32]:
    """A sentence spoken as a whole, cut where each part's last word ends."""
    chunk = next(iter(speaker.speak([" ".join(parts)], language, Options(voice=voice))))
    if chunk.timing != "exact" or len(chunk.words) != len(" ".join(parts).split()):
        return [_said(speaker, _going_on(part, language), language, voice) for part in parts]
    sound = chunk.audio.resampled(HEARING_RATE).samples.astype(np.float32)
    ramp = np.linspace(1, 0, round(_FADE_S * HEARING_RATE), dtype=np.float32)
    pieces, at, words = [], 0, 0
    for part in parts[:-1]:
        words += len(part.split())
        end = round(chunk.words[words - 1].end * HEARING_RATE)
        piece = sound[at:end].copy()
        piece[-len(ramp) :] *= ramp
        pieces.append(piece)
        at = end
    rest = trimmed(Audio(samples=sound[at:], rate=HEARING_RATE)).samples
    return [*pieces, rest.astype(np.float32)]
