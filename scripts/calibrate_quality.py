"""Choose when a measure of a picture is a fault: `assistant/vision/data/quality.yaml`.

    python scripts/calibrate_quality.py DIR [--cache FILE] [--write]

Measures once the pictures of DIR's MANIFEST.jsonl and all degradations of them (`--cache` keeps
the measures for the next run), then moves one threshold after another to where F1 is best while
at most 2 % of the undegraded pictures get a false alarm. Prints in Markdown the figures with the
thresholds chosen on all pictures, and the held-out ones: each picture, with all that was made
of it, is judged by thresholds chosen on all others.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from assistant.evaluation import degraded
from assistant.evaluation.cases import manifest
from assistant.evaluation.picture_quality import KINDS, Observed, observe, score, spoken
from assistant.registry import Engines
from assistant.settings import load_profile, models_folder
from assistant.vision.quality import Limits, limits
from assistant.weights import Store

TARGET = Path(__file__).resolve().parent.parent / "assistant" / "vision" / "data" / "quality.yaml"
FALSE_ALARMS = 0.02  # of the undegraded pictures, at most, when choosing; 5 % are aimed at
GRID: Mapping[str, Sequence[float]] = {
    "dark": (0.26, 0.3, 0.34, 0.38, 0.42),
    "bright": (0.66, 0.69, 0.72, 0.75),
    "bright_spread": (0.3, 0.35, 0.4, 0.45, 0.5),
    "blank": (0.025, 0.03, 0.035, 0.04, 0.05),
    "covered": (0.25, 0.29, 0.33, 0.37, 0.41, 0.45, 0.49),
    "cover_edge": (2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0),
    "blurred": (2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3),
    "smeared": (3.1, 3.3, 3.5, 3.7, 3.9),
    "smear": (0.55, 0.6, 0.64, 0.68, 0.72),
    "lean": (7.5, 8.5, 9.5, 10.5),
    "lean_share": (0.06, 0.08, 0.1, 0.12, 0.14, 0.17, 0.2, 0.25),
    "lean_ratio": (1.3, 1.4, 1.5, 1.6, 1.8),
}
"""What is tried; `black`, `cover_high`, `moved` and the four of pale pictures stay as they are in
the file: no degradation lies near them, and `moved` chooses the fix only."""
SAME = {
    "photos/p013.jpg": ("photos/p014.jpg",),
    "photos/p014.jpg": ("photos/p013.jpg",),
    "photos/p015.jpg": ("photos/p016.jpg",),
    "photos/p016.jpg": ("photos/p015.jpg",),
}
"""Development pictures that show the same."""
LOST, KEPT = 0.98, 0.05
"""Share of the wholly blurred pictures (grade 4) that must be called unreadable, unless more than
this share of the clearly but not badly blurred ones (grade 2) would be."""


def worth(rows: Sequence[Observed], given: Limits) -> float:
    """F1 over all faults; what exceeds the allowed false alarms costs more than F1 can bring."""
    found = false = missed = alarms = clean = 0
    for row in rows:
        key = row.told(given)
        kind = key.partition(":")[0] if key is not None else None
        right = kind in row.expected
        if kind in row.allowed:
            clean += row.kind == "clean" and not row.expected
            continue
        counts = row.grade != 1
        found += right and counts
        false += key is not None and not right
        missed += not right and bool(row.expected) and counts
        if row.kind == "clean" and not row.expected:
            clean += 1
            alarms += key is not None
    excess = max(0.0, alarms / max(clean, 1) - FALSE_ALARMS)
    return 2 * found / max(2 * found + false + missed, 1) - 10 * excess


def choose(rows: Sequence[Observed], start: Limits) -> Limits:
    """Coordinate ascent from the packaged thresholds; of equally good values the middle one."""
    given, best = start, worth(rows, start)
    for _ in range(3):
        before = best
        for name, values in GRID.items():
            scores = {value: worth(rows, replace(given, **{name: value})) for value in values}
            top = max(scores.values())
            if top > best + 1e-9:
                equal = [value for value, s in scores.items() if s >= top - 1e-9]
                given, best = replace(given, **{name: equal[len(equal) // 2]}), top
        if best <= before + 1e-9:
            break
    return replace(given, blur_unreadable=blur_unreadable(rows))


def blur_unreadable(rows: Sequence[Observed]) -> float:
    """The sharpness below which nothing is claimed."""
    blurs = [row for row in rows if row.kind in ("defocus", "motion")]
    lost = np.quantile([row.quality.sharpness for row in blurs if row.grade == 4], LOST)
    kept = np.quantile([row.quality.sharpness for row in blurs if row.grade == 2], KEPT)
    return round(float(min(lost, kept)), 2)


def held_out(rows: Sequence[Observed], start: Limits) -> list[tuple[Observed, str | None]]:
    """Each picture's faults by thresholds chosen without it. Two that show the same scene are
    left out together, and the search starts in the middle, as the packaged thresholds know all."""
    start = replace(start, **{name: values[len(values) // 2] for name, values in GRID.items()})
    told: list[tuple[Observed, str | None]] = []
    for name in sorted({row.picture for row in rows}):
        out = {name, *SAME.get(name, ())}
        chosen = choose([row for row in rows if row.picture not in out], start)
        told += [(row, row.told(chosen)) for row in rows if row.picture == name]
    return told


def observations(folder: Path, cache: Path | None) -> list[Observed]:
    """What is measured of each picture and each degradation."""
    if cache is not None and cache.is_file():
        stored: list[Observed] = pickle.loads(cache.read_bytes())
        return stored
    engines = Engines(profile=load_profile("embedded"), locator=Store(models_folder()))
    cases = [case for case in manifest(folder) if case.kind in KINDS]
    rows = [row for case in cases for row in observe(case, engines)]
    if cache is not None:
        cache.write_bytes(pickle.dumps(rows))
    return rows


def share(figure: Mapping[str, Any]) -> str:
    """A rate with its interval."""
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.2f} ({figure['low']:.2f}-{figure['high']:.2f}), of {figure['of']}"


def table(title: str, figures: Mapping[str, Any]) -> str:
    """The figures in Markdown."""
    low, high = figures["f1_interval"]
    lines = [
        f"## {title}\n",
        f"F1 over all faults {figures['f1']:.3f} ({low:.2f}-{high:.2f}); false alarms on "
        f"undegraded pictures {share(figures['false_alarms_clean'])}; side or turn right "
        f"{share(figures['way_right'])}.\n",
        "| fault | precision | recall | F1 |",
        "|---|---|---|---|",
    ]
    for fault, row in figures["by_fault"].items():
        lines.append(
            f"| {fault} | {share(row['precision'])} | {share(row['recall'])} | {row['f1']:.2f} |"
        )
    lines += ["\n| found at grade | 1 | 2 | 3 | 4 |", "|---|---|---|---|---|"]
    for kind in degraded.FAULT:
        cells = [figures["found_by_grade"].get(f"{kind} {grade}") for grade in degraded.GRADES]
        shown = [f"{cell['value']:.2f}" if cell else "-" for cell in cells]
        lines.append(f"| {kind} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()

    rows = observations(arguments.folder, arguments.cache)
    pictures = len({row.picture for row in rows})
    print(f"{pictures} pictures, {len(rows)} with their degradations\n")
    start = limits()
    chosen = choose(rows, start)
    print(f"Chosen: {', '.join(f'{k} {v:g}' for k, v in asdict(chosen).items())}\n")
    print(table("Held out, picture by picture", score(held_out(rows, start))))
    print(table("Chosen on all", score([(row, row.told(chosen)) for row in rows])))
    said = spoken(rows)
    print(f"Unreadable, told to take it again: {share(said['unreadable_retake'])}")
    print(f"Unreadable, something invented: {share(said['unreadable_invented'])}")
    if arguments.write:
        head = f"# Written by scripts/calibrate_quality.py on {pictures} pictures.\n"
        TARGET.write_text(head + yaml.safe_dump(asdict(chosen), sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
