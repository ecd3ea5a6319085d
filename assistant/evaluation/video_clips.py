"""Short clips with known cuts and events: made of photos and clips, and the development clips."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from assistant.errors import InputError
from assistant.evaluation.cases import Case
from assistant.evaluation.video_making import folder
from assistant.evaluation.video_slides import Size, clip, slide, theme
from assistant.evaluation.video_writing import Pixels, write

KIND: Final = "video"
RATE: Final = 25.0  # pictures a second
SIZE: Final[Size] = (640, 360)
_BEGUN_S: Final = 1.0  # what happens so soon after a clip's start is told with it
_VERSION: Final = 1  # of how clips are made; part of their names


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A stretch of a made clip: a photo that is panned over, a clip, or a slide."""

    seconds: float
    file: str = ""
    lines: tuple[str, ...] = ()  # of a slide
    start: float = 0.0  # s into a clip
    pan: float = 0.05  # of the width, over the whole stretch
    flash: bool = False  # two white frames in the middle: no cut


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A file and what is true of it."""

    name: str
    kind: str  # made or development
    file: Path
    cuts: tuple[float, ...] | None  # s; None where they are not known
    events: tuple[float, ...]  # s, starts


_CLIPS: Final[dict[str, tuple[Scene, ...]]] = {
    "walk": (
        Scene(seconds=4.0, file="photos/p006.jpg"),
        Scene(seconds=5.0, file="photos/p005.jpg"),
        Scene(seconds=6.0, file="video/v001.mp4"),
        Scene(seconds=4.0, file="photos/p009.jpg"),
        Scene(seconds=4.0, file="photos/p012.jpg"),
        Scene(seconds=5.0, file="video/v002.mp4", start=2.0),
        Scene(seconds=4.0, file="photos/p008.jpg"),
        Scene(seconds=4.0, file="photos/p001.jpg"),
    ),
    "no-cuts-in-between": (  # a flash, fast pans and a running dog are no cuts
        Scene(seconds=6.0, file="photos/p027.jpg", pan=0.6),
        Scene(seconds=5.0, file="photos/p012.jpg", flash=True),
        Scene(seconds=8.0, file="video/v001.mp4"),
        Scene(seconds=5.0, file="photos/p018.jpg", pan=0.5, flash=True),
    ),
    "slides": (  # all on the same paper
        Scene(seconds=5.0, lines=("Opening hours", "Monday to Friday")),
        Scene(seconds=4.0, lines=("Where to find us", "Station Road 12")),
        Scene(seconds=5.0, lines=("What to bring", "A towel and water")),
        Scene(seconds=4.0, lines=("Prices", "Adults 8, children 4")),
        Scene(seconds=5.0, lines=("Thank you",)),
    ),
}


def clips(media: Path, known: Mapping[str, Case]) -> Iterator[Clip]:
    """The made clips; what was made once is kept.

    Args:
        known: what is true of the files of the media, by name.

    Raises:
        InputError: a file of the media is missing.
    """
    for name, scenes in _CLIPS.items():
        file = folder() / f"{name}-{_VERSION}.mp4"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(f".{os.getpid()}.mp4")
            try:
                write(part, _pictures(scenes, media), rate=RATE)
            except OSError as error:
                raise InputError(
                    f"cannot make {name}: {error}", fix="name the folder of the development media"
                ) from error
            part.replace(file)
        starts = tuple(sum(s.seconds for s in scenes[:n]) for n in range(len(scenes)))
        inside = [
            start + after
            for start, scene in zip(starts, scenes, strict=True)
            for after in within(scene.file, scene.start, scene.seconds, known)
        ]
        events = tuple(sorted([*starts, *inside]))
        yield Clip(name=name, kind="made", file=file, cuts=starts[1:], events=events)


def needed() -> set[str]:
    """The files of the media that made clips show."""
    return {scene.file for scenes in _CLIPS.values() for scene in scenes if scene.file}


def within(file: str, start: float, seconds: float, known: Mapping[str, Case]) -> list[float]:
    """When something happens in a part of a clip, s after the part's start, which is none."""
    if file not in known or known[file].kind != KIND:
        return []
    happening = [float(at) - start for at, _ in known[file].truth.get("events", ())]
    return [after for after in happening if _BEGUN_S <= after < seconds]


def development(cases: Sequence[Case]) -> Iterator[Clip]:
    """The clips among the cases: what happens in them, is cut to, or is said."""
    for case in cases:
        truth = case.truth
        if case.kind == KIND:
            cuts = tuple(map(float, truth["cuts_s"])) if "cuts_s" in truth else None
            events = [start for start, _ in truth.get("events", ())]
            events = events or [start for start, *_ in truth.get("segments", ())]
            events = events or [0.0, *(cuts or ())]
            yield Clip(
                name=case.name,
                kind="development",
                file=case.file,
                cuts=cuts,
                events=tuple(map(float, events)),
            )


def _pictures(scenes: Sequence[Scene], media: Path) -> Iterator[Pixels]:
    for scene in scenes:
        count = round(scene.seconds * RATE)
        for number, pixels in zip(range(count), _frames(scene, media, count), strict=False):
            flashes = scene.flash and number in (count // 2, count // 2 + 1)
            yield np.full_like(pixels, 250) if flashes else pixels


def _frames(scene: Scene, media: Path, count: int) -> Iterator[Pixels]:
    if scene.lines:
        still = np.asarray(slide(scene.lines, theme("clips"), "en", SIZE), np.uint8)
        yield from [still] * count
    elif scene.file.endswith(".mp4"):
        for image in clip(media / scene.file, scene.start, RATE, SIZE):
            yield np.asarray(image, np.uint8)
    else:
        yield from panned(media / scene.file, scene.pan, count, SIZE)


def panned(photo: Path, pan: float, count: int, size: Size) -> Iterator[Pixels]:
    """`count` frames that move over a photo from left to right by `pan` of the width."""
    width = round(size[0] * (1 + pan))
    with Image.open(photo) as image:
        scale = max(width / image.width, size[1] / image.height)
        large = image.convert("RGB").resize(
            (max(width, round(image.width * scale)), max(size[1], round(image.height * scale)))
        )
    top = (large.height - size[1]) // 2
    pixels = np.asarray(large, np.uint8)[top : top + size[1]]
    for number in range(count):
        left = round((width - size[0]) * number / count)
        yield np.ascontiguousarray(pixels[:, left : left + size[0]])
