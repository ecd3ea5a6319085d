"""A library that is quick to index: real files, a cheap encoder. Run as a program, it indexes.

    python -m tests.small_library FOLDER [SEEN]      (ASSISTANT_DATA names the data folder)

prints `STAGE DONE TOTAL MEGABYTES`, waits after each such line for one on standard input while
that is open, and at last prints the result as JSON. SEEN is a file that gets one byte for each
picture that the encoder was given, even if the process is killed thereafter.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import psutil
from PIL import Image

from assistant.interfaces import Float32
from assistant.jobs import Jobs
from assistant.library.indexing import Indexer
from assistant.library.records import Indexed
from assistant.library.seeing import Encoding
from assistant.library.store import PhotoStore
from assistant.types import Picture

COLOURS = {
    "red": (220, 30, 30), "green": (30, 190, 40), "blue": (30, 40, 220),
    "white": (250, 250, 250), "black": (5, 5, 5), "yellow": (240, 230, 30),
}  # fmt: skip


class ColourEncoder:
    """`ImageTextEncoder` of colours: a 4 x 4 picture of means; a text by the colour it names."""

    dim = 48

    def __init__(self, id: str = "colours", log: Path | None = None) -> None:
        self.id = id
        self._log = None if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.seen = 0  # pictures

    def images(self, pictures: Sequence[Picture]) -> Float32:
        self.seen += len(pictures)
        if self._log is not None:
            os.write(self._log, b"." * len(pictures))
        small = [cv2.resize(p.pixels, (4, 4), interpolation=cv2.INTER_AREA) for p in pictures]
        return _unit(np.stack(small).reshape(len(small), -1))

    def texts(self, texts: Sequence[str]) -> Float32:
        named = [next((c for n, c in COLOURS.items() if n in t), (128, 128, 128)) for t in texts]
        return _unit(np.tile(np.array(named), (1, 16)))


def _unit(values: np.ndarray) -> Float32:
    centred = values.astype(np.float32) - 127.5
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True), np.float32)


def write(path: Path, colour: tuple[int, int, int], *, seed: int = 0, side: int = 32) -> None:
    """A small picture file of one colour and a little noise of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-5, 6, (side, side, 3))
    pixels = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def index(root: Path, encoder: ColourEncoder | None = None) -> Indexed:
    """Index a folder in this process."""
    return list(run(root, encoder or ColourEncoder()))[-1]  # type: ignore[return-value]


def run(root: Path, encoder: ColourEncoder):  # type: ignore[no-untyped-def]
    jobs, store = Jobs(), PhotoStore(root)
    try:
        with jobs.claim("photos", str(store.root), waiting=lambda other: None) as job:
            yield from Indexer(store, Encoding(encoder=encoder), job).run()
    finally:
        store.close()
        jobs.close()


def main() -> None:
    """Index the folder that is named, telling how far it is."""
    itself = psutil.Process()
    encoder = ColourEncoder(log=Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    for event in run(Path(sys.argv[1]), encoder):
        if isinstance(event, Indexed):
            counts = {name: getattr(event, name) for name in ("added", "unchanged", "removed")}
            print(json.dumps({**counts, "failed": len(event.failed)}), flush=True)
        else:
            memory = itself.memory_info().rss >> 20  # MB; the peak would count the parent's too
            print(event.stage, event.done, event.total or "-", memory, flush=True)
            sys.stdin.readline()


if __name__ == "__main__":
    main()
