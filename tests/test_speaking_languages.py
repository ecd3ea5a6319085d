"""The voice follows the language of each sentence, also in the middle of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import pytest

from assistant.audio import Audio
from assistant.events import Sentence
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options, Voice
from assistant.registry import Engines
from assistant.session.openings import openings
from assistant.speech import Speaker, clauses
from assistant.tools.context import ToolContext
from assistant.tools.conversation import reply
from assistant.types import SpokenChunk

Said = list[tuple[str, str | None, str | None, str]]


class Recording:
    """A synthesizer that notes what it was asked: engine, voice, language, words."""

    def __init__(self, name: str, voices: dict[str, str], said: Said) -> None:
        self.name = name
        self._voices = voices
        self._said = said

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(name=v, languages=(c,), engine=self.name) for v, c in self._voices.items()
        )

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        for text in texts:
            self._said.append((self.name, options.voice, options.language, text))
            yield SpokenChunk(audio=Audio.silence(0.1), text=text)


@pytest.fixture
def conversation(engines: Engines) -> tuple[Engines, Said]:
    said: Said = []
    own = Engines(profile=engines.profile, locator=engines.locator)
    own._loaded["synthesizer:piper:piper-en-us-joe"] = Recording("piper", {"joe": "en-US"}, said)
    own._loaded["synthesizer:kokoro:kokoro-82m"] = Recording(
        "kokoro", {"af_heart": "en-US", "zf_xiaoxiao": "zh"}, said
    )
    return own, said


@pytest.mark.parametrize("voice", [None, "joe", "af_heart"])
def test_each_sentence_has_a_voice_of_its_language(
    conversation: tuple[Engines, Said], voice: str | None
) -> None:
    engines, said = conversation
    speaker = Speaker(engines)
    options = Options(voice=voice)
    for text, language in (("Hello.", "en"), ("门在左边。", "zh"), ("Goodbye.", "en")):
        list(speaker.speak([text], language, options))
    english = "kokoro" if voice == "af_heart" else "piper"
    assert said == [
        (english, voice, "en", "Hello."),
        ("kokoro", None, "zh", "门在左边。"),
        (english, voice, "en", "Goodbye."),
    ]


def test_a_reply_that_changes_its_language_changes_its_voice(
    conversation: tuple[Engines, Said],
) -> None:
    engines, said = conversation
    context = ToolContext(engines=engines, request="say hello twice", language="en")
    sentences = [
        event
        for event in reply(context, text="Hello, my friend.\n你好，我的朋友。\nGoodbye.")
        if isinstance(event, Sentence)
    ]
    assert [sentence.language for sentence in sentences] == ["en", "zh", "en"]
    for sentence in sentences:
        list(Speaker(engines).speak([sentence.text], sentence.language))
    voices = [(name, language) for name, _, language, _ in said]
    assert [key for key, _ in groupby(voices)] == [
        ("piper", "en"), ("kokoro", "zh"), ("piper", "en"),
    ]  # fmt: skip


def test_a_quotation_is_read_in_its_own_language(conversation: tuple[Engines, Said]) -> None:
    engines, said = conversation
    list(Speaker(engines).speak(["It reads: 紧急出口，请勿停留。 Then a door."], "en"))
    assert {language for _, _, language, text in said if "出口" in text} == {"zh"}
    assert said[-1][2] == "en"


def test_numbers_are_said_in_the_language_of_their_sentence(
    conversation: tuple[Engines, Said],
) -> None:
    engines, said = conversation
    list(Speaker(engines).speak(["It weighs 2 kg."], "en"))
    list(Speaker(engines).speak(["重2kg。"], "zh"))
    assert [text for *_, text in said] == ["It weighs two kilograms.", "重两公斤。"]


def test_what_answers_begin_with_is_made_once(conversation: tuple[Engines, Said]) -> None:
    engines, said = conversation
    speaker = Speaker(engines)
    ahead = list(openings("zh"))
    list(speaker.speak(ahead, "zh"))
    assert len(said) == len(ahead) > 5
    said.clear()
    for answer in (
        "上面写着：停。",
        "从左到右近处有三只狗。",
        "在你左前方有一把椅子。",
        "我会说慢一点。",
    ):
        list(speaker.speak([answer], "zh"))
    assert [text for *_, text in said] == ["停。", "近处有三只狗。", "有一把椅子。"]
    slower = Options(rate=0.5)
    (chunk,) = speaker.speak(["我会说慢一点。"], "zh", slower)
    (usual,) = speaker.speak(["我会说慢一点。"], "zh")
    assert chunk.audio.duration > usual.audio.duration  # stretched anew
    (other,) = speaker.speak(["It reads:"], "en", Options(voice="af_heart"))
    assert said[-1][:2] == ("kokoro", "af_heart")
    assert other.text == "It reads:"


def test_long_clauses_are_not_kept(conversation: tuple[Engines, Said]) -> None:
    engines, said = conversation
    speaker = Speaker(engines)
    long = "One sentence of so many words that nobody will hear it again like this."
    for _ in range(2):
        list(speaker.speak([long], "en"))
    assert len(said) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在你前方有一辆卡车。", ["在你前方", "有一辆卡车。"]),
        ("在三点钟方向有一扇门，近处。", ["在三点钟方向", "有一扇门，近处。"]),
        ("从左到右近处有三只狗。", ["从左到右", "近处有三只狗。"]),
        ("在你家有一只猫。", ["在你家有一只猫。"]),
        ("门在你前方有一点远。", ["门在你前方有一点远。"]),
    ],
)
def test_a_chinese_place_is_a_clause_of_its_own(text: str, expected: list[str]) -> None:
    assert [clause.text for clause in clauses(text, "zh")] == expected
