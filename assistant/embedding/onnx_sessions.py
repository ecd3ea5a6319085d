"""Networks in ONNX Runtime on the processor, and a picture tower that uses every core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineError, EngineMissing
from assistant.interfaces import Float32

_SIDE_BY_SIDE = 4  # parts of a batch


class OnnxPictures:
    """A picture tower in ONNX Runtime on the processor. Thread-safe.

    A batch is cut into parts that are computed side by side, by one thread each on up to four
    cores: a thread that waits for no other loses nothing (on two cores 12 to 25 % less processor
    time a picture than two threads on the whole batch). But each part reads all the weights.
    """

    def __init__(self, file: Path, threads: int | None = None) -> None:
        """Open a network of one input, [n, 3, side, side], and one output, [n, dim].

        Args:
            threads: by default one a core.

        Raises:
            EngineMissing: onnxruntime is not installed.
            EngineError: the file is damaged.
        """
        threads = threads or _cores()
        self._parts = min(threads, _SIDE_BY_SIDE)
        # Threads that sleep while they wait leave the processor to those that read the next files.
        settings = {"session.intra_op.allow_spinning": "0"}
        self._session = session(file, max(1, threads // self._parts), settings)
        (given,), (made,) = self._session.get_inputs(), self._session.get_outputs()
        self._input, self.dim = given.name, int(made.shape[1])

    def __call__(self, pixels: Float32) -> Float32:
        """Features of prepared pictures, [n, dim].

        Raises:
            EngineError: the network failed.
        """
        parts = np.array_split(pixels, min(self._parts, max(1, len(pixels))))
        if len(parts) == 1:
            return self._features(pixels)
        with ThreadPoolExecutor(len(parts), thread_name_prefix="encoder") as pool:
            return np.concatenate(list(pool.map(self._features, parts)))

    def _features(self, pixels: Float32) -> Float32:
        return run(self._session, {self._input: pixels})


def session(
    file: Path, threads: int | None = None, settings: Mapping[str, str] | None = None
) -> Any:
    """A network on the processor, with ONNX Runtime's settings by name.

    Raises:
        EngineMissing: onnxruntime is not installed.
        EngineError: the file is damaged.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineMissing(
            "the package onnxruntime is not installed",
            fix="pip install 'assistant[embedded]'",
        ) from error
    options = onnxruntime.SessionOptions()
    if threads:
        options.intra_op_num_threads = threads
    for name, value in (settings or {}).items():
        options.add_session_config_entry(name, value)
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common base
        raise EngineError(
            f"the exported encoder in {file.parent} does not open", fix=f"delete {file.parent}"
        ) from error


def _cores() -> int:
    """Those that the process may use, hyperthreads counted once."""
    import psutil

    whole = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else whole
    return min(allowed, whole)


def run(network: Any, inputs: Mapping[str, Any]) -> Float32:
    """The first output of a network.

    Raises:
        EngineError: it failed.
    """
    try:
        return np.asarray(network.run(None, inputs)[0], dtype=np.float32)
    except Exception as error:  # onnxruntime's own exceptions have no common base
        raise EngineError(f"the encoder failed: {error}", fix="assistant doctor") from error
