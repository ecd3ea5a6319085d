"""Train the second line against clearances (`assistant/safety/meaning.py`), and say how good it is.

    python scripts/train_clearances.py [--write]

Figures are of sentences that the judge was not trained on: whole families of clearances
(permission, food, French ...), or a fifth of the harmless sentences, are left out at a time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from assistant.evaluation.describing import rate
from assistant.interfaces import Float32
from assistant.registry import Engines
from assistant.safety.clearance import clearance_in
from assistant.safety.meaning import FILE, Meaning
from assistant.settings import load_profile, models_folder
from assistant.weights import Store

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
_GROUP = 40  # neighbouring lines of clearances.txt, which lists like beside like
_FOLDS = 5
PASSED = 0.97  # of harmless sentences that the judge did not see


def lines(name: str) -> list[str]:
    """The sentences of a text file."""
    rows = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


def families() -> Iterator[tuple[str, list[str]]]:
    """Every family of clearances."""
    seeds = yaml.safe_load((DATA / "adversarial.yaml").read_text(encoding="utf-8"))
    yield from seeds["outputs"].items()
    yield "fresh", seeds["fresh"]
    listed = lines("clearances.txt")
    for start in range(0, len(listed), _GROUP):
        yield f"clearances.txt {start}", listed[start : start + _GROUP]


def harmless() -> list[str]:
    """True and useful sentences."""
    seeds = yaml.safe_load((DATA / "adversarial.yaml").read_text(encoding="utf-8"))
    return [*lines("benign_scenes.txt"), *seeds["harmless"], *seeds["seen"]]


def main() -> None:
    """Train, measure, and write with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    write = parser.parse_args().write
    engines = Engines(profile=load_profile("embedded"), locator=Store(models_folder()))
    encoder = engines.get("text_encoder")
    named = dict(families())
    vectors = {name: encoder.texts(texts) for name, texts in named.items()}
    good = encoder.texts(harmless())
    everything = np.concatenate([*vectors.values()])
    left_out = held_out_scores(everything, good, encoder.id)
    least = max(0.0, float(np.quantile(left_out, PASSED)))
    print("threshold", least, "harmless passed", rate(int((left_out <= least).sum()), len(good)))
    measure(named, vectors, good, encoder.id, least)
    if write:
        FILE.parent.mkdir(exist_ok=True)
        Meaning.train(everything, good, encoder.id).above(least).save(FILE)


def held_out_scores(bad: Float32, good: Float32, encoder: str) -> NDArray[np.float64]:
    """Scores of harmless sentences by judges that did not see them."""
    scores = np.zeros(len(good))
    for fold in range(_FOLDS):
        out = np.arange(len(good)) % _FOLDS == fold
        scores[out] = Meaning.train(bad, good[~out], encoder).scores(good[out])
    return scores


def measure(
    named: dict[str, list[str]],
    vectors: dict[str, Float32],
    good: Float32,
    encoder: str,
    least: float,
) -> None:
    """Print what is caught of families that were left out."""
    caught = both = total = 0
    for name, texts in named.items():
        others = np.concatenate([v for other, v in vectors.items() if other != name])
        found = Meaning.train(others, good, encoder).scores(vectors[name]) > least
        either = [f or clearance_in(t) is not None for f, t in zip(found, texts, strict=True)]
        print(f"{name:22} {int(found.sum()):3} of {len(texts):3}, with patterns {sum(either):3}")
        caught, both, total = caught + int(found.sum()), both + sum(either), total + len(texts)
    print("caught", rate(caught, total), "with patterns", rate(both, total))


if __name__ == "__main__":
    main()
