"""How ends of turns are measured: false ends, which are mended, the wait after true ones."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.audio import HEARING_RATE, Audio
from assistant.evaluation import spoken_set
from assistant.evaluation.pauses import Heard, Pause, listened
from assistant.evaluation.turns import PAUSES_S, by_group, figures, fixed, outcomes, ruled
from assistant.registry import Engines
from assistant.settings import TurnRules, read_yaml
from assistant.speech import trimmed

DEMO = Path(__file__).resolve().parent.parent / "demo"
RULES = TurnRules()


def pause(text: str = "what is this?", length: float = math.inf, **known: Any) -> Pause:
    given: dict[str, Any] = {
        "language": "en", "prosody": 0.9, "voiced_s": 1.5, "late_s": 0.0, "put": False, **known,
    }  # fmt: skip
    return Pause(text=text, length_s=length, **given)


def request(*pauses: Pause) -> Heard:
    return Heard(name="x", language="en", kind="list", half="held-out", pauses=pauses)


def test_a_short_silence_cuts_and_a_long_one_waits() -> None:
    heard = request(pause("read the", 1.0, put=True), pause("read the sign."))
    cut = [o.cut for o in outcomes(heard, fixed(0.8), RULES)]
    assert cut == [length >= 0.8 for length in PAUSES_S]
    waits = outcomes(heard, fixed(2.0), RULES)
    assert not any(o.cut for o in waits)
    assert [o.delay_s for o in waits] == [2.0] * len(PAUSES_S)


def test_a_cut_is_mended_where_speech_goes_on_before_the_answer_sounds() -> None:
    def mended(length: float) -> tuple[bool, ...]:
        (outcome,) = outcomes(request(pause("what is", length), pause()), fixed(0.3), RULES)
        assert outcome.cut
        return outcome.mended

    assert mended(0.4) == (True, True)
    assert mended(1.0) == (True, False)  # answers sound after 1.6 s and after 0.8 s
    assert mended(1.8) == (False, False)


def test_what_comes_late_and_what_is_no_request_is_counted_so() -> None:
    late = request(pause("uh", 1.2, refused="noise"), pause(late_s=0.05))
    (outcome,) = outcomes(late, fixed(0.3), RULES)
    assert not outcome.cut
    assert outcome.delay_s == pytest.approx(0.35)


def test_the_rules_wait_for_their_transcript() -> None:
    quick = figures([request(pause(prosody=1.0))], ruled(RULES, 0.1), RULES)
    slow = figures([request(pause(prosody=1.0))], ruled(RULES, 0.9), RULES)
    assert quick["delay_median_s"] < 0.7
    assert slow["delay_median_s"] == pytest.approx(0.9)
    assert set(by_group([request(pause())], fixed(0.5), RULES)) == {"all", "en", "list"}


def test_the_set_has_both_languages_and_two_halves() -> None:
    table = read_yaml(spoken_set._SET)
    assert set(table) == {"en", "zh"}
    assert set(table["en"]) == set(table["zh"])
    texts = [text for kinds in table.values() for rows in kinds.values() for text in rows]
    assert all(isinstance(text, str) for text in texts)
    assert len(texts) == len(set(texts)) >= 140
    for kinds in table.values():
        for kind, rows in kinds.items():
            assert all(("|" in text) == (kind not in ("complete", "short")) for text in rows)
    silent = Audio(samples=np.zeros(1, np.float32), rate=HEARING_RATE)
    halves = [
        spoken_set.Request(
            text=text, language="en", kind="", voice="", sound=silent, pauses=()
        ).half
        for text in texts
    ]
    assert 0.4 < halves.count("held-out") / len(halves) < 0.6


@pytest.mark.weights
def test_pauses_of_a_recording_are_heard_where_they_are(engines: Engines) -> None:
    """Two questions with 1 s between them: a pause after the first, the end after the second."""
    first, second = (
        trimmed(Audio.open(DEMO / f"{name}.flac").resampled(HEARING_RATE)).samples
        for name in ("sign", "dogs")
    )
    gap = np.zeros(HEARING_RATE, np.float32)
    start = len(first) / HEARING_RATE
    sound = Audio(samples=np.concatenate([first, gap, second]), rate=HEARING_RATE)
    pauses = listened(sound, engines, put=[(start, start + 1.0)])
    inner = [p for p in pauses[:-1] if p.put]
    assert len(inner) == 1
    assert inner[0].text == "What does this sign say?"
    assert 0.7 < inner[0].length_s < 1.6
    assert math.isinf(pauses[-1].length_s)
    assert -0.5 < pauses[-1].late_s < 0.2
