"""Word times: written words at the times of the spoken ones."""

from __future__ import annotations

import pytest

from assistant.registry import Engines
from assistant.speech import Speaker
from assistant.types import Word
from assistant.word_times import exact_words


def _words(text: str) -> list[Word]:
    return [Word(text=word, start=n * 1.0, end=n + 1.0) for n, word in enumerate(text.split())]


def test_a_number_spans_its_spoken_words() -> None:
    found = exact_words("It costs $5.", _words("It costs five dollars."), 0.5, 9.0)
    assert [(w.text, w.start, w.end) for w in found] == [
        ("It", 0.0, 0.5), ("costs", 0.5, 1.5), ("$5.", 1.5, 3.5),
    ]  # fmt: skip


def test_times_that_do_not_tell_are_not_made_up() -> None:
    assert exact_words("at 7 30", _words("at half past seven o'clock"), 0.0, 9.0) == ()
    assert exact_words("one two", _words("one"), 0.0, 9.0) == ()


@pytest.mark.weights
def test_piper_tells_when_each_word_sounds(engines: Engines) -> None:
    pytest.importorskip("onnx")
    text = "The bag weighs 3 kg on Monday,"
    (chunk,) = Speaker(engines).speak([text], "en", ends=False)
    assert chunk.timing == "exact"
    assert " ".join(word.text for word in chunk.words) == text
    times = [time for word in chunk.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert chunk.words[-1].end <= chunk.audio.duration
