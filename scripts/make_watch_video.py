"""Make the 60 s video that `assistant eval watch` scores, from pictures and clips with truth.

    python scripts/make_watch_video.py MEDIA OUT.mp4

MEDIA is a folder with `photos/`, `text/` and `video/` (the development media). Beside the video,
OUT.json tells what changes when, and which words show that the change was told. The words come
from the media's own truth (MANIFEST.jsonl), not from what any engine says about them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

FPS = 15
SIZE = (640, 480)


@dataclass(frozen=True)
class Part:
    """A stretch of the video: a still, a clip, a zoom, a pan, or darkness."""

    seconds: float
    file: str  # empty: the lens is covered
    words: tuple[tuple[str, ...], ...]  # each change that is due, by the words that tell it
    move: str = "still"  # still, zoom (comes nearer), pan (the camera turns a little), clip
    start: float = 0.0  # s into a clip


PARTS = (
    Part(6.0, "photos/p008.jpg", (("truck", "pickup"),)),
    Part(6.0, "photos/p005.jpg", (("dog",),)),
    Part(6.0, "text/t004.jpg", (("you must be the change",),)),
    Part(8.0, "video/v001.mp4", (("person", "woman"), ("dog",)), "clip"),
    Part(6.0, "photos/p009.jpg", (("train",),), "zoom"),
    Part(6.0, "", (("dark", "black", "covered", "surface"),)),
    Part(7.0, "photos/p001.jpg", (("cup", "mug", "cake", "plate", "table"),), "pan"),
    Part(5.0, "photos/p020.jpg", (("scissors",),)),
    Part(5.0, "text/t016.png", (("test",),)),
    Part(5.0, "photos/p012.jpg", (("people", "person"),)),
)
"""60 s. Everything after a part's first seconds is still, or moves without anything new."""


def fitted(image: Image.Image, zoom: float = 1.0, across: float = 0.0) -> Image.Image:
    """The picture fills the frame's height or width; cut to `1 / zoom` of it, moved `across`."""
    image = image.convert("RGB")
    scale = max(SIZE[0] / image.width, SIZE[1] / image.height) * zoom
    if zoom == 1.0 and not across:  # whole, on grey
        scale = min(SIZE[0] / image.width, SIZE[1] / image.height)
    large = image.resize((round(image.width * scale), round(image.height * scale)))
    frame = Image.new("RGB", SIZE, (90, 90, 90))
    x = (SIZE[0] - large.width) // 2 - round(across * SIZE[0])
    frame.paste(large, (x, (SIZE[1] - large.height) // 2))
    return frame


def frames(part: Part, media: Path) -> Iterator[Image.Image]:
    """The frames of a part."""
    count = round(part.seconds * FPS)
    if not part.file:
        yield from [Image.new("RGB", SIZE, (3, 3, 3))] * count
        return
    if part.move == "clip":
        yield from clip(media / part.file, part.start, count)
        return
    image = Image.open(media / part.file)
    for number in range(count):
        done = number / count
        if part.move == "zoom":  # still for a second and a half, then it comes nearer
            yield fitted(image, 1.05 + 0.9 * max(0.0, done - 0.25))
        elif part.move == "pan":
            yield fitted(image, 1.1, 0.04 * float(np.sin(2 * np.pi * done)))
        else:
            yield fitted(image)


def clip(path: Path, start: float, count: int) -> Iterator[Image.Image]:
    """Frames of a clip at the video's rate, the last one held."""
    wanted, last = start, None
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            last = frame.to_image()
            while count and frame.time is not None and frame.time >= wanted - 1e-3:
                yield fitted(last)
                wanted += 1 / FPS
                count -= 1
            if not count:
                return
    for _ in range(count):
        assert last is not None
        yield fitted(last)


def make(media: Path, out: Path) -> list[dict[str, object]]:
    """Write the video and give its changes."""
    changes: list[dict[str, object]] = []
    noise = np.random.default_rng(4)
    at = 0.0
    with av.open(str(out), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "20", "g": str(FPS)}
        for part in PARTS:
            changes += [
                {
                    "at": at,
                    "until": at + part.seconds,
                    "file": part.file or "darkness",
                    "move": part.move,
                    "words": list(words),
                }
                for words in part.words
            ]
            for image in frames(part, media):
                grain = noise.normal(0, 2, (SIZE[1], SIZE[0], 1))  # as a camera's sensor has it
                pixels = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            at += part.seconds
        container.mux(stream.encode())
    return changes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("media", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    truth = {
        "seconds": sum(part.seconds for part in PARTS),
        "changes": make(given.media, given.out),
    }
    given.out.with_suffix(".json").write_text(json.dumps(truth, indent=1) + "\n")
    print(f"{given.out}: {truth['seconds']:g} s, {len(truth['changes'])} changes")


if __name__ == "__main__":
    main()
