"""Questions about a video: found with times, not found without a claim, going on from before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant import commands
from assistant.routing import Router
from assistant.types import Evidence, EvidenceKind, Keyframe, Scene, SceneObject
from assistant.video.answering import VideoAnswer
from assistant.video.asking import ask
from assistant.video.following import follow_up
from assistant.video.questions import parse
from assistant.video.retrieval import Retriever

Row = tuple[EvidenceKind, float, float, str]

TALK: list[Row] = [
    ("measure", 0.0, 60.0, "The video lasts 1 minute."),
    ("text", 0.0, 9.0, "The Harbour Crane"),
    ("speech", 0.5, 8.0, "This talk is about the old crane in the harbour of Lund."),
    ("text", 9.0, 18.0, "Built in 1874"),
    ("speech", 9.3, 17.0, "It was built by the shipwright Anna Falk, and lifted nine tonnes."),
    ("scene", 18.0, 40.0, "A boat and a dog."),
    ("speech", 18.4, 24.0, "Steam drove it until 1931, and then it stood still."),
    ("text", 40.0, 60.0, "Open on Sundays"),
    ("speech", 40.5, 47.0, "Visitors may climb it, but bring strong shoes."),
]
TALK_ZH: list[Row] = [
    ("measure", 0.0, 30.0, "视频长30秒。"),
    ("text", 0.0, 10.0, "老吊车"),
    ("speech", 0.5, 8.0, "今天介绍港口的老吊车。"),
    ("speech", 10.3, 17.0, "吊车是一八七四年建成的，能吊起九吨重的东西。"),
    ("scene", 10.0, 20.0, "一只狗。"),
    ("speech", 20.5, 27.0, "参观的时候请穿结实的鞋子。"),
]


class NoEngines:
    def has(self, capability: str) -> bool:
        return False


def thing(name: str, confidence: float) -> SceneObject:
    return SceneObject(name=name, confidence=confidence, box=None, direction=None, proximity=None)


def video(rows: list[Row], language: str = "en") -> Any:
    evidence = [
        Evidence(number=n, kind=k, start=a, end=b, text=t, language=language)
        for n, (k, a, b, t) in enumerate(rows, 1)
    ]
    scene = Scene(
        sentence="A boat and a dog.",
        objects=(thing("dog", 0.9), thing("boat", 0.8), thing("cat", 0.3)),
        engine="basic",
    )
    keyframes = (
        Keyframe(time=4.0, start=0.0, end=9.0, scene=Scene(sentence="", engine="basic")),
        Keyframe(time=20.0, start=18.0, end=40.0, scene=scene),
    )
    facts = SimpleNamespace(path="gone.mp4")
    return SimpleNamespace(store=None, facts=facts, keyframes=keyframes, evidence=evidence)


def answer(question: str, language: str = "en", *history: VideoAnswer) -> VideoAnswer:
    known = video(TALK_ZH if language == "zh" else TALK, language)
    return ask(known, question, language=language, engines=NoEngines(), history=history)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "start", "words"),
    [
        ("Who built the crane?", 9.3, "Anna Falk"),
        ("How many tonnes did it lift?", 9.3, "nine tonnes"),
        ("What drove it until 1931?", 18.4, "Steam"),
        ("What does he say about shoes?", 40.5, "strong shoes"),
        ("What does the man say about shoes?", 40.5, "strong shoes"),
        ("When does the dog appear?", 18.0, "a dog at 18 seconds"),
        ("Is there a dog in the video?", 18.0, "a dog"),
        ("What happens at 10 seconds?", 9.0, "Built in 1874"),
        ("How does it end?", 40.0, "Open on Sundays"),
        ("What is shown at the beginning?", 0.0, "The Harbour Crane"),
        ("How long is the video?", 0.0, "1 minute"),
        ("Play me the part about the shoes.", 40.5, "from 40 seconds to 47 seconds"),
    ],
)
def test_what_the_video_tells_is_found_with_its_time(
    question: str, start: float, words: str
) -> None:
    found = answer(question)
    assert found.found, found.text
    assert found.evidence[0][0] == start
    assert words in found.text


@pytest.mark.parametrize(
    ("question", "start", "words"),
    [
        ("吊车是什么时候建成的？", 8.0, "一八七四年"),
        ("视频里有狗吗？", 18.0, "狗"),
        ("参观要穿什么鞋子？", 20.0, "结实的鞋子"),
        ("那个女人说了什么关于鞋子的事？", 20.0, "结实的鞋子"),
        ("视频有多长？", 0.0, "30秒"),
    ],
)
def test_chinese_questions_are_answered(question: str, start: float, words: str) -> None:
    found = answer(question, "zh")
    assert found.found, found.text
    assert abs(found.evidence[0][0] - start) <= 2.5
    assert words in found.text


@pytest.mark.parametrize(
    "question",
    [
        "Is there a cat?",  # faintly there: a doubt is no claim
        "Is there a bicycle in the video?",
        "How much does the crane cost?",
        "Which queen visited the harbour?",
        "When did the crane burn down?",
        "What does she say about dragons?",
        "What happens at 5 minutes?",
    ],
)
def test_what_is_not_there_is_not_claimed(question: str) -> None:
    found = answer(question)
    assert not found.found
    assert found.evidence == ()
    assert not found.text.casefold().startswith(("no", "yes"))
    for word in ("cat", "bicycle", "dragon", "queen", "burn"):
        assert word not in found.text.casefold()


@pytest.mark.parametrize("question", ["视频里有汽车吗？", "吊车卖多少钱？", "市长什么时候来的？"])
def test_chinese_absences_are_not_claimed(question: str) -> None:
    found = answer(question, "zh")
    assert not found.found
    assert "没有汽车" not in found.text


def test_what_a_video_is_about_answers_no_question_of_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The title is nearest in meaning to every question that names the subject."""
    rows: list[Row] = [
        ("text", 0.0, 9.0, "The old crane"),
        ("speech", 0.5, 8.0, "This talk is about the crane in the harbour."),
    ]
    for place, thing in enumerate(("steam", "iron", "rope", "wood", "stone", "oil", "paint"), 1):
        rows.append(("text", 30.0 * place, 30.0 * place + 20, thing))
        rows.append(("speech", 30.0 * place, 30.0 * place + 8, f"It needs a lot of {thing}."))
    monkeypatch.setattr(
        Retriever, "_near", lambda self, text: [3.0] + [0.0] * (len(self.moments) - 1)
    )
    known: Any = video(rows)

    def asked(question: str) -> VideoAnswer:
        return ask(known, question, language="en", engines=NoEngines())  # type: ignore[arg-type]

    assert not asked("Which bank owns the harbour crane?").found
    assert not asked("Who sold the harbour crane?").found
    assert asked("What about the harbour crane?").found


