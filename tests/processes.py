"""Programs that tests start."""

from __future__ import annotations

import signal


def heeds_ctrl_c() -> None:
    """For `preexec_fn`: SIGINT as in a terminal, though tests that run with `&` ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
