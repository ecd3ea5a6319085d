"""Replies are spoken from their first clause on, and no rule is weaker for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from assistant.events import Sentence
from assistant.languages import joined, language_of
from assistant.safety import SpeechFilter, clearance_in, streamed_clauses, streamed_sentences
from assistant.safety.beginnings import held_back
from assistant.safety.claims import claims

_DATA = Path(__file__).parent / "data"
_IDLE = ("hello", "tell me something", "你好", "讲点什么")  # requests that hold nothing back


def _lines(name: str) -> list[str]:
    rows = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


def _pairs(name: str) -> list[tuple[str, str]]:
    return [(row.split(" | ")[0], row.split(" | ")[1]) for row in _lines(name)]


def _tokens(text: str) -> list[str]:
    """A text in pieces such as a language model yields."""
    return re.findall(r"\s*[A-Za-z'’]+|\s*\S", text)


def _every_cut(text: str) -> Iterator[tuple[str, bool]]:
    """A sentence with a cut after every word or character: worse than any stream."""
    tokens = [token.strip() for token in _tokens(text) if token.strip()]
    for n, token in enumerate(tokens):
        yield token, n + 1 == len(tokens)


def _said(
    clauses: Iterable[tuple[str, bool]], request: str, *, has_picture: bool = False
) -> list[tuple[str, bool]]:
    """What is said, and whether its sentence was known whole by then."""
    rules = SpeechFilter(about="reply", request=request, has_picture=has_picture)
    said = []
    language = "en"
    for text, ends in clauses:
        language = language_of(text, language)
        clause = Sentence(text=text, kind="generated", language=language, ends=ends)
        said += [(out.text, ends) for out in rules.sentence(clause)]
    return said + [(out.text, True) for out in rules.finish(language)]


def _whole(text: str, request: str) -> list[str]:
    clauses = ((sentence, True) for sentence in streamed_sentences([text]))
    return [said for said, _ in _said(clauses, request)]


FAULTY = [(request, text) for text in _lines("clearances.txt") for request in _IDLE[::2]]


@pytest.mark.parametrize("cut", [lambda t: streamed_clauses(_tokens(t)), _every_cut])
def test_no_beginning_is_a_clearance(cut) -> None:  # type: ignore[no-untyped-def]
    """Nothing said early clears anything, under the strict rules of scenes as well."""
    for request, text in FAULTY:
        early = [said for said, ends in _said(cut(text), request) if not ends]
        for count in range(1, len(early) + 1):
            begun = joined(early[:count])
            assert clearance_in(begun) is None, (text, begun)
            assert clearance_in(begun.rstrip(" ,，") + ".") is None, (text, begun)


@pytest.mark.parametrize("cut", [lambda t: streamed_clauses(_tokens(t)), _every_cut])
def test_what_is_withheld_whole_never_ends(cut) -> None:  # type: ignore[no-untyped-def]
    """Where the whole is withheld, the words that made it so are withheld clause by clause."""
    for request, text in FAULTY + _pairs("claims.txt"):
        whole = _whole(text, request)
        if joined(whole) == joined(streamed_sentences([text])):
            continue  # allowed as a general truth
        said = [part for part, _ in _said(cut(text), request)]
        assert joined(said).replace(" ", "") != text.replace(" ", ""), text
        assert not text.endswith(said[-1]), (text, said)


@pytest.mark.parametrize(("request_", "reply"), _pairs("claims.txt"))
def test_no_beginning_is_a_claim(request_: str, reply: str) -> None:
    for has_picture in (False, True):
        said = _said(_every_cut(reply), request_, has_picture=has_picture)
        begun = joined(part for part, ends in said if not ends)
        assert not begun or not claims(begun, request_, has_picture=has_picture)


@pytest.mark.parametrize(("request_", "reply"), _pairs("benign_replies.txt"))
def test_the_clauses_of_a_reply_are_the_reply(request_: str, reply: str) -> None:
    said = [text for text, _ in _said(streamed_clauses(_tokens(reply)), request_)]
    assert joined(said) == joined(_whole(reply, request_))


@pytest.mark.parametrize(
    ("request_", "reply", "first"),
    [
        (
            "tell me about Paris",
            "Paris is the capital of France, and it has two million inhabitants.",
            "Paris is the capital of France,",
        ),
        (
            "why is the sky blue",
            "The sky is blue on most days because air scatters blue more than red.",
            "The sky is blue on most days",
        ),
        ("法国在哪里", "法国在欧洲西部，首都是巴黎，人口很多。", "法国在欧洲西部，"),
        ("who are you", "I am an assistant; I live on your computer.", "I am an assistant;"),
    ],
)
def test_a_reply_begins_with_its_first_clause(request_: str, reply: str, first: str) -> None:
    said = _said(streamed_clauses(_tokens(reply)), request_)
    assert said[0] == (first, False)
    assert joined(text for text, _ in said) == reply


def test_a_clause_is_given_before_the_next_word_is_made() -> None:
    def pieces() -> Iterator[str]:
        yield from ("Paris is", " the capital", ",")
        raise AssertionError("asked for more")

    assert next(streamed_clauses(pieces())) == ("Paris is the capital,", False)


@pytest.mark.parametrize(
    "request_",
    [
        "can I cross now", "is the way clear", "may I eat this", "how many pills may I take",
        "is it safe to drive", "what am I holding", "are there any steps", "is the milk still good",
        "可以过马路吗", "这个能吃吗", "药怎么吃", "开车安全吗", "前面有没有台阶", "我手里拿着什么",
    ],
)  # fmt: skip
def test_half_a_sentence_about_risks_waits_for_its_end(request_: str) -> None:
    assert held_back(request_)
    reply = "Bread in general, as far as I know, is made of flour and water."
    assert [ends for _, ends in _said(_every_cut(reply), request_)] == [True]


@pytest.mark.parametrize(
    "reply",
    [
        "Yes, that is a very good idea, my friend.",
        "Of course, I think so, and many others do.",
        "If you like stories, there is one about a fox.",
        "Unless you are tired, we could play a game of words.",
        "No, I have never been to France, sadly.",
        "是的，我也这么想，很多人都这么想。",
        "如果您喜欢故事，我可以讲一个狐狸的故事。",
        "不，我没有去过法国，很遗憾。",
        "The word [means](x) red, they say, in Latin.",
    ],
)
def test_some_openings_wait_for_their_end(reply: str) -> None:
    assert all(ends for _, ends in _said(_every_cut(reply), "tell me something"))


@pytest.mark.parametrize(
    ("reply", "hidden"),
    [
        ("Take your time, my friend, the way ahead is clear.", "clear"),
        ("I like Paris very much, by the way, you can cross now.", "cross"),
        ("That is a nice question, and I see a dog in front of you.", "dog"),
        ("这个问题很有意思，我很喜欢，前面没有车。", "没有车"),
        ("今天的故事很长，您慢慢听，现在可以过马路。", "过马路"),
    ],
)
def test_a_fault_after_a_released_clause_is_withheld(reply: str, hidden: str) -> None:
    said = [text for text, _ in _said(streamed_clauses(_tokens(reply)), "tell me something")]
    assert hidden not in joined(said)
    assert re.search(r"can't|haven't|无法|看不到|还没有", joined(said))


def test_a_sentence_that_breaks_off_is_judged_as_it_is() -> None:
    begun = [("Paris is the capital of France,", False), ("and the way is clear", False)]
    said = [text for text, _ in _said(begun, "tell me about Paris")]
    assert said == ["Paris is the capital of France,", "I can't judge the way."]


@pytest.mark.parametrize(
    ("reply", "first"),
    [
        ("The sky is blue because air scatters blue light.", "The sky is blue"),
        ("It often rains there but the summers are dry.", "It often rains there"),
        ("He came back because he was hungry.", "He came back because he was hungry."),
        ("It is so heavy.", "It is so heavy."),
    ],
)
def test_a_first_clause_ends_before_a_conjunction(reply: str, first: str) -> None:
    assert next(streamed_clauses(_tokens(reply)))[0] == first
