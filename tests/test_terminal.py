"""The terminal of a conversation: keys, and that it is left as it was."""

from __future__ import annotations

import itertools
import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from processes import heeds_ctrl_c
from scripted import ScriptedEars, ScriptedMind, Voice

from assistant.devices import FileSound
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.player import Player
from assistant.session.running import converse
from assistant.session.workers import Inline
from assistant.settings import TurnRules
from assistant.types import Audio

ROOT = Path(__file__).resolve().parent.parent
LOADING = """
import time
from assistant.apps.terminal import keyboard
try:
    with keyboard() as keys, keys.while_loading():
        print("loading", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    print("left", flush=True)
"""


def test_q_ends_a_conversation_in_which_nothing_happens() -> None:
    workers = Inline()
    session = Session(
        rules=TurnRules(),
        front=Front(Voice()),
        ears=ScriptedEars([]),
        mind=ScriptedMind({}),
        player=Player(),
        workers=workers,
    )
    silence = Audio(samples=np.zeros(16_000, np.float32), rate=16_000)
    looks = itertools.count()
    list(
        converse(
            session,
            FileSound(silence, tail_s=60.0),
            workers,
            keys=lambda: ("quit",) if next(looks) == 10 else (),
        )
    )
    assert next(looks) == 11
    assert session.now == pytest.approx(10 * 0.032)


def _at_a_terminal() -> None:
    """Give a process its own terminal, in which Ctrl-C has its meaning."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))
    heeds_ctrl_c()


@pytest.mark.parametrize("key", [b"q", b"\x04", b"\x03"])
def test_leaving_while_it_loads_restores_the_terminal(key: bytes) -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(
        [sys.executable, "-c", LOADING],
        stdin=theirs, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True,
        preexec_fn=_at_a_terminal,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"loading\n"
        assert termios.tcgetattr(theirs) != before
        pressed = time.monotonic()
        os.write(ours, key)
        assert process.stdout.read() == b"left\n"
        assert time.monotonic() - pressed < 5.0
        assert process.wait(timeout=10) == 0
        assert termios.tcgetattr(theirs) == before
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)
