"""What is benchmarked, by name: `assistant bench NAME`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from assistant.audio import Audio
from assistant.bench.encoders import encoding
from assistant.bench.hearing import hearing_clips, hearing_long
from assistant.bench.pairs import Timing, compare
from assistant.bench.photos_scale import photos_scale
from assistant.bench.video import video
from assistant.bench.voice import voice
from assistant.errors import InputError
from assistant.interfaces import Options
from assistant.picture import Picture
from assistant.registry import Engines

DEMO = Path(__file__).resolve().parent.parent / "demo"


def _input(name: str) -> Path:
    """One of the demo's inputs.

    Raises:
        InputError: the checkout's `demo/` folder is not here.
    """
    path = DEMO / name
    if not path.is_file():
        raise InputError(f"{path} is missing", fix="run the benchmarks from a checkout")
    return path


class _Fresh:
    """A picture with one pixel changed each time: what was seen before is kept."""

    def __init__(self) -> None:
        self._brightness = itertools.cycle(range(40))

    def __call__(self, picture: Picture) -> Picture:
        pixels = picture.pixels.copy()
        pixels[0, 0] = next(self._brightness)
        return Picture.from_array(pixels)


def reading(engines: Engines) -> Timing:
    """Our reader, with orientation and reading order, against plain RapidOCR."""
    from rapidocr import RapidOCR

    reader = engines.get("text_reader")
    pictures = [Picture.open(_input(name)) for name in ("sign.jpg", "street.jpg")]
    fresh = _Fresh()
    plain = RapidOCR(params={"Global.log_level": "critical"})

    def baseline() -> None:
        for picture in pictures:
            plain(picture.pixels[:, :, ::-1])  # RapidOCR takes BGR

    return compare(
        "reading",
        lambda: [reader.read(fresh(picture)) for picture in pictures],
        baseline,
        against="RapidOCR 3.10 called plainly on the same two pictures",
    )


def hearing(engines: Engines) -> Timing:
    """Our transcriber, with its gate for non-speech, against plain faster-whisper."""
    from faster_whisper import WhisperModel

    transcriber = engines.get("transcriber")
    audio = Audio.open(_input("sign.flac"))
    folder = engines.locator.folder("whisper-base")
    plain = WhisperModel(str(folder), device="cpu", compute_type="int8")

    def baseline() -> None:
        segments, _ = plain.transcribe(audio.samples, beam_size=5, language="en")
        list(segments)

    return compare(
        "hearing",
        lambda: transcriber.transcribe(audio, Options(language="en")),
        baseline,
        against="faster-whisper 1.2.1 on the same clip, beam 5, language given",
    )


def describing(engines: Engines) -> Timing:
    """A whole description against its parts, run one after another without sharing."""
    describer = engines.get("scene_describer")
    detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
    reader = engines.get("text_reader")
    opened = Picture.open(_input("street.jpg"))
    fresh = _Fresh()

    def baseline() -> None:
        picture = fresh(opened)
        detector.detect(picture)
        classifier.classify([picture])
        reader.read(picture)

    return compare(
        "describing",
        lambda: describer.describe(fresh(opened)),
        baseline,
        against="detector, classifier and reader called once each, one after another",
    )


RUNS: Mapping[str, Callable[[Engines], Timing | Iterable[Timing]]] = {
    "reading": reading,
    "hearing": hearing,
    "hearing-clips": hearing_clips,
    "hearing-long": hearing_long,
    "describing": describing,
    "voice": voice,
    "encoding": encoding,
    "photos-scale": photos_scale,
    "video": video,
}
