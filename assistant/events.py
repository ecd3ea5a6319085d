"""The closed unions of what a stream may yield."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.types import SentenceKind, ToolCall, ToolResult, Turn


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Long work goes on. `fraction` is None when the length is unknown."""

    message: str
    fraction: float | None = None  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence to be spoken.

    `quoted` is OCR or somebody else's words (introduced, exempt from length, markup and
    clearance rules); `measured` holds counts and directions that code computed (numbers are
    kept); `generated` came from a language or vision model (all rules apply).
    """

    text: str
    kind: SentenceKind
    language: str  # BCP-47


@dataclass(frozen=True, kw_only=True)
class Routed:
    """A request became this call, by the grammar, the fast path or the language model."""

    call: ToolCall
    via: str  # "command" | "fast" | "llm"
    elapsed_s: float


@dataclass(frozen=True, kw_only=True)
class TurnDone:
    """The turn is over; `turn.reply` is what was yielded to be spoken."""

    turn: Turn


ToolEvent = Progress | Sentence | ToolResult
"""What a tool yields; the last event is its `ToolResult`."""

TurnEvent = Routed | Progress | Sentence | ToolResult | TurnDone
"""What the agent yields for one request; the last event is `TurnDone`."""
