"""Videos: speed and memory on twenty minutes of 1080p, and side by side with one long prompt.

`assistant bench video` needs ASSISTANT_EVAL, the development media. Every measured run has a
process of its own and an empty data folder. `python -m assistant.bench.video 2h` takes the file
of two hours, ours only, once.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from assistant.bench import pasted
from assistant.bench.pairs import Timing
from assistant.errors import InputError
from assistant.evaluation.video_claims import Script, carried, claims
from assistant.evaluation.video_long import twenty_minutes, two_hours
from assistant.evaluation.video_making import made
from assistant.evaluation.video_scoring import told
from assistant.evaluation.video_talks import Made, talks
from assistant.registry import Engines
from assistant.settings import Profile, models_folder, variable
from assistant.weights import Store

_TALK: Final = "ashford-mill"
_WATCHED_S: Final = 0.2  # between two looks at the memory
_BASELINE: Final = "video-analyzer's way: one prompt of all descriptions (bench/pasted.py)"


@dataclass(frozen=True, kw_only=True)
class VideoTiming(Timing):
    """One video, once. `stages`: seconds of each stage, MB of memory, counts of claims."""

    stages: dict[str, float] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)  # both results, or why there is none


def video(engines: Engines) -> Iterator[VideoTiming]:
    """A talk both ways, then twenty minutes both ways.

    Raises:
        InputError: ASSISTANT_EVAL is not set.
    """
    talk = _talk(engines)
    ours, theirs = _apart(_told, engines.profile, talk), _apart(_pasted, engines.profile, talk)
    yield _timing("video, a talk", ours, theirs, _BASELINE)
    file = twenty_minutes(_media(), engines)
    ours = _apart(_long, engines.profile, file, talk.file)
    theirs = _apart(_held, engines.profile, file)
    yield _timing("video, 20 minutes", ours, theirs, "its frames and its transcript only")


def _timing(name: str, ours: dict[str, Any], theirs: dict[str, Any], baseline: str) -> VideoTiming:
    said = {who: found.pop("text", "") for who, found in (("ours", ours), ("baseline", theirs))}
    stages = {
        **{f"ours {key}": value for key, value in ours.items()},
        **{f"baseline {key}": value for key, value in theirs.items()},
    }
    return VideoTiming(
        name=name,
        median_s=ours["s"],
        p95_s=ours["s"],
        baseline=baseline,
        baseline_median_s=theirs["s"],
        ratio=theirs["s"] / ours["s"],
        pairs=1,
        stages=stages,
        said=said,
    )


def _media() -> Path:
    folder = variable("ASSISTANT_EVAL")
    if not folder:
        raise InputError(
            "this benchmark is made of the development media",
            fix="set ASSISTANT_EVAL to its folder",
        )
    return Path(folder) / "media"


def _talk(engines: Engines) -> Made:
    talk = next(one for one in talks("dev") if one.name == _TALK)
    return made(talk, _media(), engines)


# --- in a process of their own


def _apart(work: Callable[..., dict[str, Any]], *values: Any) -> dict[str, Any]:
    """The result of a function called in a new process with an empty data folder."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="video-bench-") as folder:
        before = os.environ.get("ASSISTANT_DATA")
        os.environ["ASSISTANT_DATA"] = folder  # inherited
        try:
            with ProcessPoolExecutor(1, mp_context=context) as process:
                return process.submit(work, *values).result()
        finally:
            del os.environ["ASSISTANT_DATA"]
            if before is not None:
                os.environ["ASSISTANT_DATA"] = before


@contextmanager
def _engines(profile: Profile) -> Iterator[Engines]:
    engines = Engines(profile=profile, locator=Store(models_folder()))
    try:
        yield engines
    finally:
        engines.close()


def _told(profile: Profile, talk: Made) -> dict[str, Any]:
    """Ours on a talk: seconds, memory, claims."""
    with _engines(profile) as engines, _memory() as memory:
        began = time.perf_counter()
        understood, stages = _understood(talk.file, engines)
        seconds = time.perf_counter() - began
    every = list(claims(understood.summary))
    texts = [claim.text for claim in every]
    without = sum(not carried(claim, understood.evidence) for claim in every)
    understood.store.close()
    return {"s": seconds, **stages, "peak MB": memory.peak, **_judged(talk, texts, without)}


