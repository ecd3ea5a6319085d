"""Scores live narration on a video whose changes are known (`scripts/make_watch_video.py`)."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from assistant.errors import InputError
from assistant.evaluation.cases import Report
from assistant.narration import Wanted, narrate
from assistant.registry import Engines
from assistant.watching.live import Said

SOON_S: Final = 2.5  # s within which a change is to be told


def evaluate(video: Path, engines: Engines) -> Report:
    """Watch the video in real time, its speech made and written to a file, and score what is said.

    Raises:
        InputError: the video, or the truth beside it, cannot be read.
    """
    truth = _truth(video)
    started: list[tuple[float, float]] = []  # wall and processor time when watching begins

    def ready() -> None:
        started.append((time.monotonic(), time.process_time()))

    with tempfile.TemporaryDirectory() as folder:
        wanted = Wanted(source=str(video), out=Path(folder) / "speech.wav")
        said = list(narrate(engines, wanted, ready=ready))
    wall_s = time.monotonic() - started[0][0]
    cpu_s = time.process_time() - started[0][1]
    report = score(said, truth["changes"])
    metrics = {
        **report.metrics,
        "cores": cpu_s / wall_s,
        "wall_s": wall_s,
        "load": os.getloadavg()[0],
    }
    return Report(name=report.name, n=report.n, metrics=metrics, rows=report.rows)


def score(said: Sequence[Said], changes: Sequence[Mapping[str, Any]]) -> Report:
    """Match remarks to changes: the first with its words, between it and the next part."""
    told: dict[int, Said] = {}
    repeated: list[Said] = []
    other: list[Said] = []
    for remark in said:
        due = [n for n, change in enumerate(changes) if _tells(remark, change)]
        new = [n for n in due if n not in told]
        told |= dict.fromkeys(new, remark)
        if due and not new and not _nearer(remark):
            repeated.append(remark)
        elif not due and not _nearer(remark):
            other.append(remark)
    late = [told[n].at - float(changes[n]["at"]) for n in sorted(told)]
    metrics: dict[str, Any] = {
        "told": len(told) / len(changes),
        "told_within_2.5_s": sum(s <= SOON_S for s in late) / len(changes),
        "repeated": len(repeated),
        "other": len(other),
        "said": len(said),
        "seconds_to_speech": {
            "median": statistics.median(late) if late else None,
            "longest": max(late, default=None),
        },
    }
    rows = [
        {
            "at": change["at"],
            "file": change["file"],
            "words": change["words"],
            "told": told[n].text if n in told else None,
            "after_s": round(told[n].at - float(change["at"]), 2) if n in told else None,
        }
        for n, change in enumerate(changes)
    ]
    rows += [{"at": s.at, "repeated": s.text} for s in repeated]
    rows += [{"at": s.at, "other": s.text} for s in other]
    return Report(name="watch", n=len(changes), metrics=metrics, rows=rows)


def _tells(remark: Said, change: Mapping[str, Any]) -> bool:
    during = float(change["at"]) <= remark.at < float(change["until"])
    started = remark.at - remark.latency_s >= float(change["at"]) - 0.2  # what it tells, began
    return during and started and any(word in remark.text.lower() for word in change["words"])


def _nearer(remark: Said) -> bool:
    """That something comes nearer is news of its own."""
    return "nearer" in remark.text


def _truth(video: Path) -> Mapping[str, Any]:
    path = video.with_suffix(".json")
    try:
        truth: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"there is no truth beside {video}", fix="make both: scripts/make_watch_video.py"
        ) from error
    return truth
