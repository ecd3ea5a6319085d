"""Speex's linear echo canceller: takes an echo out, and never a voice."""

from __future__ import annotations

import numpy as np
import pytest
from rooms import impulse_response

from assistant.devices import BLOCK
from assistant.interfaces import Float32

pytest.importorskip("pyaec", reason="Speex's canceller has no wheel for this processor")

RATE = 16_000


def voice_like(seconds: float, seed: int) -> Float32:
    """Noise in syllables, [n], about -26 dBFS."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE) // BLOCK * BLOCK
    loudness = np.repeat(rng.uniform(0.2, 1.0, n // BLOCK), BLOCK)
    return (0.08 * loudness * rng.standard_normal(n)).astype(np.float32)


def split(microphone: Float32, reference: Float32) -> tuple[Float32, Float32]:
    from assistant.engines.echo_speex import SpeexEcho

    speex = SpeexEcho()
    both = [
        speex.split(heard, played)
        for heard, played in zip(
            microphone.reshape(-1, BLOCK), reference.reshape(-1, BLOCK), strict=True
        )
    ]
    rest, echo = zip(*both, strict=True)
    return np.concatenate(rest), np.concatenate(echo)


def level(sound: Float32) -> float:
    return 10 * float(np.log10(np.mean(np.square(sound)) + 1e-12))


def echo_of(played: Float32) -> Float32:
    return np.convolve(played, impulse_response(gain=0.5))[: len(played)].astype(np.float32)


def test_an_echo_is_taken_out_once_the_room_is_known() -> None:
    played = voice_like(8, seed=0)
    rest, echo = split(echo_of(played), played)
    assert level(rest[6 * RATE :]) < level(echo[6 * RATE :]) - 12


def test_a_voice_over_the_echo_comes_through_whole() -> None:
    played, person = voice_like(10, seed=0), voice_like(10, seed=1)
    person[: 8 * RATE] = 0
    rest, _ = split(echo_of(played) + person, played)
    alone, _ = split(person, np.zeros_like(person))
    after = slice(8 * RATE, None)
    assert level(rest[after] - alone[after]) < level(alone[after]) - 6
    assert np.corrcoef(rest[after], alone[after])[0, 1] > 0.9


def test_where_nothing_is_played_no_echo_is_foretold() -> None:
    person = voice_like(3, seed=2)
    _, echo = split(person, np.zeros_like(person))
    assert not echo.any()


def test_a_filter_that_no_longer_fits_is_noticed() -> None:
    from assistant.session.front import Fit

    played, person = voice_like(10, seed=0), voice_like(10, seed=1)
    person[: 9 * RATE // BLOCK * BLOCK] = 0
    louder = np.where(np.arange(len(played)) < 6 * RATE, 1.0, 2.0).astype(np.float32)
    rest, echo = split(echo_of(played) * louder + person, played)
    fit = Fit()
    holds = [fit.holds(r, e) for r, e in zip(rest.reshape(-1, BLOCK), echo.reshape(-1, BLOCK),
                                             strict=True)]  # fmt: skip
    blocks = RATE / BLOCK
    assert all(holds[round(4 * blocks) : round(6 * blocks)])
    assert not all(holds[round(6.2 * blocks) : round(6.5 * blocks)])
    assert all(holds[round(9.2 * blocks) :])  # a person over the echo changes nothing
