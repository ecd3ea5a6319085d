"""What PulseAudio, or PipeWire in its place, says of its sources and sinks, through `pactl`.

When a sink or source goes away, the server moves its streams to another one without telling
the program: a microphone may become the monitor of the loudspeaker, the reference of the echo
canceller the microphone. So the names are watched, and streams opened on the right ones anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Final

_AGAIN_S: Final = 0.5  # s between two attempts to reach a server that has gone
_SETTLE_S: Final = 0.05  # s in which one change shows as several events
_MATTERS: Final = re.compile(r" on (sink|source|server) ")  # streams and clients do not
_ENGLISH: Final = {"LC_ALL": "C"}  # `pactl info` speaks the user's language otherwise


@dataclass(frozen=True, kw_only=True)
class PulseDevices:
    """Names of what there is, and which of it is the default."""

    sources: tuple[str, ...] = ()  # microphones, and the monitors of sinks
    sinks: tuple[str, ...] = ()
    source: str = ""
    sink: str = ""

    @property
    def microphones(self) -> tuple[str, ...]:
        """Sources that are no sink's monitor."""
        return tuple(name for name in self.sources if not name.endswith(".monitor"))


def pulse_devices() -> PulseDevices | None:
    """The devices of the sound server; None where none answers."""
    if shutil.which("pactl") is None:
        return None
    info = _pactl("info")
    if info is None:
        return None
    defaults = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
    return PulseDevices(
        sources=_names("sources"),
        sinks=_names("sinks"),
        source=defaults.get("Default Source", ""),
        sink=defaults.get("Default Sink", ""),
    )


def _names(kind: str) -> tuple[str, ...]:
    lines = (_pactl("list", "short", kind) or "").splitlines()
    return tuple(line.split("\t")[1] for line in lines if "\t" in line)


def _pactl(*words: str) -> str | None:
    """What pactl prints; None when it fails."""
    try:
        done = subprocess.run(
            ["pactl", *words],
            capture_output=True, text=True, check=False, timeout=5, env={**os.environ, **_ENGLISH},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


class PulseWatch:
    """The server's devices, kept true by `pactl subscribe` on a thread of its own."""

    def __init__(self) -> None:
        self.devices = pulse_devices()
        self._closed = threading.Event()
        self._events: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and its child."""
        self._closed.set()
        if self._events is not None:
            self._events.terminate()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._closed.is_set():
            with subprocess.Popen(
                ["pactl", "subscribe"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env={**os.environ, **_ENGLISH},
            ) as self._events:  # fmt: skip
                if self._closed.is_set():
                    self._events.terminate()
                time.sleep(_SETTLE_S)  # it is listening by now, so nothing is missed
                self.devices = pulse_devices()
                for line in self._events.stdout or ():
                    if _MATTERS.search(line):
                        self.devices = pulse_devices()
            self.devices = None
            self._closed.wait(_AGAIN_S)
