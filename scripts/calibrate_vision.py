"""Choose the thresholds of basic vision on a folder of photos with ground truth.

    python scripts/calibrate_vision.py DIR [--cache FILE] [--write]

Runs the networks once over the photos of DIR's MANIFEST.jsonl (`--cache` keeps what they said
for the next run; only load a file that you wrote), tries every combination of thresholds on a
coarse grid, and prints in Markdown: the chosen ones, the figures leave-one-out (each photo
judged under thresholds chosen on all the others), and the curve of hits against inventions.
`--write` puts the choice into assistant/vision/data/thresholds.yaml.
"""

from __future__ import annotations

import argparse
import itertools
import pickle
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import yaml

from assistant.evaluation.cases import Case, manifest
from assistant.evaluation.describing import KIND, judge, people, rate
from assistant.registry import Engines
from assistant.settings import load_profile, models_folder
from assistant.types import Picture
from assistant.vision.agreement import Observation, Thresholds, decide, observe
from assistant.weights import Store

TARGET = (
    Path(__file__).resolve().parent.parent / "assistant" / "vision" / "data" / "thresholds.yaml"
)
GRID: Mapping[str, Sequence[float]] = {
    "person": (0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
    "alone": (0.65, 0.75, 0.85, 0.95),
    "agreed": (0.35, 0.45, 0.55, 0.65),
    "support": (0.05, 0.1, 0.15, 0.2, 0.3),
    "whole": (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
}
STEPS = (0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.0, -0.05, -0.1, -0.15, -0.2, -0.25, -0.3)
# What a result is worth: a false name costs as much as a photo with a true one brings.
HIT, FURTHER_NAME, INVENTED, COUNT = 1.0, 0.1, -1.0, 0.5


@dataclass(frozen=True, kw_only=True)
class Result:
    """One photo under one choice of thresholds."""

    hits: int
    invented: int
    exact: bool | None  # people counted exactly; None where one to four are not to be seen

    @property
    def worth(self) -> float:
        further = FURTHER_NAME * max(0, self.hits - 1)
        return HIT * bool(self.hits) + further + INVENTED * self.invented + COUNT * bool(self.exact)


def observations(cases: Sequence[Case], cache: Path | None) -> list[Observation]:
    """What the networks say about each photo."""
    if cache is not None and cache.is_file():
        stored: dict[str, Observation] = pickle.loads(cache.read_bytes())
        if set(stored) == {case.name for case in cases}:
            return [stored[case.name] for case in cases]
    profile = load_profile("embedded")
    engines = Engines(profile=profile, locator=Store(models_folder()))
    detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
    seen, times = [], []
    for case in cases:
        picture = Picture.open(case.file)
        start = time.perf_counter()
        seen.append(observe(picture, detector, classifier, profile.camera))
        times.append(time.perf_counter() - start)
    print(
        f"{len(times)} photos, median {statistics.median(times):.2f} s, most {max(times):.2f} s\n"
    )
    if cache is not None:
        cache.write_bytes(pickle.dumps({c.name: s for c, s in zip(cases, seen, strict=True)}))
    return seen


def result(case: Case, seen: Observation, limits: Thresholds) -> Result:
    """Judge one photo."""
    said = decide(seen, limits)
    verdict = judge({thing.name for thing in (*said.objects, *said.whole)}, case)
    truth = people(case)
    exact = said.people == truth if truth in range(1, 5) else None
    return Result(hits=len(verdict.hits), invented=len(verdict.invented), exact=exact)


def combinations() -> Iterator[Thresholds]:
    """Every point of the grid."""
    for values in itertools.product(*GRID.values()):
        yield Thresholds(**dict(zip(GRID, values, strict=True)))


def middle(best: Sequence[Thresholds]) -> Thresholds:
    """The combination nearest to the mean of equally good ones: the plateau, not its edge."""
    keys = [field.name for field in fields(Thresholds)]
    mean = {key: statistics.mean(getattr(t, key) for t in best) for key in keys}
    return min(best, key=lambda t: sum((getattr(t, key) - mean[key]) ** 2 for key in keys))


def choose(table: Mapping[Thresholds, Sequence[Result]], without: int | None = None) -> Thresholds:
    """The best thresholds for all photos, or for all but one."""
    worth = {
        limits: sum(r.worth for place, r in enumerate(results) if place != without)
        for limits, results in table.items()
    }
    top = max(worth.values())
    return middle([limits for limits, value in worth.items() if value >= top - 1e-9])


def line(title: str, results: Iterable[Result]) -> str:
    """One row of the Markdown tables."""
    rows = list(results)
    hits, invented = sum(r.hits for r in rows), sum(r.invented for r in rows)
    counted = [r for r in rows if r.exact is not None]
    shares = (
        rate(sum(bool(r.hits) for r in rows), len(rows)),
        rate(invented, hits + invented),
        rate(sum(not r.hits and not r.invented for r in rows), len(rows)),
        rate(sum(bool(r.exact) for r in counted), len(counted)),
    )
    cells = [
        "-" if s["value"] is None else f"{s['value']:.2f} ({s['low']:.2f}-{s['high']:.2f})"
        for s in shares
    ]
    return f"| {title} | {' | '.join(cells)} | {hits + invented} |"


HEAD = """| {} | named something there | of names, not there | silent | people exact | names |
|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()

    cases = [case for case in manifest(arguments.folder) if case.kind == KIND]
    seen = observations(cases, arguments.cache)
    table = {
        limits: [result(case, what, limits) for case, what in zip(cases, seen, strict=True)]
        for limits in combinations()
    }
    chosen = choose(table)
    print(f"Chosen: {', '.join(f'{k} {v:g}' for k, v in asdict(chosen).items())}\n")
    print(HEAD.format("photos"))
    print(line("all, chosen on all", table[chosen]))
    left_out = [choose(table, without=place) for place in range(len(cases))]
    print(line("leave-one-out", [table[t][place] for place, t in enumerate(left_out)]))
    print(f"\nThe held-out choices differ {len(set(left_out))} ways.\n")
    print(HEAD.format("all thresholds moved by"))
    for step in STEPS:
        limits = Thresholds(
            **{k: min(0.99, max(0.02, v + step)) for k, v in asdict(chosen).items()}
        )
        moved = [result(case, what, limits) for case, what in zip(cases, seen, strict=True)]
        print(line(f"{step:+.2f}", moved))
    if arguments.write:
        head = f"# Written by scripts/calibrate_vision.py on {len(cases)} photos.\n"
        TARGET.write_text(head + yaml.safe_dump(asdict(chosen), sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
