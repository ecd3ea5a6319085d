"""From blocks of sound to frames: the assistant's own voice taken out, speech looked for.

An echo canceller filters what it can foretell and suppresses the rest; while somebody speaks
over the loudspeaker, the suppressor takes much of that person's voice away too. So it is asked
only where it is needed. A second one that filters and suppresses nothing leaves some of the echo
and all of a voice: a block that is clearly louder after it than an echo can be is taken as it is
there, and is a sign of a person.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Self

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices import BLOCK, Block
from assistant.errors import EngineMissing
from assistant.interfaces import EchoCanceller, EchoFilter, Float32, VoiceStream
from assistant.registry import Engines
from assistant.voiced import SPEECH

BLOCK_S = BLOCK / HEARING_RATE  # 0.032 s
_SILENT_DB = -120.0  # dBFS of digital silence


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One block after the echo canceller and the voice detector."""

    sound: Float32  # [512] at 16 kHz
    probability: float  # of speech
    level: float  # dBFS, root mean square
    plain: bool = True  # clearly louder than what was played lately can make it


class Front:
    """Takes the assistant's own voice out of the microphone, then looks for speech."""

    def __init__(
        self,
        voice: VoiceStream,
        canceller: EchoCanceller | None = None,
        linear: EchoFilter | None = None,
    ) -> None:
        """`linear` suppresses nothing, and lags behind by nothing; None: it is done without."""
        self._voice = voice
        self._canceller = canceller
        self._linear = linear
        self._echo = EchoLevel()  # by what was played
        self._foretold = EchoLevel(hold=2)  # by the echo foretold, which comes when it does
        self._fit = Fit()
        self._delay = canceller.delay if canceller is not None else 0  # samples
        self._late = np.zeros(self._delay, np.float32)  # of the filtered sound, not used yet
        self._plain = 1.0  # share of the filtered sound in the last sample

    @classmethod
    def of(cls, engines: Engines) -> Self:
        """With the voice detector of a profile and what it has against echoes."""
        linear = None
        with contextlib.suppress(EngineMissing):  # its package has no wheel for some processors
            linear = engines.get("echo_filter")
        canceller = engines.get("echo_canceller") if engines.has("echo_canceller") else None
        return cls(engines.get("voice_detector").stream(), canceller, linear)

    def frame(self, block: Block, *, cue: bool = False) -> Frame:
        """The next frame; with `cue` nothing but a short tone has been played lately.

        A tone's echo is no speech to a voice detector, but a canceller that does not know the
        room yet takes the first word of whoever speaks meanwhile away with it.
        """
        if self._canceller is None:
            sound, plain = block.microphone, True
        else:
            cleaned = self._canceller.clean(block.microphone, block.reference)
            filtered, echo = self._filtered(block)
            joined = np.concatenate([self._late, filtered])
            sound, self._late = joined[:BLOCK], joined[BLOCK:]
            sound = self._between(sound, cleaned, plain=cue or not echo)
            # Another program may speak while the cue sounds: that is no sign of a person.
            plain = not echo or (cue and self._echo.silent)
        probability = self._voice.next(sound)
        for echo_level in (self._echo, self._foretold):
            echo_level.learn(speech=probability >= SPEECH)
        return Frame(sound=sound, probability=probability, level=level(sound), plain=plain)

    @property
    def compares(self) -> bool:
        """Whether a plain frame is a sign of a person: it was compared with what was played."""
        return self._canceller is not None

    def adapted(self, before: float = 0.0) -> bool:
        """Whether what the canceller leaves is unlikely to be an echo, `before` s ago too."""
        return self._canceller is None or self._echo.adapted(before)

    def was_echo(self) -> None:
        """What was just taken for a voice was the assistant's own: the room echoes louder."""
        for echo_level in (self._echo, self._foretold):
            echo_level.louder()

    def _filtered(self, block: Block) -> tuple[Float32, bool]:
        """The microphone without the echo foretold; whether what is left may all be echo."""
        if self._linear is None:
            heard = level(block.microphone)
            return block.microphone, self._echo.explains(heard, level(block.reference))
        rest, echo = self._linear.split(block.microphone, block.reference)
        by_played = self._echo.explains(level(rest), level(block.reference))
        by_foretold = self._foretold.explains(level(rest), level(echo))
        explained = by_played and (by_foretold or self._foretold.silent)
        fits = self._fit.holds(rest, echo)  # told of every block, also of those explained
        return block.microphone - echo, explained or not fits

    def _between(self, filtered: Float32, cleaned: Float32, *, plain: bool) -> Float32:
        """One of both; from one to the other within a block, without a click."""
        wanted = 1.0 if plain else 0.0
        if wanted == self._plain:
            return filtered if plain else cleaned
        share = np.linspace(self._plain, wanted, BLOCK, dtype=np.float32)
        self._plain = wanted
        mixed: Float32 = share * filtered + (1 - share) * cleaned
        return mixed


