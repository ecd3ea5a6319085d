"""The loop: InfoNCE over batches of pairs, early stopping on the held-out ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from assistant.embedding.vectors import batches
from assistant.errors import EngineError
from assistant.tuning.learners import Learner, State
from assistant.tuning.objective import Metrics, info_nce, recalls, same_pairs
from assistant.tuning.pairs import Pair, Pairs

_EVALUATED = 64  # pictures or texts computed together without gradients


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to train."""

    epochs: int = 30
    batch: int = 32  # pairs; each is the counter-example of all others
    rate: float | None = None  # None is the learner's own
    decay: float = 0.05  # AdamW's
    patience: int = 5  # epochs without a better held-out loss
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it; the learner holds the weights of the best epoch."""

    before: Metrics  # on the held-out pairs
    after: Metrics  # on the same, by the best epoch's weights
    best: int  # epoch; 0 where none was better than the beginning
    epochs: int  # that were finished
    ended: str  # "epochs", "patience" or "interrupted"


def train(
    learner: Learner, pairs: Pairs, plan: Plan, tell: Callable[[int, Metrics], None]
) -> Outcome:
    """Train until the held-out loss stops falling; Ctrl-C ends it with the best weights so far.

    `tell` is called after each epoch with its number and what the held-out pairs give.

    Raises:
        EngineError: the loss is no number.
    """
    parameters = list(learner.parameters())
    torch.manual_seed(plan.seed)
    order = random.Random(plan.seed)
    rate = learner.rate if plan.rate is None else plan.rate
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=plan.decay)
    before = best = measured(learner, pairs.held_out)
    kept: State = [p.detach().clone() for p in parameters]
    at = done = 0
    ended = "epochs"
    try:
        for epoch in range(1, plan.epochs + 1):
            _epoch(learner, parameters, optimiser, drawn(pairs.training, plan.batch, order))
            found = measured(learner, pairs.held_out)
            done = epoch
            if found.loss < best.loss:
                best, at = found, epoch
                kept = [p.detach().clone() for p in parameters]
            tell(epoch, found)
            if epoch - at >= plan.patience:
                ended = "patience"
                break
    except KeyboardInterrupt:
        ended = "interrupted"
    with torch.no_grad():
        for parameter, value in zip(parameters, kept, strict=True):
            parameter.copy_(value)
    return Outcome(before=before, after=best, best=at, epochs=done, ended=ended)


def drawn(pairs: Sequence[Pair], size: int, order: random.Random) -> list[list[Pair]]:
    """Batches of an epoch: each picture once, with one of its texts; none of a single pair."""
    texts: dict[Path, list[Pair]] = {}
    for pair in pairs:
        texts.setdefault(pair.file, []).append(pair)
    chosen = [order.choice(some) for some in texts.values()]
    order.shuffle(chosen)
    return [list(batch) for batch in batches(chosen, size) if len(batch) > 1]


def measured(learner: Learner, pairs: Sequence[Pair]) -> Metrics:
    """Loss and recall of some pairs."""
    files = list(dict.fromkeys(pair.file for pair in pairs))
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    fits = np.zeros((len(files), len(texts)), dtype=bool)
    rows, columns = ({x: n for n, x in enumerate(some)} for some in (files, texts))
    for pair in pairs:
        fits[rows[pair.file], columns[pair.text]] = True
    with torch.no_grad():
        images = _computed(learner.images, files)
        words = _computed(learner.texts, texts)
        loss = info_nce(
            images[[rows[pair.file] for pair in pairs]],
            words[[columns[pair.text] for pair in pairs]],
            learner.scale,
            torch.from_numpy(same_pairs(pairs)).to(images.device),
        )
    found = recalls(images.cpu().numpy(), words.cpu().numpy(), fits)
    return Metrics(n=len(files), loss=float(loss), **found)


def _epoch(
    learner: Learner,
    parameters: list[torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    epoch: Sequence[Sequence[Pair]],
) -> None:
    for batch in epoch:
        images = functional.normalize(learner.images([pair.file for pair in batch]))
        texts = functional.normalize(learner.texts([pair.text for pair in batch]))
        same = torch.from_numpy(same_pairs(batch)).to(images.device)
        loss = info_nce(images, texts, learner.scale, same)
        if not torch.isfinite(loss):
            raise EngineError("the loss is no number", fix="give a smaller --rate")
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()


def _computed(work: Callable[[Sequence[Any]], torch.Tensor], items: Sequence[Any]) -> torch.Tensor:
    found = [work(some) for some in batches(items, _EVALUATED)]
    return functional.normalize(torch.cat(found))
