"""Several hundred written forms and what is said for each; and what holds for any text."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.normalisation import chinese, english, spoken
from assistant.safety.numbers import ReadNumbers

_DATA = Path(__file__).parent / "data"
_MARKS = re.compile(r"[*_`|~^\\{}\[\]<>#=+@&$€£¥%°]")


def _cases(language: str) -> list[tuple[str, str, str]]:
    lines = (_DATA / f"spoken_{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("# What")]
    return [(language, written.replace("\\n", "\n"), said) for written, said in rows]


CASES = _cases("en") + _cases("zh")


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 500
    assert all(sum(case[0] == language for case in CASES) >= 200 for language in ("en", "zh"))


@pytest.mark.parametrize(("language", "written", "said"), CASES)
def test_what_is_said(language: str, written: str, said: str) -> None:
    assert spoken(written, language) == said
    assert not _MARKS.search(said)
    assert not re.search(r"\d", said)
    assert spoken(said, language) == said  # what was said once is said the same way again


_EXACT = re.compile(r"[\d.]+(?: ?(?:kg|mg|km|cm|ml|GB|V|元|个|人))?")


@pytest.mark.parametrize(
    ("language", "written", "said"), [case for case in CASES if _EXACT.fullmatch(case[1])]
)
def test_the_rules_of_speech_find_the_written_number(
    language: str, written: str, said: str
) -> None:
    """What is said passes where only numbers may be said that were read."""
    if not re.search(r"\.|0\d|\d{5}", written):  # digits one by one are another form
        assert ReadNumbers([written]).hold(said)


_ALPHABET = "ab Z1250.,:;-–~/%°$€¥*_`#|<>[](){}\\'\"+=^²½①\n点元个第至年月日个😀"
_TEXT = st.text(alphabet=_ALPHABET, max_size=40)


@settings(max_examples=300, deadline=None)
@given(_TEXT, st.sampled_from(["en", "zh"]))
def test_no_mark_and_no_digit_is_left(text: str, language: str) -> None:
    said = spoken(text, language)
    assert not _MARKS.search(said), said
    assert not re.search(r"[0-9²½①]", said), said
    assert said == "" or any(character.isalnum() for character in said)


_WORDS = st.lists(
    st.sampled_from(["door", "a", "Exit", "12", "3.5", "门", "左边", "7:05"]), min_size=1
)


@settings(max_examples=200, deadline=None)
@given(_WORDS, st.sampled_from([" ", ", ", "! ", "\n", " **", " | ", " # ", "。"]))
def test_words_are_never_lost(words: list[str], between: str) -> None:
    for language in ("en", "zh"):
        said = spoken(between.join(words), language)
        assert said
        for word in words:
            if word.isalpha():
                assert word in said


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 99), min_size=2, max_size=2),
    st.sampled_from([" ", "|", " | ", "😀", " * * ", "#", "[", "]", "{", "•", "_"]),
)
def test_neighbours_do_not_become_another_number(pair: list[int], between: str) -> None:
    """ "20 5" is never heard as 25."""
    text = between.join(map(str, pair))
    for language, module, comma in (("en", english, ", "), ("zh", chinese, "，")):
        one, two = (module.cardinal(str(number)) for number in pair)
        said = spoken(text, language)
        assert said.startswith(one)
        assert said.endswith(two)
        assert said[len(one) : len(said) - len(two)].strip(), (text, said)
        assert comma.strip() in said or "号" in said or "number" in said, (text, said)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 999_999), st.sampled_from(["kg", "km", "GB", "°C", "%"]))
def test_a_measure_keeps_its_number(number: int, unit: str) -> None:
    names = {"kg": ("kilogram", "公斤"), "km": ("kilometre", "公里"), "GB": ("gigabyte", "吉字节"),
             "°C": ("degree", "摄氏度"), "%": ("percent", "百分之")}  # fmt: skip
    said = spoken(f"{number}{unit}", "en")
    assert said.startswith(f"{english.cardinal(str(number))} {names[unit][0]}")
    said = spoken(f"{number}{unit}", "zh")
    number_said = said.replace(names[unit][1], "")
    assert number_said in (chinese.cardinal(str(number)), "两" if number == 2 else "")


@settings(max_examples=100, deadline=None)
@given(st.dates(min_value=dt.date(1900, 1, 1)))
def test_a_date_is_said_whichever_way_it_is_written(date: dt.date) -> None:
    if date.year > 2099:
        return
    wanted = spoken(f"{date:%B} {date.day}, {date.year}", "en")
    for written in (f"{date:%Y-%m-%d}", f"{date:%d.%m.%Y}", f"{date:%Y/%m/%d}"):
        assert spoken(written, "en") == wanted
    if date.day > 12:  # else the order cannot be known
        assert spoken(f"{date:%m/%d/%Y}", "en") == spoken(f"{date:%d/%m/%Y}", "en") == wanted
    wanted = spoken(f"{date.year}年{date.month}月{date.day}日", "zh")
    for written in (f"{date:%Y-%m-%d}", f"{date.year}/{date.month}/{date.day}"):
        assert spoken(written, "zh") == wanted