def test_questions_go_on_from_the_last_answer() -> None:
    first = answer("Who built the crane?")
    after = answer("What happens after that?", "en", first)
    assert after.evidence[0][0] == 18.0
    before = answer("And before that?", "en", after)
    assert before.evidence[0][0] == 9.0
    played = answer("Play me that part.", "en", before)
    assert played.evidence == before.evidence
    assert "from 9 seconds to 18 seconds" in played.text


def test_of_a_long_moment_what_is_said_at_the_time_is_told() -> None:
    rows: list[Row] = [("measure", 0.0, 24.0, "The video lasts 24 seconds.")]
    rows += [("speech", 4.0 * n, 4.0 * n + 3, f"We plant tree {n} now.") for n in range(6)]
    found = ask(video(rows), "How does it end?", language="en", engines=NoEngines())  # type: ignore[arg-type]
    assert "tree 5" in found.text
    assert "tree 0" not in found.text
    assert found.evidence == ((16.0, 23.0),)
    assert found.text.startswith("At 16 seconds: ")


def test_there_is_no_part_to_play_before_any_answer() -> None:
    assert not answer("Play me that part.").found


def test_a_thing_that_is_said_and_not_seen_is_told_so() -> None:
    found = answer("Are there shoes in the video?")
    assert "I don't see that in the 2 frames that I looked at" in found.sentences[0].text
    assert "strong shoes" in found.text


HOME: list[Row] = [
    ("measure", 0.0, 20.0, "The video lasts 20 seconds."),
    ("scene", 0.0, 20.0, "A garden."),
    ("action", 4.0, 5.0, "A horse goes out of the picture on the left."),
    (
        "action",
        9.0,
        10.0,
        "A horse comes into the picture from the left, maybe back again.",
    ),
]


