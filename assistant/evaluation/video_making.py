"""Scripted talks made into videos: speech by the installed voices over slides, photos and clips.

What was made once is kept in the user's cache, with the truth beside it as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

from assistant.errors import InputError
from assistant.evaluation.video_slides import Size, pictures, theme
from assistant.evaluation.video_talks import Made, Stretch, Talk, stretches
from assistant.evaluation.video_writing import SOUND_RATE, Pixels, write
from assistant.interfaces import Float32, Options
from assistant.registry import Engines
from assistant.settings import APP
from assistant.speech import Speaker

RATE: Final = 15.0  # pictures a second
SIZE: Final[Size] = (1280, 720)
_LEAD_S: Final = 0.5  # a picture is there before it is spoken about
_TRAIL_S: Final = 0.6
_VERSION: Final = 1  # of how talks are made; part of the names in the cache


def folder() -> Path:
    """Where made videos are kept."""
    return platformdirs.user_cache_path(APP) / "evaluation" / "videos"


def made(talk: Talk, media: Path, engines: Engines) -> Made:
    """The talk as a video; the first time this takes about as long as the talk.

    Args:
        media: the folder with the photos and clips that the talk shows.

    Raises:
        InputError: a file of the media, or a font, is missing.
        EngineError, WeightsError: the voice is missing.
    """
    file = folder() / f"{talk.name}-{_key(talk)}.mp4"
    truth = file.with_suffix(".json")
    if not truth.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        _make(talk, media, engines, file)
    content = json.loads(truth.read_text(encoding="utf-8"))
    return Made(talk=talk, file=file, stretches=stretches(content["parts"]))


def _key(talk: Talk) -> str:
    """Changes with what is seen or heard, not with what is asked about it."""
    seen = [part.model_dump(exclude={"facts"}) for part in talk.parts]
    content = json.dumps([_VERSION, talk.language, talk.voice, seen], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _make(talk: Talk, media: Path, engines: Engines, file: Path) -> None:
    """Write the video and, last of all, what is true of it."""
    missing = [p.file for p in talk.parts if p.file and not (media / p.file).is_file()]
    if missing:
        raise InputError(f"{media / missing[0]} is missing", fix="name the development media")
    parts, sound = spoken(talk, Speaker(engines))
    part_file = file.with_suffix(f".{os.getpid()}.mp4")
    try:
        write(part_file, _shown(talk, parts, media), rate=RATE, sound=sound)
    except OSError as error:
        raise InputError(f"cannot make {talk.name}: {error}", fix="see the error") from error
    part_file.replace(file)
    rows = [
        {**asdict(stretch), "say": part.say, "shows": part.file or list(part.slide)}
        for stretch, part in zip(parts, talk.parts, strict=True)
    ]
    truth = {"name": talk.name, "language": talk.language, "voice": talk.voice, "parts": rows}
    content = json.dumps(truth, ensure_ascii=False, indent=1)
    file.with_suffix(".json").write_text(content, encoding="utf-8")


def spoken(talk: Talk, speaker: Speaker) -> tuple[list[Stretch], Float32]:
    """When each part is shown and spoken, whole frames each; and the sound, [n] at 24 kHz."""
    found: list[Stretch] = []
    sounds: list[Float32] = []
    at = 0.0
    for part in talk.parts:
        chunks = speaker.speak([part.say], talk.language, Options(voice=talk.voice))
        voice = np.concatenate([c.audio.resampled(SOUND_RATE).samples for c in chunks])
        seconds = len(voice) / SOUND_RATE
        length = np.ceil((_LEAD_S + seconds + _TRAIL_S) * RATE) / RATE
        whole = np.zeros(round(length * SOUND_RATE), np.float32)
        lead = round(_LEAD_S * SOUND_RATE)
        whole[lead : lead + len(voice)] = voice
        sounds.append(whole)
        found.append(
            Stretch(
                start=at,
                end=at + float(length),
                speech_start=at + _LEAD_S,
                speech_end=at + _LEAD_S + seconds,
            )
        )
        at += float(length)
    return found, np.concatenate(sounds)


def _shown(talk: Talk, parts: list[Stretch], media: Path) -> Iterator[Pixels]:
    style = theme(talk.name)
    for part, stretch in zip(talk.parts, parts, strict=True):
        count = round((stretch.end - stretch.start) * RATE)
        yield from pictures(part, style, talk.language, media, count=count, rate=RATE, size=SIZE)
