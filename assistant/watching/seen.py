"""What flows through a watch: frames, what was seen in them, remarks, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from assistant.types import Box, Fault, Picture, SceneObject, SentenceKind, TextLine

ModeName = Literal["surroundings", "read", "find", "aim"]
Subject = Literal["glance", "things", "text", "target", "aim"]
"""What a look is after: boxes only, names, writing, the thing wanted, what is to be framed."""
Topic = Literal["hazard", "change", "text", "found", "aim", "fault", "notice"]

FRESH_S = 2.0
"""s after which what was seen is no longer said, unless the camera still shows the same."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A picture of a moment."""

    at: float  # s on the watch's clock
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class Glimpse:
    """What is known of a frame without an engine."""

    at: float  # s
    moving: bool  # unlike the frames just before it
    still: frozenset[Subject] = frozenset()  # looks that this frame is near-identical to
    shift: tuple[float, float] = (0.0, 0.0)  # of the picture since the frame before, of its sides
    cut: bool = False  # another scene than in the frame before
    steady_s: float = 0.0  # s for which the picture has been near-identical


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look at one frame found."""

    at: float  # s, of the frame
    since: float  # s, of the first frame that showed what was looked at
    subject: Subject
    width: int  # px of the frame
    height: int
    scene: int = 0  # number of the scene; another one after each cut
    objects: tuple[SceneObject, ...] = ()
    lines: tuple[TextLine, ...] = ()
    faults: tuple[Fault, ...] = ()
    unreadable: bool = False  # so bad a picture that nothing may be claimed about it
    sentence: str = ""  # a vision model's own words, where it has some
    box: Box | None = None  # of what is to be framed


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something worth saying now."""

    text: str
    topic: Topic
    kind: SentenceKind
    since: float  # s, when what it tells began
    urgent: bool = False  # may cut another remark short
    keys: tuple[str, ...] = field(default=(), repr=False)  # what it tells, for its mode


class Mode(Protocol):
    """Decides what is worth saying; keeps what was told. Pure: no clock, no engine."""

    wants: tuple[Subject, ...]
    """The looks that it lives on, the most urgent first."""

    def glimpse(self, glimpse: Glimpse) -> None:
        """Take a frame that was not looked at."""

    def see(self, seen: Seen) -> None:
        """Take what a look found."""

    def compose(self, now: float, *, moving: bool) -> Remark | None:
        """The next remark, or None. It counts as told only after `told`."""

    def told(self, remark: Remark, now: float) -> None:
        """The remark is being said."""
