"""PulseAudio without hardware: one null sink is the room that the microphone hears, another
the loudspeaker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from subprocess import PIPE, Popen

import numpy as np
import pytest
import soxr

from assistant.interfaces import Float32

_ROOM = Path(__file__).with_name("room_process.py")
_RATE = 48_000  # Hz, of both sinks, so that nothing is resampled on the way
_AHEAD_S = 0.2  # of sound that is under way in a room's processes
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
            [*_hardware(), "pulseaudio", "-n", "-F", str(self.folder / "default.pa"),
             "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"],
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
        return subprocess.Popen(
            [*_hardware(), "paplay", f"--device={sink}", str(path)], env=self.environment
        )

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

    It stands for air and hardware, which a busy processor does not slow down, so its processes
    run in real time and are ahead by `_AHEAD_S`: each time that `pacat` runs dry, where a virtual
    machine stands still for a moment, the way of the echo becomes longer, as none in a room does.

    Args:
        pulse: a running server.
        response: impulse response at 16 kHz, [n]; its silence at the beginning is taken for
            the way that the processes need.
    """
    form = ["--raw", "--format=float32le", f"--rate={_RATE}", "--channels=1"]
    kernel = pulse.folder / "response.npy"
    ahead = int(np.flatnonzero(response)[0])
    # The room's own latencies count, not those that programs are led to ask for.
    environment = {k: v for k, v in pulse.environment.items() if k != "PULSE_LATENCY_MSEC"}
    np.save(kernel, soxr.resample(response[ahead:], 16_000, _RATE) * np.float32(16_000 / _RATE))
    with (
        Popen(
            [*_hardware(), "parec", "--device=loudspeaker.monitor", *form, "--latency-msec=10"],
            env=environment,
            stdout=PIPE,
        ) as source,
        Popen(
            [*_hardware(), sys.executable, str(_ROOM), str(kernel), str(round(_AHEAD_S * _RATE))],
            stdin=source.stdout,
            stdout=PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        ) as room,
        Popen(
            [
                *_hardware(),
                "pacat",
                "--device=room",
                *form,
                f"--latency-msec={1000 * _AHEAD_S:.0f}",
            ],
            env=environment,
            stdin=room.stdout,
        ) as sink,
    ):
        try:
            yield
        finally:
            for process in (source, room, sink):
                process.terminate()


@cache
def _hardware() -> tuple[str, ...]:
    """What a command begins with to run in real time, where that is allowed."""
    real_time = ("chrt", "--fifo", "20")
    allowed = shutil.which("chrt") and subprocess.run([*real_time, "true"], check=False)
    return real_time if allowed and not allowed.returncode else ()
