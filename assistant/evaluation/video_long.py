"""Long 1080p files for measuring speed and memory: clips, photos and slides with cuts, and speech.

A reel of four minutes is encoded once; its packets are repeated under speech that is not (the
English talks in three orders). Two hours are the twenty minutes repeated, ten silent hours one
picture every ten seconds. All is kept in the user's cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from assistant.errors import InputError
from assistant.evaluation.video_clips import panned
from assistant.evaluation.video_making import folder
from assistant.evaluation.video_slides import Size, clip, slide, theme
from assistant.evaluation.video_talks import Part, Talk, talks
from assistant.evaluation.video_writing import SOUND_RATE, Pixels, repeat, write
from assistant.interfaces import Float32, Options
from assistant.registry import Engines
from assistant.speech import Speaker

RATE: Final = 25.0  # pictures a second
SIZE: Final[Size] = (1920, 1080)
REEL_S: Final = 240.0
LONG_S: Final = 1200.0
_SHOTS: Final = (3.0, 14.0)  # s, shortest and longest
_PAUSES: Final = (0.4, 2.5)  # s between two things that are said
_VOICE: Final = "joe"  # a twelfth of real time on two cores
_VERSION: Final = 1
_PHOTOS: Final = (4, 6, 9, 10, 12, 15, 17, 18, 26, 27, 28)


def twenty_minutes(media: Path, engines: Engines) -> Path:
    """Twenty minutes of 1080p with speech; made in about a quarter of an hour on two cores.

    Raises:
        InputError: a file of the media is missing.
        EngineError, WeightsError: the voice is missing.
    """
    sound = folder() / f"speech-{_VERSION}.npy"
    target = folder() / f"long-20min-{_VERSION}.mp4"
    if not target.is_file():
        picture = reel(media)
        if not sound.is_file():
            np.save(sound, _spoken(engines))
        _made(target, lambda part: repeat(picture, part, LONG_S, sound=np.load(sound)))
    return target


def two_hours(media: Path, engines: Engines) -> Path:
    """The twenty minutes six times; nothing is encoded anew."""
    source = twenty_minutes(media, engines)
    target = folder() / f"long-2h-{_VERSION}.mp4"
    if not target.is_file():
        _made(target, lambda part: repeat(source, part, 6 * LONG_S))
    return target


def silent_hours(target: Path, hours: float) -> Path:
    """A dark video without sound, a picture every ten seconds; made in a second or two."""
    short = target.with_suffix(".short.mp4")
    write(short, (np.full((180, 320, 3), 12, np.uint8) for _ in range(60)), rate=0.1)
    repeat(short, target, 3600 * hours)
    short.unlink()
    return target


def reel(media: Path) -> Path:
    """Four minutes of 1080p with cuts and without sound."""
    target = folder() / f"reel-{_VERSION}.mp4"
    if not target.is_file():
        folder().mkdir(parents=True, exist_ok=True)
        _made(
            target,
            lambda part: write(part, _shots(media), rate=RATE, preset="superfast", crf=26),
        )
    return target


def _made(target: Path, work: Callable[[Path], object]) -> None:
    part = target.with_suffix(f".{os.getpid()}.mp4")
    try:
        work(part)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"cannot make {target}: {error}", fix="see the error") from error
    part.replace(target)


def _english() -> list[Talk]:
    return [talk for talk in (*talks("dev"), *talks("frozen")) if talk.language == "en"]


def _shots(media: Path) -> Iterator[Pixels]:
    """Frames of shots of many lengths: in turn a photo that is panned over, a clip, a slide."""
    random = np.random.default_rng(6)
    slides = [(part, theme(talk.name)) for talk in _english() for part in talk.parts if part.slide]
    left, number = round(REEL_S * RATE), 0
    while left:
        count = min(left, round(random.uniform(*_SHOTS) * RATE))
        left -= count
        number += 1
        if number % 3 == 0:
            part, style = slides[int(random.integers(len(slides)))]
            still = np.asarray(slide(part.slide, style, "en", SIZE), np.uint8)
            yield from [still] * count
        elif number % 3 == 1:
            photo = f"photos/p{random.choice(_PHOTOS):03d}"
            file = next(iter(sorted(media.glob(f"{photo}.*"))))
            yield from panned(file, random.uniform(0.0, 0.2), count, SIZE)
        else:
            name = ("video/v001.mp4", "video/v002.mp4")[number % 2]
            moving = clip(media / name, random.uniform(0.0, 6.0), RATE, SIZE)
            for _ in range(count):
                yield np.asarray(next(moving), np.uint8)


def _spoken(engines: Engines) -> Float32:
    """Speech with pauses, [n] at 24 kHz: what the English talks say, in other orders."""
    random = np.random.default_rng(7)
    speaker = Speaker(engines)
    parts: list[Part] = [part for talk in _english() for part in talk.parts]
    voices: dict[str, Float32] = {}
    pieces: list[Float32] = []
    length = 0
    while length < LONG_S * SOUND_RATE:
        for place in random.permutation(len(parts)):
            text = parts[int(place)].say
            if text not in voices:
                chunks = speaker.speak([text], "en", Options(voice=_VOICE))
                voices[text] = np.concatenate(
                    [chunk.audio.resampled(SOUND_RATE).samples for chunk in chunks]
                ).astype(np.float32)
            pause = np.zeros(round(random.uniform(*_PAUSES) * SOUND_RATE), np.float32)
            pieces += [pause, voices[text]]
            length += len(pause) + len(voices[text])
    return np.concatenate(pieces)[: round(LONG_S * SOUND_RATE)]
