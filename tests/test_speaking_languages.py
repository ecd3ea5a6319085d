"""The voice follows the language of each sentence, also in the middle of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import pytest

from assistant.audio import Audio
from assistant.events import Sentence
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options, Voice
from assistant.registry import Engines
from assistant.speech import Speaker
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
