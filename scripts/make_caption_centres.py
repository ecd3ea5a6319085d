"""Measure where captions lie in multilingual E5's space: assistant/vision/data/caption_centres.npz.

python scripts/make_caption_centres.py
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from assistant.registry import Engines
from assistant.settings import load_profile, models_folder
from assistant.vision.captions import measured
from assistant.weights import Store

FILE = Path(__file__).resolve().parent.parent / "assistant/vision/data/caption_centres.npz"


def main() -> None:
    """Write the file."""
    engines = Engines(profile=load_profile("embedded"), locator=Store(models_folder()))
    encoder = engines.get("text_encoder")
    np.savez(FILE, encoder=np.array(encoder.id), **asdict(measured(encoder)))


if __name__ == "__main__":
    main()
