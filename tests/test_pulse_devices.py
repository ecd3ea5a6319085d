"""Sound devices that go and come back while a conversation runs: sinks loaded and unloaded."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pulse import Pulse, echoing, server
from rooms import impulse_response
from talking import ROOT

from assistant.audio import Audio
from assistant.devices import BLOCK
from assistant.interfaces import Float32

pytestmark = [pytest.mark.slow, pytest.mark.realtime]

# Plays a tone of 440 Hz and tells each notice, and every 8 blocks how loud it is on both sides.
LISTEN = """
import json, sys, time
import numpy as np
from assistant.devices.portaudio import DeviceSound
count = 0
def render(n):
    global count
    count += n
    return (0.2 * np.sin(2 * np.pi * 440 * np.arange(count - n, count) / 24000)).astype(np.float32)
def rms(parts):
    return round(float(np.sqrt(np.mean(np.concatenate(parts) ** 2))), 4)
heard, played = [], []
for block in DeviceSound(**json.loads(sys.argv[1])).blocks(render):
    heard.append(block.microphone)
    played.append(block.reference)
    if block.notices or len(heard) >= 8:
        row = {"notices": block.notices, "heard": rms(heard), "played": rms(played)}
        print(json.dumps(row), flush=True)
        heard, played = [], []
"""


class Listening:
    """A child process that holds both devices."""

    def __init__(self, pulse: Pulse, *, path: str | None = None, **options: Any) -> None:
        environment = pulse.environment | ({"PATH": path} if path is not None else {})
        self._process = subprocess.Popen(
            [sys.executable, "-c", LISTEN, json.dumps(options)],
            env=environment, stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        self.rows: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()
        assert self.until(lambda: len(self.rows) > 2), "no sound"

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.rows.append(json.loads(line))

    @property
    def notices(self) -> list[str]:
        return [notice for row in list(self.rows) for notice in row["notices"]]

    def until(self, condition: Any, seconds: float = 20.0) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.05)
        return False

    def level(self, of: str, rows: int = 3) -> float:
        """The loudness of the next rows, in the middle."""
        began = len(self.rows)
        assert self.until(lambda: len(self.rows) >= began + rows)
        return float(np.median([row[of] for row in self.rows[began : began + rows]]))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    with server(tmp_path) as running:
        yield running


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    """A minute of a tone, louder than the one that is played."""
    samples = 0.5 * np.sin(2 * np.pi * 150 * np.arange(60 * 16_000) / 16_000)
    Audio(samples=samples.astype(np.float32), rate=16_000).write(tmp_path / "hum.wav")
    return tmp_path / "hum.wav"


def recording(pulse: Pulse, sink: str, path: Path) -> subprocess.Popen[bytes]:
    """What a sink plays, written down as it comes: 16 bits at 24 kHz."""
    with path.open("wb") as file:
        return subprocess.Popen(
            ["timeout", "60", "parec", f"--device={sink}.monitor", "--raw", "--format=s16le",
             "--channels=1", "--rate=24000", "--latency-msec=20"],
            env=pulse.environment, stdout=file,
        )  # fmt: skip


def loudness(pulse: Pulse, sink: str) -> float:
    """How loud a sink is just now, in the middle of its 20 ms stretches; 0 when it says nothing."""
    path = pulse.folder / "now.raw"
    recorder = recording(pulse, sink, path)
    deadline = time.monotonic() + 5.0
    while path.stat().st_size < 48_000 and time.monotonic() < deadline:
        time.sleep(0.05)
    recorder.terminate()
    recorder.wait()
    sound = np.fromfile(path, np.int16)[-12_000:]
    frames = sound[: len(sound) // 480 * 480].reshape(-1, 480) / 32768.0
    return float(np.median(np.sqrt(np.mean(frames**2, axis=1)))) if len(frames) else 0.0


@pytest.mark.parametrize("wanted", ["room.monitor", None])
def test_a_microphone_goes_and_comes_back(
    pulse: Pulse, hum: Path, tmp_path: Path, wanted: str | None
) -> None:
    """Meanwhile the loudspeaker plays on, and nothing else is listened to in its place."""
    listening = Listening(pulse, microphone=wanted)
    try:
        recorder = recording(pulse, "loudspeaker", tmp_path / "all.raw")
        assert listening.until(lambda: (tmp_path / "all.raw").stat().st_size > 48_000)
        pulse.unplug("room")
        assert listening.until(lambda: listening.notices == ["microphone gone"]), listening.notices
        assert listening.level("heard") == 0.0  # the server offers the loudspeaker's monitor
        pulse.plug("room")
        pulse.control("set-default-source", "room.monitor")
        assert listening.until(lambda: listening.notices[1:] == ["microphone back"])
        playing = pulse.play(hum)
        assert listening.until(lambda: listening.level("heard") > 0.2)
        playing.kill()
        recorder.terminate()
        recorder.wait()
    finally:
        listening.close()
    sound = np.fromfile(tmp_path / "all.raw", np.int16)[24_000:] / 32768.0
    assert len(sound) > 24_000
    loud = np.convolve(np.abs(sound), np.full(1200, 1 / 1200), "valid")
    assert loud.min() > 0.05, "the loudspeaker was silent for 50 ms"
    assert listening.notices == ["microphone gone", "microphone back"]


def test_a_loudspeaker_goes_and_comes_back(pulse: Pulse, hum: Path) -> None:
    """Meanwhile the system's own one is used, and the microphone hears on."""
    pulse.plug("spare")
    pulse.control("set-default-sink", "spare")
    listening = Listening(pulse, microphone="room.monitor", speaker="loudspeaker")
    playing = pulse.play(hum)
    try:
        assert listening.until(lambda: listening.level("heard") > 0.2)
        assert listening.until(lambda: loudness(pulse, "loudspeaker") > 0.1)
        begun = len(listening.rows)
        pulse.unplug("loudspeaker")
        assert listening.until(lambda: listening.notices == ["loudspeaker replaced"])
        assert listening.until(lambda: loudness(pulse, "spare") > 0.1)
        pulse.plug("loudspeaker")
        assert listening.until(lambda: listening.notices[1:] == ["loudspeaker back"])
        assert listening.until(lambda: loudness(pulse, "loudspeaker") > 0.1)
        assert loudness(pulse, "spare") < 0.01
        assert min(row["heard"] for row in listening.rows[begun:]) > 0.2
    finally:
        playing.kill()
        listening.close()
    assert listening.notices == ["loudspeaker replaced", "loudspeaker back"]


