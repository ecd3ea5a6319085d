"""A room as a process: sound on standard input comes out convolved, mono, float32.

    python room_process.py RESPONSE.npy AHEAD

AHEAD samples of silence come first, so that whoever plays the output never runs dry. What came
while this process started is left out: it would make the echo late for as long as it runs.
"""

from __future__ import annotations

import os
import select
import sys

import numpy as np

PIECE = 480  # samples
QUIET_S = 0.004  # s without anything new, of which 10 ms come at a time: all has been read


def main() -> None:
    """Convolve, by overlapping and adding, until the input ends."""
    response = np.load(sys.argv[1]).astype(np.float32)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    waiting = 0
    while select.select([source], [], [], QUIET_S)[0] and (data := os.read(0, 1 << 16)):
        waiting += len(data)
    source.read(-waiting % 4)  # the rest of a sample
    sink.write(np.zeros(int(sys.argv[2]), np.float32).tobytes())
    # A power of two: of a large prime, a transform takes ten times as long, about as the sound.
    size = 1 << (PIECE + len(response) - 2).bit_length()
    spectrum = np.fft.rfft(response, size)
    tail = np.zeros(size, np.float32)
    while len(data := source.read(4 * PIECE)) == 4 * PIECE:
        tail = np.concatenate([tail[PIECE:], np.zeros(PIECE, np.float32)])
        tail += np.fft.irfft(np.fft.rfft(np.frombuffer(data, np.float32), size) * spectrum, size)
        sink.write(tail[:PIECE].tobytes())
        sink.flush()


if __name__ == "__main__":
    main()
