"""Write where ImageNet's classes lie in multilingual E5's space, into
assistant/vision/data/class_vectors.npz.

python scripts/make_class_vectors.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.registry import Engines
from assistant.settings import load_profile, models_folder
from assistant.vision.class_vectors import measured
from assistant.weights import Store

FILE = Path(__file__).resolve().parent.parent / "assistant/vision/data/class_vectors.npz"


def main() -> None:
    """Write the file."""
    engines = Engines(profile=load_profile("embedded"), locator=Store(models_folder()))
    encoder = engines.get("text_encoder")
    vectors = measured(encoder).astype(np.float16)
    np.savez_compressed(FILE, encoder=np.array(encoder.id), vectors=vectors)


if __name__ == "__main__":
    main()
