"""Pictures as the numbers that a picture tower takes, by a checkpoint's `preprocessor_config.json`.

Resizing, cropping and normalising are done here with Pillow, so that a command that computes
with ONNX Runtime imports no torch; a test holds the numbers against transformers' own
processors. What that file asks beyond them, and NaFlex, is left to transformers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.embedding.checkpoint import Checkpoint, read_json
from assistant.errors import EngineError
from assistant.types import Picture

Inputs = Mapping[str, NDArray[Any]]
"""What a picture tower takes, by name: `pixel_values` [n, 3, side, side] float32 ..."""

_LONGEST = 20  # times as long as wide; more of a strip would be gigabytes after scaling
_ALWAYS = ("do_resize", "do_rescale", "do_normalize")
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)  # CLIPImageProcessor's defaults
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_HALF = (0.5, 0.5, 0.5)  # SiglipImageProcessor's
_FAMILIAR = frozenset(
    {
        "CLIPImageProcessor", "CLIPFeatureExtractor", "SiglipImageProcessor",
        "CLIPImageProcessorFast", "SiglipImageProcessorFast",
        "CLIPImageProcessorPil", "SiglipImageProcessorPil",
    }
)  # fmt: skip


class Prepare(Protocol):
    """Turns pictures into a tower's inputs."""

    def __call__(self, pictures: Sequence[Picture]) -> Inputs:
        """The inputs of `n` pictures."""


@dataclass(frozen=True, kw_only=True)
class Square:
    """Scale to a square, or scale the shorter side and cut the middle out; then normalise."""

    side: int  # px
    shortest: int | None  # px of the shorter side before the cut; None scales both sides
    resample: Image.Resampling
    factor: float  # by which a level is multiplied
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, pictures: Sequence[Picture]) -> Inputs:
        """`pixel_values`, float32 [n, 3, side, side]."""
        levels = np.stack([self._square(picture.pixels) for picture in pictures])
        mean, std = (np.array(v, dtype=np.float32) for v in (self.mean, self.std))
        values = (levels.astype(np.float32) * np.float32(self.factor) - mean) / std
        return {"pixel_values": np.ascontiguousarray(values.transpose(0, 3, 1, 2))}

    def _square(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.shortest is None:
            image = Image.fromarray(pixels).resize((self.side, self.side), self.resample)
            return np.asarray(image)
        image = Image.fromarray(without_ends(pixels))
        width, height = image.size
        longest = int(self.shortest * max(width, height) / min(width, height))
        size = (self.shortest, longest) if width <= height else (longest, self.shortest)
        scaled = np.asarray(image.resize(size, self.resample))
        return _middle(scaled, self.side)


@dataclass(frozen=True, kw_only=True)
class ByTransformers:
    """The checkpoint's own processor, through transformers; imports torch."""

    processor: Any

    def __call__(self, pictures: Sequence[Picture]) -> Inputs:
        """What the processor makes, as numpy arrays."""
        images = [Image.fromarray(without_ends(picture.pixels)) for picture in pictures]
        made = self.processor(images=images, return_tensors="np")
        return {name: np.asarray(value) for name, value in made.items()}


class _ByPillow:
    """Loads the variant that works with Pillow: torchvision's scales a little differently."""

    @staticmethod
    def from_pretrained(folder: Path, **settings: Any) -> Any:
        from transformers import AutoImageProcessor

        return AutoImageProcessor.from_pretrained(folder, backend="pil", **settings)


def preparation(checkpoint: Checkpoint) -> Prepare:
    """How a checkpoint wants its pictures.

    Raises:
        EngineError: its preprocessor_config.json is missing or damaged.
        EngineMissing: its processor needs a package that is not here.
    """
    asked = _asked(checkpoint)
    kind = str(asked.get("image_processor_type") or asked.get("feature_extractor_type"))
    cut = checkpoint.family == "clip"
    usual = all(asked.get(key, True) for key in _ALWAYS) and asked.get("do_center_crop", cut) == cut
    if checkpoint.family == "naflex" or kind not in _FAMILIAR or not usual:
        from assistant.vision import checkpoints

        return ByTransformers(processor=checkpoints.processor(_ByPillow, checkpoint.folder))
    return _square(asked, checkpoint)


def _asked(checkpoint: Checkpoint) -> Mapping[str, Any]:
    """The picture processor's settings, from its own file or from the processor's."""
    own = checkpoint.folder / "preprocessor_config.json"
    if own.is_file():
        return read_json(own)
    whole = read_json(checkpoint.folder / "processor_config.json")
    found = whole.get("image_processor")
    if not isinstance(found, dict):
        raise EngineError(
            f"{checkpoint.folder.name} does not say how it wants pictures",
            fix="assistant models verify",
        )
    return found


def _square(asked: Mapping[str, Any], checkpoint: Checkpoint) -> Square:
    clip = checkpoint.family == "clip"
    size, crop = asked.get("size", checkpoint.side), asked.get("crop_size", checkpoint.side)
    side = crop if isinstance(crop, int) else int(crop["height"])
    if isinstance(size, int):  # as older files have it
        size = {"shortest_edge": size} if clip else {"height": size}
    shortest = size.get("shortest_edge")
    if shortest is None:
        side = int(size["height"])
    if side != checkpoint.side:
        raise EngineError(
            f"{checkpoint.folder.name} cuts pictures to {side} px and takes {checkpoint.side}",
            fix="assistant models verify",
        )
    return Square(
        side=side,
        shortest=shortest,
        resample=Image.Resampling(int(asked.get("resample", Image.Resampling.BICUBIC))),
        factor=float(asked.get("rescale_factor", 1 / 255)),
        mean=tuple(asked.get("image_mean") or (_CLIP_MEAN if clip else _HALF)),
        std=tuple(asked.get("image_std") or (_CLIP_STD if clip else _HALF)),
    )


def without_ends(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle of a strip that is more than twenty times as long as wide."""
    height, width = pixels.shape[:2]
    most = _LONGEST * min(height, width)
    top, left = max(0, height - most) // 2, max(0, width - most) // 2
    return pixels[top : top + most, left : left + most]


def _middle(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The square in the middle; black around a picture that is smaller."""
    height, width = pixels.shape[:2]
    if min(height, width) < side:
        larger = np.zeros((max(height, side), max(width, side), 3), dtype=np.uint8)
        top, left = (larger.shape[0] - height) // 2, (larger.shape[1] - width) // 2
        larger[top : top + height, left : left + width] = pixels
        return _middle(larger, side)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]