def _pasted(profile: Profile, talk: Made) -> dict[str, Any]:
    """The baseline on a talk."""
    with _engines(profile) as engines, _memory() as memory:
        began = time.perf_counter()
        found = pasted.told(talk.file, engines, talk.talk.language)
        seconds = time.perf_counter() - began
    return {
        "s": seconds,
        "peak MB": memory.peak,
        "frames": found.frames,
        "frames held MB": found.held_mb,
        "words of the prompt": found.prompt_words,
        **_judged(talk, found.claims, len(found.claims)),
        "text": found.text or f"failed: {found.error}",
    }


def _judged(talk: Made, texts: list[str], without: int) -> dict[str, Any]:
    """Counts of claims, and of key facts that they tell."""
    script, language = Script(talk.talk), talk.talk.language
    facts = [fact for _, fact in talk.talk.facts]
    return {
        "claims": len(texts),
        "claims without evidence": without,
        "claims invented": sum(script.invented(text) for text in texts),
        "key facts": sum(any(told(t, fact.words, language) for t in texts) for fact in facts),
        "of": len(facts),
        "text": "\n".join(texts),
    }


def _long(profile: Profile, file: Path, short: Path | None) -> dict[str, Any]:
    """Ours on a long file; the memory above that after a short one was understood."""
    with _engines(profile) as engines:
        if short is not None:
            _understood(short, engines)[0].store.close()
        before = _resident()
        with _memory() as memory:
            began = time.perf_counter()
            understood, stages = _understood(file, engines)
            seconds = time.perf_counter() - began
    end, shots, keyframes = understood.end, len(understood.shots), len(understood.keyframes)
    understood.store.close()
    first = stages.get("frames s", 0.0) + stages.get("words s", 0.0)
    return {
        "s": seconds,
        **stages,
        "duration s": end,
        "frames and words, times the duration": first / end,
        "with movements, times the duration": (first + stages.get("movements s", 0.0)) / end,
        "peak MB": memory.peak,
        "peak above a short video MB": memory.peak - before,
        "shots": shots,
        "keyframes": keyframes,
        "text": "\n".join(claim.text for claim in understood.summary.sentences),
    }


def _held(profile: Profile, file: Path) -> dict[str, Any]:
    """The baseline's frames and transcript of a long file; nothing is described."""
    with _engines(profile) as engines, _memory() as memory:
        began = time.perf_counter()
        words = len(pasted.transcribed(file, engines, "en").split())
        candidates, wanted = pasted.candidate_frames(file)
        seconds = time.perf_counter() - began
    return {
        "s": seconds,
        "peak MB": memory.peak,
        "frames held": len(candidates),
        "frames wanted": wanted,
        "words": words,
    }


def _understood(file: Path, engines: Engines) -> tuple[Any, dict[str, float]]:
    """All that is known of a video, and the seconds of each stage."""
    from assistant.video.understood import Understood
    from assistant.video.working import understand

    stage, began = "opening", time.perf_counter()
    seconds: dict[str, float] = {}
    found: Understood | None = None
    for event in understand(engines, file, language="en"):
        now = time.perf_counter()
        name = stage if isinstance(event, Understood) else event.stage
        if name != stage or isinstance(event, Understood):
            seconds[f"{stage} s"] = seconds.get(f"{stage} s", 0.0) + now - began
            stage, began = name, now
        if isinstance(event, Understood):
            found = event
    assert found is not None
    return found, seconds


class _Memory:
    """The most memory that this process had, MB."""

    peak = 0.0


@contextmanager
def _memory() -> Iterator[_Memory]:
    """Watch this process's resident memory."""
    memory, done = _Memory(), threading.Event()

    def watch() -> None:
        while not done.wait(_WATCHED_S):
            memory.peak = max(memory.peak, _resident())

    memory.peak = _resident()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()


def _resident() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    """Print the measurement of the file of two hours, as JSON."""
    if sys.argv[1:] != ["2h"]:
        raise SystemExit("usage: python -m assistant.bench.video 2h")
    from assistant.profiles import choose

    profile = choose("embedded").profile
    with _engines(profile) as engines:
        file, short = two_hours(_media(), engines), _talk(engines).file
    print(json.dumps(_apart(_long, profile, file, short)))


if __name__ == "__main__":
    main()
