"""The microphone and the loudspeaker of this machine, through PortAudio (`sounddevice`).

Both streams are opened once and kept open; the loudspeaker is fed silence when nothing is
said, since a freshly opened one may take a second to sound. A device that is unplugged gives
silence until it is back, by the same name. In place of a loudspeaker that was chosen and is
gone, the system's own is used, since silence would leave a blind person without a word; in
place of a chosen microphone, no other is listened to.

With PulseAudio or PipeWire each stream is opened on a source or sink by name, and on another
when these change; the other stream goes on undisturbed. Elsewhere PortAudio must begin anew to
see a device, which is done only when a process of its own has seen it.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices.monitor import Monitor
from assistant.devices.names import CALLED, Kind, Lookout, library
from assistant.devices.places import Place, Places, led_to
from assistant.devices.resampling import Rendered, Resampled
from assistant.devices.sound import BLOCK, RENDER_RATE, Block, Render
from assistant.devices.twins import quantised
from assistant.errors import InputError
from assistant.interfaces import Float32

_BLOCK_S = BLOCK / HEARING_RATE
_STALLED_S = 0.6  # s without a callback after which a device counts as gone
_AGAIN_S = 1.0  # s before the first look for a device that is gone; doubled after each
_RARELY_S = 15.0  # s between looks at most, each of which costs a process
_FRESH_S = 2.0  # s more that a freshly opened stream may take
_LATENCY_S = 0.03  # s asked of the devices
_LATEST = 8 * HEARING_RATE  # samples that may wait on a busy machine; the oldest are left out then
_BUSY_S = 60.0  # s in which it is told once that sound was left out
_EXPECTED = Place(number=None, name="")  # a remembered device that was not there at first


class _Side:
    """One direction of sound: its stream, and what was last told of it."""

    def __init__(self, kind: Kind, wanted: str | None) -> None:
        self.kind: Kind = kind
        self.wanted = wanted
        self.stream: Any = None
        self.place: Place | None = None
        self.rate = HEARING_RATE if kind == "input" else RENDER_RATE  # Hz
        self.last = 0.0  # monotonic s of the last callback
        self.again = 0.0  # monotonic s before which it is not opened again
        self.told: Place | None = _EXPECTED

    @property
    def stalled(self) -> bool:
        """Whether nothing came for too long."""
        silent = time.monotonic() - self.last > _STALLED_S
        return self.stream is None or silent or not self.stream.active

    def shut(self) -> None:
        """Release the device, which may be gone."""
        stream, self.stream, self.place = self.stream, None, None
        if stream is not None:
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def news(self) -> Iterator[str]:
        """What has changed since the last call, as a notice."""
        before, self.told = self.told, self.place
        if self.told == before:
            return
        if self.told is None:
            change = "gone"
        elif self.told.instead:
            change = "replaced"
        else:
            change = "back" if before is None or before.instead else "changed"
        yield f"{CALLED[self.kind]} {change}"


class DeviceSound:
    """A microphone and a loudspeaker. Its callbacks run on PortAudio's own threads."""

    def __init__(
        self,
        microphone: str | None = None,
        speaker: str | None = None,
        *,
        monitor: bool = False,
        wait: Collection[Kind] = (),
    ) -> None:
        """Find both; they are opened when blocks are asked for.

        Args:
            microphone: a name, a part of it, or a number; the system's own by default.
            speaker: the same.
            monitor: cancel whatever sounds on this machine, not only the assistant's own
                voice, where PulseAudio or PipeWire offer the sound of their output.
            wait: of which, "input" or "output", a device that is not there is waited for.

        Raises:
            InputError: PortAudio is missing, or there is no such device.
        """
        self._library = library()
        self._places = places = Places(self._library)
        self._microphone = _Side("input", places.named("input", microphone))
        self._speaker = _Side("output", places.named("output", speaker))
        self._sides = (self._microphone, self._speaker)
        self._render: Render | None = None
        self._heard: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        self._played: queue.SimpleQueue[Float32] = queue.SimpleQueue()
        self._rendered = 0  # samples at 24 kHz
        self._out = Rendered(RENDER_RATE)
        self._closed = False
        self._lookout = Lookout()
        self._patience, self._due = _AGAIN_S, 0.0
        self._told_busy = -_BUSY_S  # monotonic s
        wanted = monitor and places.server is not None and Monitor.offered()
        self._monitor = Monitor() if wanted else None
        for side in self._sides:
            place = places.find(side.kind, side.wanted)
            if side.kind not in wait and (place is None or place.instead):
                error = places.missing(side.kind, side.wanted)
                self.close()
                raise error

    def blocks(self, render: Render) -> Iterator[Block]:
        """Blocks in real time until closed; whatever happens to the devices, they go on."""
        self._render = render
        microphone, speaker = self._sides
        for side in self._sides:
            place = self._places.find(side.kind, side.wanted)
            if place is not None:
                self._open(side, place)
            if place is not None and not place.instead:
                side.told = side.place
        hearing = Resampled(microphone.rate)
        reference = Resampled(RENDER_RATE)
        due = time.monotonic()
        while not self._closed:
            due += _BLOCK_S
            while hearing.waiting < BLOCK and microphone.stream is not None:
                try:
                    hearing.add(self._heard.get(timeout=0.1))
                except queue.Empty:
                    if microphone.stalled:
                        break
            hearing.take_in(self._heard)
            reference.take_in(self._played)
            notices = list(self._look())
            if hearing.waiting > _LATEST:
                notices += self._catch_up(hearing, reference)
            if microphone.stream is None:
                time.sleep(max(0.0, due - time.monotonic()))
            else:
                due = time.monotonic()
                if hearing.rate != microphone.rate:
                    hearing.rate = microphone.rate
            if speaker.stream is None:  # the conversation goes on; nobody hears it
                reference.add(self._rendering(round(_BLOCK_S * RENDER_RATE)))
            heard = hearing.take()
            other = self._monitored(hearing.waiting)
            if other is None and speaker.stream is not None:
                reference.expect(self._played)
            own = reference.take()
            reference.follow(hearing.waiting)
            yield Block(
                microphone=quantised(heard),
                reference=quantised(own if other is None else other),
                played=max(0, self._rendered - round(self._latency() * RENDER_RATE)),
                notices=tuple(notices),
            )

    def close(self) -> None:
        """Release the devices."""
        self._closed = True
        self._places.close()
        self._lookout.close()
        if self._monitor is not None:
            self._monitor.close()
        for side in self._sides:
            side.shut()

    # --- streams ----------------------------------------------------------------------------

    def _open(self, side: _Side, place: Place) -> None:
        """Open a side's stream.

        Raises:
            InputError: the device refuses.
        """
        sd, hears = self._library, side.kind == "input"
        options: dict[str, Any] = {
            "device": place.number, "channels": 1, "dtype": "float32", "latency": _LATENCY_S,
            "callback": self._hear if hears else self._play,
        }  # fmt: skip
        maker: Callable[..., Any] = sd.InputStream if hears else sd.OutputStream
        rate = HEARING_RATE if hears else RENDER_RATE
        try:
            with led_to(side.kind, place):
                try:
                    stream = maker(samplerate=rate, **options)
                except sd.PortAudioError:
                    device = sd.query_devices(place.number, side.kind)
                    rate = round(device["default_samplerate"])
                    stream = maker(samplerate=rate, **options)
                side.rate = rate
                if not hears:
                    self._out = Rendered(rate)
                side.last = time.monotonic() + _FRESH_S
                stream.start()
        except (sd.PortAudioError, ValueError) as error:
            raise InputError(
                f"the {CALLED[side.kind]} cannot be opened: {error}",
                fix="assistant talk --list-devices",
            ) from error
        side.stream, side.place = stream, place

    def _hear(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self._microphone.last = time.monotonic()
        self._heard.put(data[:, 0].copy())

    def _play(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self._speaker.last = time.monotonic()
        data[:, 0] = self._out.next(frames, self._rendering, self._played)

    def _rendering(self, count: int) -> Float32:
        render = self._render
        self._rendered += count
        return render(count) if render is not None else np.zeros(count, np.float32)

    def _latency(self) -> float:
        stream = self._speaker.stream
        return float(stream.latency) if stream is not None else 0.0

    def _catch_up(self, hearing: Resampled, reference: Resampled) -> Iterator[str]:
        """Leave out what waits, in all streams alike: words heard too late are of no use.

        Yields a notice of it.
        """
        count = hearing.waiting - BLOCK
        hearing.drop(count)
        reference.drop(count)
        if self._monitor is not None:
            self._monitor.drop(count)
        now = time.monotonic()
        if now - self._told_busy >= _BUSY_S:
            self._told_busy = now
            yield "computer busy"

    def _monitored(self, waiting: int) -> Float32 | None:
        """What sounds on the machine; None where that cannot be read."""
        if self._monitor is None:
            return None
        place, server = self._speaker.place, self._places.server
        own = place.name if place is not None and place.served else None
        self._monitor.follow(own or (server.sink if server is not None else "") or None)
        return self._monitor.read(waiting)

    # --- unplugged and back -------------------------------------------------------------------

    def _look(self) -> Iterator[str]:
        """Follow devices that went, came back or changed; yields notices."""
        now = time.monotonic()
        self._look_out(now)
        for side in self._sides:
            place = self._places.find(side.kind, side.wanted)
            if side.stream is not None and (side.stalled or place != side.place):
                side.shut()
            if side.stream is None and place is not None and now >= side.again:
                try:
                    self._open(side, place)
                except InputError:
                    side.again = now + _AGAIN_S
        for side in self._sides:
            yield from side.news()

    def _look_out(self, now: float) -> None:
        """Begin PortAudio anew once another process finds what is gone."""
        lost = [
            side
            for side in self._sides
            if side.stream is None and not self._places.served(side.kind, side.wanted)
        ]
        if not lost:
            self._patience, self._due = _AGAIN_S, now + _AGAIN_S
            return
        found = self._lookout.devices() if now >= self._due else None
        if found is None:
            return
        self._due, self._patience = now + self._patience, min(2 * self._patience, _RARELY_S)
        if any(self._places.appeared(side.kind, side.wanted, found) for side in lost):
            for side in self._sides:
                side.shut()
                side.again = 0.0
            self._library._terminate()
            self._library._initialize()
            self._places.refresh()
