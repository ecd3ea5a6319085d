"""Choose when a turn has ended: the thresholds of `turns` in a profile, on synthesised requests.

    python scripts/calibrate_turns.py [DIR] [--cache FILE]

Listens once to the requests of `assistant eval turns` and the recorded speech of DIR's
MANIFEST.jsonl (`--cache` keeps what was heard for the next run), tries every combination on a
grid on the development half, and prints in Markdown the best ones and what they do on the
held-out half. What is chosen is written into `TurnRules` by hand.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.evaluation.cases import manifest
from assistant.evaluation.pauses import Heard, Pause, heard_clips, heard_requests
from assistant.evaluation.turns import Needs, figures, fixed, ruled
from assistant.registry import Engines
from assistant.settings import TurnRules, load_profile, models_folder
from assistant.weights import Store

GRID: Mapping[str, Sequence[float]] = {
    "longest_pause_s": (1.6, 1.8, 2.0, 2.2),
    "prosody_weight": (0.2, 0.35, 0.5, 0.65, 0.8),
    "unfinished": (0.1, 0.2, 0.25, 0.3, 0.4, 0.5),
    "pause_curve": (0.5, 0.75, 1.0, 1.5, 2.0),
}
SHOWN = 12  # combinations; pauses end at 1.5 s, which flatters a longest pause just above it


def heard(folder: Path | None, cache: Path | None) -> list[Heard]:
    """What was heard in every pause of every sound."""
    if cache is not None and cache.is_file():
        rows = json.loads(cache.read_text(encoding="utf-8"))
        return [
            Heard(**{**row, "pauses": tuple(Pause(**pause) for pause in row["pauses"])})
            for row in rows
        ]
    engines = Engines(profile=load_profile("embedded"), locator=Store(models_folder()))
    found = list(heard_requests(engines))
    if folder is not None:
        found += heard_clips(manifest(folder), engines)
    if cache is not None:
        text = json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1)
        cache.write_text(text, encoding="utf-8")
    return found


def parted(members: Sequence[Heard]) -> tuple[list[Heard], list[Heard], list[Heard]]:
    """Whole requests, short answers, requests with pauses."""
    whole = [m for m in members if m.kind in ("complete", "recorded")]
    short = [m for m in members if m.kind == "short"]
    return whole, short, [m for m in members if m not in whole and m not in short]


def cost(members: Sequence[Heard], rules: TurnRules, now: Sequence[Mapping[str, Any]]) -> float:
    """What the rules cost: false ends, and a little for waiting.

    Infinite where whole requests or short answers wait longer than they do `now`.
    """
    whole, short, paused = (figures(part, ruled(rules), rules) for part in parted(members))
    allowed = (
        whole["delay_median_s"] <= now[0]["delay_median_s"] + 0.015
        and whole["delay_p95_s"] <= now[0]["delay_p95_s"] + 0.05
        and short["delay_median_s"] <= now[1]["delay_median_s"] + 0.05
    )
    if not allowed:
        return math.inf
    waits = whole["delay_p95_s"] + short["delay_p95_s"] + paused["delay_median_s"]
    return float(paused["cut"] + 0.05 * waits)


def combinations() -> Iterable[TurnRules]:
    """Every point of the grid."""
    for values in itertools.product(*GRID.values()):
        yield TurnRules(**dict(zip(GRID, values, strict=True)))


def line(title: str, members: Sequence[Heard], needs: Needs, rules: TurnRules) -> str:
    """One row of the tables."""
    whole, short, paused = (figures(part, needs, rules) for part in parted(members))
    cells = [
        f"{100 * whole['cut']:.0f} %", f"{whole['delay_median_s']:.2f}",
        f"{whole['delay_p95_s']:.2f}",
        f"{short['delay_median_s']:.2f}" if short["n"] else "-",
    ]  # fmt: skip
    if paused["n"]:
        cells.append(f"{100 * paused['cut']:.0f} %")
        cells += [f"{100 * paused[name]:.0f} %" for name in paused if name.startswith("cut_and")]
        cells.append(f"{paused.get('delay_median_s', float('nan')):.2f}")
    return f"| {title} | {' | '.join(cells)} |"


_COLUMNS = (
    "whole: cut", "delay, s", "p95", "short: delay, s", "with pauses: cut", "not mended, 1.6 s",
    "not mended, 0.8 s", "delay, s",
)  # fmt: skip
HEAD = f"| {{}} | {' | '.join(_COLUMNS)} |\n|{'---|' * (len(_COLUMNS) + 1)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()

    found = heard(arguments.folder, arguments.cache)
    half = {name: [h for h in found if h.half == name] for name in ("development", "held-out")}
    recorded = [h for h in found if not h.half]
    now = TurnRules()
    present = [figures(part, ruled(now), now) for part in parted(half["development"])]
    worth = sorted(
        (cost(half["development"], rules, present), number, rules)
        for number, rules in enumerate(combinations())
    )
    ways = [("0.8 s of silence", fixed(0.8), now), ("0.3 s of silence", fixed(0.3), now)]
    ways.append(("as it is", ruled(now), now))
    for value, _, rules in worth[:SHOWN]:
        title = ", ".join(f"{name} {getattr(rules, name):g}" for name in GRID)
        ways.append((f"{title} (cost {value:.3f})", ruled(rules), rules))
    groups = [*half.items(), ("recorded", recorded)]
    for name, members in groups:
        if members:
            print("\n" + HEAD.format(name))
            print("\n".join(line(title, members, needs, rules) for title, needs, rules in ways))


if __name__ == "__main__":
    main()
