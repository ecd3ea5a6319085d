"""Watching within a whole conversation, on sound files and a video in place of the devices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from talking import spoken
from test_camera import write_clip

from assistant.apps.talk import Talk, talk
from assistant.devices import FileSound
from assistant.events import Interrupted, SessionEvent, Speaking, TurnEnded
from assistant.registry import Engines
from assistant.types import Audio

ROOT = Path(__file__).resolve().parent.parent
WATCHED_S = 22.0  # between "start watching" and "stop"

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.weights]


def microphone(engines: Engines, folder: Path) -> Audio:
    """ "Start watching", a long silence, "stop"."""
    pieces = [Audio.silence(1.0).samples]
    for text, after in (("Start watching.", WATCHED_S), ("Stop.", 3.0)):
        said = Audio.open(spoken(engines, text, folder / "said.wav", level=-22.0)).resampled(16_000)
        pieces += [said.samples, np.zeros(round(after * 16_000), np.float32)]
    return replace(Audio.silence(1.0), samples=np.concatenate(pieces), rate=16_000)


def street(folder: Path) -> Path:
    """A street that stands still for 60 s."""
    image = Image.open(ROOT / "demo" / "street.jpg").convert("RGB").resize((640, 426))
    return write_clip(folder / "street.mp4", [image] * 600)


def test_watching_begins_and_ends_by_voice_and_its_remarks_are_spoken(
    engines: Engines, tmp_path: Path
) -> None:
    out = tmp_path / "heard.wav"
    sound = FileSound(microphone(engines, tmp_path), out, realtime=True, tail_s=4.0)
    events: list[SessionEvent] = list(
        talk(engines, sound, Talk(camera=str(street(tmp_path)), open_microphone=True))
    )
    sound.close()
    texts = [event.text for event in events if isinstance(event, Speaking) and not event.filler]
    turns = [event.turn for event in events if isinstance(event, TurnEnded)]
    watched = next(turn for turn in turns if turn.call.name == "watch_scene")
    assert watched.call.arguments.get("mode", "surroundings") == "surroundings"
    assert texts[0].startswith("I'm watching")
    assert any(word in " ".join(texts[1:]) for word in ("car", "truck", "person", "people", "bus"))
    assert len(set(texts)) == len(texts), "a still street is told once"
    assert watched.interrupted or any(isinstance(event, Interrupted) for event in events)
    stopped = next(event.at for event in events if isinstance(event, Interrupted))
    assert stopped >= WATCHED_S
    heard = Audio.open(out)
    assert np.abs(heard.samples[: round(WATCHED_S * heard.rate)]).max() > 0.05
    after = heard.samples[round((stopped + 0.5) * heard.rate) :]
    assert np.abs(after).max(initial=0.0) < 0.01
