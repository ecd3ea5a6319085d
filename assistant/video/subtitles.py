"""Subtitles of what is said: SubRip and WebVTT.

Formats: https://www.w3.org/TR/webvtt1/ and, for SubRip, what players agree on.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.types import Segment

_SHORTEST = 0.1  # s; a cue that ends where it begins is not shown


def srt(segments: Iterable[Segment]) -> str:
    """SubRip: numbered cues, commas before the milliseconds."""
    cues = [
        f"{number}\n{_clock(one.start, ',')} --> {_clock(_end(one), ',')}\n{_lines(one.text)}\n"
        for number, one in enumerate(_told(segments), 1)
    ]
    return "\n".join(cues)


def vtt(segments: Iterable[Segment]) -> str:
    """WebVTT; text that looks like markup is escaped."""
    cues = [
        f"{_clock(one.start, '.')} --> {_clock(_end(one), '.')}\n{_escaped(_lines(one.text))}\n"
        for one in _told(segments)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _told(segments: Iterable[Segment]) -> list[Segment]:
    return [one for one in segments if one.text.strip()]


def _end(segment: Segment) -> float:
    return max(segment.end, segment.start + _SHORTEST)


def _lines(text: str) -> str:
    """One line: an empty line or an arrow would end the cue."""
    return " ".join(text.split()).replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, mark: str) -> str:
    thousandths = max(0, round(seconds * 1000))
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"
