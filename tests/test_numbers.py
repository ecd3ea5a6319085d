"""Numbers, prices, doses, dates and plates in a vision model's words: spoken only as OCR read them.

`data/numbers.yaml` was written against the rules with their holes in view, so that none slips is
no estimate of how many new wordings would.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from assistant.events import Sentence
from assistant.languages import joined
from assistant.safety import SpeechFilter
from assistant.safety.numbers import tells_number
from assistant.types import Picture, TextLine
from assistant.vision.answers import Facts
from assistant.vision.checking import Evidence, check
from assistant.vision.quality import measure

ROWS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "numbers.yaml").read_text(encoding="utf-8")
)
PICTURE = Picture(pixels=np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8))
CASES = [
    (row["language"], tuple(row["ocr"]), text, true)
    for row in ROWS
    for true in (True, False)
    for text in row["read" if true else "unread"]
]
KEPT_AT_LEAST = 0.9


def spoken(text: str, language: str, read: tuple[str, ...], *, checked: bool) -> str:
    """What is heard of a model's sentence, by the rules of speech alone or after the checks."""
    said = [text]
    if checked:
        lines = tuple(TextLine(text=x, box=(0, 0, 9, 9), confidence=0.99) for x in read)
        facts = Facts(picture=PICTURE, quality=measure(PICTURE), lines=lines)
        said = list(check(said, Evidence(facts), language).sentences)
    request = "What does it say?" if language == "en" else "上面写了什么？"
    rules = SpeechFilter(about="scene", request=request, has_picture=True, texts=lambda: read)
    return joined(
        [
            part.text
            for one in said
            for part in rules.sentence(Sentence(text=one, kind="generated", language=language))
        ]
    )


def parts(marked: str) -> tuple[str, list[str]]:
    """A marked sentence as it is said, and the words that tell a number."""
    return re.sub(r"[{}]", "", marked), re.findall(r"\{([^}]+)\}", marked)


def test_the_set_is_large_and_in_both_languages() -> None:
    assert len(CASES) >= 200
    assert len({text for _, _, text, _ in CASES}) == len(CASES)
    for language in ("en", "zh"):
        assert sum(row == language for row, *_ in CASES) >= 80
    assert sum(true for *_, true in CASES) >= 50


@pytest.mark.parametrize("checked", [False, True], ids=["rules", "checks and rules"])
def test_no_number_is_spoken_that_was_not_read(checked: bool) -> None:
    slipped = []
    for language, read, marked, true in CASES:
        text, numbers = parts(marked)
        heard = spoken(text, language, read, checked=checked)
        if not true and any(number in heard for number in numbers):
            slipped.append((marked, heard))
    assert slipped == []


@pytest.mark.parametrize("checked", [False, True], ids=["rules", "checks and rules"])
def test_numbers_that_were_read_are_kept(checked: bool) -> None:
    lost, told = [], 0
    for language, read, marked, true in CASES:
        text, numbers = parts(marked)
        if true:
            told += 1
            heard = spoken(text, language, read, checked=checked)
            if not all(number in heard for number in numbers):
                lost.append((marked, heard))
    assert 1 - len(lost) / told >= KEPT_AT_LEAST, lost


@pytest.mark.parametrize(
    "text",
    [
        "Two people stand by a bus.",
        "A dog and three cats.",
        "One of them wears a hat.",
        "There are a couple of chairs.",
        "A man in his second car.",
        "A woman holds a cup.",
        "There are several bottles.",
        "I see a room with two windows.",
        "A four-legged animal.",
        "She sits at a table for two.",
        "A page with text lies there.",
        "In the first row sits a man.",
        "There are three plates of food on the table.",
        "Three forks lie on a plate.",
        "两个人站在路边。",
        "图片显示一条繁忙的街道。",
        "有三只狗和一只猫。",
        "桌上有两片面包。",
        "有几张椅子。",
        "一个男人坐着。",
        "一路上有树。",
        "第一排坐着一个人。",
        "有两层楼的房子。",
        "天上有一片云。",
        "一半被挡住了。",
    ],
)
def test_counts_of_things_seen_are_no_such_numbers(text: str) -> None:
    assert not tells_number(text)
