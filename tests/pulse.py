"""PulseAudio without hardware: one null sink is the room that the microphone hears, another
the loudspeaker."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from assistant.interfaces import Float32

_SCRIPT = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=room rate=48000
load-module module-null-sink sink_name=loudspeaker rate=48000
set-default-sink loudspeaker
set-default-source room.monitor
"""


@dataclass
class Pulse:
    """A running server; `environment` leads programs to it."""

    environment: dict[str, str]
    folder: Path
    daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start the server; whether it runs."""
        socket = self.folder / "native"
        socket.unlink(missing_ok=True)
        self.daemon = subprocess.Popen(
            ["pulseaudio", "-n", "-F", str(self.folder / "default.pa"), "--daemonize=no",
             "--exit-idle-time=-1", "--use-pid-file=no"],
            env={k: v for k, v in self.environment.items() if k != "PULSE_SERVER"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while not socket.exists():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """All devices are gone."""
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(timeout=10)

    def play(self, path: Path, sink: str = "room") -> subprocess.Popen[bytes]:
        """Play a file into a sink, in the background."""
        return subprocess.Popen(["paplay", f"--device={sink}", str(path)], env=self.environment)

    def record(self, path: Path, source: str = "loudspeaker.monitor") -> subprocess.Popen[bytes]:
        """Record a source into a WAV file until the process is terminated."""
        return subprocess.Popen(
            ["parec", f"--device={source}", "--file-format=wav", "--channels=1", "--rate=24000",
             "--latency-msec=20", str(path)],
            env=self.environment,
        )  # fmt: skip

    @contextmanager
    def listening(self, source: str = "loudspeaker.monitor") -> Iterator[Iterator[bool]]:
        """Whether each next 10 ms of a source, as they come, hold any sound."""
        process = subprocess.Popen(
            ["parec", f"--device={source}", "--format=s16le", "--channels=1", "--rate=24000",
             "--latency-msec=10"],
            env=self.environment, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        pieces = iter(partial(process.stdout.read, 480), b"")
        try:
            yield (bool(np.abs(np.frombuffer(piece, np.int16)).max() > 60) for piece in pieces)
        finally:
            process.terminate()
            process.wait()

    def unplug(self, sink: str) -> None:
        """Take a sink, and its monitor, away."""
        for line in self.control("list", "short", "modules").splitlines():
            number, *words = line.split("\t")
            if f"sink_name={sink}" in " ".join(words).split():
                self.control("unload-module", number)

    def plug(self, sink: str) -> None:
        """Bring a sink, and its monitor, into being."""
        self.control("load-module", "module-null-sink", f"sink_name={sink}", "rate=48000")

    def control(self, *words: str) -> str:
        """Run pactl."""
        done = subprocess.run(
            ["pactl", *words], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout


@contextmanager
def server(folder: Path) -> Iterator[Pulse]:
    """A private PulseAudio; skips the test, with the reason, where it is missing."""
    missing = [p for p in ("pulseaudio", "pactl", "paplay", "parec") if shutil.which(p) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install pulseaudio)")
    if not Path("/usr/share/alsa/alsa.conf.d/50-pulseaudio.conf").exists():
        pytest.skip("ALSA has no PulseAudio plug-in (apt-get install libasound2-plugins)")
    socket = folder / "native"
    script = folder / "default.pa"
    script.write_text(_SCRIPT.format(socket=socket))
    environment = {
        **os.environ,
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_RUNTIME_PATH": str(folder / "run"),
        "PULSE_STATE_PATH": str(folder / "state"),
        "PULSE_LATENCY_MSEC": "30",
        "HOME": os.environ.get("HOME", str(folder)),
    }
    environment.pop("PULSE_SOURCE", None)
    environment.pop("PULSE_SINK", None)
    pulse = Pulse(environment=environment, folder=folder)
    try:
        if not pulse.start():
            pytest.skip("PulseAudio does not start here")
        yield pulse
    finally:
        pulse.stop()


@contextmanager
def echoing(pulse: Pulse, response: Float32) -> Iterator[None]:
    """A room: what the loudspeaker plays comes back into the microphone, convolved.

    Args:
        pulse: a running server.
        response: impulse response at 16 kHz, [n].
    """
    form = ["--raw", "--format=float32le", "--rate=16000", "--channels=1", "--latency-msec=20"]
    source = subprocess.Popen(
        ["parec", "--device=loudspeaker.monitor", *form],
        env=pulse.environment,
        stdout=subprocess.PIPE,
    )
    sink = subprocess.Popen(
        ["pacat", "--device=room", *form], env=pulse.environment, stdin=subprocess.PIPE
    )

    def carry() -> None:
        assert source.stdout is not None
        assert sink.stdin is not None
        tail = np.zeros(0, np.float32)
        while data := source.stdout.read(4 * 320):
            played = np.frombuffer(data, np.float32)
            echo = fftconvolve(played, response)
            echo[: len(tail)] += tail
            tail = echo[len(played) :]
            try:
                sink.stdin.write(echo[: len(played)].tobytes())
                sink.stdin.flush()
            except BrokenPipeError:
                return

    thread = threading.Thread(target=carry, name="room", daemon=True)
    thread.start()
    try:
        yield
    finally:
        for process in (source, sink):
            process.terminate()
            process.wait(timeout=10)


def fftconvolve(sound: Float32, response: Float32) -> Float32:
    """All of the convolution, [n + m - 1]."""
    size = len(sound) + len(response) - 1
    whole = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    convolved: Float32 = whole.astype(np.float32)
    return convolved
