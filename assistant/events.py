"""The closed unions of what a stream may yield."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.types import SentenceKind, ToolCall, ToolResult, Turn


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Long work goes on. `fraction` is None when the length is unknown."""

    message: str
    fraction: float | None = None  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence to be spoken, or a clause of one that arrives before its end is known.

    `quoted` is OCR or somebody else's words (introduced, exempt from length, markup and
    clearance rules); `measured` holds counts and directions that code computed (numbers are
    kept); `generated` came from a language or vision model (all rules apply).
    """

    text: str
    kind: SentenceKind
    language: str  # BCP-47
    ends: bool = True  # whether the sentence ends with this text; else the next one goes on


@dataclass(frozen=True, kw_only=True)
class FirstToken:
    """The language model has begun to answer; there is nothing to be spoken yet."""


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


ToolEvent = Progress | FirstToken | Sentence | ToolResult
"""What a tool yields; the last event is its `ToolResult`."""

TurnEvent = Routed | Progress | FirstToken | Sentence | ToolResult | TurnDone
"""What the agent yields for one request; the last event is `TurnDone`."""


# --- The live session. `at` is the session's clock: seconds of microphone sound since its start.


@dataclass(frozen=True, kw_only=True)
class Listening:
    """The microphone was opened or closed for speech."""

    at: float
    on: bool


@dataclass(frozen=True, kw_only=True)
class SpeechStarted:
    """Somebody began to speak at `at`, the acoustic onset."""

    at: float


@dataclass(frozen=True, kw_only=True)
class SpeechStopped:
    """A pause began at `at`; the speaker may go on."""

    at: float


@dataclass(frozen=True, kw_only=True)
class Partial:
    """Words so far, while somebody speaks. `text` only grows; `unsure` may still change."""

    at: float
    text: str
    unsure: str = ""
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Final:
    """The speaker has finished, and this was said."""

    at: float
    text: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Sound that becomes no turn."""

    at: float
    reason: Literal["noise", "echo", "backchannel", "no wake word", "unclear"]
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TurnRouted:
    """The turn's request became this call."""

    at: float
    call: ToolCall
    via: str  # "command" | "fast" | "llm"


@dataclass(frozen=True, kw_only=True)
class ToolStarted:
    """A tool was set to work."""

    at: float
    tool: str


@dataclass(frozen=True, kw_only=True)
class ToolFinished:
    """A tool gave its result; its speech may still be playing."""

    at: float
    tool: str


@dataclass(frozen=True, kw_only=True)
class Speaking:
    """This clause begins to sound. A filler is spoken while a tool works, and not remembered."""

    at: float
    text: str
    filler: bool = False


@dataclass(frozen=True, kw_only=True)
class SpokenUpTo:
    """This much of the reply has been heard."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Ducked:
    """The reply became quiet, since somebody may be speaking over it."""

    at: float


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """It was nothing; the reply goes on at its own loudness."""

    at: float


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """The turn was cut short; `heard` is what had been spoken of its reply."""

    at: float
    by: Literal["speech", "key"]
    heard: str


@dataclass(frozen=True, kw_only=True)
class TurnEnded:
    """The turn is over and remembered; `turn.reply` is what was really heard."""

    at: float
    turn: Turn


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Something went wrong; the session goes on."""

    at: float
    message: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What work behind the conversation has to tell by itself, once nobody speaks."""

    subject: str  # what it is about, such as a file; an answer about that makes it needless
    texts: Mapping[str, str]  # the sentence in "en" and in "zh"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something to know about the devices, or about work behind the conversation."""

    at: float
    text: str


SessionEvent = (
    Listening
    | SpeechStarted
    | SpeechStopped
    | Partial
    | Final
    | Ignored
    | TurnRouted
    | ToolStarted
    | ToolFinished
    | Speaking
    | SpokenUpTo
    | Ducked
    | Resumed
    | Interrupted
    | TurnEnded
    | Failed
    | Notice
)
"""What a live session yields."""
