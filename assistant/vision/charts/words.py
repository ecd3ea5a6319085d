"""A chart in words: type and title, main message, axes, then the numbers."""

from __future__ import annotations

import re
from typing import Final

from assistant.languages import base
from assistant.vision.charts import trends
from assistant.vision.charts.model import Axis, Chart, Point, Series

_KINDS: Final = {
    "bar": ("a bar chart", "柱状图"),
    "horizontal bar": ("a bar chart with level bars", "横向条形图"),
    "grouped bar": ("a grouped bar chart", "分组柱状图"),
    "line": ("a line chart", "折线图"),
    "pie": ("a pie chart", "饼图"),
    "scatter": ("a scatter plot", "散点图"),
}
_TRENDS: Final = {
    "rises": ("rises", "总体上升"),
    "falls": ("falls", "总体下降"),
    "peaks": ("rises, then falls", "先升后降"),
    "dips": ("falls, then rises", "先降后升"),
    "level": ("hardly changes", "几乎不变"),
    "none": ("goes up and down", "有升有降"),
}
_CLOUDS: Final = {
    "rises": ("The further right a dot, the higher it is.", "越往右，点越高。"),
    "falls": ("The further right a dot, the lower it is.", "越往右，点越低。"),
    "none": ("The dots show no direction.", "这些点看不出方向。"),
}
_CANNOT: Final = ("I can't tell its main message.", "它主要说明什么，我看不出来。")
_POINTS: Final = 8  # numbers in one sentence
_ASKED: Final = re.compile(
    r"\b(charts?|graphs?|plots?|diagrams?|axis|axes|trends?|legend|highest|lowest|largest|"
    r"smallest|biggest|maximum|minimum|ris(?:es?|ing)|fall(?:s|ing)? over|increas\w*|decreas\w*|"
    r"bars?|slices?|sectors?|series|data|main message)\b"
    r"|图表|柱状图|条形图|折线图|饼图|散点图|坐标|横轴|纵轴|趋势|最高|最低|最大|最小|最多|最少|上升|下降|"
    r"占比|比例|数据|主要说明",
    re.IGNORECASE,
)
_AXES: Final = re.compile(r"\b(axis|axes)\b|坐标|横轴|纵轴", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\b(numbers|values|figures|data)\b|数值|数据|具体", re.IGNORECASE)


def brief(chart: Chart, language: str) -> list[str]:
    """Type with title, then the main message."""
    return [first(chart, language), *message(chart, language)]


def first(chart: Chart, language: str) -> str:
    """ "A bar chart: Sales by region." The title is left out where the sentence gets long."""
    english, chinese = _KINDS[chart.kind]
    if base(language) == "zh":
        title = f"，标题是“{chart.title}”" if chart.title and len(chart.title) <= 24 else ""
        return f"这是一张{chinese}{title}。"
    title = f': "{chart.title}"' if chart.title and len(chart.title.split()) <= 12 else ""
    return f"{english[0].upper()}{english[1:]}{title}."


def message(chart: Chart, language: str) -> list[str]:
    """What the chart mainly says, or that it can't be told."""
    if chart.kind == "scatter":
        told = [_cloud(series, language) for series in chart.series[:2]]
    elif chart.kind == "line":
        told = [_line(n, chart, language) for n in range(len(chart.series[:3]))]
    elif chart.kind == "pie":
        told = [_share(chart, language)]
    else:
        told = [_bars(chart, language, highest=True), _bars(chart, language, highest=False)]
    known = [text for text in told if text]
    return known or [_CANNOT[int(base(language) == "zh")]]


def axes(chart: Chart, language: str) -> list[str]:
    """What stands along the axes; of a pie, how many parts it has."""
    chinese = base(language) == "zh"
    if chart.kind == "pie":
        count = len(chart.series[0].points)
        return [f"它有{count}个部分。" if chinese else f"It has {count} parts."]
    names = ("横轴", "纵轴") if chinese else ("The level axis", "The upright axis")
    told = [
        _axis(name, axis, chinese=chinese)
        for name, axis in zip(names, (chart.x, chart.y), strict=True)
    ]
    series = [s.name for s in chart.series if s.name]
    if len(series) > 1:
        listed = "、".join(series) if chinese else ", ".join(series)
        told.append(f"图例：{listed}。" if chinese else f"The legend names {listed}.")
    return [text for text in told if text]


def numbers(chart: Chart, language: str) -> list[str]:
    """The numbers of each series; "about" where they were measured in the picture."""
    chinese = base(language) == "zh"
    if chart.kind == "scatter":
        count = sum(len(series.points) for series in chart.series)
        return [f"大约有{count}个点。" if chinese else f"There are about {count} dots."]
    told = []
    for series in chart.series:
        known = [p for p in series.points if p.value is not None and p.label]
        for start in range(0, len(known), _POINTS):
            part = known[start : start + _POINTS]
            listed = [f"{p.label} {_value(p, chart, language)}" for p in part]
            name = f"{series.name}：" if chinese else f"{series.name}: "
            text = (name if series.name else "") + ("，" if chinese else ", ").join(listed)
            told.append(text + ("。" if chinese else "."))
    return told or ["数值我读不出来。" if chinese else "I can't tell the numbers."]


def details(chart: Chart, language: str) -> list[str]:
    """All that comes after `brief`."""
    return [*axes(chart, language), *numbers(chart, language)]


def answer(chart: Chart, question: str, language: str) -> list[str] | None:
    """What is known of a question about the chart; None where it asks for something else."""
    asked = question.casefold()
    points = [
        (s, p) for s in chart.series for p in s.points
        if p.label and p.value is not None and _names(p.label, asked)
    ]  # fmt: skip
    if points and chart.kind != "scatter":
        named = [(s, p) for s, p in points if s.name and _names(s.name, asked)]
        return [
            f"{s.name + ', ' if s.name else ''}{p.label}: {_value(p, chart, language)}."
            if base(language) != "zh"
            else f"{s.name}{p.label}：{_value(p, chart, language)}。"
            for s, p in (named or points)[:4]
        ]
    if not _ASKED.search(question):
        return None
    if _AXES.search(question):
        return axes(chart, language)
    if _NUMBERS.search(question):
        return numbers(chart, language)
    return brief(chart, language)


def _names(label: str, asked: str) -> bool:
    """Whether the question names the label as a word of its own."""
    word = re.escape(label.casefold())
    if label.isascii():
        return bool(re.search(rf"(?<!\w){word}(?!\w)", asked))
    return label.casefold() in asked


def _axis(name: str, axis: Axis, *, chinese: bool) -> str:
    labels = axis.labels
    span = ""
    if axis.low is not None and axis.high is not None:
        low, high = _plain(axis.low), _plain(axis.high)
        span = f"{low}到{high}" if chinese else f"{low} to {high}"
    elif labels:
        span = f"{labels[0]}到{labels[-1]}" if chinese else f"{labels[0]} to {labels[-1]}"
    if not (axis.title or span):
        return f"{name}我读不出来。" if chinese else f"{name}: I can't tell."
    parts = [part for part in (axis.title, span) if part]
    return f"{name}：{'，'.join(parts)}。" if chinese else f"{name}: {', '.join(parts)}."


def _bars(chart: Chart, language: str, *, highest: bool) -> str:
    found = trends.extreme(chart, highest=highest)
    if found is None:
        return ""
    value = _value(found.point, chart, language)
    if base(language) == "zh":
        series = f"的{found.series}" if found.series else ""
        tail = f"，{value}" if value else ""
        return f"{'最高' if highest else '最低'}的是{found.point.label}{series}{tail}。"
    series = f"{found.series}, " if found.series else ""
    tail = f", {value}" if value else ""
    return f"{'Highest' if highest else 'Lowest'}: {series}{found.point.label}{tail}."


def _share(chart: Chart, language: str) -> str:
    found = trends.extreme(chart, highest=True)
    if found is None:
        return ""
    value = _value(found.point, chart, language)
    if base(language) == "zh":
        return f"最大的一份是{found.point.label}，{value}。"
    return f"The largest part is {found.point.label}, {value}."


def _line(number: int, chart: Chart, language: str) -> str:
    series = chart.series[number]
    which = trends.trend(series, chart)
    name = series.name or _unnamed(number, chart, language)
    english, chinese = _TRENDS[which]
    ends = (series.points[0], series.points[-1])
    if which in ("peaks", "dips"):
        point = trends.turning(series, which)
        value = _value(point, chart, language)
        if base(language) == "zh":
            extreme = "最高" if which == "peaks" else "最低"
            return f"{name}{chinese}，{point.label}{extreme}，{value}。"
        extreme = "highest" if which == "peaks" else "lowest"
        return f"{name} {english}; it is {extreme} at {point.label}, {value}."
    low, high = (_value(p, chart, language) for p in ends)
    if base(language) == "zh":
        return f"{name}{chinese}，从{ends[0].label}的{low}到{ends[1].label}的{high}。"
    return f"{name} {english}, from {low} at {ends[0].label} to {high} at {ends[1].label}."


def _unnamed(number: int, chart: Chart, language: str) -> str:
    alone = len(chart.series) == 1
    if base(language) == "zh":
        return "线" if alone else "另一条线" if number else "一条线"
    return "The line" if alone else "Another line" if number else "One line"


def _cloud(series: Series, language: str) -> str:
    which = trends.cloud(series)
    return _CLOUDS[which][int(base(language) == "zh")] if which in _CLOUDS else ""


def _value(point: Point, chart: Chart, language: str) -> str:
    """A value as it is spoken: verbatim where it was read, else rounded and "about"."""
    if point.value is None:
        return ""
    unit = "%" if chart.kind == "pie" else ""
    if point.read:
        return _plain(point.value) + unit
    axes_ = (chart.x, chart.y)
    span = max(abs((a.high or 0.0) - (a.low or 0.0)) for a in axes_) or 100.0
    step = 10 ** _power(span / 100)
    rounded = _plain(round(point.value / step) * step)
    return f"{'约' if base(language) == 'zh' else 'about '}{rounded}{unit}"


def _power(size: float) -> int:
    power = 0
    while size < 1 and power > -6:
        size, power = size * 10, power - 1
    while size >= 10:
        size, power = size / 10, power + 1
    return power


def _plain(value: float) -> str:
    return f"{round(value, 6):g}" if abs(value) < 1e5 else f"{value:,.0f}"
