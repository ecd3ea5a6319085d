"""How a session looks in a terminal: a live view, or one plain line for each event.

The plain view never redraws and has no colours, spinners or tables, so that a screen reader or
a braille display can follow it.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from assistant.events import (
    Failed,
    Final,
    Ignored,
    Interrupted,
    Listening,
    Notice,
    Partial,
    SessionEvent,
    Speaking,
    SpeechStarted,
    SpeechStopped,
    SpokenUpTo,
    ToolFinished,
    ToolStarted,
    TurnEnded,
    TurnRouted,
)

_SCREEN_READERS = frozenset(
    {"orca", "nvda.exe", "jfw.exe", "narrator.exe", "voiceover", "brltty", "espeakup", "fenrir"}
)
_KEYS = {"\n": "enter", "\r": "enter", " ": "space", "o": "open", "q": "quit", "\x04": "quit"}


class View(Protocol):
    """Shows events as they come; a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, event: SessionEvent) -> None:
        """Show an event."""


def wants_plain() -> bool:
    """Whether lines are better than a redrawn view: no terminal, a simple one, a screen reader."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return True
    return bool(os.environ.get("NO_COLOR")) or _screen_reader()


def _screen_reader() -> bool:
    import psutil

    for process in psutil.process_iter(["name"]):
        if (process.info["name"] or "").casefold() in _SCREEN_READERS:
            return True
    return False


class Plain:
    """One line an event, for people who listen to their terminal."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held."""

    def show(self, event: SessionEvent) -> None:
        """Print what is worth a line."""
        line = plain_line(event)
        if line is not None:
            print(line, flush=True)


def plain_line(event: SessionEvent) -> str | None:
    """What a listener should read of an event; None for what is heard anyway."""
    match event:
        case Listening(on=True):
            return "Listening."
        case Listening(on=False):
            return "Not listening."
        case Final(text=text):
            return f"You: {text}"
        case Ignored(reason=reason, text=text):
            return f"Ignored ({reason}): {text}" if text else f"Ignored ({reason})."
        case TurnEnded(turn=turn) if turn.reply:
            return f"Assistant: {turn.reply}"
        case Interrupted():
            return "Stopped."
        case Failed(message=message, fix=fix):
            return f"Error: {message}; fix: {fix}" if fix else f"Error: {message}"
        case Notice(text=text):
            return text
    return None


class Drawn:
    """State, words so far and the last turn's times, redrawn in place."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._state = ""
        self._words = Text()
        self._last = Text()

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, event: SessionEvent) -> None:
        """Take an event into the view; what is over is printed above it."""
        match event:
            case Listening(on=on):
                self._state = "listening" if on else "press Enter to speak"
            case SpeechStarted():
                self._state = "you speak"
            case Partial(text=text, unsure=unsure):
                self._words = Text.assemble(text, (f" {unsure}", "dim"))
            case SpeechStopped():
                self._state = "thinking"
            case TurnRouted(call=call, via=via):
                self._state = f"{call.name} ({via})"
            case ToolStarted(tool=tool):
                self._state = f"{tool} at work"
            case ToolFinished():
                self._state = "speaking"
            case Speaking(text=text):
                self._state, self._words = "speaking", Text(text, style="cyan")
            case SpokenUpTo(text=text):
                self._words = Text(text, style="cyan")
            case TurnEnded(turn=turn):
                self._state, self._words = "ready", Text()
                self._last = Text(times_line(turn.timings), style="dim")
        line = plain_line(event)
        if line is not None:
            self._live.console.print(line, highlight=False, markup=False)
        self._live.update(Group(Text(f"[{self._state}]", style="bold"), self._words, self._last))
        self._live.refresh()


def times_line(timings: object) -> str:
    """The stages of a turn, seconds after the acoustic end of speech."""
    names = {
        "transcript_s": "heard",
        "route_s": "routed",
        "end_of_turn_s": "end of turn",
        "first_token_s": "first token",
        "first_sentence_s": "first words",
        "first_audio_s": "first sound",
        "total_s": "done",
    }
    values = dict(timings) if isinstance(timings, dict) else {}
    return ", ".join(f"{text} {values[n]:.2f} s" for n, text in names.items() if n in values)


class Keys:
    """Keys as they are pressed, read without waiting."""

    def __init__(self, *, there: bool = True) -> None:
        """`there` tells whether there is a keyboard at all."""
        self.quit = False
        self._there = there

    def __call__(self) -> tuple[str, ...]:
        """The keys since the last call: enter, space, open."""
        found = []
        for character in _pressed() if self._there else ():
            name = _KEYS.get(character)
            if name == "quit":
                self.quit = True
            elif name is not None:
                found.append(name)
        return tuple(found)


def _pressed() -> Iterator[str]:
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            yield msvcrt.getwch()
        return
    while sys.stdin in select.select([sys.stdin], [], [], 0)[0]:
        text = os.read(sys.stdin.fileno(), 64).decode(errors="ignore")
        if not text:
            yield "\x04"  # the end of the input, as Ctrl-D
            return
        yield from text


@contextmanager
def keyboard() -> Iterator[Keys]:
    """Keys without Enter after each, where there is a terminal; else none."""
    keys = Keys(there=sys.stdin.isatty())
    if sys.platform == "win32" or not sys.stdin.isatty():
        yield keys
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield keys
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
