"""What the open microphone lets through: somebody near, soft or loud; nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.audio import HEARING_RATE, Audio
from assistant.evaluation import gate, nonspeech
from assistant.evaluation.cases import manifest
from assistant.evaluation.spoken_set import requests
from assistant.events import Final, Ignored
from assistant.registry import Engines

DEMO = Path(__file__).resolve().parent.parent / "demo"
SPEECH = sorted(DEMO.glob("*.flac"))


def recordings() -> list[Audio]:
    return [Audio.open(path).resampled(HEARING_RATE) for path in SPEECH]


def in_a_room(samples: np.ndarray, floor_db: float = -65.0) -> Audio:
    """The sound with a second before it, over quiet noise."""
    rng = np.random.default_rng(4)
    padded = np.pad(samples, (HEARING_RATE, HEARING_RATE // 2))
    noise = nonspeech.at_level(nonspeech.coloured(1.0)(rng, len(padded)), floor_db)
    return Audio(samples=(padded + noise).astype(np.float32), rate=HEARING_RATE)


def test_the_sounds_are_always_the_same_and_of_their_loudness() -> None:
    first, second = (list(nonspeech.stretches(120, recordings())) for _ in range(2))
    assert len({stretch.kind for stretch in first}) >= 15
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(first, second, strict=True))
    seconds = sum(len(stretch.samples) for stretch in first) / HEARING_RATE
    assert seconds == pytest.approx(120, abs=2)
    sound = nonspeech.at_level(first[5].samples, -30.0)
    assert 10 * np.log10(np.mean(sound.astype(np.float64) ** 2)) == pytest.approx(-30, abs=0.1)


@pytest.mark.weights
@pytest.mark.parametrize("path", SPEECH, ids=lambda path: path.stem)
def test_soft_speech_counts_near_and_not_far_away(engines: Engines, path: Path) -> None:
    speech = Audio.open(path).resampled(HEARING_RATE).samples
    near = gate.overheard(in_a_room(nonspeech.at_level(speech, -44.0)), engines)
    assert [e for e in near if isinstance(e, Final)]
    far = nonspeech.far(speech, np.random.default_rng(2))
    for level in (-45.0, -50.0):
        events = gate.overheard(in_a_room(nonspeech.at_level(far, level)), engines)
        assert not [e for e in events if isinstance(e, Final)]
        assert {e.reason for e in events if isinstance(e, Ignored)} <= {"noise", "unclear"}


@pytest.mark.weights
@pytest.mark.slow
def test_two_minutes_without_a_request_give_no_turn(engines: Engines) -> None:
    """Noise, hum, taps, coughs, music, babble and television, each for some seconds."""
    turns = [row for row in gate.unasked(engines, recordings(), [], 120.0) if row["turns"]]
    assert not turns


@pytest.mark.weights
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_twenty_minutes_without_a_request_give_no_turn(engines: Engines, media: Path) -> None:
    voices = [r.sound for r in requests(engines) if r.kind in ("complete", "clause", "list")]
    recorded = list(gate.without_speech(manifest(media)))
    rows = list(gate.unasked(engines, voices, recorded, gate.SECONDS))
    assert sum(row["s"] for row in rows) >= 0.99 * gate.SECONDS
    assert not [row for row in rows if row["turns"]]
