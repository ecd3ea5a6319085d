"""Indexing photos beside rclip: the same files, the same ONNX picture encoder, the same processor.

    python -m assistant.bench.photos_rclip PHOTOS WORK --rclip VENV/bin/python [--count N]

rclip (https://github.com/yurijmikhalevich/rclip) lies in an environment of its own (`pip install
rclip==3.3.0`) and runs by its own classes. The encoder has its architecture, ViT-B/32 at 256
pixels, with random weights, written once into WORK: as fast as real ones. Both index in turn,
each time into a new library by a new process that has loaded the encoder before its clock starts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from assistant.bench.pairs import Timing, compared
from assistant.bench.varied import vary
from assistant.embedding.onnx_sessions import OnnxPictures
from assistant.embedding.pixels import Inputs, Square
from assistant.embedding.tokens import Tokens
from assistant.engines.encoder_clip import Clip
from assistant.errors import EngineError
from assistant.interfaces import Float32
from assistant.jobs import Jobs
from assistant.library.indexing import Indexer
from assistant.library.records import Indexed
from assistant.library.seeing import Encoding
from assistant.library.store import PhotoStore
from assistant.picture import Picture

SIDE: Final = 256  # px, as rclip's model has it
_MODEL: Final = Path("ViT-B-32-256-datacomp_s34b_b86k/visual.onnx")  # where rclip looks for it
_PAIRS: Final = 5
_RCLIP: Final = """
import json, sys, time
from PIL import Image
from rclip import db, main, model
encoder = model.Model()
encoder.compute_image_features([Image.new("RGB", (300, 300))], for_indexing=True)
store = db.DB(sys.argv[2])
indexing = main.RClip(encoder, store, int(sys.argv[3]), None)
began, worked = time.perf_counter(), time.process_time()
indexing.ensure_index(sys.argv[1])
took, worked = time.perf_counter() - began, time.process_time() - worked
count, = store._con.execute("SELECT count(*) FROM images WHERE deleted IS NULL").fetchone()
print(json.dumps({"pictures": count, "wall": took, "processor": worked}))
"""
"""Run by rclip's Python: folder, database, batch size (its default is 8)."""


@dataclass(frozen=True, kw_only=True)
class RclipTiming(Timing):
    """Seconds of indexing all pictures. The baseline is rclip."""

    stages: dict[str, float] = field(default_factory=dict)  # pictures a second, processor ratio


class _Tower:
    """The exported picture tower; there are no texts here."""

    def __init__(self, model: Path) -> None:
        self._pictures = OnnxPictures(model, len(os.sched_getaffinity(0)))
        self.dim = self._pictures.dim

    def images(self, inputs: Inputs) -> Float32:
        return self._pictures(inputs["pixel_values"])

    def texts(self, ids: Any, mask: Any) -> Float32:
        raise EngineError("this network has no tower for texts", fix="index pictures only")


def export(model: Path) -> None:
    """Write the picture encoder with random weights: [n, 3, 256, 256] to [n, 512]."""
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        image_size=SIDE, patch_size=32, projection_dim=512, hidden_act="gelu",
        attn_implementation="eager",
    )  # fmt: skip
    made = CLIPVisionModelWithProjection(config).eval()

    class Features(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.made = made

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.made(given).image_embeds
            return found

    model.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        torch.onnx.export(
            Features(), (torch.rand(2, 3, SIDE, SIDE),), str(model), input_names=["input"],
            output_names=["output"], dynamic_axes={"input": {0: "n"}, "output": {0: "n"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip


def ours(photos: Path, model: Path) -> dict[str, float]:
    """Index a folder into a new library; pictures, seconds, and those of the processor."""
    from PIL import Image

    prepare = Square(
        side=SIDE, shortest=SIDE, resample=Image.Resampling.BICUBIC, factor=1 / 255,
        mean=(0.48145466, 0.4578275, 0.40821073), std=(0.26862954, 0.26130258, 0.27577711),
    )  # fmt: skip
    encoder = Clip(_Tower(model), prepare, cast(Tokens, None), id="random ViT-B/32")
    encoder.images([Picture.from_array(np.zeros((300, 300, 3), np.uint8))])
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(PhotoStore(photos, Path(folder))) as store,
        contextlib.closing(Jobs(Path(folder))) as jobs,
        jobs.claim("photos", os.fspath(photos)) as job,
    ):
        began, worked = time.perf_counter(), time.process_time()
        *_, done = Indexer(store, Encoding(encoder=encoder), job).run()
        took, worked = time.perf_counter() - began, time.process_time() - worked
    assert isinstance(done, Indexed), "the last that is told"
    return {"pictures": done.added, "wall": took, "processor": worked}


def beside(photos: Path, work: Path, rclip: Path, pairs: int, batch: int = 8) -> RclipTiming:
    """Index the photos by both, in turn, ours first."""
    model = work / _MODEL
    if not model.is_file():
        export(model)
    mine, theirs = [], []
    for _ in range(pairs):
        here = [sys.executable, "-m", __spec__.name, "--ours", str(photos), str(model)]
        mine.append(_told(here, work))
        with tempfile.TemporaryDirectory() as folder:
            there = [str(rclip), "-c", _RCLIP, str(photos), f"{folder}/db.sqlite3", str(batch)]
            theirs.append(_told(there, work))
        counts = {int(run["pictures"]) for run in (mine[-1], theirs[-1])}
        if len(counts) > 1:
            raise RuntimeError(f"not as many pictures by the one as by the other: {counts}")
        print(json.dumps({"ours": mine[-1], "rclip": theirs[-1]}), file=sys.stderr, flush=True)
    count = mine[0]["pictures"]
    against = f"rclip 3.3.0 on the same {count:g} files, batches of {batch}"
    walls = [[run["wall"] for run in runs] for runs in (mine, theirs)]
    worked = [[run["processor"] for run in runs] for runs in (mine, theirs)]
    timing = RclipTiming(**compared("photos-rclip", *walls, against=against))
    timing.stages.update(
        {
            "pictures a second": count / timing.median_s,
            "rclip's": count / timing.baseline_median_s,
            "processor s a picture": float(np.median(worked[0])) / count,
            "rclip's processor s": float(np.median(worked[1])) / count,
            "ratio of processor time": float(np.median(np.divide(worked[1], worked[0]))),
        }
    )
    return timing


def _told(command: Sequence[str], work: Path) -> dict[str, float]:
    """What a process says in its last line."""
    environment = {**os.environ, "RCLIP_DATADIR": str(work), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the timing as JSON."""
    if sys.argv[1:2] == ["--ours"]:
        print(json.dumps(ours(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("photos", type=Path, help="a folder of a few photos, to be varied")
    parser.add_argument("work", type=Path, help="where the files and the encoder are written")
    parser.add_argument("--rclip", type=Path, required=True, help="Python of its environment")
    parser.add_argument("--count", type=int, default=300, help="files")
    parser.add_argument("--least", type=float, default=0, help="megapixels of the photos taken")
    parser.add_argument("--pairs", type=int, default=_PAIRS)
    given = parser.parse_args()
    few = [path for path in sorted(given.photos.iterdir()) if _megapixels(path) >= given.least]
    folder = given.work / f"photos-{given.count}-{given.least:g}"
    vary(few, folder, given.count)
    timing = beside(folder, given.work, given.rclip, given.pairs)
    print(json.dumps(asdict(timing)))


def _megapixels(path: Path) -> float:
    picture = Picture.open(path)
    return picture.width * picture.height / 1e6


if __name__ == "__main__":
    main()
