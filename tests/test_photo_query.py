"""Requests for photos, taken apart: time, place, words, people, camera, and what is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.languages import language_of
from assistant.library import cameras, places
from assistant.library.places.place import Place
from assistant.library.query import LONGEST, PhotoQuery, parse
from assistant.library.times import festivals, spans

NOW = datetime(2026, 5, 20, 15)  # a Wednesday
DATA = Path(__file__).parent / "data" / "photos"


def asked(text: str) -> PhotoQuery:
    return parse(text, language=language_of(text[:LONGEST]), now=NOW)


def days(query: PhotoQuery) -> tuple[str, str] | None:
    """First day and the one after the last."""
    return None if query.taken is None else (str(query.taken[0].date()), str(query.taken[1].date()))


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("the summer before last", "2024-06-01", "2024-09-01"),
        ("dogs from November to February", "2025-11-01", "2026-03-01"),
        ("the second half of 2020", "2020-07-01", "2021-01-01"),
        ("about two months ago", "2026-02-01", "2026-05-01"),
        ("Easter 2024", "2024-03-29", "2024-04-02"),
        ("last Friday", "2026-05-15", "2026-05-16"),
        ("in Paris in March with Anna in 2019", "2019-03-01", "2019-04-01"),
        ("on February 29", "2024-02-29", "2024-03-01"),
        ("前年冬天", "2024-12-01", "2025-03-01"),
        ("今年冬天", "2025-12-01", "2026-03-01"),
        ("2018-2020年的照片", "2018-01-01", "2021-01-01"),
        ("上上周", "2026-05-04", "2026-05-11"),
        ("五月初", "2026-05-01", "2026-05-11"),
        ("2023年六月中旬到八月下旬", "2023-06-11", "2023-09-01"),
        ("from mid June to late August 2023", "2023-06-11", "2023-09-01"),
        ("the last day of March 2020", "2020-03-31", "2020-04-01"),
        ("the last day of last year", "2025-12-31", "2026-01-01"),
        ("the second Sunday of May", "2026-05-10", "2026-05-11"),
        ("the first weekend in July 2023", "2023-07-01", "2023-07-03"),
        ("photos from last week of our dog", "2026-05-11", "2026-05-18"),
        ("the dog around New Year's Eve", "2025-12-28", "2026-01-04"),
        ("除夕前后", "2026-02-13", "2026-02-20"),
        ("2024年除夕前后的饺子", "2024-02-06", "2024-02-13"),
        ("中秋节左右的月亮", "2025-10-03", "2025-10-10"),
        ("去年五月前后", "2025-05-01", "2025-06-01"),
        ("15号", "2026-05-15", "2026-05-16"),
        ("25号", "2026-04-25", "2026-04-26"),
    ],
)
def test_times(text: str, first: str, end: str) -> None:
    assert days(asked(text)) == (first, end)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a May pole", "May pole"),
        ("people march in the street", "people march in the street"),
        ("spring flowers", "spring flowers"),
        ("the Christmas tree", "Christmas tree"),
        ("someone sat on a chair", "someone sat on a chair"),
        ("a boy in the garden", "boy in the garden"),
        ("a man with an iPhone", "man with an iPhone"),
        ("the last day of school", "day of school"),
        ("cake on the last day of camp", "cake on the last day of camp"),
        ("the last night of our trip to the sea", "night of our trip to the sea"),
        ("the last Sunday of camp", "Sunday of camp"),
        ("the last summer of high school", "summer of high school"),
        ("my last year of college", "year of college"),
        ("清明上河图", "清明上河图"),
        ("春天的花", "春天的花"),
        ("圣诞树", "圣诞树"),
        ("北京烤鸭", "北京烤鸭"),
    ],
)
def test_what_only_looks_like_a_filter_stays_content(text: str, content: str) -> None:
    query = asked(text)
    assert query == PhotoQuery(content=content, language=language_of(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cats on February 30", "There is no February 30."),
        ("cats on February 29, 2023", "There is no February 29 in 2023."),
        ("April 31 2022", "There is no April 31."),
        ("photos from tomorrow", "That time has not come yet."),
        ("next summer", "That time has not come yet."),
        ("2月30号的猫", "2月没有30号。"),
        ("2023年2月29日", "2023年2月没有29号。"),
        ("13月的照片", "没有13月。"),
        ("明年的照片", "那个时间还没有到。"),
    ],
)
def test_impossible_dates_are_rejected_with_a_reason(text: str, reason: str) -> None:
    assert asked(text).rejected == reason


def test_seasons_are_those_of_the_place() -> None:
    assert days(asked("last summer in Sydney")) == ("2025-12-01", "2026-03-01")
    assert days(asked("last summer in Berlin")) == ("2025-06-01", "2025-09-01")
    assert days(asked("去年夏天在悉尼")) == ("2025-12-01", "2026-03-01")


@pytest.mark.parametrize(
    ("name", "latitude", "longitude"),
    [
        ("Paris", 48.86, 2.35),
        ("Paris, Texas", 33.66, -95.56),
        ("Springfield, Illinois", 39.8, -89.65),
        ("New York", 40.71, -74.01),
        ("São Paulo", -23.55, -46.63),
        ("Xi'an", 34.26, 108.93),
    ],
)
def test_towns_are_found_by_name_the_most_populous_first(
    name: str, latitude: float, longitude: float
) -> None:
    place = asked(f"our dog in {name}").place
    assert place is not None
    assert not place.countries
    assert (place.latitude, place.longitude) == pytest.approx((latitude, longitude), abs=0.1)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("trains in Japan", (35.68, 139.77), (37.57, 126.98)),
        ("sheep in Scotland", (55.95, -3.19), (51.51, -0.13)),
        ("the coast in California", (34.02, -118.49), (45.52, -122.68)),
        ("churches in Europe", (41.9, 12.5), (40.71, -74.0)),
        ("near Kyoto", (34.98, 135.75), (34.69, 135.50)),
        ("in Beijing", (39.99, 116.31), (39.08, 117.2)),
        ("在日本", (34.69, 135.50), (31.23, 121.47)),
        ("云南的雪山", (26.87, 100.23), (30.57, 104.07)),
    ],
)
def test_photos_lie_in_countries_by_their_town_and_in_towns_by_distance(
    text: str, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    place = asked(text).place
    assert place is not None
    assert places.inside(place, [inside, outside]) == [True, False]


def test_a_circle_reaches_over_the_date_line() -> None:
    place = Place(name="Taveuni", latitude=-16.85, longitude=179.97, radius_km=30)
    assert places.inside(place, [(-16.85, -179.95), (-16.85, 178.0)]) == [True, False]


@pytest.mark.parametrize(
    ("spot", "english", "chinese"),
    [
        ((35.03, 135.79), "Kyoto, Japan", "日本京都"),
        ((52.5, 13.39), "Berlin, Germany", "德国柏林"),
        ((22.3, 114.17), "Hong Kong", "香港"),
        ((36.1, -112.1), "Grand Canyon, United States", "美国 Grand Canyon"),
    ],
)
def test_coordinates_are_told_as_a_place(
    spot: tuple[float, float], english: str, chinese: str
) -> None:
    assert places.place_of(*spot, "en") == english
    assert places.place_of(*spot, "zh") == chinese


@pytest.mark.parametrize(
    ("text", "camera", "is_it", "is_not"),
    [
        ("taken with my iPhone", "iPhone", "Apple iPhone 12", "Canon EOS 80D"),
        ("shot on a Pixel 7", "Pixel 7", "Google Pixel 7", "Google Pixel 6"),
        ("用佳能拍的", "Canon", "Canon EOS 80D", "NIKON CORPORATION NIKON D750"),
        ("用手机拍的", "phone", "HUAWEI P60", "SONY ILCE-7M3"),
        ("用无人机拍的", "drone", "DJI FC3170", "GoPro HERO9 Black"),
        ("Canon photos", "Canon", "Canon EOS 80D", "Apple iPhone 12"),
    ],
)
def test_cameras(text: str, camera: str, is_it: str, is_not: str) -> None:
    query = asked(text)
    assert (query.camera, query.content) == (camera, "")
    assert cameras.matches(camera, is_it)
    assert not cameras.matches(camera, is_not)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("more than five people", (6, None)),
        ("fewer than three people", (0, 2)),
        ("two or three people", (2, 3)),
        ("nobody in it", (0, 0)),
        ("the four of us", (4, 4)),
        ("五个人以上", (5, None)),
        ("我们俩", (2, 2)),
        ("一家三口", (3, 3)),
        ("空无一人的街道", (0, 0)),
        ("无人机拍的", None),
    ],
)
def test_people(text: str, people: tuple[int, int | None] | None) -> None:
    assert asked(text).people == people


@pytest.mark.parametrize(
    ("text", "words", "content"),
    [
        ("the slide that says budget 2026", ("budget 2026",), "slide"),
        ("the sign that says open in Berlin last year", ("open",), "sign"),
        ('a shirt with "I\'m with stupid" written on it', ("I'm with stupid",), "shirt"),
        ("印着“中国制造”的盒子", ("中国制造",), "盒子"),
        ("去年写着不要停车的牌子", ("不要停车",), "牌子"),
        ("a woman reading a book", (), "woman reading a book"),
    ],
)
def test_words_in_the_picture(text: str, words: tuple[str, ...], content: str) -> None:
    query = asked(text)
    assert (query.words, query.content) == (words, content)


def test_quoted_words_are_no_filters() -> None:
    query = asked('the poster that says "Paris in March 2019 with three people"')
    assert query.words == ("Paris in March 2019 with three people",)
    assert (query.taken, query.place, query.people) == (None, None, None)


# --- every case of the development set, made together with the rules -------------------


def cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))["queries"])


@pytest.mark.parametrize("case", cases("development"), ids=lambda case: str(case["q"]))
def test_development_queries(case: dict[str, Any]) -> None:
    from assistant.evaluation.photo_filters import wrong

    assert wrong(case, asked(case["q"])) == []


# --- whatever is asked ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "，", "'; DROP TABLE contents; --", '"', "“", '""', "''", "%_\\", "\x00",
        "a" * 100_000, "in " * 5000, "去年" * 5000, "1" * 5000, "一" * 5000,
        "from to between " * 500,
        "Où sont les photos de vacances à la mer ?", "去年の夏の写真", "사진 찾아줘", "صور الصيف",
        "🐶🏖️", "0 years ago", "999 years ago", "九千年前", "99月99日", "0月0日", "00/00/0000",
        "9999-12-31", "December 9999", "last 999 months", "the year 0", "between 2020 and 2018",
    ],
)  # fmt: skip
def test_nothing_asked_breaks_it(text: str) -> None:
    query = asked(text)
    assert query.taken is None or query.taken[0] <= query.taken[1]
    assert len(query.content) <= LONGEST


PIECES = (
    "last", "summer", "2019", "in", "Paris", "February", "30", "three", "people", "ago", "weeks",
    "with", '"', "says", "between", "and", "去年", "国庆", "在", "北京", "三个人", "月", "号", "前",
    "写着", "的", "照片", "用", "佳能", "拍", "，", "年", "两", "from", "the", "to", "before",
    "x" * 30,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_any_mixture_of_words_is_taken_apart(words: list[str], glue: str) -> None:
    query = asked(glue.join(words))
    assert query.taken is None or query.taken[0] <= query.taken[1]
    assert query.people is None or query.people[1] is None or query.people[0] <= query.people[1]
    assert "\x00" not in query.content


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_taken_apart(text: str) -> None:
    query = asked(text)
    assert query.taken is None or query.taken[0] <= query.taken[1]


@settings(max_examples=60, deadline=None)
@given(st.dates(min_value=datetime(1901, 1, 1).date(), max_value=NOW.date()))
def test_every_date_of_the_calendar_is_read_in_both_languages(day: Any) -> None:
    worded = (
        f"{day:%B} {day.day}, {day.year}",
        f"on the {day.day} of {day:%B} {day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    start = datetime(day.year, day.month, day.day)
    for text in worded:
        assert asked(text).taken == (start, start + timedelta(days=1)), text


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["day", "week", "month", "year"]))
def test_so_long_ago_is_the_unit_that_holds_that_moment(count: int, unit: str) -> None:
    taken = asked(f"{count} {unit}s ago").taken
    zh = {"day": "天", "week": "周", "month": "个月", "year": "年"}[unit]
    assert taken == asked(f"{count}{zh}前").taken
    months = {"month": count, "year": 12 * count}.get(unit)
    moment = (
        spans.shifted(NOW, months=-months)
        if months
        else NOW - timedelta(days=count * (7 if unit == "week" else 1))
    )
    assert taken is not None
    assert taken[0] <= moment < taken[1]


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        # Published by the General Office of the State Council of China and the US Naval
        # Observatory: dates to hold the table and the formulas against.
        ("春节", 2024, "02-09"),
        ("中秋节", 2023, "09-29"),
        ("端午节", 2024, "06-10"),
        ("清明节", 2025, "04-04"),
        ("清明节", 2023, "04-05"),
        ("感恩节", 2025, "11-27"),
        ("复活节", 2025, "04-18"),
        ("母亲节", 2024, "05-12"),
    ],
)
def test_festivals(name: str, year: int, day: str) -> None:
    taken = asked(f"{year}年{name}").taken
    assert taken is not None
    assert f"{taken[0]:%m-%d}" == day


def test_every_festival_has_a_span_in_every_year() -> None:
    for _, at in (*festivals.ENGLISH, *festivals.CHINESE):
        for year in range(1960, 2070):
            start, end = at(year)
            assert start < end
            assert abs(start.year - year) <= 1


# --- the frozen set -------------------------------------------------------------------


def test_filters_of_the_frozen_set() -> None:
    """The bar of the issue; the figure itself stands in docs/quality.md."""
    from assistant.evaluation.photo_filters import wrong

    missed = [case["q"] for case in cases("frozen") if wrong(case, asked(case["q"]))]
    assert len(missed) <= 0.05 * len(cases("frozen")), missed


@pytest.mark.weights
def test_the_frozen_set_over_a_made_library(engines: Any) -> None:
    from assistant.evaluation.photos import evaluate

    report = evaluate(DATA, engines)
    rows = {row["q"]: row["found"] for row in report.rows}
    assert report.metrics["first_right_known"]["en"] >= 0.9
    assert report.metrics["nothing_right"] >= 0.9
    # No tag tells of a sign, but its words do.
    assert rows["上面写着EXIT的标志"] == ["sign-exit"]
    assert rows["the poster that says Rock Festival"] == []
