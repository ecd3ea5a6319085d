"""What is told of devices that go and come back, on a virtual clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scripted import Reply, Say, Stage

from assistant.earcons import earcon
from assistant.events import Notice, Speaking, TurnEnded
from assistant.session.player import RATE

REPLY = Reply(clauses=["here is an answer that takes a while to be spoken."])


def of(events: list[Any], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "The microphone is back."), ("zh", "麦克风又连上了。")]
)
def test_a_change_is_told_once_in_the_users_language(language: str, text: str) -> None:
    stage = Stage(script=[], notices={1.0: "microphone back"}, language=language)
    events = stage.run(8)
    assert [e.text for e in of(events, Notice)] == [text]
    assert [e.text for e in of(events, Speaking)] == [text]
    assert not stage.mind.remembered


def test_it_waits_for_the_reply_and_a_sound_tells_of_it_at_once() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="tell me something.")],
        replies={"tell me something.": REPLY},
        notices={4.0: "loudspeaker changed"},
    )
    events = stage.run(14)
    (notice,), (ended,) = of(events, Notice), of(events, TurnEnded)
    assert notice.at == pytest.approx(4.0, abs=0.07)
    assert ended.at > 5.0
    assert not ended.turn.interrupted
    spoken = of(events, Speaking)
    assert [e.text for e in spoken] == [*REPLY.clauses, "The loudspeaker has changed."]
    assert spoken[-1].at >= ended.at
    played = np.concatenate(stage.played)
    after = played[round(4.0 * RATE) : round(4.3 * RATE)] - 0.05  # scripted speech is level
    sound = earcon("notice").samples
    assert np.correlate(after, sound).max() > 0.9 * float(np.dot(sound, sound))


def test_of_a_device_that_goes_and_comes_back_only_the_last_is_spoken() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="tell me something.")],
        replies={"tell me something.": REPLY},
        notices={3.6: "microphone gone", 4.5: "microphone back", 5.0: "loudspeaker replaced"},
    )
    events = stage.run(16)
    assert len(of(events, Notice)) == 3
    assert [e.text for e in of(events, Speaking)][1:] == [
        "The microphone is back. The loudspeaker is gone. I use another one."
    ]


def test_that_sound_was_left_out_is_told_aloud() -> None:
    stage = Stage(script=[], notices={1.0: "computer busy"})
    (spoken,) = of(stage.run(6), Speaking)
    assert spoken.text == "This computer was too busy; I may have missed something that was said."


def test_nothing_is_said_into_a_loudspeaker_that_is_gone() -> None:
    stage = Stage(
        script=[],
        notices={1.0: "loudspeaker gone", 1.5: "microphone gone", 5.0: "loudspeaker back"},
    )
    events = stage.run(12)
    (spoken,) = of(events, Speaking)
    assert spoken.at > 5.0
    assert spoken.text == "The microphone is gone. The loudspeaker is back."


def test_whoever_has_pressed_the_key_is_not_spoken_over() -> None:
    stage = Stage(
        script=[Say(at=3.0, text="read this.")],
        keys={1.0: "enter", 4.0: "enter"},
        notices={2.0: "loudspeaker changed"},
        open_microphone=False,
    )
    events = stage.run(14)
    assert [t.request for t in stage.mind.remembered] == ["read this."]
    assert [e.text for e in of(events, Speaking)][-1] == "The loudspeaker has changed."


def test_a_notice_wakes_nobody() -> None:
    """Only an answer makes the wake word unnecessary for a while."""
    stage = Stage(
        script=[Say(at=6.0, text="tell me something.")],
        notices={1.0: "loudspeaker changed"},
        wake_word="computer",
    )
    stage.run(12)
    assert not stage.mind.remembered
