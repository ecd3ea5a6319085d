"""When a turn has ended, what speech over a reply is, whether the assistant was addressed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import overlap, wake
from assistant.earcons import earcon
from assistant.endpointing import completeness, required_pause
from assistant.invented import refusal
from assistant.partials import Stabiliser
from assistant.settings import TurnRules
from assistant.types import Transcript

RULES = TurnRules()
REPLY = "A truck stands in front of you, and two people are walking on the left."
REPLY_ZH = "前面有一辆卡车，左边有两个人在走路。"


def pause(text: str, language: str, prosody: float | None = 0.5, voiced_s: float = 2.0) -> float:
    return required_pause(RULES, prosody=prosody, text=text, language=language, voiced_s=voiced_s)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is in front of me?", "en"),
        ("Read this page to me.", "en"),
        ("What is this for?", "en"),
        ("前面有什么？", "zh"),
        ("请把这一页读给我听。", "zh"),
    ],
)
def test_whole_sentences_end_sooner_than_unfinished_ones(text: str, language: str) -> None:
    unfinished = {"en": "Read this page to me and", "zh": "请把这一页读给我听然后"}[language]
    assert pause(text, language) < 0.8 * pause(unfinished, language)
    assert pause(text, language, prosody=0.9) < 0.7


@pytest.mark.parametrize(
    ("text", "language"), [("yes", "en"), ("No.", "en"), ("对", "zh"), ("好的。", "zh")]
)
def test_short_answers_end_fast_whatever_the_melody(text: str, language: str) -> None:
    assert pause(text, language, prosody=0.1, voiced_s=0.3) == RULES.shortest_pause_s


@pytest.mark.parametrize("word", ["and", "the", "because", "my", "to"])
def test_after_such_words_people_go_on(word: str) -> None:
    assert completeness(f"I would like to see it {word}", "en") <= 0.2
    assert pause(f"I would like to see it {word}", "en", prosody=0.3) > 1.5


@given(
    prosody=st.one_of(st.none(), st.floats(0, 1)),
    text=st.one_of(st.none(), st.text(max_size=40)),
    voiced_s=st.floats(0, 30),
)
def test_a_pause_is_within_its_limits(
    prosody: float | None, text: str | None, voiced_s: float
) -> None:
    for language in ("en", "zh"):
        needed = required_pause(
            RULES, prosody=prosody, text=text, language=language, voiced_s=voiced_s
        )
        assert RULES.shortest_pause_s <= needed <= RULES.longest_pause_s


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_surer_melody_never_asks_for_a_longer_pause(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert pause("tell me about it", "en", high) <= pause("tell me about it", "en", low)


@pytest.mark.parametrize(
    ("text", "language"),
    [("My number is 415.", "en"), ("The code is 77 42", "en"), ("我的电话是138 0012。", "zh")],
)
def test_numbers_are_dictated_in_groups(text: str, language: str) -> None:
    assert pause(text, language, prosody=0.95) > 0.8


@pytest.mark.parametrize("text", ["红色的。", "左边的那个。", "最大的"])
def test_a_choice_is_an_answer(text: str) -> None:
    assert pause(text, "zh", prosody=0.6) < 1.0


@pytest.mark.parametrize("text", ["我的", "找红色的", "请把那个", "那个"])
def test_the_beginning_of_a_phrase_is_no_choice(text: str) -> None:
    assert completeness(text, "zh") <= 0.2


def heard(text: str, language: str = "en") -> Transcript:
    return Transcript(text=text, language=language)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mm-hmm.", "backchannel"),
        ("Yeah, yeah.", "backchannel"),
        ("嗯嗯。", "backchannel"),
        ("对对。", "backchannel"),
        ("", "noise"),
        ("...", "noise"),
        ("truck stands in front of you and", "echo"),
        ("trucks stands in front of you and two people", "echo"),
        ("on the left", "echo"),
        ("stop", "speech"),
        ("Yeah, but what colour is it?", "speech"),
        ("what is on the left of the truck", "speech"),
        ("tell me more about the people", "speech"),
        ("停", "speech"),
        ("wait", "speech"),
    ],
)
def test_speech_over_a_reply(text: str, kind: str) -> None:
    assert overlap.kind(heard(text), REPLY, voiced_s=0.6) == kind


def test_an_answer_to_the_assistants_question_is_no_backchannel() -> None:
    for spoken, answer in (("Shall I go on?", "Okay."), ("要我继续读吗？", "好的。")):
        assert overlap.kind(heard(answer), spoken, voiced_s=0.4) == "speech"


def test_control_words_count_even_when_the_reply_names_them() -> None:
    spoken = "You can say read that again, or next paragraph."
    for words in ("Read that again.", "Next paragraph."):
        assert overlap.kind(heard(words), spoken, voiced_s=0.8) == "speech"


def test_questions_about_the_reply_are_no_echo() -> None:
    assert not overlap.is_echo("which chair on the left", "A chair on the left, near.")
    assert not overlap.is_echo("is the door open", "The door behind it is open.")


@pytest.mark.parametrize("text", ["Turn it on.", "Go on.", "Put it down."])
def test_a_verbs_particle_ends_a_sentence(text: str) -> None:
    assert completeness(text, "en") >= 0.7


@pytest.mark.parametrize(
    ("text", "language"),
    [("Can you tell me", "en"), ("Could you please", "en"), ("我想知道", "zh"), ("请告诉我", "zh")],
)
def test_after_a_lead_in_people_go_on(text: str, language: str) -> None:
    assert completeness(text, language) <= 0.2


def test_chinese_echo_and_question() -> None:
    assert overlap.is_echo("前面有一辆卡车", REPLY_ZH)
    assert overlap.is_echo("前面有一量卡车，左边", REPLY_ZH)
    assert not overlap.is_echo("卡车是什么颜色的", REPLY_ZH)


def test_a_long_echo_is_known_by_words_in_a_row_though_most_are_misheard() -> None:
    spoken = "Social Reformer Established this garden, hall and cottages, and pioneered"
    heard = "Social reformer established this party, all of them cottages, and by and here are"
    assert not overlap.is_echo(heard, spoken)
    assert overlap.repeats(heard, spoken)
    assert overlap.repeats("前面有一辆卡车停着呢", REPLY_ZH)
    assert not overlap.repeats("what is this garden, hall and cottages", spoken)
    assert not overlap.repeats("can you repeat that", spoken)
    assert not overlap.repeats("and the", "and the")
    assert not overlap.repeats("", "")


def test_every_control_word_stops_a_reply() -> None:
    for word in ("stop", "cancel", "next", "repeat", "help", "more", "停", "取消", "再说一遍"):
        assert overlap.kind(heard(word), REPLY, voiced_s=0.5) == "speech"


@pytest.mark.parametrize(
    ("text", "phrase", "request_"),
    [
        ("Hey assistant, what time is it?", "hey assistant", "what time is it?"),
        ("Assistant. Read this.", "hey assistant", "Read this."),
        ("Hey, assistance, what time is it?", "hey assistant", "what time is it?"),
        ("Hey assistant.", "hey assistant", ""),
        ("小助手，前面有什么？", "小助手", "前面有什么？"),
        ("小住手，前面有什么？", "小助手", "前面有什么？"),
        ("Okay Jarvis stop", "jarvis", "stop"),
        ("Hay assistance what time is it?", "hey assistant", "what time is it?"),
        ("你好小助手，读一下。", "小助手", "读一下。"),
    ],
)
def test_the_wake_phrase_is_taken_off(text: str, phrase: str, request_: str) -> None:
    assert wake.strip(text, phrase) == request_


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("What time is it?", "hey assistant"),
        ("The assistant was late.", "hey assistant"),
        ("Hey Susan, what time is it?", "hey assistant"),
        ("I told my assistant to call.", "hey assistant"),
        ("小朋友，前面有什么？", "小助手"),
        ("Assistant manager is a job.", "hey assistant"),
        ("Assistants are useful.", "hey assistant"),
        ("Hey assist him now.", "hey assistant"),
        ("", "hey assistant"),
    ],
)
def test_other_words_do_not_wake(text: str, phrase: str) -> None:
    assert wake.strip(text, phrase) is None


@pytest.mark.parametrize(
    "name", ["listening", "stopped", "thinking", "waiting", "error", "notice", "capture"]
)
def test_earcons_are_short_soft_and_without_clicks(name: str) -> None:
    sound = earcon(name)  # type: ignore[arg-type]
    assert 0.05 <= sound.duration <= 0.3
    assert 0.02 <= np.abs(sound.samples).max() <= 0.25
    assert abs(sound.samples[0]) < 0.01
    assert abs(sound.samples[-1]) < 0.01
    if name != "capture":
        assert np.abs(np.diff(sound.samples)).max() < 0.06


def test_earcons_differ() -> None:
    names = ("listening", "stopped", "thinking", "waiting", "error", "notice", "capture")
    sounds = {earcon(name).samples.tobytes() for name in names}  # type: ignore[arg-type]
    assert len(sounds) == len(names)


@given(st.lists(st.sampled_from(["a", "b", "c", "你", "好"]), min_size=1, max_size=12))
def test_stable_words_only_grow_and_come_from_agreement(words: list[str]) -> None:
    stabiliser, told = Stabiliser(), ""
    for count in range(1, len(words) + 1):
        stable, _ = stabiliser.update(" ".join(words[:count]))
        assert stable.startswith(told)
        told = stable
    assert stabiliser.revisions(" ".join(words)) == 0


def test_a_word_heard_once_is_not_stable() -> None:
    stabiliser = Stabiliser()
    assert stabiliser.update("read the sine") == ("", "read the sine")
    assert stabiliser.update("read the sign now") == ("read the", "sign now")
    assert stabiliser.update("read the sign now please") == ("read the sign now", "please")
    assert stabiliser.revisions("read a sign now please") == 1


def test_far_and_doubtful_speech_is_no_request() -> None:
    def judged(
        level: float, floor: float, confidence: float = 0.8, fall: float | None = None
    ) -> str | None:
        transcript = Transcript(text="what time is it", language="en", confidence=confidence)
        return refusal(transcript, voiced_s=1.0, level=level, floor=floor, rules=RULES, fall=fall)

    assert judged(-25, -60) is None
    assert judged(-62, -80) == "noise"
    assert judged(-40, -42) == "noise"
    assert judged(-25, -60, confidence=0.2) == "unclear"
    assert judged(-42, -65, fall=9) == "noise"  # soft, and echoing
    assert judged(-42, -65, fall=18) is None
    assert judged(-25, -65, fall=9) is None  # near, in an echoing room
