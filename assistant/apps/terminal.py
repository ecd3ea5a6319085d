"""How a session looks in a terminal: a live view, or one plain line for each event.

The plain view never redraws and has no colours, spinners or tables, so that a screen reader or
a braille display can follow it.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, Self, TextIO

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
_LOOK_S = 0.1  # s between two looks at the keyboard while the assistant loads
_KEYS = {"\n": "enter", "\r": "enter", " ": "space", "o": "open", "q": "quit", "\x04": "quit"}


class View(Protocol):
    """Shows events as they come; a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def state(self, text: str) -> None:
        """Tell what goes on where no event does."""

    def show(self, event: SessionEvent) -> None:
        """Show an event."""


def wants_plain(output: TextIO | None = None) -> bool:
    """Whether lines are better than a redrawn view: no terminal, a simple one, a screen reader.

    `output` is where it would be drawn, stdout by default.
    """
    if not (output or sys.stdout).isatty() or os.environ.get("TERM", "dumb") == "dumb":
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

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""

    def state(self, text: str) -> None:
        """Print it as a sentence."""
        print(f"{text[:1].upper()}{text[1:]}.", flush=True)

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
        self._state = self._rest = ""  # now, and between two turns
        self._words = Text()
        self._last = Text()

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def state(self, text: str) -> None:
        """Show it where the session's state stands."""
        self._state = text
        self._draw()

    def show(self, event: SessionEvent) -> None:
        """Take an event into the view; what is over is printed above it."""
        match event:
            case Listening(on=on):
                self._state = self._rest = "listening" if on else "press Enter to speak"
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
                self._state, self._words = self._rest, Text()
                self._last = Text(times_line(turn.timings), style="dim")
        line = plain_line(event)
        if line is not None:
            self._live.console.print(line, highlight=False, markup=False)
        self._draw()

    def _draw(self) -> None:
        state = Text(f"[{self._state}]", style="bold")
        self._live.update(Group(state, self._words, self._last), refresh=True)


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
        self._there = there

    def __call__(self) -> tuple[str, ...]:
        """The keys since the last call: enter, space, open, quit."""
        pressed = _pressed() if self._there else ()
        return tuple(_KEYS[character] for character in pressed if character in _KEYS)

    @contextmanager
    def while_loading(self) -> Iterator[None]:
        """q interrupts the main thread, which loads; other keys mean nothing yet."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_LOOK_S):
                if "quit" in self():
                    _interrupt()
                    return

        watching = threading.Thread(target=watch, name="keys", daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()


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


def _interrupt() -> None:
    """Do to the main thread what Ctrl-C does, even where it waits."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


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
