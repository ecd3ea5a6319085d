"""Sound devices made of files, the echo canceller, and a conversation through both."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripted import ScriptedMind

from assistant.audio import Audio
from assistant.devices import BLOCK, FileSound
from assistant.events import Final
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.minds import EngineEars
from assistant.session.player import RATE, Player
from assistant.session.running import converse
from assistant.session.utterance import BLOCK_S
from assistant.session.workers import Inline

ROOT = Path(__file__).resolve().parent.parent


def response(delay_s: float = 0.06, gain: float = 0.5) -> np.ndarray:
    """A room: a direct path, then 0.4 s of decaying noise."""
    rng = np.random.default_rng(1)
    length = 6400
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail[0] = 8.0
    tail *= gain / np.sqrt((tail**2).sum())
    return np.concatenate([np.zeros(round(delay_s * 16_000)), tail]).astype(np.float32)


def test_a_file_comes_in_blocks_and_what_is_played_is_kept(tmp_path: Path) -> None:
    tone = np.sin(np.arange(16_000) / 10).astype(np.float32) * 0.3
    out = tmp_path / "played.wav"
    sound = FileSound(Audio(samples=tone, rate=16_000), out, tail_s=0.5)
    player = Player()
    player.add(Audio(samples=np.full(RATE // 2, 0.1, np.float32), rate=RATE))
    blocks = list(sound.blocks(player.render))
    heard = np.concatenate([block.microphone for block in blocks])
    assert len(heard) % BLOCK == 0
    assert np.abs(heard[:16_000] - tone).max() < 1e-4
    assert np.abs(heard[16_000:]).max() == 0
    sound.close()
    written = Audio.open(out)
    assert np.abs(written.resampled(RATE).samples[500 : RATE // 2 - 500] - 0.1).max() < 0.01
    assert blocks[-1].played == len(blocks) * 768


def test_stopping_the_player_fades_out_and_keeps_the_numbers() -> None:
    player = Player()
    first = player.add(Audio(samples=np.full(RATE, 0.2, np.float32), rate=RATE))
    player.render(1000)
    player.stop()
    faded = player.render(2000)
    assert 0 < np.abs(faded[:200]).max() <= 0.2
    assert np.abs(faded[240:]).max() == 0
    assert player.add(Audio(samples=np.full(10, 0.2, np.float32), rate=RATE)) == first + 1
    assert player.position().piece == first + 1


def test_ducking_ramps_without_a_click() -> None:
    player = Player()
    player.add(Audio(samples=np.full(RATE, 0.5, np.float32), rate=RATE))
    player.render(480)
    player.duck(-14.0)
    ducked = player.render(2400)
    assert np.abs(np.diff(ducked)).max() < 0.01
    assert ducked[-1] == pytest.approx(0.5 * 10 ** (-14 / 20), abs=1e-3)


@pytest.mark.weights
def test_the_assistant_does_not_hear_itself(engines: Engines) -> None:
    from assistant.engines.echo_webrtc import WebRtcEcho
    from assistant.speech import Speaker

    text = "Two people are walking along the street, and a red car stands on the left."
    chunks = Speaker(engines).speak([text] * 3, "en")
    samples = np.concatenate([chunk.audio.samples for chunk in chunks])
    player = Player()
    player.add(Audio(samples=samples, rate=RATE))
    silence = Audio(samples=np.zeros(16_000, np.float32), rate=16_000)
    sound = FileSound(silence, echo=response(), tail_s=0.3)
    detector = engines.get("voice_detector")
    raw, clean, canceller = detector.stream(), detector.stream(), WebRtcEcho()
    heard = [
        (raw.next(b.microphone), clean.next(canceller.clean(b.microphone, b.reference)))
        for b in sound.blocks(player.render)
    ]
    before, after = (np.array(column) > 0.5 for column in zip(*heard, strict=True))
    learned = round(3 / BLOCK_S)  # until then it learns the room; Piper never speaks the same twice
    assert before.mean() > 0.5
    assert after.mean() < before.mean() / 10
    assert after[learned:].mean() < 0.02


@pytest.mark.weights
def test_a_recorded_conversation_replays_exactly(tmp_path: Path, engines: Engines) -> None:
    """A spoken question is answered out of the file twin; then the same events come again."""
    from assistant.apps.talk import Talk, talk
    from assistant.events import Final, TurnEnded
    from assistant.trace import recorded_events, replay

    monkey = pytest.MonkeyPatch()
    monkey.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    question = Audio.open(ROOT / "demo" / "sign.flac")
    sound = FileSound(question, tail_s=3.0)
    wanted = Talk(
        pictures=(Picture.open(ROOT / "demo" / "sign.jpg"),),
        open_microphone=True,
        record=tmp_path / "recording",
    )
    events = list(talk(engines, sound, wanted, fast=True))
    monkey.undo()
    assert [e.text for e in events if isinstance(e, Final)] == ["What does this sign say?"]
    turn = next(e.turn for e in events if isinstance(e, TurnEnded))
    assert turn.call.name == "read_text"
    assert np.abs(sound.heard.samples).max() > 0.1
    before = recorded_events(tmp_path / "recording")
    assert len(before) == len(events)
    assert list(replay(tmp_path / "recording", Front.of(engines))) == before


@pytest.mark.weights
@pytest.mark.parametrize("file", ["sign.flac", "street.flac"])
def test_no_word_is_lost_before_the_key(file: str, engines: Engines) -> None:
    """Push-to-talk on real speech: Enter up to half a second after the first sound of it."""
    sound = Audio.open(ROOT / "demo" / file).resampled(16_000)
    loud = np.flatnonzero(np.abs(sound.samples) > 0.02)
    onset, end = float(loud[0]) / 16_000, float(loud[-1]) / 16_000
    whole = words(engines.get("transcriber").transcribe(sound).text)
    lead = Audio(samples=np.concatenate([np.zeros(16_000, np.float32), sound.samples]), rate=16_000)
    for late in (0.0, 0.25, 0.5):
        pressed = {round((1.0 + onset + late) / BLOCK_S), round((1.0 + end + 0.5) / BLOCK_S)}
        events = pushed(engines, lead, pressed)
        (heard,) = (words(e.text) for e in events if isinstance(e, Final))
        assert heard[:2] == whole[:2], late  # in the middle "this" may be heard as "the"
        assert len(heard) == len(whole), late


def words(text: str) -> list[str]:
    return [word.strip(".,?!").casefold() for word in text.split()]


def pushed(engines: Engines, sound: Audio, pressed: set[int]) -> list[Any]:
    """The events of a push-to-talk session in which Enter is pressed at these blocks."""
    workers = Inline()
    session = Session(
        rules=engines.profile.turns,
        front=Front.of(engines),
        ears=EngineEars(engines),
        mind=ScriptedMind({}),
        player=Player(),
        workers=workers,
    )
    blocks = itertools.count()

    def keys() -> tuple[str, ...]:
        return ("enter",) if next(blocks) in pressed else ()

    return list(converse(session, FileSound(sound, tail_s=2.0), workers, keys=keys))
