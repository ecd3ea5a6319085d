"""Short sounds that tell what the assistant does, for people who do not see a screen.

Soft (peak 0.2 at most), enveloped without clicks, told apart by their contour: up for
listening, down for stopped, one low knock for thinking, a softer one while it waits, two low
notes for an error, a high note twice for a change of the devices, a shutter's two clicks for a
picture.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np

from assistant.interfaces import Float32
from assistant.types import Audio

RATE = 24_000  # Hz
Name = Literal["listening", "stopped", "thinking", "waiting", "error", "notice", "capture"]

_ATTACK_S = 0.008
# (frequency in Hz, seconds, peak) of each note, in order.
_NOTES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "listening": ((587.0, 0.07, 0.16), (880.0, 0.10, 0.16)),
    "stopped": ((880.0, 0.07, 0.16), (587.0, 0.10, 0.16)),
    "thinking": ((440.0, 0.09, 0.12),),
    "waiting": ((392.0, 0.07, 0.05),),
    "notice": ((698.0, 0.07, 0.12), (698.0, 0.07, 0.12)),
    "error": ((311.0, 0.11, 0.2), (220.0, 0.14, 0.2)),
}


@cache
def earcon(name: Name) -> Audio:
    """The sound of that name, at 24 kHz; 70 to 250 ms."""
    if name == "capture":
        return Audio(samples=_shutter(), rate=RATE)
    return Audio(samples=np.concatenate([_note(*note) for note in _NOTES[name]]), rate=RATE)


def _note(frequency: float, seconds: float, peak: float) -> Float32:
    """A soft note: a sine with a quiet octave, quick to rise and slow to fall."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * frequency * t) + 0.25 * np.sin(4 * np.pi * frequency * t)
    shape = np.minimum(1.0, t / _ATTACK_S) * np.cos(np.pi / 2 * t / seconds) ** 2
    note: Float32 = (peak / 1.25 * wave * shape).astype(np.float32)
    return note


def _shutter() -> Float32:
    """Two short bursts of noise, 60 ms apart, always the same."""
    noise = np.random.default_rng(0).standard_normal(round(0.02 * RATE))
    burst = noise / np.abs(noise).max() * np.exp(-np.arange(len(noise)) / (0.004 * RATE))
    burst[: round(0.001 * RATE)] *= np.linspace(0, 1, round(0.001 * RATE))
    whole = np.zeros(round(0.1 * RATE))
    for at in (0.0, 0.06):
        start = round(at * RATE)
        whole[start : start + len(burst)] += 0.15 * burst
    return whole.astype(np.float32)
