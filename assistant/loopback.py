"""llama.cpp's own server inside this process, closed to everybody else on the machine.

It listens on 127.0.0.1 at a free port, every endpoint but the empty health check wants a key
that is drawn anew for each process, and no web page of another origin may call it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import EngineError

if TYPE_CHECKING:
    import xllamacpp

_MOST_THREADS = 8  # more gain little: memory is the limit


def new_key() -> str:
    """A key for one server."""
    return secrets.token_urlsafe(32)


def threads(options: Mapping[str, Any]) -> int:
    """The profile's `threads`, else one a core."""
    return int(options.get("threads", 0)) or min(os.cpu_count() or 1, _MOST_THREADS)


def parameters(model: Path, key: str, threads: int) -> xllamacpp.CommonParams:
    """Parameters of a server that serves this process alone; sizes are the caller's."""
    import xllamacpp

    made = xllamacpp.CommonParams()
    made.model.path = str(model)
    made.hostnames = ["127.0.0.1"]
    made.port = 0  # any free one
    made.api_keys = [key]
    made.cors_origins = ""
    made.cors_credentials = False
    made.ui = False
    made.cache_ram_mib = 0  # no third copy of prompts in memory
    made.warmup = False
    made.fit_params = False  # probing free memory costs seconds; sizes are fixed here
    made.offline = True
    made.verbosity = -1
    made.cpuparams.n_threads = threads
    made.cpuparams_batch.n_threads = threads
    return made


def started(wanted: xllamacpp.CommonParams) -> xllamacpp.Server:
    """A running server.

    Raises:
        EngineError: llama.cpp cannot load the model.
    """
    import xllamacpp

    try:
        return xllamacpp.Server(wanted)
    except (RuntimeError, ValueError, MemoryError) as error:
        name = Path(str(wanted.model.path)).name
        raise EngineError(
            f"llama.cpp cannot load {name}: {error}", fix="assistant models verify"
        ) from error
