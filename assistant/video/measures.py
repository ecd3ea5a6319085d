"""What is measured of a video file itself, as evidence: how long it is, picture and sound.

Even a silent, dark video has these, so that three true sentences can be said of any.
"""

from __future__ import annotations

from typing import Final, Protocol

from assistant.types import Evidence
from assistant.video.wording import chinese, clock

_LOST_S: Final = 1.5  # s; by less, what is measured and what a file says of itself often differ


class Facts(Protocol):
    """What the container tells of a video; `container.VideoFacts` is the one in use."""

    @property
    def duration(self) -> float | None:
        """Seconds, or None where the file does not tell."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def picture(self) -> bool:
        """Whether there is a video stream."""

    @property
    def sound(self) -> bool:
        """Whether there is an audio stream."""


def measures(
    facts: Facts, *, language: str, end: float, speech: bool, dark: bool = False
) -> list[Evidence]:
    """At least three pieces of evidence of kind `measure`, numbered 1 and on: renumber them.

    Args:
        end: of what could be read, s; it may lie before the duration that the file states.
        speech: whether speech was found.
        dark: whether the frames that were looked at are too dark to show anything.
    """
    texts = (
        _chinese(facts, end, speech, dark)
        if chinese(language)
        else _english(facts, end, speech, dark)
    )
    own = "zh" if chinese(language) else "en"
    return [
        Evidence(number=number, kind="measure", start=0.0, end=end, text=text, language=own)
        for number, text in enumerate(texts, 1)
    ]


def _english(facts: Facts, end: float, speech: bool, dark: bool) -> list[str]:
    shape = f"The picture is {facts.width} pixels wide and {facts.height} pixels high."
    picture = shape if facts.picture else "The file has sound and no picture."
    if dark:
        picture = "The frames that I looked at are too dark to show anything."
    heard = "I hear speech in it." if speech else "I hear no speech in it."
    sound = heard if facts.sound else "The file has no sound."
    return [_length(facts, end), picture, sound]


def _length(facts: Facts, end: float) -> str:
    """How long it is, and how much of it could be read where that is less."""
    told, length = facts.duration or end, clock(end, "en") if end >= 1 else "less than a second"
    if end < told - _LOST_S:
        return f"The video should last {clock(told, 'en')}; {length} of it can be played."
    return f"The video lasts {length}."


def _length_zh(facts: Facts, end: float) -> str:
    told, length = facts.duration or end, clock(end, "zh") if end >= 1 else "不到1秒"
    if end < told - _LOST_S:
        return f"视频应该长{clock(told, 'zh')}，其中{length}能播放。"
    return f"视频长{length}。" if end >= 1 else f"视频{length}。"


def _chinese(facts: Facts, end: float, speech: bool, dark: bool) -> list[str]:
    shape = f"画面宽{facts.width}像素，高{facts.height}像素。"
    picture = shape if facts.picture else "文件只有声音，没有画面。"
    if dark:
        picture = "我看到的画面太暗，看不出内容。"
    heard = "里面有人说话。" if speech else "里面没有听到说话声。"
    sound = heard if facts.sound else "文件没有声音。"
    return [_length_zh(facts, end), picture, sound]
