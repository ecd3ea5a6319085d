"""Requests that mean the video at hand without naming it: "the timeline", "and then?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from assistant.video.questions import parse

VIDEOS: Final = frozenset({
    ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg",
    ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip
"""How the names of video files end; a file that is named itself may have any."""

TIMELINE: Final = re.compile(
    r"\btime ?-?lines?\b|\bchapters?\b|\bsections?\b|\bin order\b|\bstep by step\b|"
    r"时间[线表轴]|分段|章节|按顺序|从头到尾",
    re.IGNORECASE,
)
_LONGEST: Final = 60  # characters of a request that is nothing but such a wish
_READY: Final = re.compile(
    r"^\W*(?:(?:and|so) )?(?:is (?:it|the video|that) (?:ready|done|finished)|"
    r"are you (?:ready|done|finished)(?: with (?:it|the video))?|"
    r"have you (?:watched|seen|finished)(?: watching)?(?: (?:it|the video))?|"
    r"how far (?:are you|is it|have you (?:got|come)))(?: yet| now| with (?:it|the video))*\W*$|"
    r"^(?:视频|它|录像)?(?:看完|总结好|准备好|好)了(?:吗|没有?)[？?]?$|^(?:视频)?(?:看到哪|进度)",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(
    r"^\W*(?:what (?:is|was) it about|what happens(?: in it)?|sum it up|summari[sz]e it|"
    r"(?:its|the) summary)\W*$|^(?:它)?(?:讲|说)(?:的是)?了?(?:些)?什么[？?]?$|^总结一下?[吧。]?$",
    re.IGNORECASE,
)


def follow_up(request: str, *, spoken_of: bool) -> Literal["summarize_video", "ask_video"] | None:
    """The tool that a request means while a video is at hand; None for any other request.

    Args:
        spoken_of: whether a video was the last thing spoken of, so that "what does he say" is
            about that.
    """
    if len(request) <= _LONGEST and (
        TIMELINE.search(request) or _READY.search(request) or _WHOLE.search(request)
    ):
        return "summarize_video"
    asked = parse(request)
    placed = asked.play or asked.step is not None or asked.edge is not None
    said = spoken_of and asked.said and asked.points
    return "ask_video" if placed or asked.at is not None or asked.length or said else None


def at_hand(files: Sequence[Path]) -> bool:
    """Whether a video is among the files."""
    return any(file.suffix.lower() in VIDEOS for file in files)
