"""The sound of a video, in time with its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.audio import HEARING_RATE, AudioChunk, decoded_blocks, resampled_blocks
from assistant.errors import InputError
from assistant.interfaces import Cancel
from assistant.video.opening import OTHER_FILE, only, opened, origin, sound_stream

_CHUNK_S: Final = 1.0
_WARM_UP_S: Final = 0.5  # decoded before the start: the first packet after a jump is not whole
_GAP_S: Final = 0.05  # between the stamps of two blocks; less is rounding
_FILLED_S: Final = 30.0  # a longer gap is left open

Block = NDArray[np.float32]  # [n], mono


def sound(
    path: Path | str,
    *,
    start: float = 0.0,
    end: float | None = None,
    cancel: Cancel | None = None,
) -> Iterator[AudioChunk]:
    """The sound between two times (s), 16 kHz mono, in chunks of a second.

    A chunk's `start` is where it is heard while the picture plays. A gap of up to half a minute
    in the file is silence here; after a longer one, and before a sound that begins late, the
    next chunk starts later. Nothing is yielded for a video without sound.

    Raises:
        InputError: no video, or a sound track of which nothing can be decoded.
        Cancelled
    """
    with opened(path) as container:
        stream = sound_stream(container)
        if stream is None:
            return
        only(container, stream)
        if start > _WARM_UP_S:
            moment = start - _WARM_UP_S + origin(container)
            container.seek(int(moment / stream.time_base), stream=stream)
        for run in _runs(_stamped(container, Path(path)), end):
            yield from _chunks(run, start, end, cancel)


def _stamped(container: Any, path: Path) -> Iterator[tuple[float | None, Block, int]]:
    if container.streams.audio[0].codec_context is None:
        raise InputError(f"the sound of {path} is of an unknown kind", fix=OTHER_FILE)
    begun = origin(container)
    for moment, samples, rate in decoded_blocks(container, str(path)):
        yield None if moment is None else moment - begun, samples, rate


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Sound without a long gap."""

    start: float  # s
    blocks: Iterator[tuple[Block, int]]  # samples, rate in Hz


def _runs(stamped: Iterator[tuple[float | None, Block, int]], end: float | None) -> Iterator[_Run]:
    """The runs of a sound; each must be used up before the next."""
    waiting: list[tuple[float, Block, int]] = []

    def run(at: float, samples: Block, rate: int) -> Iterator[tuple[Block, int]]:
        yield samples, rate
        at += len(samples) / rate
        for moment, samples, rate in stamped:
            gap = 0.0 if moment is None else moment - at
            if end is not None and at >= end:
                return
            if gap > _FILLED_S:
                waiting.append((at + gap, samples, rate))
                return
            if gap > _GAP_S:
                yield np.zeros(round(gap * rate), np.float32), rate
                at += gap
            yield samples, rate
            at += len(samples) / rate

    for moment, samples, rate in stamped:
        waiting.append((moment or 0.0, samples, rate))
        while waiting:
            first = waiting.pop()
            if end is not None and first[0] >= end:
                return
            yield _Run(start=first[0], blocks=run(*first))
        return


def _chunks(
    run: _Run, start: float, end: float | None, cancel: Cancel | None
) -> Iterator[AudioChunk]:
    """A run at 16 kHz between two times, in chunks."""
    at = round(run.start * HEARING_RATE)  # sample number of what comes next
    first = round(start * HEARING_RATE)
    last = None if end is None else round(end * HEARING_RATE)
    kept: list[Block] = []
    begun = max(at, first)
    size = 0
    for samples in resampled_blocks(run.blocks, HEARING_RATE):
        if cancel is not None:
            cancel.check()
        wanted = samples[max(0, first - at) : None if last is None else max(0, last - at)]
        at += len(samples)
        kept.append(wanted)
        size += len(wanted)
        if size >= _CHUNK_S * HEARING_RATE:
            yield _chunk(kept, begun)
            begun, kept, size = begun + size, [], 0
        if last is not None and at >= last:
            break
    if size:
        yield _chunk(kept, begun)


def _chunk(blocks: list[Block], begun: int) -> AudioChunk:
    return AudioChunk(samples=np.concatenate(blocks), rate=HEARING_RATE, start=begun / HEARING_RATE)
