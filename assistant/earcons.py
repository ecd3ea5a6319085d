"""Short sounds that tell what the assistant does."""

from __future__ import annotations

from functools import cache

import numpy as np

from assistant.types import Audio


@cache
def earcon(name: str) -> Audio:
    """The sound of that name, 24 kHz."""
    t = np.arange(2400) / 24000
    tone = 0.1 * np.sin(2 * np.pi * (400 + 40 * len(name)) * t) * np.sin(np.pi * t / 0.1)
    return Audio(samples=tone.astype(np.float32), rate=24000)
