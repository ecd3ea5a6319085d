"""Rules of speech: no clearance passes, true and useful sentences stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest

from assistant.events import Sentence
from assistant.languages import language_of, length
from assistant.safety import SpeechFilter, clearance_in, streamed_sentences
from assistant.safety.numbers import ReadNumbers, tells_number
from assistant.safety.plain import speakable
from assistant.safety.sentences import shortened
from assistant.types import SentenceKind

_DATA = Path(__file__).parent / "data"


def _lines(name: str) -> list[str]:
    rows = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


def _pairs(name: str) -> list[tuple[str, str]]:
    return [(row.split(" | ")[0], row.split(" | ")[1]) for row in _lines(name)]


def _spoken(
    text: str,
    *,
    kind: SentenceKind = "generated",
    about: Literal["scene", "reply"] = "scene",
    request: str = "",
    read: Iterable[str] = (),
) -> list[str]:
    rules = SpeechFilter(about=about, request=request, texts=lambda: read)
    language = language_of(text)
    sentence = Sentence(text=text, kind=kind, language=language)
    said = [out.text for out in rules.sentence(sentence)]
    return said + [out.text for out in rules.finish(language)]


CLEARANCES = _lines("clearances.txt")
BENIGN = _lines("benign_scenes.txt")


def test_there_are_enough_sentences() -> None:
    assert len(CLEARANCES) >= 150
    assert len(BENIGN) + len(_pairs("benign_replies.txt")) >= 100


@pytest.mark.parametrize("text", CLEARANCES)
@pytest.mark.parametrize("kind", ["generated", "measured"])
def test_no_clearance_passes(text: str, kind: SentenceKind) -> None:
    said = _spoken(text, kind=kind)
    assert said, "something is said instead"
    assert text not in said
    assert all(clearance_in(sentence) is None for sentence in said)


@pytest.mark.parametrize("text", BENIGN)
def test_true_sentences_are_spoken_as_they_are(text: str) -> None:
    assert "".join(_spoken(text, kind="measured")).replace(" ", "") == text.replace(" ", "")


def test_what_is_said_instead_holds_neither_no_nor_clear_nor_safe() -> None:
    for text in CLEARANCES:
        for sentence in _spoken(text, kind="measured"):
            words = sentence.lower().replace(".", "").replace(",", "").split()
            if sentence not in text:
                assert not {"no", "clear", "safe"} & set(words), sentence
                assert "安全" not in sentence or sentence in text
                assert "没有" not in sentence


@pytest.mark.parametrize(("request_", "reply"), _pairs("claims.txt"))
def test_claims_of_a_reply_are_withheld(request_: str, reply: str) -> None:
    said = _spoken(reply, about="reply", request=request_)
    assert said
    assert said != [reply]
    assert reply.rstrip(".。").split("! ")[-1].split("！")[-1] not in "".join(said)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("how many people are there", "There are many people on the internet."),
        ("what colour is the car", "Cars are often red."),
        ("有几个人", "有很多人。"),
    ],
)
def test_with_a_picture_at_hand_more_requests_need_a_look(request_: str, reply: str) -> None:
    for has_picture, withheld in ((True, True), (False, False)):
        rules = SpeechFilter(about="reply", request=request_, has_picture=has_picture)
        sentence = Sentence(text=reply, kind="generated", language=language_of(reply))
        assert ([s.text for s in rules.sentence(sentence)] != [reply]) is withheld


@pytest.mark.parametrize(("request_", "reply"), _pairs("benign_replies.txt"))
def test_general_replies_are_spoken(request_: str, reply: str) -> None:
    said = "".join(_spoken(reply, about="reply", request=request_))
    assert said.replace(" ", "") == reply.replace(" ", "")


def test_what_is_seen_beside_a_clearance_stays() -> None:
    said = _spoken("There is a chair on the left, and the way is clear.")
    assert said == ["There is a chair on the left.", "I can't judge the way."]
    assert _spoken("左边有一把椅子，前面可以走。") == ["左边有一把椅子。", "我无法判断路况。"]


def test_a_sight_that_invites_to_go_is_followed_by_doubt() -> None:
    assert _spoken("The traffic light is green.")[-1] == "I can't judge the way."
    assert _spoken("现在是绿灯。")[-1] == "我无法判断路况。"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("Is it safe to cross?", "Yes."),
        ("is the way clear", "Yes, it is."),
        ("can I walk on", "Sure."),
        ("Are there any steps?", "No."),
        ("is there a car", "No, there is not."),
        ("可以过马路吗？", "是的。"),
        ("前面有没有台阶", "没有。"),
    ],
)
def test_a_bare_yes_or_no_is_a_clearance_too(request_: str, answer: str) -> None:
    assert answer not in _spoken(answer, request=request_)


def test_what_was_read_is_spoken_whatever_it_says() -> None:
    text = "It reads: It is safe to cross. No cars. Pay $5 at http://a.b\x07"
    assert _spoken(text, kind="quoted") == [text.replace("\x07", "")]


def test_an_answer_of_which_nothing_is_left_says_so() -> None:
    assert _spoken("It costs five dollars.") == ["I can't tell."]
    assert _spoken('{"tool": "forget"}') == ["I can't tell."]


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        ("A bottle, it costs $5.99, stands there.", [], "A bottle, stands there."),
        ("The total is $5.99.", ["TOTAL $5.99"], "The total is $5.99."),
        ("The total is $9.95.", ["TOTAL $5.99"], "I can't tell."),
        ("Take five hundred milligrams.", ["500 mg"], "Take five hundred milligrams."),
        ("Take twenty milligrams.", ["500 mg"], "I can't tell."),
        ("It was printed on May 3, 2024.", ["2024-05-03"], "It was printed on May 3, 2024."),
        ("It was printed on June 3, 2024.", ["2024-05-03"], "I can't tell."),
        ("这瓶水五块钱。", [], "我看不出来。"),
        ("价格是５元。", ["￥5.00"], "价格是5元。"),
        ("上面有五百毫克的字样。", ["500mg"], "上面有五百毫克的字样。"),
        ("I see two people.", [], "I see two people."),
        ("有三个人。", [], "有三个人。"),
    ],
)
def test_numbers_come_from_the_text_reader_only(text: str, read: list[str], expected: str) -> None:
    assert " ".join(_spoken(text, read=read)).replace("５", "5") == expected


def test_counts_that_code_computed_are_kept() -> None:
    text = "I see 12 people, at 30 degrees to your left."
    assert _spoken(text, kind="measured") == [text]


def test_the_text_reader_is_asked_only_for_numbers() -> None:
    def never() -> list[str]:
        raise AssertionError("asked")

    rules = SpeechFilter(about="scene", texts=never)
    list(rules.sentence(Sentence(text="A red car.", kind="generated", language="en")))
    with pytest.raises(AssertionError, match="asked"):
        list(rules.sentence(Sentence(text="Bus 12 is here.", kind="generated", language="en")))


def test_number_forms() -> None:
    read = ReadNumbers(["Tel. 555 1234", "1,000 EUR", "3,5 kg", "二〇二四年"])
    assert read.hold("Call 5551234")
    assert read.hold("It costs 1000 euros")
    assert read.hold("3.5 kg")
    assert read.hold("2024年")
    assert not read.hold("1000 mg")
    assert tells_number("half past ten")
    assert tells_number("百分之五十")
    assert not tells_number("one of them")
    assert not tells_number("一些人")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**A red car** stands _there_.", "A red car stands there."),
        ("# Scene\n- a `cup`", "Scene. a cup."),
        ("See [this](http://x.y/z) 😀!", "See this!"),
        ("Go to https://example.com/a?b now", "Go to a web address now"),
        ("```json\n{}\n``` A cup.", "A cup."),
        ("<b>A cup</b> & a <br/> plate", "A cup & a plate"),
        ("一只猫🐱。", "一只猫。"),
        ("It is 20 °C, 5 €.", "It is 20 °C, 5 €."),
        ("😀😀", ""),
        ('[{"a": 1}]', ""),
    ],
)
def test_markup_is_not_spoken(text: str, expected: str) -> None:
    assert speakable(text) == expected


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("I see a long table with four chairs around it, a lamp above, and a window behind the"
         " table through which trees can be seen.", 20),
        ("word " * 50, 20),
        ("我看到一张很长的桌子，周围有四把椅子，上面挂着一盏灯，桌子后面有一扇窗户，"
         "窗外可以看到很多树。", 40),
        ("字" * 90, 40),
    ],
)  # fmt: skip
def test_the_first_sentence_is_short_and_nothing_is_lost(text: str, limit: int) -> None:
    language = language_of(text)
    head, tail = shortened(text.strip(), language, limit)
    assert 0 < length(head, language) <= limit
    letters = [c for c in head + tail if c.isalnum()]
    assert "".join(letters).lower() == "".join(c for c in text if c.isalnum()).lower()


def test_only_the_first_sentence_is_cut() -> None:
    rules = SpeechFilter(about="scene")
    long = "I see " + "a cup and " * 20 + "a plate."
    first = list(rules.sentence(Sentence(text=long, kind="generated", language="en")))
    assert length(first[0].text, "en") <= 20
    second = list(rules.sentence(Sentence(text=long, kind="generated", language="en")))
    assert [s.text for s in second] == [long]


def test_people_are_neutral_and_nameless() -> None:
    assert _spoken("A beautiful Asian woman in red.") == ["A woman in red."]
    assert _spoken("An ugly, fat man sits there.") == ["A man sits there."]
    assert "Obama" not in " ".join(_spoken("This is Barack Obama giving a speech."))
    assert "Hanks" not in " ".join(_spoken("The man looks like Tom Hanks."))
    assert _spoken("一位漂亮的女士站着。") == ["一位女士站着。"]
    assert "刘德华" not in "".join(_spoken("这个人是刘德华。"))
    assert _spoken("A woman in a beautiful dress.") == ["A woman in a beautiful dress."]
    assert _spoken("This is the Eiffel Tower.") == ["This is the Eiffel Tower."]


def test_sentences_are_cut_from_a_stream() -> None:
    text = "Dr. Smith paid 3.50 dollars! Is it so? 你好。再见！Last one"
    for size in (1, 2, 7, len(text)):
        pieces = [text[n : n + size] for n in range(0, len(text), size)]
        assert list(streamed_sentences(pieces)) == [
            "Dr. Smith paid 3.50 dollars!", "Is it so?", "你好。", "再见！", "Last one",
        ]  # fmt: skip


def test_a_sentence_comes_before_the_next_one_is_made() -> None:
    def pieces() -> Iterable[str]:
        yield "One. "
        raise AssertionError("asked for more")

    assert next(iter(streamed_sentences(pieces()))) == "One."
