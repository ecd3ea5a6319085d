"""Where the microphone and the loudspeaker belong now, as devices come and go."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from assistant.devices import names
from assistant.devices.names import CALLED, Kind
from assistant.devices.pulse import PulseDevices, PulseWatch, pulse_devices
from assistant.errors import InputError

# What libpulse reads when a stream connects; ALSA's plug-in offers no other way.
VARIABLES: Final[Mapping[Kind, str]] = {"input": "PULSE_SOURCE", "output": "PULSE_SINK"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a stream is opened: PortAudio's number, and the name of what is behind it."""

    number: int | None  # None: the system's own
    name: str  # of the sound server's source or sink, or of the device
    served: bool = False  # by PulseAudio or PipeWire
    instead: bool = False  # it takes the place of a loudspeaker that is gone


class Places:
    """Knows PortAudio's devices, and the sound server's where one runs."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self.refresh()
        self._watch = PulseWatch() if pulse_devices() is not None else None

    @property
    def server(self) -> PulseDevices | None:
        """The sound server's devices; None where none answers now."""
        return self._watch.devices if self._watch is not None else None

    def refresh(self) -> None:
        """Read PortAudio's devices, which change only when it begins anew."""
        self._devices = list(self._library.query_devices())

    def named(self, kind: Kind, wanted: str | None) -> str | None:
        """The name of a device given by number, since numbers change as devices come and go.

        Without a choice here, what the user chose for all programs of the sound server.
        """
        if wanted is None:
            return (os.environ.get(VARIABLES[kind]) or None) if self.served(kind, None) else None
        if not wanted.isdigit():
            return wanted
        number = names.number(self._devices, kind, wanted)
        return str(self._devices[number]["name"]) if number is not None else wanted

    def find(self, kind: Kind, wanted: str | None) -> Place | None:
        """Where a wanted device is, by default the system's own; None when it is gone.

        For a wanted loudspeaker the system's own stands in. A loudspeaker's own monitor is no
        microphone, unless it is asked for by name.
        """
        number = names.number(self._devices, kind, wanted) if wanted is not None else None
        if wanted is not None and number is not None:
            return Place(number=number, name=wanted)
        if not self.served(kind, wanted):
            return self._own(kind) if wanted is None else None
        server = self.server or PulseDevices()
        there = server.sources if kind == "input" else server.sinks
        number = names.number(self._devices, kind, "pulse")
        name = names.chosen(wanted, there) if wanted is not None else None
        if name is not None:
            return Place(number=number, name=name, served=True)
        if wanted is not None and kind == "input":
            return None
        own = server.source if kind == "input" else server.sink
        if own not in there or own == f"{server.sink}.monitor":
            return None
        return Place(number=number, name=own, served=True, instead=wanted is not None)

    def served(self, kind: Kind, wanted: str | None) -> bool:
        """Whether the sound server, by ALSA's plug-in, stands behind a wanted device."""
        if self._watch is None or names.number(self._devices, kind, "pulse") is None:
            return False
        return wanted is None or names.number(self._devices, kind, wanted) is None

    def appeared(self, kind: Kind, wanted: str | None, devices: list[Any]) -> bool:
        """Whether a device that is gone is among these; of the system's own, any new one."""
        if wanted is not None:
            return names.number(devices, kind, wanted) is not None
        now = names.names(devices, kind)
        return bool(now) and now != names.names(self._devices, kind)

    def missing(self, kind: Kind, wanted: str | None) -> InputError:
        """The error for a device that is not there."""
        what = CALLED[kind]
        if wanted is None:
            return InputError(f"there is no {what}", fix="plug one in, or use `assistant web`")
        server = self.server or PulseDevices()
        served = server.microphones if kind == "input" else server.sinks
        return names.unknown(what, wanted, [*names.names(self._devices, kind), *served])

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.close()

    def _own(self, kind: Kind) -> Place | None:
        """The system's own device, where no sound server serves it."""
        try:
            device = self._library.query_devices(kind=kind)
        except (self._library.PortAudioError, ValueError):
            return None
        return Place(number=None, name=str(device["name"]))


@contextmanager
def led_to(kind: Kind, place: Place) -> Iterator[None]:
    """Lead the stream that is opened meanwhile to a source or sink of the sound server."""
    if not place.served:
        yield
        return
    name = VARIABLES[kind]
    before = os.environ.get(name)
    os.environ[name] = place.name
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
