"""Fine-tuning from a folder of pairs to a saved checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.pixels import preparation
from assistant.embedding.tokens import Tokens
from assistant.embedding.towers import TorchTowers
from assistant.errors import EngineError, SettingsError
from assistant.tuning import saving
from assistant.tuning.learners import LEARNERS
from assistant.tuning.objective import Metrics
from assistant.tuning.pairs import Pairs
from assistant.tuning.training import Outcome, Plan, train


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """What came of it."""

    outcome: Outcome
    saved: Path | None  # None where no epoch was better than the beginning
    elapsed_s: float


def tune(
    base: Path,
    pairs: Pairs,
    target: Path,
    *,
    learns: str,
    plan: Plan,
    device: str = "auto",
    tell: Callable[[int, Metrics], None],
) -> Tuned:
    """Tune the checkpoint `base` on pairs and save what is better in `target`.

    Args:
        learns: a key of `LEARNERS`.
        tell: called after each epoch.

    Raises:
        EngineError: the checkpoint is damaged, of another family, or the loss is no number.
        SettingsError: there is no such `learns`.
        InputError: the result cannot be written.
    """
    if learns not in LEARNERS:
        fix = f"choose: {', '.join(LEARNERS)}"
        raise SettingsError(f"{learns!r} cannot be trained", fix=fix)
    began = time.monotonic()
    checkpoint = Checkpoint.open(base)
    towers = TorchTowers.load(checkpoint, {"device": device, "dtype": "float32"})
    learner = LEARNERS[learns](
        towers.model, checkpoint, preparation(checkpoint), Tokens(checkpoint)
    )
    try:
        outcome = train(learner, pairs, plan, tell)
    except RuntimeError as error:
        first = (str(error).strip().splitlines() or ["no memory"])[0]
        raise EngineError(f"training failed: {first}", fix="give a smaller --batch") from error
    saved = None
    if outcome.best:
        report = _report(checkpoint, pairs, learns, plan, outcome)
        saving.save(learner.finish(), checkpoint, target, report)
        saved = target
    return Tuned(outcome=outcome, saved=saved, elapsed_s=time.monotonic() - began)


def _report(
    checkpoint: Checkpoint, pairs: Pairs, learns: str, plan: Plan, outcome: Outcome
) -> Mapping[str, object]:
    return {
        "base": f"{checkpoint.folder.name}@{checkpoint.fingerprint()}",
        "learns": learns,
        "plan": asdict(plan),
        "pairs": {"training": len(pairs.training), "held_out": len(pairs.held_out)},
        "outcome": asdict(outcome),
    }
