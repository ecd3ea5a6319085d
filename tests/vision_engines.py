"""What the tests of vision engines share: a context to load with, pictures, tiny models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.types import Picture


@dataclass(frozen=True)
class Context:
    """What an engine's `load` looks at."""

    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    camera: Any = None

    def weights(self, name: str | None = None) -> Path:
        return self.folder

    def engine(self, capability: str) -> Any:
        raise AssertionError("a vision model needs no other engine")


def noise(seed: int = 0, width: int = 60, height: int = 40) -> Picture:
    """A picture of noise, the same for a seed."""
    random = np.random.default_rng(seed)
    return Picture(pixels=random.integers(0, 255, (height, width, 3), dtype=np.uint8))
