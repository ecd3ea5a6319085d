"""Picture encoders: ONNX Runtime against torch, on an architecture of base size.

The weights are drawn at random: as fast as real ones, and of no other use.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from assistant.bench.pairs import Timing, compare
from assistant.embedding import onnx_towers
from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.pixels import Inputs
from assistant.embedding.towers import TorchTowers
from assistant.registry import Engines

_BATCH = 8  # pictures
_PAIRS = 7


@contextmanager
def base_size() -> Iterator[tuple[TorchTowers, onnx_towers.OnnxTowers, Checkpoint]]:
    """SigLIP 2 base, 16 px patches, 224 px, in both runtimes; on disk while it is measured.

    Only its table of words is that of the English SigLIP: looking words up costs no time.
    """
    import torch
    import transformers

    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        made = transformers.SiglipModel(transformers.SiglipConfig(vision_config={"patch_size": 16}))
        made.save_pretrained(folder)
        checkpoint = Checkpoint.open(Path(folder))
        towers = TorchTowers.load(checkpoint, {"device": "cpu", "dtype": "float32"})
        exported = onnx_towers.export(checkpoint, towers, Path(folder) / "onnx")
        # Left alone, ONNX Runtime binds its threads to every core, whatever the process may use.
        threads = torch.get_num_threads()
        yield towers, onnx_towers.OnnxTowers.load(exported, threads), checkpoint


def encoding(engines: Engines) -> Iterator[Timing]:
    """Eight pictures, then one query, in ONNX Runtime and in torch, in turn."""
    del engines  # the architecture is measured, whichever the profile has
    random = np.random.default_rng(0)
    with base_size() as (plain, ours, checkpoint):
        side = checkpoint.side
        pixels = random.uniform(-1, 1, (_BATCH, 3, side, side)).astype(np.float32)
        pictures: Inputs = {"pixel_values": pixels}
        ids = random.integers(3, checkpoint.vocabulary, (1, checkpoint.text_length))
        yield compare(
            "encoding-pictures",
            lambda: ours.images(pictures),
            lambda: plain.images(pictures),
            against=f"torch on the same batch of {_BATCH}, ViT-B/16 of random weights",
            pairs=_PAIRS,
        )
        yield compare(
            "encoding-query",
            lambda: ours.texts(ids, np.ones_like(ids)),
            lambda: plain.texts(ids, np.ones_like(ids)),
            against="torch on the same text, SigLIP's base text tower of random weights",
            pairs=3 * _PAIRS,
        )
