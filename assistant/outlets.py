"""Where a watch's speech goes: a loudspeaker, or a sound file."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from assistant.audio import Audio
from assistant.devices.places import Place as PlaceOfDevice
from assistant.devices.places import Places
from assistant.devices.resampling import Rendered
from assistant.errors import InputError
from assistant.interfaces import Float32
from assistant.session.player import RATE, Player


class Outlet(Protocol):
    """Where speech goes."""

    def add(self, samples: Float32, now: float) -> None:
        """Play these, [n] at 24 kHz, after what was added before."""

    def stop(self, now: float) -> None:
        """Fall silent."""

    def playing(self, now: float) -> bool:
        """Whether anything still sounds."""

    def close(self) -> None:
        """Finish."""


class Loudspeaker:
    """A loudspeaker of this machine, through PortAudio."""

    def __init__(self, wanted: str | None = None, *, expected: bool = False) -> None:
        """Open it.

        Args:
            wanted: a name, a part of it, or a number; the system's own by default.
            expected: whether the system's own stands in where that one is not there now, since
                silence would leave a blind person without a word.

        Raises:
            InputError: PortAudio is missing, or there is no such loudspeaker.
        """
        from assistant.devices.names import library
        from assistant.devices.places import led_to

        self._player = Player()
        self._played: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        self._last = -1
        sounddevice = library()
        place = _found(sounddevice, wanted, expected=expected)
        options: dict[str, Any] = {
            "device": place.number, "channels": 1, "dtype": "float32", "callback": self._render,
        }  # fmt: skip
        try:
            with led_to("output", place):
                try:
                    self._out = Rendered(RATE)
                    self._stream: Any = sounddevice.OutputStream(samplerate=RATE, **options)
                except sounddevice.PortAudioError:
                    device = sounddevice.query_devices(place.number, "output")
                    self._out = Rendered(round(device["default_samplerate"]))
                    self._stream = sounddevice.OutputStream(
                        samplerate=device["default_samplerate"], **options
                    )
                self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise InputError(
                "the loudspeaker cannot be opened", fix="add --no-speak or -o OUT.wav"
            ) from error

    def add(self, samples: Float32, now: float) -> None:
        self._last = self._player.add(Audio(samples=samples, rate=RATE))

    def stop(self, now: float) -> None:
        self._player.stop()

    def playing(self, now: float) -> bool:
        return self._player.position().piece <= self._last and self._last >= 0

    def close(self) -> None:
        self._stream.close()

    def _render(self, out: Any, frames: int, _time: Any, _status: Any) -> None:
        out[:, 0] = self._out.next(frames, self._player.render, self._played)
        while not self._played.empty():
            self._played.get()


def check_loudspeaker(wanted: str | None) -> None:
    """A wrong name is told before anything is loaded.

    Raises:
        InputError: PortAudio is missing, or there is no such loudspeaker.
    """
    from assistant.devices.names import library

    _found(library(), wanted, expected=False)


def _found(sounddevice: Any, wanted: str | None, *, expected: bool) -> PlaceOfDevice:
    places = Places(sounddevice)
    try:
        name = places.named("output", wanted)
        place = places.find("output", name)
        if expected and place is None:
            place = places.find("output", None)
        if place is None and wanted is None:
            raise InputError(
                "there is no loudspeaker", fix="connect one, or add --no-speak or -o OUT.wav"
            )
        if place is None or (place.instead and not expected):
            raise places.missing("output", name)
        return place
    finally:
        places.close()


class Recording:
    """A sound file in which each remark stands at the time at which it was said."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pieces: list[tuple[int, Float32]] = []  # (sample, sound)
        self._end = 0  # sample
        path.touch()

    def add(self, samples: Float32, now: float) -> None:
        start = max(self._end, round(now * RATE))
        self._pieces.append((start, samples))
        self._end = start + len(samples)

    def stop(self, now: float) -> None:
        at = round(now * RATE)
        self._pieces = [(s, p[: max(0, at - s)]) for s, p in self._pieces]
        self._end = min(self._end, at)

    def playing(self, now: float) -> bool:
        return self._end > round(now * RATE)

    def close(self) -> None:
        out = np.zeros(max((s + len(p) for s, p in self._pieces), default=RATE // 10), np.float32)
        for start, piece in self._pieces:
            out[start : start + len(piece)] = piece
        Audio(samples=out, rate=RATE).write(self._path)
