"""`assistant talk` run as a process of its own, and questions for it, in a voice of the profile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from pulse import Pulse

from assistant.audio import Audio
from assistant.registry import Engines

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 90.0  # for engines to load on a busy machine


class Talking:
    """`assistant talk` as a process of its own, its events with the time at which they came."""

    def __init__(self, pulse: Pulse, data: Path, *options: str) -> None:
        self._keys, keyboard = os.openpty()
        self.errors = data.with_suffix(".err")
        self._file = self.errors.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "talk", "--open-mic", "--json", *options],
            env={**pulse.environment, "ASSISTANT_DATA": str(data), "PYTHONUNBUFFERED": "1"},
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=self._file,
            cwd=ROOT,
        )
        os.close(keyboard)
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self.events: list[dict[str, Any]] = []
        self._rest = b""
        assert self.wait_for("Listening", PATIENCE_S), self.errors.read_text()

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._keys, key.encode())

    def read(self) -> None:
        assert self._process.stdout is not None
        self._rest += self._process.stdout.read() or b""
        *lines, self._rest = self._rest.split(b"\n")
        now = time.monotonic()
        self.events += [{**json.loads(line), "came": now} for line in lines if line]

    def wait_for(self, kind: str, seconds: float, count: int = 1) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            self.read()
            if len(self.of(kind)) >= count:
                return True
            time.sleep(0.02)
        return False

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def close(self) -> None:
        self.read()
        self._process.terminate()
        self._process.wait(timeout=20)
        self._file.close()
        os.close(self._keys)


def spoken(
    engines: Engines,
    text: str,
    path: Path,
    *,
    language: str = "en",
    voice: str = "af_heart",
    level: float | None = None,
) -> Path:
    """A file with the text spoken; `level` is its root mean square in dBFS."""
    from assistant.interfaces import Options
    from assistant.speech import Speaker, trimmed

    chunks = list(Speaker(engines).speak([text], language, Options(voice=voice)))
    samples = np.concatenate([trimmed(chunk.audio).samples for chunk in chunks])
    if level is not None:
        samples = samples * np.float32(10 ** (level / 20) / np.sqrt(np.mean(samples**2)))
    Audio(samples=samples, rate=chunks[0].audio.rate).write(path)
    return path
