"""The microphone and the loudspeaker of this machine, through PortAudio (`sounddevice`).

Both streams are opened once and kept open; the loudspeaker is fed silence when nothing is
said, since a freshly opened one may take a second to sound. A device that is unplugged gives
silence until it is back; it is looked for again, by name, every second.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from assistant.audio import HEARING_RATE
from assistant.devices.sound import BLOCK, RENDER_RATE, Block, Render
from assistant.devices.twins import quantised
from assistant.errors import InputError
from assistant.interfaces import Float32

_BLOCK_S = BLOCK / HEARING_RATE
_STALLED_S = 0.6  # s without a callback after which a device counts as gone
_AGAIN_S = 1.0  # s before the first look for a device that is gone; doubled after each
_RARELY_S = 15.0  # s between looks at most, since each one silences the other device a moment
_FRESH_S = 2.0  # s more that a freshly opened stream may take
_LATENCY_S = 0.03  # s asked of the devices
_SLACK = 8 * BLOCK  # samples at 16 kHz that may wait before clocks that drift are brought together


class DeviceSound:
    """A microphone and a loudspeaker. Its callbacks run on PortAudio's own threads."""

    def __init__(
        self, microphone: str | None = None, speaker: str | None = None, *, monitor: bool = False
    ) -> None:
        """Find both; they are opened when blocks are asked for.

        Args:
            microphone: a name, a part of it, or a number; the system's own by default.
            speaker: the same.
            monitor: cancel whatever sounds on this machine, not only the assistant's own
                voice, where PulseAudio or PipeWire offer the sound of their output.

        Raises:
            InputError: PortAudio is missing, or there is no such device.
        """
        self._sounddevice = _sounddevice()
        self._names = {"input": microphone, "output": speaker}
        self._render: Render | None = None
        self._heard: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        self._played: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        self._rendered = 0  # samples at 24 kHz
        self._last = {"input": 0.0, "output": 0.0}  # monotonic s of the last callback
        self._streams: dict[str, Any] = {}
        self._rates: dict[str, int] = {}
        self._closed = False
        self._patience, self._missed = _AGAIN_S, False
        self._wants_monitor = monitor
        self._monitor: _Monitor | None = None
        self._out: _Slower | None = None
        _silence_alsa()
        for kind, name in self._names.items():
            _number(self._sounddevice, kind, name)

    def blocks(self, render: Render) -> Iterator[Block]:
        """Blocks in real time until closed; whatever happens to the devices, they go on."""
        self._render = render
        for kind in ("input", "output"):
            self._open(kind)
        if self._wants_monitor and _Monitor.offered():
            self._monitor = _Monitor(self._names["output"])
        hearing = _Resampled(self._rates["input"])
        reference = _Resampled(RENDER_RATE)
        gone: dict[str, float] = {}  # kind -> monotonic s of the next look for it
        due = time.monotonic()
        while not self._closed:
            due += _BLOCK_S
            while hearing.waiting < BLOCK and "input" not in gone:
                try:
                    hearing.add(self._heard.get(timeout=0.1))
                except queue.Empty:
                    if self._stalled("input"):
                        break
            while not self._played.empty():
                reference.add(self._played.get())
            notices = self._watch(gone)
            if "input" in gone:
                time.sleep(max(0.0, due - time.monotonic()))
            else:
                due = time.monotonic()
            if "output" in gone:  # the conversation goes on; nobody hears it
                reference.add(self._rendering(round(_BLOCK_S * RENDER_RATE)))
            if notices and "input" not in gone:
                hearing.rate = self._rates["input"]
            other = self._monitor.read() if self._monitor is not None else None
            reference.keep(2 * BLOCK)  # late, it could not be taken out of the microphone
            yield Block(
                microphone=quantised(hearing.take()),
                reference=quantised(reference.take() if other is None else other),
                played=max(0, self._rendered - round(self._latency() * RENDER_RATE)),
                notices=tuple(notices),
            )

    def close(self) -> None:
        """Release the devices."""
        self._closed = True
        if self._monitor is not None:
            self._monitor.close()
        for kind in list(self._streams):
            self._shut(kind)

    # --- streams ----------------------------------------------------------------------------

    def _open(self, kind: str) -> None:
        number = _number(self._sounddevice, kind, self._names[kind])
        sd = self._sounddevice
        rate = HEARING_RATE if kind == "input" else RENDER_RATE
        options: dict[str, Any] = {
            "device": number, "channels": 1, "dtype": "float32", "latency": _LATENCY_S,
            "callback": self._hear if kind == "input" else self._play,
        }  # fmt: skip
        maker = sd.InputStream if kind == "input" else sd.OutputStream
        try:
            try:
                stream = maker(samplerate=rate, **options)
            except sd.PortAudioError:
                rate = round(sd.query_devices(number, kind)["default_samplerate"])
                stream = maker(samplerate=rate, **options)
            self._rates[kind] = rate
            if kind == "output":
                self._out = _Slower(rate)
            self._last[kind] = time.monotonic() + _FRESH_S
            stream.start()
        except (sd.PortAudioError, ValueError) as error:
            what = "microphone" if kind == "input" else "loudspeaker"
            raise InputError(
                f"the {what} cannot be opened: {error}", fix="assistant talk --list-devices"
            ) from error
        self._streams[kind] = stream

    def _shut(self, kind: str) -> None:
        stream = self._streams.pop(kind, None)
        if stream is not None:
            try:
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)
            except self._sounddevice.PortAudioError:
                pass  # it is gone, which is why it is shut

    def _hear(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self._last["input"] = time.monotonic()
        self._heard.put(data[:, 0].copy())

    def _play(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self._last["output"] = time.monotonic()
        assert self._out is not None
        data[:, 0] = self._out.next(frames, self._rendering, self._played)

    def _rendering(self, count: int) -> Float32:
        render = self._render
        self._rendered += count
        return render(count) if render is not None else np.zeros(count, np.float32)

    def _latency(self) -> float:
        stream = self._streams.get("output")
        return float(stream.latency) if stream is not None else 0.0

    # --- unplugged and back -------------------------------------------------------------------

    def _stalled(self, kind: str) -> bool:
        stream = self._streams.get(kind)
        silent = time.monotonic() - self._last[kind] > _STALLED_S
        return stream is None or silent or not stream.active

    def _watch(self, gone: dict[str, float]) -> list[str]:
        """Notice devices that went and came back; returns what to say."""
        now, notices = time.monotonic(), []
        for kind, name in (("input", "microphone"), ("output", "loudspeaker")):
            if kind not in gone and self._stalled(kind):
                gone[kind] = now
                self._shut(kind)
                notices.append(f"The {name} is gone.")
        if any(now >= again for again in gone.values()):
            self._patience = min(2 * self._patience, _RARELY_S) if self._missed else _AGAIN_S
            self._missed = True
            for kind in gone:
                gone[kind] = now + self._patience
            for kind in self._look_again(gone):
                del gone[kind]
                name = "microphone" if kind == "input" else "loudspeaker"
                notices.append(f"The {name} is back.")
            self._missed = bool(gone)
        return notices

    def _look_again(self, gone: Mapping[str, float]) -> list[str]:
        """Open what is gone; PortAudio sees new devices only when it begins anew."""
        there = [kind for kind in ("input", "output") if kind not in gone]
        for kind in there:
            self._shut(kind)
        try:
            self._sounddevice._terminate()
            self._sounddevice._initialize()
        except self._sounddevice.PortAudioError:
            return []
        back = []
        for kind in ("input", "output"):
            try:
                self._open(kind)
            except InputError:
                continue
            if kind in gone:
                back.append(kind)
        return back


class _Resampled:
    """Samples that come in pieces at any rate and are taken in blocks at 16 kHz."""

    def __init__(self, rate: int) -> None:
        self._samples = np.zeros(0, np.float32)
        self.rate = rate

    @property
    def rate(self) -> int:
        return self._rate

    @rate.setter
    def rate(self, rate: int) -> None:
        self._rate = rate
        same = rate == HEARING_RATE
        self._stream = None if same else soxr.ResampleStream(rate, HEARING_RATE, 1, dtype="float32")

    @property
    def waiting(self) -> int:
        return len(self._samples)

    def add(self, samples: Float32) -> None:
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples)
        self._samples = np.concatenate([self._samples, samples])
        if len(self._samples) > _SLACK:
            self._samples = self._samples[-2 * BLOCK :]

    def keep(self, most: int) -> None:
        """Drop the oldest samples but so many."""
        self._samples = self._samples[-most:]

    def take(self) -> Float32:
        """The next block; silence where too little has come."""
        block = np.zeros(BLOCK, np.float32)
        ready = self._samples[:BLOCK]
        block[: len(ready)] = ready
        self._samples = self._samples[BLOCK:]
        return block


class _Slower:
    """What is rendered at 24 kHz, at the rate of the loudspeaker."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._left = np.zeros(0, np.float32)
        self._stream = (
            None if rate == RENDER_RATE else soxr.ResampleStream(RENDER_RATE, rate, 1, "float32")
        )

    def next(self, count: int, render: Render, played: queue.SimpleQueue[Float32]) -> Float32:
        """The next samples to be played; a copy of what was rendered goes to `played`."""
        if self._stream is None:
            samples = render(count)
            played.put(samples)
            return samples
        while len(self._left) < count:
            rendered = render(max(64, round((count - len(self._left)) * RENDER_RATE / self._rate)))
            played.put(rendered)
            self._left = np.concatenate([self._left, self._stream.resample_chunk(rendered)])
        samples, self._left = self._left[:count], self._left[count:]
        return samples


class _Monitor:
    """All that sounds on this machine, from PulseAudio's or PipeWire's monitor of the output."""

    def __init__(self, speaker: str | None) -> None:
        sinks = _pulse_names("sinks")
        sink = next((name for name in sinks if speaker and speaker in name), None)
        device = f"{sink}.monitor" if sink else "@DEFAULT_MONITOR@"
        self._process = subprocess.Popen(
            ["parec", f"--device={device}", f"--rate={HEARING_RATE}", "--channels=1",
             "--format=s16le", "--latency-msec=20", "--raw"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._samples = _Resampled(HEARING_RATE)
        self._pieces: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="monitor", daemon=True).start()

    @staticmethod
    def offered() -> bool:
        """Whether this machine offers one."""
        return shutil.which("parec") is not None and bool(_pulse_names("sinks"))

    def _read(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and (data := pipe.read(2 * BLOCK // 2)):
            self._pieces.put(np.frombuffer(data, np.int16).astype(np.float32) / 32768.0)

    def read(self) -> Float32 | None:
        """The next block; None when the monitor has ended."""
        while not self._pieces.empty():
            self._samples.add(self._pieces.get())
        if self._process.poll() is not None and self._samples.waiting < BLOCK:
            return None
        return self._samples.take()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def list_devices() -> dict[str, list[str]]:
    """Names of microphones, loudspeakers and cameras, as they can be given.

    Raises:
        InputError: PortAudio is missing.
    """
    sd = _sounddevice()
    found: dict[str, list[str]] = {"microphones": [], "speakers": [], "cameras": []}
    for device in sd.query_devices():
        if device["max_input_channels"]:
            found["microphones"].append(device["name"])
        if device["max_output_channels"]:
            found["speakers"].append(device["name"])
    found["microphones"] += [n for n in _pulse_names("sources") if not n.endswith(".monitor")]
    found["speakers"] += _pulse_names("sinks")
    for path in sorted(Path("/sys/class/video4linux").glob("video*")):
        name = (path / "name").read_text(encoding="utf-8").strip()
        found["cameras"].append(f"{path.name.removeprefix('video')}: {name}")
    return found


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise InputError("sounddevice is missing", fix="pip install 'assistant[live]'") from error
    except OSError as error:
        raise InputError(
            "PortAudio is missing", fix="sudo apt-get install libportaudio2"
        ) from error
    return sounddevice


@cache
def _silence_alsa() -> Any:
    """Keep ALSA's own messages (underruns, missing cards) off the terminal.

    The handler must live as long as the library, so it is kept by the cache.
    """
    name = ctypes.util.find_library("asound")
    if name is None:
        return None
    kind = ctypes.CFUNCTYPE(
        None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
    )
    handler = kind(lambda *words: None)
    ctypes.CDLL(name).snd_lib_error_set_handler(handler)
    return handler


def _pulse_names(what: str) -> list[str]:
    """Names of PulseAudio's sources or sinks; none where it does not run."""
    if shutil.which("pactl") is None:
        return []
    done = subprocess.run(
        ["pactl", "list", "short", what], capture_output=True, text=True, check=False
    )
    return [line.split("\t")[1] for line in done.stdout.splitlines() if "\t" in line]


def _number(sd: Any, kind: str, name: str | None) -> int | None:
    """PortAudio's number of a device; None is the system's own.

    Raises:
        InputError: there is none of that name.
    """
    devices = [
        (number, device["name"])
        for number, device in enumerate(sd.query_devices())
        if device[f"max_{kind}_channels"]
    ]
    what = "microphone" if kind == "input" else "loudspeaker"
    if not devices:
        raise InputError(f"there is no {what}", fix="plug one in, or use `assistant web`")
    if name is None:
        return None
    if name.isdigit() and int(name) in dict(devices):
        return int(name)
    for number, full in devices:
        if name.casefold() in full.casefold():
            return number
    pulse = next((number for number, full in devices if full == "pulse"), None)
    names = _pulse_names("sources" if kind == "input" else "sinks")
    chosen = next((full for full in names if name.casefold() in full.casefold()), None)
    if pulse is not None and chosen is not None:
        # libpulse reads these when a stream connects; there is no other way through ALSA.
        os.environ["PULSE_SOURCE" if kind == "input" else "PULSE_SINK"] = chosen
        return pulse
    known = ", ".join([*(full for _, full in devices), *names])
    raise InputError(f"there is no {what} {name!r}", fix=f"choose one of: {known}")
