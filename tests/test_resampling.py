"""A reference stays beside the microphone, however late either comes and whoever is held up."""

from __future__ import annotations

import queue
import threading

import numpy as np

from assistant.audio import HEARING_RATE
from assistant.devices import BLOCK
from assistant.devices.resampling import Resampled
from assistant.interfaces import Float32

EARLY = 160  # samples by which the reference is ahead of its echo


def beside(pieces: list[tuple[int, int]], blocks_each: list[int]) -> list[int]:
    """By how many samples the reference is late, for each block with sound in both.

    Args:
        pieces: samples of microphone and reference that come in each turn.
        blocks_each: blocks that are taken in each turn.
    """
    clock = np.arange(1, HEARING_RATE * 40, dtype=np.float32)  # a sample's value is its time
    hearing, reference = Resampled(HEARING_RATE), Resampled(HEARING_RATE)
    heard = played = 0
    late = []
    for (more_heard, more_played), blocks in zip(pieces, blocks_each, strict=True):
        hearing.add(clock[heard : heard + more_heard])
        reference.add(clock[played : played + more_played])
        heard, played = heard + more_heard, played + more_played
        for _ in range(blocks):
            microphone, other = hearing.take(), reference.take()
            reference.follow(hearing.waiting)
            if microphone.all() and other.all():
                late.append(round(float(microphone[0] - other[0])))
    return late


def test_who_is_held_up_finds_both_streams_as_they_were() -> None:
    """The reference that waited as long as the microphone is not dropped."""
    steady = [(BLOCK, BLOCK + EARLY), *[(BLOCK, BLOCK)] * 200]
    taken = [1] * 100 + [0] * 60 + [61] + [1] * 40
    late = beside(steady, taken)
    assert len(late) == 201
    assert set(late) == {0}


def test_a_reference_that_came_late_is_brought_forward_within_a_second_or_two() -> None:
    """Each shortage puts silence in place of sound and what follows after it."""
    pieces = [(BLOCK, BLOCK)] * 50
    for _ in range(10):  # nothing comes for a block, then what is missing
        pieces += [(BLOCK, 0), (BLOCK, 2 * BLOCK)]
    pieces += [(BLOCK, BLOCK)] * 100
    late = beside(pieces, [1] * len(pieces))
    assert late[0] == 0
    assert max(late) >= BLOCK  # it had become late
    assert abs(late[-1]) <= BLOCK
    assert late[-1] == late[-30]  # and has settled


def test_much_that_came_late_is_left_out_at_once() -> None:
    """The reader of the reference stood still for 0.5 s, as the microphone's did not."""
    pieces = [*[(BLOCK, BLOCK)] * 50, *[(BLOCK, 0)] * 15, (BLOCK, 16 * BLOCK)]
    pieces += [(BLOCK, BLOCK)] * 20
    late = beside(pieces, [1] * len(pieces))
    assert late[50] > 8 * BLOCK
    assert max(late[51:]) <= 3 * BLOCK


def test_a_clock_that_runs_fast_is_followed() -> None:
    """The reference has 0.5 % more samples: it never grows late by more than a block or two."""
    pieces = [(BLOCK, BLOCK + (5 if i % 2 else 0)) for i in range(1000)]
    late = beside(pieces, [1] * len(pieces))
    assert max(late) <= 2 * BLOCK


def test_the_rest_of_a_block_is_waited_for() -> None:
    """Silence in its place would be taken for what was played, and the echo for a person."""
    pieces: queue.SimpleQueue[Float32] = queue.SimpleQueue()
    sound = np.ones(BLOCK // 2, np.float32)
    pieces.put(sound)
    late = threading.Timer(0.02, pieces.put, [sound])
    late.start()
    reference = Resampled(HEARING_RATE)
    reference.expect(pieces)
    late.join()
    assert reference.take().all()


def test_what_never_comes_is_waited_for_once() -> None:
    class Counting(queue.SimpleQueue):  # type: ignore[type-arg]
        """Empty; counts who waits."""

        waits = 0

        def get(self, block: bool = True, timeout: float | None = None) -> Float32:
            self.waits += 1
            raise queue.Empty

    nothing = Counting()
    reference = Resampled(HEARING_RATE)
    for _ in range(3):
        reference.expect(nothing)
        assert not reference.take().any()
    assert nothing.waits == 1
    reference.add(np.ones(BLOCK, np.float32))
    reference.expect(nothing)
    assert reference.take().all()
    reference.expect(nothing)
    assert nothing.waits == 2
