"""Charts drawn from known data: recognised, told truly, and not seen where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation import charts as scoring
from assistant.evaluation import drawn_charts as drawing
from assistant.evaluation.drawn_charts import Drawn
from assistant.interfaces import Options
from assistant.languages import length
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.tools import vision
from assistant.tools.context import ToolContext
from assistant.types import Reading, TextLine, ToolResult
from assistant.vision.charts import Axis, Chart, Point, Series, find, words


@pytest.fixture(scope="module")
def drawn() -> dict[tuple[str, str], Drawn]:
    """The tuning charts, the last of each kind and style."""
    try:
        found = list(drawing.charts(held_out=False))
    except OSError as error:
        pytest.skip(str(error))
    return {(chart.kind, chart.style.name): chart for chart in found}


@pytest.mark.parametrize(
    ("kind", "style"),
    [
        ("bar", "plain"),
        ("horizontal bar", "grid and box"),
        ("grouped bar", "serif, small"),
        ("line", "dark"),
        ("pie", "grid and box"),
        ("scatter", "plain"),
    ],
)
def test_each_kind_is_told_rightly(
    engines: Engines, drawn: dict[tuple[str, str], Drawn], kind: str, style: str
) -> None:
    chart = drawn[kind, style]
    lines = engines.get("text_reader").read(chart.picture).lines
    verdict = scoring.judged(chart, find(chart.picture, lines))
    assert verdict["whole"] == "right", verdict
    right, told = verdict["numbers"]
    assert right == told


def test_a_chart_is_described_asked_about_and_detailed(
    engines: Engines, drawn: dict[tuple[str, str], Drawn]
) -> None:
    picture = drawn["bar", "plain"].picture
    context = ToolContext(engines=engines, request="", language="en", pictures=(picture,))
    *said, result = vision.describe_scene(context)
    assert isinstance(result, ToolResult)
    assert [event.text for event in said] == [  # type: ignore[union-attr]
        'A bar chart: "Sales by region".',
        "Highest: East, about 90.",
        "Lowest: West, about 13.",
    ]
    assert "The upright axis: Sales in thousands, 0 to 100." in result.data["details"]
    assert any("North about 52" in text for text in result.data["details"])
    ask = engines.get("scene_describer").question
    assert [*ask(picture, "what is the value for South?")] == ["South: about 71."]
    assert [*ask(picture, "最高的是哪个？", Options(language="zh"))][1] == "最高的是East，约90。"
    (way, *_) = ask(picture, "is it safe to cross, what does the chart say?")
    assert way == "Without a vision model I can't judge the way."


def test_without_words_nothing_is_a_chart(drawn: dict[tuple[str, str], Drawn]) -> None:
    for chart in drawn.values():
        assert find(chart.picture, ()) is None


def test_no_photo_is_taken_for_a_chart(engines: Engines, media: Path) -> None:
    """Even where words stand around it as labels would."""
    lines = tuple(
        TextLine(text=text, box=(5, 40 + 60 * n, 45, 60 + 60 * n), confidence=0.99)
        for n, text in enumerate(("40", "30", "20", "10", "0"))
    )
    for file in sorted((media / "photos").glob("*.jpg")):
        assert find(Picture.open(file), Reading(lines=lines).lines) is None, file.name


def bars(*values: float, whole: bool = True) -> Chart:
    points = tuple(Point(label=f"L{n}", value=v) for n, v in enumerate(values))
    series = Series(points=points, place=tuple(values))
    axis = Axis(title="Votes", low=0.0, high=100.0)
    return Chart(kind="bar", title="Poll", y=axis, series=(series,), whole=whole)


def test_what_is_too_close_or_may_be_missing_is_not_told() -> None:
    assert words.message(bars(50, 50.2, 10), "en") == ["Lowest: L2, about 10."]
    assert words.message(bars(50, 50.2, 10, 10.1), "en") == ["I can't tell its main message."]
    assert words.message(bars(50, 30, 10, whole=False), "en") == ["Highest: L0, about 50."]


def test_the_first_sentence_keeps_its_limit() -> None:
    for title in ("", "one two three four five six seven eight nine ten", "w " * 40, "长" * 60):
        chart = Chart(kind="horizontal bar", title=title.strip(), series=bars(1, 2).series)
        assert length(words.first(chart, "en"), "en") <= 20
        assert length(words.first(chart, "zh"), "zh") <= 40
