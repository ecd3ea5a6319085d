"""The two towers in ONNX Runtime on a processor: exported once, checked against torch, kept.

What is kept lies below the data folder by the checkpoint's fingerprint, so that other weights
never meet an old export. NaFlex is not exported: its positions are resized picture by picture.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assistant.embedding.checkpoint import Checkpoint, cache_folder
from assistant.embedding.onnx_sessions import OnnxPictures, run, session
from assistant.embedding.pixels import Inputs
from assistant.embedding.tokens import Ids
from assistant.errors import EngineError, EngineMissing
from assistant.interfaces import Float32

if TYPE_CHECKING:
    from assistant.embedding.towers import TorchTowers

TOLERANCE = 1e-4  # largest difference of an element between vectors of length 1
_FORMAT = 1  # goes up when an export of before must not be used
_REPORT = "export.json"
_FIX = "set `runtime: torch` in the profile"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export was found to be."""

    images: float  # largest difference from torch of an element of a picture's vector
    texts: float  # of a text's
    torch: str  # version
    onnxruntime: str  # version


def exported(checkpoint: Checkpoint) -> Path | None:
    """The folder of a whole export of this checkpoint, or None."""
    folder = _folder(checkpoint)
    return folder if (folder / _REPORT).is_file() else None


def report(folder: Path) -> Export:
    """What an export's check found."""
    return Export(**json.loads((folder / _REPORT).read_text(encoding="utf-8")))


def export(checkpoint: Checkpoint, towers: TorchTowers, target: Path | None = None) -> Path:
    """Write both towers as ONNX and check them against torch; the folder they lie in.

    The model must be on the processor, in float32. Takes about as much disk as the weights.
    Without a `target` the export is kept where `exported` finds it.

    Raises:
        EngineMissing: the package onnx or onnxruntime is not installed.
        EngineError: NaFlex; it cannot be exported or written, or differs by more than 1e-4.
    """
    if checkpoint.family == "naflex":
        raise EngineError("SigLIP 2 NaFlex cannot be exported to ONNX", fix=_FIX)
    target = target or _folder(checkpoint)
    try:
        import onnx  # noqa: F401  # the exporter of torch needs it
        import onnxruntime  # noqa: F401

        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            _write(checkpoint, towers, made)
            found = _checked(checkpoint, towers, made)
            (made / _REPORT).write_text(json.dumps(asdict(found)), encoding="utf-8")
            if not (target / _REPORT).is_file():  # another process may have been quicker
                shutil.rmtree(target, ignore_errors=True)
                made.replace(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except ImportError as error:
        raise EngineMissing(
            f"the export to ONNX needs the package {error.name}",
            fix="pip install 'assistant[embedded,export]'",
        ) from error
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EngineError(f"the export to ONNX failed: {first}", fix=_FIX) from error
    return target


class OnnxTowers:
    """`Towers` in ONNX Runtime on the processor. Thread-safe."""

    def __init__(self, images: OnnxPictures, texts: Any) -> None:
        self._images, self._texts = images, texts
        self._masked = len(texts.get_inputs()) > 1

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> Self:
        """Open an export.

        Raises:
            EngineMissing: onnxruntime is not installed.
            EngineError: a file is damaged.
        """
        texts = session(folder / "texts.onnx", threads)
        return cls(OnnxPictures(folder / "images.onnx", threads), texts)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._images.dim

    def images(self, inputs: Inputs) -> Float32:
        """Features of prepared pictures, [n, dim]."""
        return self._images(inputs["pixel_values"])

    def texts(self, ids: Ids, mask: Ids) -> Float32:
        """Features of token ids, [n, dim]."""
        masked = {"attention_mask": mask} if self._masked else {}
        return run(self._texts, {"input_ids": ids, **masked})


def _folder(checkpoint: Checkpoint) -> Path:
    return cache_folder() / f"{checkpoint.fingerprint()}-onnx{_FORMAT}"


def _write(checkpoint: Checkpoint, towers: TorchTowers, folder: Path) -> None:
    """Export both towers with a free batch size, CLIP's texts with a free length besides."""
    import torch

    model = towers.model

    class Tower(torch.nn.Module):
        """One of the two features; holds the model, so that its weights are exported as such."""

        def __init__(self, features: str) -> None:
            super().__init__()
            self.model, self.features = model, features

        def forward(self, given: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
            masked = {} if mask is None else {"attention_mask": mask}
            found: torch.Tensor = getattr(self.model, self.features)(given, **masked).pooler_output
            return found

    ids, mask = _texts(checkpoint, 2)
    masked = checkpoint.family == "clip"
    free = {0: "n", 1: "length"} if masked else {0: "n"}
    pixels = torch.from_numpy(_pixels(checkpoint, 2))
    given = (torch.from_numpy(ids), *([torch.from_numpy(mask)] if masked else []))
    names = ["input_ids", "attention_mask"][: len(given)]
    attention = model.config._attn_implementation
    model.set_attn_implementation("eager")  # plain operators; sdpa's choices are not traced
    try:
        for module, inputs, named, axes, file in (
            (Tower("get_image_features"), (pixels,), ["pixel_values"], {0: "n"}, "images.onnx"),
            (Tower("get_text_features"), given, names, free, "texts.onnx"),
        ):
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what tracing cannot follow is checked afterwards
                # The TorchScript exporter: the newer one needs a package besides.
                torch.onnx.export(
                    module.eval(),
                    inputs,
                    str(folder / file),
                    input_names=named,
                    output_names=["features"],
                    dynamic_axes={**dict.fromkeys(named, axes), "features": {0: "n"}},
                    opset_version=17,
                    dynamo=False,
                )
    finally:
        model.set_attn_implementation(attention)


def _checked(checkpoint: Checkpoint, towers: TorchTowers, folder: Path) -> Export:
    """Both towers on random inputs, in batches of other sizes than the exported one."""
    import onnxruntime
    import torch

    ours = OnnxTowers.load(folder)
    images: list[float] = []
    texts: list[float] = []
    for n in (1, 3):
        inputs = {"pixel_values": _pixels(checkpoint, n)}
        images.append(_difference(towers.images, ours.images, inputs))
        texts.append(_difference(towers.texts, ours.texts, *_texts(checkpoint, n)))
    worst = max(*images, *texts)
    if not worst <= TOLERANCE:  # not a number is no agreement either
        raise EngineError(f"the exported encoder differs from torch by {worst:.1e}", fix=_FIX)
    return Export(
        images=max(images),
        texts=max(texts),
        torch=torch.__version__,
        onnxruntime=onnxruntime.__version__,
    )


def _difference(one: Callable[..., Float32], other: Callable[..., Float32], *inputs: Any) -> float:
    a, b = one(*inputs), other(*inputs)
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    return float(np.abs(a - b).max())


def _pixels(checkpoint: Checkpoint, n: int) -> Float32:
    random = np.random.default_rng(n)
    shape = (n, 3, checkpoint.side, checkpoint.side)
    return random.uniform(-1, 1, shape).astype(np.float32)


def _texts(checkpoint: Checkpoint, n: int) -> tuple[Ids, Ids]:
    """Random ids; CLIP's of a length that depends on `n`, the last text padded by a third."""
    random = np.random.default_rng(n)
    length = checkpoint.text_length
    if checkpoint.family == "clip":
        length = max(4, length // (n + 1))
    ids = random.integers(3, checkpoint.vocabulary, (n, length))
    mask = np.ones_like(ids)
    mask[-1, length - length // 3 :] = 0
    return ids, mask