def test_without_another_loudspeaker_there_is_silence_until_it_is_back(pulse: Pulse) -> None:
    listening = Listening(pulse, speaker="loudspeaker")
    try:
        pulse.stop()
        gone = {"microphone gone", "loudspeaker gone"}
        assert listening.until(lambda: set(listening.notices) == gone), listening.notices
        assert pulse.start()
        assert listening.until(lambda: len(listening.notices) == 4), listening.notices
        assert set(listening.notices[2:]) == {"microphone back", "loudspeaker back"}
        assert listening.until(lambda: loudness(pulse, "loudspeaker") > 0.1)
    finally:
        listening.close()


def test_the_systems_own_loudspeaker_is_followed(pulse: Pulse) -> None:
    pulse.plug("spare")
    pulse.control("set-default-sink", "loudspeaker")
    listening = Listening(pulse)
    try:
        pulse.control("set-default-sink", "spare")
        assert listening.until(lambda: listening.notices == ["loudspeaker changed"])
        assert listening.until(lambda: loudness(pulse, "spare") > 0.1)
    finally:
        listening.close()


@pytest.mark.parametrize("restart", [False, True])
def test_the_monitor_is_read_again(pulse: Pulse, hum: Path, restart: bool) -> None:
    """After the loudspeaker, or the whole server, was gone; another program's sound is in it."""
    listening = Listening(pulse, speaker="loudspeaker", monitor=True)
    try:
        if restart:
            pulse.stop()
        else:
            pulse.unplug("loudspeaker")
        assert listening.until(lambda: any("loudspeaker" in n for n in listening.notices))
        if restart:
            assert pulse.start()
        else:
            pulse.plug("loudspeaker")
        assert listening.until(lambda: "loudspeaker back" in listening.notices), listening.notices
        playing = pulse.play(hum, "loudspeaker")
        assert listening.until(lambda: listening.level("played") > 0.25)
        playing.kill()
    finally:
        listening.close()


def test_a_process_of_its_own_finds_devices_where_no_server_can_be_asked(pulse: Pulse) -> None:
    listening = Listening(pulse, path="/nonexistent", speaker="pulse")
    try:
        pulse.stop()
        assert listening.until(lambda: len(listening.notices) == 2), listening.notices
        assert pulse.start()
        assert listening.until(lambda: len(listening.notices) == 4, 40), listening.notices
        assert set(listening.notices[2:]) == {"microphone back", "loudspeaker back"}
        assert listening.until(lambda: loudness(pulse, "loudspeaker") > 0.1)
    finally:
        listening.close()


# Plays noise, is held up twice, and keeps what each block brought.
HELD_UP = """
import json, sys, time
import numpy as np
from assistant.devices.portaudio import DeviceSound
rng = np.random.default_rng(0)
def render(n):
    return rng.uniform(-0.3, 0.3, n).astype(np.float32)
kept, notices = [], {}
for block in DeviceSound(**json.loads(sys.argv[1])).blocks(render):
    kept.append((block.microphone, block.reference))
    notices.update({name: len(kept) for name in block.notices})
    if len(kept) in (150, 300):
        time.sleep(1.5 if len(kept) == 150 else 9.0)
    if len(kept) == 450:
        break
np.save(sys.argv[2], np.array(kept))
print(json.dumps(notices))
"""


@pytest.mark.parametrize("monitor", [False, True])
def test_the_reference_stays_beside_the_microphone_when_the_reader_is_held_up(
    pulse: Pulse, tmp_path: Path, monitor: bool
) -> None:
    """An echo canceller loses its echo otherwise, and takes it for a person for seconds."""
    with echoing(pulse, impulse_response(gain=0.6, reverberation_s=0.1)):
        done = subprocess.run(
            [sys.executable, "-c", HELD_UP, json.dumps({"monitor": monitor}),
             str(tmp_path / "kept.npy")],
            env=pulse.environment, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE,
        )  # fmt: skip
    # What was left out is told, and only that: the shorter time cost nothing.
    assert json.loads(done.stdout) == {"computer busy": 301}
    blocks = np.load(tmp_path / "kept.npy")
    before = delay(blocks[100:150])
    for part in (blocks[152:192], blocks[200:300], blocks[302:400], blocks[400:450]):
        assert abs(delay(part) - before) <= 2 * BLOCK, (delay(part), before)


def delay(blocks: Float32) -> int:
    """Samples by which the microphone is behind the reference, each [n, 2, 512]."""
    microphone, reference = blocks[:, 0].ravel(), blocks[:, 1].ravel()
    size = 2 * len(microphone)
    spectrum = np.fft.rfft(microphone, size) * np.conj(np.fft.rfft(reference, size))
    like = np.fft.irfft(spectrum, size)
    best = int(np.argmax(like))
    # A shortage in the middle of a part shares the echo out between two delays.
    assert like[best] > 0.1 * np.linalg.norm(microphone) * np.linalg.norm(reference), "no echo"
    return best if best < size // 2 else best - size
