"""Where in a sound somebody speaks, from a voice detector's probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.interfaces import Float32

FRAME_S = 0.032  # s, one probability of a `VoiceDetector`
SPEECH = 0.5  # from here on a frame is speech
_STILL = 0.35  # a stretch goes on down to here (Silero's own hysteresis of 0.15)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of speech."""

    start: float  # s
    end: float  # s


def stretches(
    probabilities: Float32, *, pause: float, margin: float, shortest: float
) -> list[Stretch]:
    """Stretches of speech, in order, not overlapping.

    Args:
        probabilities: speech probability of each 32 ms frame, [n].
        pause: s; a shorter silence does not end a stretch.
        margin: s of the sound before and after speech that belong to a stretch.
        shortest: s; less speech than this (without margins) is none.
    """
    runs: list[list[int]] = []  # [first frame, frame after the last]
    inside = False
    for i, probability in enumerate(probabilities):
        if probability >= SPEECH or (inside and probability >= _STILL):
            if not inside:
                runs.append([i, i + 1])
            runs[-1][1] = i + 1
            inside = True
        else:
            inside = False
    joined: list[list[int]] = []
    for run in runs:
        if joined and (run[0] - joined[-1][1]) * FRAME_S < pause:
            joined[-1][1] = run[1]
        else:
            joined.append(run)
    kept = [r for r in joined if voiced(probabilities[r[0] : r[1]]) >= shortest]
    total = len(probabilities) * FRAME_S
    found: list[Stretch] = []
    for first, after in kept:
        start, end = max(0.0, first * FRAME_S - margin), min(total, after * FRAME_S + margin)
        if found and start <= found[-1].end:
            start = found.pop().start
        found.append(Stretch(start=start, end=end))
    return found


def voiced(probabilities: Float32) -> float:
    """Seconds of speech among the frames."""
    return float(np.count_nonzero(probabilities >= SPEECH)) * FRAME_S


def quietest(probabilities: Float32, first: float, last: float) -> float:
    """The middle of the longest silence between two moments, s; where there is none, the last.

    Args:
        probabilities: speech probability of each 32 ms frame, [n].
        first, last: s.
    """
    part = probabilities[round(first / FRAME_S) : round(last / FRAME_S)]
    spoken = stretches(part, pause=0.1, margin=0.0, shortest=0.0)
    edges = [0.0, *(t for s in spoken for t in (s.start, s.end)), len(part) * FRAME_S]
    silences = list(zip(edges[::2], edges[1::2], strict=True))
    start, end = max(silences, key=lambda s: s[1] - s[0])
    return min(last, first + (start + end) / 2) if end > start else last
