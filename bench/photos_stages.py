"""What each stage of indexing photos costs: `python -m assistant.bench.photos_stages PHOTOS WORK`.

Files varied from the photos are written into WORK and indexed once by the default profile's
engines into a library that is thrown away; the calls of each stage are timed where they are made.
Files are read ahead by other threads, so that the stages may add up to more than the whole.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant.bench.varied import vary
from assistant.jobs import Jobs
from assistant.library import indexing, reading
from assistant.library.indexing import Indexer
from assistant.library.records import Indexed, Indexing
from assistant.library.seeing import seer
from assistant.library.store import PhotoStore
from assistant.registry import Engines
from assistant.types import Picture


class Stages:
    """Seconds spent in calls, by stage. Thread-safe."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        @functools.wraps(work)
        def timing(*values: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*values, **named)
            finally:
                took = time.perf_counter() - began
                with self._lock:
                    self.seconds[stage] += took

        return timing

    @contextlib.contextmanager
    def watched(self, engines: Engines) -> Iterator[None]:
        """Time the stages of indexing by the encoder `tags`."""
        methods = (
            ("detector", type(engines.get("object_detector")), "detect"),
            ("classifier", type(engines.get("image_classifier")), "classify"),
            ("reader", type(engines.get("text_reader")), "read"),
            ("text encoder", type(engines.get("image_text_encoder")), "looks"),
            ("database", PhotoStore, "write"),
        )
        functions = (("hash", reading, "digest"), ("fingerprint", indexing, "fingerprint"))
        with contextlib.ExitStack() as patched:
            for stage, owner, name in (*methods, *functions):
                timed = self.timed(stage, getattr(owner, name))
                patched.enter_context(patch.object(owner, name, timed))
            decode = staticmethod(self.timed("decoding", Picture.decode))
            patched.enter_context(patch.object(Picture, "decode", decode))
            yield


def stages(
    engines: Engines, photos: Path, tell: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Index a folder; pictures a second, and seconds a picture of the whole and of each stage.

    Args:
        tell: called with what is known so far, after each batch.
    """
    looking = seer(engines)
    watch = Stages()
    with (
        tempfile.TemporaryDirectory(prefix="photos-stages-") as folder,
        contextlib.closing(PhotoStore(photos, Path(folder))) as store,
        contextlib.closing(Jobs(Path(folder))) as jobs,
        jobs.claim("photos", os.fspath(photos)) as job,
        watch.watched(engines),
    ):
        began, worked = time.perf_counter(), time.process_time()
        for event in Indexer(store, looking, job).run():
            read = event.added if isinstance(event, Indexed) else event.done
            took, used = time.perf_counter() - began, time.process_time() - worked
            if tell is not None and isinstance(event, Indexing) and event.stage == "read" and read:
                tell(_each(read, took, used, watch))
    assert isinstance(event, Indexed), "the last that is told"
    return {"failed": len(event.failed), **_each(event.added, took, used, watch)}


def _each(pictures: int, took: float, used: float, watch: Stages) -> dict[str, Any]:
    """Seconds a picture; `processor` counts all threads."""
    return {
        "pictures": pictures,
        "pictures a second": pictures / took,
        "whole": took / pictures,
        "processor": used / pictures,
        **{stage: seconds / pictures for stage, seconds in watch.seconds.items()},
    }


def _tell(found: dict[str, Any]) -> None:
    print(json.dumps(found), file=sys.stderr, flush=True)


def main() -> None:
    """Print the stages as JSON: seconds a picture."""
    from assistant.cli.output import open_engines

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("photos", type=Path, help="a folder of a few photos, to be varied")
    parser.add_argument("work", type=Path, help="where the files are written")
    parser.add_argument("--count", type=int, default=300, help="files")
    given = parser.parse_args()
    folder = given.work / f"photos-{given.count}-0"
    vary(sorted(given.photos.iterdir()), folder, given.count)
    engines = open_engines(None)
    try:
        print(json.dumps(stages(engines, folder, _tell), indent=1))
    finally:
        engines.close()


if __name__ == "__main__":
    main()