@pytest.mark.parametrize(
    ("question", "words", "start"),
    [
        ("Is there a horse in the video?", "A horse goes out", 4.0),
        ("When does the horse come back?", "A horse comes into", 9.0),
        ("What happens at 9 seconds?", "A horse comes into", 9.0),
        ("Does a horse leave?", "A horse goes out", 4.0),
    ],
)
def test_what_was_seen_to_happen_answers(question: str, words: str, start: float) -> None:
    found = ask(video(HOME), question, language="en", engines=NoEngines())
    assert found.found
    assert words in found.text
    assert "don't see" not in found.text
    assert any(begin <= start <= end for begin, end in found.evidence)


def test_a_movement_tells_no_colour() -> None:
    question = "Is there a red horse in the video?"
    found = ask(video(HOME), question, language="en", engines=NoEngines())
    assert "I don't see" in found.sentences[0].text


def test_who_did_not_move_is_not_told_to_have() -> None:
    found = ask(video(HOME), "Is there a cat in the video?", language="en", engines=NoEngines())
    assert not found.found
    assert "horse" not in found.text


def test_what_no_frame_can_be_searched_for_is_not_looked_for() -> None:
    found = answer("Is there a zeppelinograph in the video?")
    assert not found.found
    assert "I can't tell from the frames" in found.text


def test_words_of_others_are_quoted() -> None:
    kinds = [one.kind for one in answer("Who built the crane?").sentences]
    assert kinds == ["quoted", "quoted"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("what happens at 1:20?", 80.0),
        ("what is said two minutes in", 120.0),
        ("and at 1:02:05", 3725.0),
        ("2 hours and 3 minutes in", 7380.0),
        ("第三分钟说了什么", 150.0),
        ("1分20秒的时候", 80.0),
        ("一分半的时候有什么", 90.0),
        ("who built it in 1874", None),
        ("那是1874年吗", None),
    ],
)
def test_times_in_questions(text: str, at: float | None) -> None:
    assert parse(text).at == at


@pytest.mark.parametrize(
    ("request_", "tool"),
    [
        ("timeline", "summarize_video"),
        ("Give me the timeline, please.", "summarize_video"),
        ("时间线", "summarize_video"),
        ("is it ready?", "summarize_video"),
        ("How far are you with the video?", "summarize_video"),
        ("看完了吗？", "summarize_video"),
        ("What is it about?", "summarize_video"),
        ("Play me that part.", "ask_video"),
        ("放那一段给我听", "ask_video"),
        ("跳到讲屋顶的那一段", "ask_video"),
        ("How does it end?", "ask_video"),
        ("What happens after that?", "ask_video"),
        ("What does she say about money?", "ask_video"),
        ("what is at 2 minutes", "ask_video"),
        ("Thank you.", None),
        ("What's the weather like?", None),
        ("What is in front of me?", None),
        ("读一下这个标签", None),
        ("Find photos of my dog.", None),
    ],
)
def test_requests_that_mean_the_video_without_naming_it(request_: str, tool: str | None) -> None:
    assert follow_up(request_, spoken_of=True) == tool


def test_what_it_says_is_a_pictures_text_where_no_video_was_spoken_of() -> None:
    assert follow_up("What does it say?", spoken_of=False) is None


def test_such_requests_are_routed_without_a_model_where_a_video_is_at_hand() -> None:
    router = Router(None)  # type: ignore[arg-type]
    clip = Path("harbour.mp4")
    routed = router.route("Give me the timeline.", files=(clip,))
    assert (routed.call.name, routed.via) == ("summarize_video", "command")
    routed = router.route("Play me that part.", allowed=frozenset({commands.VIDEO}))
    assert routed.call.name == "ask_video"
    assert routed.call.arguments == {"question": "Play me that part."}
    routed = router.route("what happens at 0:10 in harbour.mp4", files=(clip,))
    assert routed.call.arguments["path"] == "harbour.mp4"


def test_what_an_answer_is_to_name_need_not_be_said() -> None:
    assert parse("Which day is the best of the week?").words == ("best", "week")
    assert parse("In what year was the mill built?").words == ("mill", "built")
    assert parse("What day is it?").words == ("day",), "there is nothing else to look for"
