"""A request becomes one tool call: control words, then the fast path, then the language model.

Calls of `reply` carry no text when the language model is still to say it (the agent
streams it), and `text` when routing itself had to ask back.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import commands
from assistant.events import Routed
from assistant.interfaces import Cancel
from assistant.languages import language_of
from assistant.registry import Engines
from assistant.types import ToolCall


@dataclass
class Router:
    """Routes requests with the engines of one profile. Thread-safe once it has loaded."""

    engines: Engines

    def route(
        self,
        request: str,
        *,
        pictures: int = 0,
        files: Sequence[Path] = (),
        language: str | None = None,
        allowed: Collection[str] | None = None,
        cancel: Cancel | None = None,
    ) -> Routed:
        """The tool call that a request asks for; always one, never an error about its wording.

        `pictures` and `files` are at hand; `allowed` are the control commands that the
        conversation's state admits (None: all); a stop takes effect within about 2 s.

        Raises:
            Cancelled: `cancel` was set.
            EngineError: the text encoder or the language model failed while working.
        """
        started = time.perf_counter()
        spoken = language or language_of(request)
        command = commands.match(request, spoken)
        if command is not None and (allowed is None or command in allowed):
            call, via = ToolCall(name="control", arguments={"command": command}), "command"
        else:
            raise NotImplementedError
        return Routed(call=call, via=via, elapsed_s=time.perf_counter() - started)

    def candidates(self, request: str) -> list[tuple[str, float]]:
        """All tools with their probabilities, most probable first."""
        raise NotImplementedError
