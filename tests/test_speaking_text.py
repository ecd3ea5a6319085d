"""Numbers, money, dates, units and signs become words; clauses are cut where one may pause."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.normalisation import chinese, english, spoken
from assistant.speech import clause_language, clauses, estimated_words

ENGLISH = {
    "It costs $5.50.": "It costs five dollars and fifty cents.",
    "$1,234": "one thousand two hundred thirty-four dollars",
    "£3 and €1": "three pounds and one euro",
    "$1.2 million": "one point two million dollars",
    "99 CNY": "ninety-nine yuan",
    "50% off": "fifty percent off",
    "-5 °C": "minus five degrees Celsius",
    "21℃": "twenty-one degrees Celsius",
    "at 9:05 am.": "at nine oh five a m.",
    "14:30": "fourteen thirty",
    "12:00": "twelve o'clock",
    "10.30am": "ten thirty a m",
    "2026-11-21": "November twenty-first, twenty twenty-six",
    "Nov 3, 1998": "November third, nineteen ninety-eight",
    "5 May": "May fifth",
    "exp. 03/2027": "expires March twenty twenty-seven",
    "in 2005": "in two thousand five",
    "the 1990s": "the nineteen nineties",
    "555-1234": "five five five, one two three four",
    "13812345678": "one three eight one two three four five six seven eight",
    "007": "zero zero seven",
    "1,234,567": "one million two hundred thirty-four thousand five hundred sixty-seven",
    "3.14": "three point one four",
    "5mg": "five milligrams",
    "1 kg": "one kilogram",
    "60 km/h": "sixty kilometres per hour",
    "1/2": "one half",
    "3/4": "three quarters",
    "1½ hours": "one and a half hours",
    "5-10 minutes": "five to ten minutes",
    "21st": "twenty-first",
    "#7": "number seven",
    "v1.2.3": "version one point two point three",
    "10x20 cm": "ten by twenty centimetres",
    "Dr. Smith": "Doctor Smith",
    "A & B": "A and B",
    "**Exit** `now` 😀": "Exit now",
    "see https://www.example.com/a?b=1": "see example dot com",
    "me@example.org": "me at example dot org",
    "room ３ or ٣": "room three or three",
}

CHINESE = {
    "价格是¥5.50。": "价格是五点五零元。",
    "2个人，2把椅子": "两个人，两把椅子",
    "第2个，2号线，2年级": "第二个，二号线，二年级",
    "2026年11月21日": "二零二六年十一月二十一日",
    "2026-11-21": "二零二六年十一月二十一日",
    "上午9:05": "上午九点零五分",
    "14：30": "十四点三十分",
    "2:00": "两点",
    "比分3:2": "比分三比二",
    "25°C": "二十五摄氏度",
    "-5℃": "零下五摄氏度",
    "50%": "百分之五十",
    "3/4": "四分之三",
    "5-10分钟": "五到十分钟",
    "拨打110": "拨打幺幺零",
    "13812345678": "幺三八幺二三四五六七八",
    "电话：010-12345678": "电话：零幺零，幺二三四五六七八",
    "302室": "三零二室",
    "12": "十二",
    "20000元": "两万元",
    "3.5公里": "三点五公里",
    "5km": "五公里",
    "2kg": "两公斤",
    "$2": "两美元",
    "第3章 & 附录": "第三章和附录",
    "**出口** 😀": "出口",
}


@pytest.mark.parametrize("written", ENGLISH)
def test_english_words(written: str) -> None:
    assert spoken(written, "en") == ENGLISH[written]


@pytest.mark.parametrize("written", CHINESE)
def test_chinese_characters(written: str) -> None:
    assert spoken(written, "zh") == CHINESE[written]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**12))
def test_no_digit_is_left(number: int) -> None:
    for language in ("en", "zh"):
        said = spoken(f"{number:,}", language)
        assert said
        assert not any(character.isdigit() and character.isascii() for character in said)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 99_999_999))
def test_chinese_numbers_come_back(number: int) -> None:
    from cn2an import Cn2An

    assert Cn2An().cn2an(chinese.cardinal(str(number)), "smart") == number


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_normalised(text: str) -> None:
    for language in ("en", "zh", "fr"):
        said = spoken(text, language)
        assert said == "" or any(character.isalnum() for character in said)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="ab.,;: 12，。！？\n左右", max_size=60), st.sampled_from(["en", "zh"]))
def test_clauses_lose_nothing(text: str, language: str) -> None:
    joined = "".join(clause.text for clause in clauses(text, language))
    assert "".join(joined.split()) == "".join(text.split())


def test_first_clause_is_short_and_abbreviations_do_not_end_sentences() -> None:
    text = (
        "A chair, a little to your right, near; Dr. Smith waits at 3.5 metres, in room 1,204. Go."
    )
    found = list(clauses(text, "en"))
    assert found[0].text == "A chair, a little to your right,"
    assert [clause.text for clause in found if clause.ends][-2:] == [found[-2].text, "Go."]
    assert found[-2].text.endswith("in room 1,204.")
    assert all("Dr." not in clause.text[-4:] for clause in found)


def test_chinese_clauses() -> None:
    text = "左边有一把椅子，前面有两个人，都在走路。右边是门。"
    found = list(clauses(text, "zh"))
    assert found[0].text == "左边有一把椅子，"
    assert [clause.ends for clause in found] == [False, True, True]


@pytest.mark.parametrize(
    ("clause", "language", "expected"),
    [
        ("A chair.", "en", "en"),
        ("It reads: 出口", "en", "zh"),
        ("Emergency exit only.", "zh", "en"),
        ("WiFi，", "zh", "zh"),
        ("12:30", "zh", "zh"),
        ("Bonjour.", "fr", "fr"),
        ("これは椅子です", "en", "ja"),
    ],
)
def test_voice_language_of_a_clause(clause: str, language: str, expected: str) -> None:
    assert clause_language(clause, language) == expected


def test_word_times_cover_the_sound() -> None:
    words = estimated_words("左边 has a chair.", 2.0)
    assert [word.text for word in words] == ["左", "边", "has", "a", "chair."]
    assert words[0].start == 0.0
    assert words[-1].end == pytest.approx(2.0, abs=0.01)
    assert all(a.end == b.start for a, b in pairwise(words))


def test_years_read_in_pairs() -> None:
    assert english.year(1906) == "nineteen oh six"
    assert english.year(1900) == "nineteen hundred"
    assert english.year(2000) == "two thousand"
    assert english.year(2026) == "twenty twenty-six"
