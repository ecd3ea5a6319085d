"""What a conversation needs of sound devices: blocks of the microphone, something to be played."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from assistant.interfaces import Float32

BLOCK = 512  # samples at 16 kHz, 32 ms
RENDER_RATE = 24_000  # Hz
Render = Callable[[int], Float32]
"""The next n samples at 24 kHz to be played; never waits, silence when nothing is said."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """32 ms of a conversation's sound."""

    microphone: Float32  # [512] at 16 kHz, in steps of 16 bits, so that a recording replays
    reference: Float32  # [512] at 16 kHz, what was played meanwhile
    played: int  # samples at 24 kHz that have left the loudspeaker, estimated
    notices: tuple[str, ...] = ()  # what happened to the devices, as "microphone gone"


class Sound(Protocol):
    """A microphone and a loudspeaker together."""

    def blocks(self, render: Render) -> Iterator[Block]:
        """Blocks in time order until it is closed, or the file ends."""

    def close(self) -> None:
        """Release the devices."""
