"""A video that is quick to understand: a real file, real cutting, cheap engines.

What is said is the pitch of each tone, what is seen and read the mean colour of a frame, so the
result depends on all that was watched and heard. `run` works in a process that may be killed;
it tells what it begins in a file, one line a chunk or frame.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Detail, Float32, Options
from assistant.registry import Engines
from assistant.settings import EngineSettings, Profile, VideoSettings
from assistant.types import (
    Audio,
    AudioChunk,
    Picture,
    Reading,
    Scene,
    SceneObject,
    Segment,
    TextLine,
    Transcript,
)
from assistant.video import chunks
from assistant.video.understood import Understood
from assistant.video.working import understand
from assistant.voiced import FRAME_S
from tests.tiny_videos import RATE, SIZE, Pixels, scene, write

SOUND_RATE = 16_000
CHUNK_S = 4.0
SHOT_S = 2.4


def make(path: Path, seconds: float = 40.0) -> Path:
    """Shots of 2.4 s, and a tone of another pitch in each second, with a pause after it."""
    pictures: list[Pixels] = []
    while len(pictures) < seconds * RATE:
        pictures += [scene(len(pictures), SIZE)] * round(SHOT_S * RATE)
    sound = np.zeros(round(seconds * SOUND_RATE), np.float32)
    times = np.arange(round(0.7 * SOUND_RATE)) / SOUND_RATE
    for second in range(int(seconds)):
        start = round((second + 0.1) * SOUND_RATE)
        tone = np.sin(2 * np.pi * (300 + 20 * second) * times)
        sound[start : start + len(times)] = (0.5 * tone)[: len(sound) - start]
    return write(path, pictures[: round(seconds * RATE)], sound=sound)


class Log:
    """Lines appended to a file; each is there at once, even if the process is killed then."""

    def __init__(self, path: Path | None) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = None if path is None else os.open(path, flags)

    def note(self, *words: object) -> None:
        if self._file is not None:
            os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


class Tones:
    """`Transcriber` that names the pitch of each stretch of sound."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def stream(
        self,
        chunks: Iterable[AudioChunk],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[Transcript]:
        sound = np.concatenate([chunk.samples for chunk in chunks])
        self._log.note("words", _pitch(sound[: 2 * SOUND_RATE]))
        segments: list[Segment] = []
        for start, end in _stretches(sound):
            if cancel is not None:
                cancel.check()
            text = f"The pitch is {_pitch(sound[start:end])} now."
            segments.append(Segment(text=text, start=start / SOUND_RATE, end=end / SOUND_RATE))
            yield Transcript(text="", language="en", segments=tuple(segments), final=False)
        yield Transcript(
            text=" ".join(s.text for s in segments),
            language="en" if segments else "",
            segments=tuple(segments),
        )


class Loudness:
    """`VoiceDetector` by loudness."""

    def probabilities(self, audio: Audio) -> Float32:
        size = round(FRAME_S * SOUND_RATE)
        frames = [audio.samples[i : i + size] for i in range(0, len(audio.samples), size)]
        return np.array([float(np.abs(f).max(initial=0) > 0.1) for f in frames], np.float32)


class Nobody:
    """`ObjectDetector` that finds nothing."""

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        return []


class Colours:
    """`TextReader` and `SceneDescriber` of mean colours."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def read(self, picture: Picture, cancel: Cancel | None = None) -> Reading:
        text = "Colour " + "-".join(map(str, _mean(picture)))
        self._log.note("read", text)
        line = TextLine(text=text, box=(0, 0, picture.width, 20), confidence=0.9)
        return Reading(lines=(line,), text=text)

    def describe(
        self,
        picture: Picture,
        detail: Detail = "brief",
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Scene:
        red, green, blue = _mean(picture)
        self._log.note("describe", red, green, blue)
        return Scene(sentence=f"A picture with {red} parts of red.", engine="colours")


def engines(log: Path | None = None, *, chunk_s: float = CHUNK_S, **video: Any) -> Engines:
    """Engines that cost next to nothing."""
    noted = Log(log)
    colours = Colours(noted)
    loaded: dict[str, Any] = {
        "transcriber": Tones(noted),
        "voice_detector": Loudness(),
        "object_detector": Nobody(),
        "text_reader": colours,
        "scene_describer": colours,
    }
    settings = VideoSettings.model_construct(
        **{"most_per_minute": 60.0, "longest_hours": 4.0, "chunk_s": chunk_s, **video}
    )
    profile = Profile.model_construct(
        name="small",
        engines={name: EngineSettings(engine=f"small {name}") for name in loaded},
        video=settings,
    )
    return Engines(profile=profile, locator=None, _loaded=loaded)  # type: ignore[arg-type]


def run(data: Path, video: Path, log: Path, told: Any) -> None:
    """Understand a video in a process of its own; `told` hears how far, and answers each."""
    os.environ["ASSISTANT_DATA"] = str(data)
    _log_cutting(Log(log))
    for event in understand(engines(log), video, waiting=lambda _: None):
        if isinstance(event, Understood):
            told.send(plain(event))
            event.store.close()
        else:
            told.send(event.stage)
            told.recv()


def plain(event: Understood) -> str:
    """What was understood, as JSON."""
    names = ("end", "shots", "keyframes", "transcript", "evidence", "summary", "faults")
    given = {name: getattr(event, name) for name in names}
    return json.dumps(given, default=dataclasses.asdict, sort_keys=True)


def _log_cutting(log: Log) -> None:
    """Note each chunk that is cut, and each whose movements are looked for."""
    whole, looked = chunks.cut, chunks.observed

    def cut(*given: Any, **named: Any) -> Generator[float, None, Any]:
        log.note("frames", named["start"])
        return (yield from whole(*given, **named))

    def observed(*given: Any, **named: Any) -> Iterator[Any]:
        log.note("movements", named["start"])
        yield from looked(*given, **named)

    chunks.cut, chunks.observed = cut, observed  # type: ignore[assignment]


def _mean(picture: Picture) -> tuple[int, int, int]:
    red, green, blue = (round(float(v)) for v in picture.pixels.mean(axis=(0, 1)))
    return red, green, blue


def _stretches(sound: Float32) -> list[tuple[int, int]]:
    """First and last sample of each tone."""
    size = SOUND_RATE // 50
    loud = [float(np.abs(sound[i : i + size]).max()) > 0.1 for i in range(0, len(sound), size)]
    edges = np.flatnonzero(np.diff([False, *loud, False]))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(int(a) * size, min(int(b) * size, len(sound))) for a, b in pairs]


def _pitch(sound: Float32) -> int:
    power = np.abs(np.fft.rfft(sound, SOUND_RATE))
    return int(round(int(power.argmax()) / 10) * 10)
