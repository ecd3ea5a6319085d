"""Faster and slower speech at the same pitch: WSOLA time stretching by FFmpeg's `atempo`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from assistant.audio import Audio
from assistant.interfaces import Float32

_SLOWEST, _FASTEST = 0.5, 2.0  # of one filter; beyond 2 `atempo` drops samples unblended
_BLOCK = 4096  # samples a frame


def stretched(audio: Audio, tempo: float) -> Audio:
    """The sound at `tempo` times its speed, mono, with the same rate and pitch.

    At 1 it is the very same sound. The length is exactly `1 / tempo` of it, rounded to
    samples. A second of speech takes about 4 ms.

    Raises:
        ValueError: `tempo` is not a positive number.
    """
    if not (tempo > 0 and math.isfinite(tempo)):
        raise ValueError(f"a tempo is a positive number, not {tempo}")
    wanted = round(len(audio.samples) / tempo)
    if tempo == 1 or not len(audio.samples):
        return audio
    blocks = list(_filtered(audio, _factors(tempo)))
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    samples = np.pad(samples[:wanted], (0, max(0, wanted - len(samples))))
    return Audio(samples=samples.astype(np.float32, copy=False), rate=audio.rate)


def _factors(tempo: float) -> list[float]:
    """Equal factors, each one within what a single filter does well, whose product is `tempo`."""
    limit = _FASTEST if tempo > 1 else _SLOWEST
    count = max(1, math.ceil(math.log(tempo) / math.log(limit) - 1e-9))
    return [float(tempo ** (1 / count))] * count


def _filtered(audio: Audio, factors: list[float]) -> Iterator[Float32]:
    import av
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=audio.rate, layout="mono", time_base=Fraction(1, audio.rate)
    )
    chain = [graph.add("atempo", f"{factor:.6f}") for factor in factors]
    graph.link_nodes(source, *chain, graph.add("abuffersink")).configure()
    for at in range(0, len(audio.samples), _BLOCK):
        block = np.ascontiguousarray(audio.samples[None, at : at + _BLOCK], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
        frame.sample_rate = audio.rate
        frame.pts = at
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Float32]:
    """All that the graph gives until it wants more, or has ended."""
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield frame.to_ndarray().reshape(-1)
