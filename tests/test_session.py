"""The live session on a virtual clock: what is said, when it ends, what was heard of an answer."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest
from scripted import Reply, Say, Stage, spoken

from assistant.events import (
    Ducked,
    Failed,
    Final,
    Ignored,
    Interrupted,
    Listening,
    Partial,
    Resumed,
    Speaking,
    SpeechStarted,
    SpokenUpTo,
    ToolStarted,
    TurnEnded,
)

LONG = Reply(
    clauses=[
        "the first part of the answer is here,",
        "the second part comes after it,",
        "and this is the third part.",
    ]
)


def speech_in(block: Any) -> bool:
    """Whether scripted speech, which is level, sounds in a block; earcons are not level."""
    return int((abs(abs(block) - 0.05) < 1e-6).sum()) > 50


def of(events: list[Any], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_a_question_is_answered() -> None:
    stage = Stage(script=[Say(at=1.0, text="what time is it?")])
    events = stage.run(8)
    assert [e.text for e in of(events, Final)] == ["what time is it?"]
    assert [t.reply for t in stage.mind.remembered] == ["You said what time is it?."]
    ended = of(events, TurnEnded)[0].turn
    assert not ended.interrupted
    timings = ended.timings
    order = ["transcript_s", "end_of_turn_s", "first_audio_s", "total_s"]
    assert [timings[name] for name in order] == sorted(timings[name] for name in order)


def test_work_is_done_before_the_end_of_the_turn_is_sure() -> None:
    """Routing and the first clause are ready although the pause has to be long."""
    stage = Stage(script=[Say(at=1.0, text="tell me about the and")], prosody=0.05)
    events = stage.run(12)
    turn = of(events, TurnEnded)[0].turn
    assert turn.timings["first_sentence_s"] < turn.timings["end_of_turn_s"]
    assert turn.timings["first_audio_s"] - turn.timings["end_of_turn_s"] < 0.1


def test_nothing_sounds_before_the_turn_has_ended() -> None:
    stage = Stage(script=[Say(at=1.0, text="tell me about the and")], prosody=0.05)
    events = stage.run(12)
    end = of(events, TurnEnded)[0].turn.timings["end_of_turn_s"] + 1.0 + 5 * 0.3
    first = next(i for i, block in enumerate(stage.played) if speech_in(block))
    assert first * 0.032 >= end - 0.1


def test_a_pause_inside_a_request_is_waited_for() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="turn the page and"), Say(at=2.8, text="read it to me")],
        prosody=0.1,
    )
    events = stage.run(10)
    assert [e.text for e in of(events, Final)] == ["turn the page and read it to me"]
    assert len(stage.mind.remembered) == 1


def test_a_request_that_goes_on_after_its_end_is_taken_back() -> None:
    """The turn had ended, but nothing of its answer was heard."""
    stage = Stage(
        script=[Say(at=1.0, text="what is this?"), Say(at=2.75, text="on the left")],
        replies={"what is this?": Reply(clauses=["A cup."], wait=3.0)},
    )
    events = stage.run(12)
    assert of(events, Final)[-1].text == "what is this? on the left"
    assert [t.request for t in stage.mind.remembered] == ["what is this? on the left"]


def test_first_words_are_kept_whatever_the_onset() -> None:
    for shift in range(16):
        stage = Stage(script=[Say(at=1.0 + shift * 0.032, text="read this page to me please.")])
        stage.run(8)
        assert [t.request for t in stage.mind.remembered] == ["read this page to me please."]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("at", [4.0, 4.7, 5.4, 6.1, 6.8, 7.5, 8.2])
def test_after_an_interruption_the_store_holds_what_was_heard(exact: bool, at: float) -> None:
    replies = {
        "tell me everything.": Reply(clauses=LONG.clauses, exact=exact),
        "no wait tell me something else.": Reply(clauses=["Something else."]),
    }
    stage = Stage(
        script=[
            Say(at=1.0, text="tell me everything."),
            Say(at=at, text="no wait tell me something else."),
        ],
        replies=replies,
    )
    events = stage.run(16)
    first, second = stage.mind.remembered
    assert first.interrupted
    assert second.request == "no wait tell me something else."
    cut = of(events, Interrupted)[0]
    assert cut.at - at <= 0.9
    # A word that ends within the block of the cut may count as heard or not.
    possible = {heard_by_ear(events, exact=exact, until=cut.at + e) for e in (-0.033, 0, 0.033)}
    assert first.reply == cut.heard
    assert cut.heard in possible


def heard_by_ear(events: list[Any], *, exact: bool, until: float) -> str:
    """What the clauses' beginnings and a watch say was heard; not from the session's own sums."""
    texts = []
    for event in of(events, Speaking):
        if event.at > until or event.text not in LONG.clauses:
            continue
        words = event.text.split()
        # `Speaking` is told at the first step after the sound began, one block of 32 ms.
        played = until - event.at + 0.032
        whole = min(len(words), int((played + 1e-6) / 0.3))
        if exact:
            texts.append(" ".join(words[:whole]))
        elif played >= len(words) * 0.3 - 0.15:
            texts.append(event.text)
    return " ".join(text for text in texts if text)


def test_speech_over_a_reply_ducks_it_and_then_stops_it() -> None:
    stage = Stage(
        script=[
            Say(at=1.0, text="tell me everything."),
            Say(at=5.0, text="please stop that and read the sign."),
        ],
        replies={"tell me everything.": LONG},
    )
    events = stage.run(14)
    assert of(events, Ducked)[0].at - 5.0 <= 0.3
    assert of(events, Interrupted)[0].at - 5.0 <= 0.9


@pytest.mark.parametrize("words", ["mhm", "嗯", ""])
def test_backchannels_and_coughs_let_a_reply_go_on(words: str) -> None:
    language = "zh" if words == "嗯" else "en"
    stage = Stage(
        script=[
            Say(at=1.0, text="tell me everything."),
            Say(at=5.0, text=words, seconds=0.35, language=language),
        ],
        replies={"tell me everything.": LONG},
    )
    events = stage.run(16)
    assert not of(events, Interrupted)
    assert of(events, Resumed)
    assert [t.reply for t in stage.mind.remembered] == [" ".join(LONG.clauses)]


def test_the_assistants_own_words_are_no_request() -> None:
    stage = Stage(
        script=[
            Say(at=1.0, text="tell me everything."),
            Say(at=4.0, text="the first part of the answer is here"),
        ],
        replies={"tell me everything.": LONG},
    )
    events = stage.run(16)
    assert not of(events, Interrupted)
    assert "echo" in [e.reason for e in of(events, Ignored)]
    assert len(stage.mind.remembered) == 1


def test_noise_gives_no_turn() -> None:
    stage = Stage(script=[Say(at=1.0 + 2 * i, text="", seconds=0.4) for i in range(10)])
    events = stage.run(24)
    assert not of(events, Final)
    assert not stage.mind.remembered


def test_a_key_stops_speech_at_once() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="tell me everything.")],
        replies={"tell me everything.": LONG},
        keys={5.0: "space"},
    )
    events = stage.run(10)
    cut = of(events, Interrupted)[0]
    assert cut.by == "key"
    assert cut.at - 5.0 <= 0.07
    silent = round((cut.at + 0.05) / 0.032)
    assert not any(speech_in(block) for block in stage.played[silent:])


def test_push_to_talk_hears_only_between_two_keys() -> None:
    stage = Stage(
        script=[
            Say(at=1.0, text="this is not meant for you."),
            Say(at=4.0, text="read this."),
            Say(at=8.0, text="neither is this."),
        ],
        keys={3.5: "enter", 4.8: "enter"},
        open_microphone=False,
    )
    events = stage.run(12)
    assert [t.request for t in stage.mind.remembered] == ["read this."]
    assert [e.on for e in of(events, Listening)] == [False, True, False]
    turn = stage.mind.remembered[0]
    assert turn.timings["end_of_turn_s"] < 1.0


@pytest.mark.parametrize("before", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
def test_words_before_the_key_are_kept(before: float) -> None:
    """Whoever speaks up to half a second before Enter takes effect loses no word."""
    stage = Stage(
        script=[
            Say(at=0.5, text="not this."),
            Say(at=3.0, text="read this page to me please.", seconds=2.4),
        ],
        keys={3.0 + before: "enter", 5.6: "enter"},
        open_microphone=False,
    )
    stage.run(12)
    assert [t.request for t in stage.mind.remembered] == ["read this page to me please."]


def test_what_is_said_long_before_the_key_is_no_request() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="one two three four five six seven eight.", seconds=4.0)],
        keys={4.0: "enter", 5.3: "enter"},
        open_microphone=False,
    )
    stage.run(12)
    assert [t.request for t in stage.mind.remembered] == ["six seven eight."]


def test_push_to_talk_says_when_it_heard_nothing() -> None:
    stage = Stage(script=[], keys={1.0: "enter", 3.0: "enter"}, open_microphone=False)
    events = stage.run(8)
    assert [e.text for e in of(events, Speaking)] == [
        "I didn't hear any words. Please say it again."
    ]
    assert not stage.mind.remembered


def test_the_wake_word_is_needed_and_taken_off() -> None:
    stage = Stage(
        script=[
            Say(at=1.0, text="what is for dinner?"),
            Say(at=5.0, text="hey assistant what time is it?"),
            Say(at=10.0, text="and tomorrow morning?"),
        ],
        wake_word="hey assistant",
    )
    events = stage.run(16)
    assert "no wake word" in [e.reason for e in of(events, Ignored)]
    requests = [t.request for t in stage.mind.remembered]
    assert requests == ["what time is it?", "and tomorrow morning?"]


def test_a_long_tool_is_bridged_by_one_filler() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="describe it.")],
        replies={"describe it.": Reply(clauses=["A street."], tool="describe_scene", wait=6.0)},
        phrases=[spoken("Let me look.", exact=False)],
    )
    events = stage.run(16)
    fillers = [e for e in of(events, Speaking) if e.filler]
    assert [e.text for e in fillers] == ["Let me look."]
    assert fillers[0].at - of(events, Final)[0].at == pytest.approx(1.0, abs=0.1)
    assert stage.mind.remembered[0].reply == "A street."


def test_tools_that_change_something_wait_for_the_end_of_the_turn() -> None:
    """The speaker goes on, so "forget it" alone was never asked."""
    stage = Stage(
        script=[Say(at=1.0, text="forget it and"), Say(at=2.7, text="read the page.")],
        replies={"forget it and": Reply(clauses=["Forgotten."], tool="control", command="forget")},
        prosody=0.1,
    )
    events = stage.run(10)
    assert stage.mind.answered == ["forget it and read the page."]
    assert [e.tool for e in of(events, ToolStarted)] == ["reply"]


def test_work_between_turns_is_dropped_when_somebody_speaks() -> None:
    script = [Say(at=1.0, text="what time is it?"), Say(at=8.0, text="and the day?")]
    stage = Stage(script=script)
    events = stage.run(7.5)
    started, first = stage.mind.idled  # at the session's start; after the first turn
    assert started.is_set
    assert not first.is_set
    again = Stage(script=script)
    events = again.run(16)
    assert [e.text for e in of(events, Final)] == ["what time is it?", "and the day?"]
    assert [cancel.is_set for cancel in again.mind.idled] == [True, True, False]


def test_an_engine_that_fails_ends_no_session() -> None:
    stage = Stage(
        script=[Say(at=1.0, text="what is this?"), Say(at=6.0, text="what is that?")], fails=1
    )
    events = stage.run(12)
    assert [e.message for e in of(events, Failed)] == ["the model has gone"]
    assert [t.request for t in stage.mind.remembered] == ["what is that?"]


def test_partial_words_only_grow() -> None:
    stage = Stage(
        script=[Say(at=1.0, text=" ".join(f"word{i}" for i in range(30)) + ".")],
        costs={"ears": 0.3},
    )
    events = stage.run(16)
    partials = of(events, Partial)
    assert len(partials) >= 3
    for before, after in pairwise(partials):
        assert after.text.startswith(before.text)


def conversation() -> Stage:
    return Stage(
        script=[
            Say(at=1.0, text="tell me everything."),
            Say(at=5.0, text="mhm", seconds=0.35),
            Say(at=7.5, text="stop please that is enough."),
            Say(at=12.0, text="what is on the"),
            Say(at=13.6, text="table?"),
            Say(at=18.0, text="", seconds=0.2),
            Say(at=20.0, text="再说一遍", language="zh"),
            Say(at=25.0, text="thank you."),
        ],
        replies={"tell me everything.": LONG},
        prosody=0.4,
    )


def test_thirty_seconds_take_milliseconds_and_come_out_the_same() -> None:
    first = conversation()
    began = time.perf_counter()
    events = first.run(30)
    took = time.perf_counter() - began
    assert took < 15, "virtual time must not wait"
    assert len(first.mind.remembered) >= 4
    second = conversation()
    assert second.run(30) == events
    assert [t.reply for t in second.mind.remembered] == [t.reply for t in first.mind.remembered]


def test_every_event_is_told_in_time_order() -> None:
    events = conversation().run(30)
    for turn in of(events, TurnEnded):
        assert turn.turn.reply or turn.turn.interrupted
    times = [e.at for e in events if not isinstance(e, (SpeechStarted, SpokenUpTo))]
    assert all(after - before > -1.5 for before, after in pairwise(times))
