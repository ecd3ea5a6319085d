"""Vectors that stay in their file: some are read when they are asked for, none stays in memory."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Half = NDArray[np.float16]


class StoredVectors:
    """16-bit vectors of a file, [n, d]. Thread-safe; lasts as long as it is used.

    A mapping would come to be resident as a whole, so each vector is read by a call of its own,
    which takes a microsecond. The file stays readable when its folder is deleted, as an
    arrangement's is by the next one.
    """

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """Open a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is of another size.
        """
        self._file = path.open("rb", buffering=0)
        self._shape = (count, dimension)
        self._lock = threading.Lock()
        if path.stat().st_size != 2 * count * dimension:
            raise ValueError(f"{path} does not hold {count} vectors of {dimension} numbers")

    def __len__(self) -> int:
        return self._shape[0]

    def __getitem__(self, places: NDArray[Any] | slice) -> Half:
        """The vectors at some places, [m, d]."""
        count, dimension = self._shape
        wanted = np.arange(count)[places] if isinstance(places, slice) else places
        size = 2 * dimension
        read = b"".join([self._read(size, place * size) for place in wanted.tolist()])
        return np.frombuffer(read, np.float16).reshape(len(wanted), dimension)

    def _read(self, size: int, offset: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, offset)
        with self._lock:  # Windows
            self._file.seek(offset)
            return self._file.read(size)