class Fit:
    """Whether an echo was foretold as it came; not so after a change of volume, delay or place.

    What is left after a filter that no longer fits is as loud as a voice. Then the microphone's
    regression on the echo foretold is not 1, whoever speaks over it: a voice has nothing in
    common with the echo.
    """

    BLOCKS = 12  # (0.38 s) that are looked at
    LEAST, MOST = 0.6, 1.6  # of the coefficient
    FAINT = 0.03  # of the microphone's power; an echo foretold below explains nothing

    def __init__(self) -> None:
        self._products: deque[tuple[float, float, float]] = deque(maxlen=self.BLOCKS)

    def holds(self, rest: Float32, echo: Float32) -> bool:
        """Tell of the next block what the filter left and took; whether it fits."""
        heard = rest + echo
        self._products.append((float(heard @ echo), float(echo @ echo), float(heard @ heard)))
        both, foretold, power = np.sum(self._products, axis=0)
        if foretold <= self.FAINT * power:
            return True
        return bool(self.LEAST < both / foretold < self.MOST)


class EchoLevel:
    """How loud what a filter leaves of an echo can be, learned as it goes.

    The envelope of what was played is held for the way through the devices and the air, and
    falls as a room's reverberation does. The coupling from it to what is left is a high percentile
    of what was seen while nobody spoke; it falls while the filter learns the room.
    """

    HOLD = 8  # blocks (0.26 s) that an echo may be late
    FALL_DB = 2.5  # a block, after that: a reverberation time of 0.8 s
    OVER_DB, UNSURE_DB = 6.0, 14.0  # above the loudest echo is a voice; more while little is known
    AUDIBLE_DB = -60.0  # dBFS; what is played below has no echo worth removing
    FEWEST, ENOUGH, MOST = 8, 32, 60  # blocks of echo that the coupling is learned from
    ADAPTED = 250  # blocks (8 s) of sound after which a canceller knows the room
    SETTLE = 12  # blocks that pass before a block is believed to have been echo alone

    def __init__(self, hold: int = HOLD) -> None:
        self._played: deque[float] = deque([_SILENT_DB] * hold, maxlen=hold)
        self._envelope = _SILENT_DB
        self._pending: deque[float | None] = deque()
        self._seen: deque[float] = deque(maxlen=self.MOST)
        self._coupling: float | None = None  # dB
        self._played_blocks = 0  # that may have had an echo

    def explains(self, heard: float, reference: float) -> bool:
        """Whether the echo of what was played explains a level, both dBFS.

        Until enough echo was heard to know, it does wherever something is played.
        """
        self._played.append(reference)
        self._envelope = max(max(self._played), self._envelope - self.FALL_DB)
        if self._envelope < self.AUDIBLE_DB:
            self._pending.append(None)
            return False
        self._pending.append(heard - self._envelope)
        self._played_blocks += 1
        if self._coupling is None:
            return True
        unsure = max(0.0, 1 - len(self._seen) / self.ENOUGH) * self.UNSURE_DB
        return heard < self._envelope + self._coupling + self.OVER_DB + unsure

    @property
    def silent(self) -> bool:
        """Whether nothing was played in the last blocks."""
        return max(self._played) < self.AUDIBLE_DB

    def adapted(self, before: float = 0.0) -> bool:
        """Whether a canceller had had the time to learn the room, so many s of sound ago."""
        return self._played_blocks - before / BLOCK_S >= self.ADAPTED

    def learn(self, *, speech: bool) -> None:
        """Tell whether the last block held a voice; what lies before one is not learned from."""
        if speech:
            self._pending.clear()
            return
        while len(self._pending) > self.SETTLE:
            ratio = self._pending.popleft()
            if ratio is not None:
                self._seen.append(ratio)
                if len(self._seen) >= self.FEWEST:
                    self._coupling = float(np.percentile(self._seen, 95))

    def louder(self) -> None:
        """The echo was taken for a voice: it is louder than was thought."""
        if self._coupling is not None:
            raised = self._coupling + self.OVER_DB
            self._seen.extend([raised] * self.FEWEST)
            self._coupling = raised


def level(samples: Float32) -> float:
    """Root mean square in dBFS."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return 10 * float(np.log10(power + 1e-12))
