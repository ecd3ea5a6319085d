"""From frames of sound to utterances: where speech begins, with its first words kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices import BLOCK
from assistant.session.front import BLOCK_S, Frame
from assistant.settings import TurnRules
from assistant.types import Audio, Transcript
from assistant.voiced import SPEECH

_STILL = 0.35  # a stretch of speech goes on down to here (Silero's own hysteresis of 0.15)
_WINDOW = 8  # blocks (0.26 s) in which the first voiced ones must lie
_FLOOR_FALLS, _FLOOR_RISES = 0.2, 0.005  # shares of the way to the present level, per block
_BAND = (300.0, 3000.0)  # Hz, where speech is strong near and far
_FALL_BLOCKS = 3  # blocks, 0.096 s
_STEEPEST = 95  # percentile of the falls that tells how fast the room lets sound die away


@dataclass(kw_only=True)
class Utterance:
    """What one speaker says between two silences, and what is known of it so far."""

    onset: float  # s on the session's clock, where speech was first seen
    begins: float  # s, of the first sample in `frames`; earlier than `onset` by the pre-roll
    frames: list[Frame]
    last_voiced: float  # s, end of the last voiced block
    voiced: float = 0.0  # s of speech
    plain: float = 0.0  # s of it that were clearly louder than an echo can be
    floor: float = -60.0  # dBFS, of the noise before it
    over_reply: bool = False  # it began while a turn was being answered
    transcript: Transcript | None = None
    covers: float = 0.0  # s, where the sound behind `transcript` ends
    asked: float = 0.0  # s, where the sound behind the last request to transcribe ends
    prosody: float | None = None  # probability that the speaker has finished
    prosody_asked: float = 0.0
    language: str | None = None  # found out once, then carried
    speech: bool = False  # decided: a person who means to be heard
    echoed: bool = False  # what was heard of it so far was the assistant's own
    checked: float = 0.0  # s of speech at the last look at what is said over a reply

    @property
    def until(self) -> float:
        """Where its sound ends, s."""
        return self.begins + len(self.frames) * BLOCK_S

    def audio(self) -> Audio:
        """Its sound so far, at 16 kHz."""
        sound = np.concatenate([frame.sound for frame in self.frames])
        return Audio(samples=sound, rate=HEARING_RATE)

    @property
    def level(self) -> float:
        """dBFS, of the louder half of its voiced frames."""
        levels = sorted(f.level for f in self.frames if f.probability >= SPEECH)
        return float(np.mean(levels[len(levels) // 2 :])) if levels else -120.0

    @property
    def fall(self) -> float:
        """dB by which its sound falls within 0.1 s where it falls fastest; 60 where unknown.

        A near mouth falls silent at once; across a room echoes linger: with a reverberation
        time of 0.5 s (60 dB) they fall by 11.5 dB in 0.096 s.
        """
        if len(self.frames) <= 2 * _FALL_BLOCKS:
            return 60.0
        sounds = np.stack([frame.sound for frame in self.frames]) * np.hanning(BLOCK)
        frequencies = np.fft.rfftfreq(BLOCK, 1 / HEARING_RATE)
        inside = (frequencies > _BAND[0]) & (frequencies < _BAND[1])
        power = np.square(np.abs(np.fft.rfft(sounds)[:, inside])).sum(axis=1)
        levels = 10 * np.log10(power + 1e-9)
        return float(np.percentile(levels[:-_FALL_BLOCKS] - levels[_FALL_BLOCKS:], _STEEPEST))

    def add(self, frame: Frame, now: float) -> None:
        """Take the frame that ends now."""
        self.frames.append(frame)
        if frame.probability >= SPEECH or (
            frame.probability >= _STILL and now - self.last_voiced < 2 * BLOCK_S
        ):
            self.last_voiced = now
            self.voiced += BLOCK_S
            self.plain += BLOCK_S * frame.plain


@dataclass
class Onset:
    """Waits for speech, with the sound before it at hand so that no first word is lost."""

    rules: TurnRules
    _recent: deque[Frame] = field(init=False)
    _floor: float = field(init=False, default=-60.0)

    def __post_init__(self) -> None:
        kept = round((self.rules.pre_roll_s + self.rules.start_s) / BLOCK_S) + _WINDOW
        self._recent = deque(maxlen=kept)

    def clear(self) -> None:
        """Forget the sound before now."""
        self._recent.clear()

    def wait(self, frame: Frame) -> None:
        """Take a frame while nobody listens: who speaks before pressing the key is not clipped."""
        self._recent.append(frame)
        share = _FLOOR_FALLS if frame.level < self._floor else _FLOOR_RISES
        if frame.probability < _STILL:
            self._floor += share * (max(frame.level, -90.0) - self._floor)

    def listen(self) -> None:
        """From now on somebody is meant to be heard; of the sound before, the pre-roll counts."""
        kept = round(self.rules.pre_roll_s / BLOCK_S)
        recent = list(self._recent)[-kept:] if kept else []
        self._recent.clear()
        self._recent.extend(recent)

    def add(self, frame: Frame, now: float) -> Utterance | None:
        """Take the frame that ends now; an utterance as soon as enough of it was speech."""
        self.wait(frame)
        window = list(self._recent)[-_WINDOW:]
        voiced = [i for i, f in enumerate(window) if f.probability >= SPEECH]
        if frame.probability < SPEECH or len(voiced) * BLOCK_S < self.rules.start_s:
            return None
        since = len(window) - voiced[0]  # blocks ago, of the first voiced one
        kept = min(len(self._recent), since + round(self.rules.pre_roll_s / BLOCK_S))
        frames = list(self._recent)[-kept:]
        self._recent.clear()
        return Utterance(
            onset=now - since * BLOCK_S,
            begins=now - len(frames) * BLOCK_S,
            frames=frames,
            last_voiced=now,
            voiced=len(voiced) * BLOCK_S,
            plain=sum(window[i].plain for i in voiced) * BLOCK_S,
            floor=self._floor,
        )
