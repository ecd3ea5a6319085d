"""What a tool is given, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import ToolError
from assistant.events import Announcement, ToolEvent
from assistant.interfaces import Cancel
from assistant.memory import Conversation
from assistant.registry import Engines
from assistant.settings import CameraSettings
from assistant.types import Picture
from assistant.watching.seen import Frame

Tool = Callable[..., Iterator[ToolEvent]]
"""`tool(context, *, argument=...)`, a generator that ends with its `ToolResult`."""


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """The request, what is at hand, and the engines. Tools open no camera, read no settings."""

    engines: Engines
    request: str  # as heard or typed
    language: str  # BCP-47, of the answer
    pictures: tuple[Picture, ...] = ()  # newest last
    files: tuple[Path, ...] = ()  # sounds, videos, documents at hand
    preferences: Mapping[str, Any] = field(default_factory=dict)
    cancel: Cancel = field(default_factory=Cancel)
    frames: Callable[[], Generator[Frame]] | None = None  # the camera's, live, as long as wanted
    conversation: Conversation | None = None  # what was said so far; for `control` and replies
    live: bool = False  # in a conversation: what takes minutes goes on behind it
    announce: Callable[[Announcement], None] | None = None  # tells that it has; any thread may

    @property
    def full(self) -> bool:
        """Whether the user wants all detail at once, rather than the next with "more"."""
        return self.preferences.get("verbosity") == "full"

    @property
    def camera(self) -> CameraSettings:
        """How the camera faces and how wide it sees."""
        return self.engines.profile.camera

    def picture(self) -> Picture:
        """The current picture.

        Raises:
            ToolError: there is none; the message can be spoken.
        """
        if self.pictures:
            return self.pictures[-1]
        if self.language == "zh":
            raise ToolError("我这里还没有图片。请拍一张，或者给我一张图片。")
        raise ToolError("I have no picture yet. Take one with the camera, or give me one.")
