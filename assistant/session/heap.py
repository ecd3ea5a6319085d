"""Gives memory back to the system between turns.

Arrays of many sizes come and go in a turn; glibc holds 1 to 77 MB of their room after it
(measured over ten turns; https://man7.org/linux/man-pages/man3/malloc_trim.3.html).
"""

from __future__ import annotations

import ctypes
import sys


def trim() -> None:
    """Give back what is free. Nothing happens where the C library is another one."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):  # musl
        return
