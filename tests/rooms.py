"""A room without devices: what is played echoes back into the microphone, and people speak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import soxr

from assistant.audio import HEARING_RATE, Audio
from assistant.devices import BLOCK, RENDER_RATE, Block, Render
from assistant.devices.twins import quantised
from assistant.interfaces import Cancel, Float32
from assistant.session.front import BLOCK_S
from assistant.session.workers import Item, Job, Lane, values

_RENDERED = round(BLOCK_S * RENDER_RATE)


def impulse_response(
    delay_s: float = 0.06, gain: float = 0.5, reverberation_s: float = 0.4, seed: int = 1
) -> Float32:
    """From the loudspeaker to the microphone: a direct path, then decaying noise, [n]."""
    rng = np.random.default_rng(seed)
    length = round(reverberation_s * HEARING_RATE)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail[0] = 8.0
    tail *= gain / np.sqrt((tail**2).sum())
    return np.concatenate([np.zeros(round(delay_s * HEARING_RATE)), tail]).astype(np.float32)


@dataclass
class Room:
    """A `Sound` as fast as the session can take it; people speak into it at any time."""

    seconds: float
    response: Float32 | None = None  # None: headphones, no echo at all
    noise: float = 0.0005  # root mean square; -66 dBFS
    seed: int = 0
    moved: tuple[float, Float32] | None = None  # s, and the response from then on
    now: float = 0.0  # s
    microphone: list[Float32] = field(default_factory=list)
    reference: list[Float32] = field(default_factory=list)
    _speech: dict[int, Float32] = field(default_factory=dict)  # by block
    _closed: bool = False

    def say(self, audio: Audio, at: float, gain: float = 1.0) -> float:
        """Speak from then on; returns when it ends, s."""
        sound = audio.resampled(HEARING_RATE).samples * np.float32(gain)
        start = round(at * HEARING_RATE)
        first, lead = divmod(start, BLOCK)
        padded = np.concatenate([np.zeros(lead, np.float32), sound])
        padded = np.pad(padded, (0, -len(padded) % BLOCK))
        for i, block in enumerate(padded.reshape(-1, BLOCK)):
            old = self._speech.get(first + i)
            self._speech[first + i] = block if old is None else old + block
        return at + len(sound) / HEARING_RATE

    def blocks(self, render: Render) -> Iterator[Block]:
        rng = np.random.default_rng(self.seed)
        down = soxr.ResampleStream(RENDER_RATE, HEARING_RATE, 1, dtype="float32", quality="QQ")
        waiting = np.zeros(0, np.float32)
        tail = np.zeros(0, np.float32)
        for number in range(round(self.seconds / BLOCK_S)):
            if self._closed:
                return
            self.now = (number + 1) * BLOCK_S
            waiting = np.concatenate([waiting, down.resample_chunk(render(_RENDERED))])
            reference = np.zeros(BLOCK, np.float32)
            ready = waiting[:BLOCK]
            reference[: len(ready)] = ready
            waiting = waiting[BLOCK:]
            heard = (self.noise * rng.standard_normal(BLOCK)).astype(np.float32)
            if self.moved is not None and self.now >= self.moved[0]:
                self.response = self.moved[1]
            if self.response is not None:
                echo = np.convolve(reference, self.response).astype(np.float32)
                echo = np.pad(echo, (0, max(0, len(tail) - len(echo))))
                echo[: len(tail)] += tail
                heard += echo[:BLOCK]
                tail = echo[BLOCK:]
            heard += self._speech.pop(number, 0.0)
            self.microphone.append(heard)
            self.reference.append(reference)
            yield Block(
                microphone=quantised(heard),
                reference=quantised(reference),
                played=(number + 1) * _RENDERED,
            )

    def close(self) -> None:
        self._closed = True


@dataclass
class _Job:
    generation: int
    values: list[object]
    due: float
    cancel: Cancel


class Late:
    """Workers that do real work at once and give it after a fixed time on the room's clock.

    So a run with real engines is the same whatever else the machine does.
    """

    def __init__(self, room: Room, costs: dict[str, float]) -> None:
        self.room = room
        self.costs = costs
        self._jobs: dict[Lane, _Job] = {}

    def start(self, lane: Lane, generation: int, job: Job) -> None:
        cancel = Cancel()
        due = self.room.now + self.costs[lane]
        self._jobs[lane] = _Job(generation, list(values(job, cancel)), due, cancel)

    def cancel(self, lane: Lane) -> None:
        self._jobs.pop(lane, None)

    def items(self) -> list[Item]:
        found = []
        for lane, job in list(self._jobs.items()):
            if job.due <= self.room.now:
                del self._jobs[lane]
                found += [
                    Item(lane=lane, generation=job.generation, value=value) for value in job.values
                ]
        return found

    def close(self) -> None:
        self._jobs.clear()
