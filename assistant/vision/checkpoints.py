"""Loading a transformers checkpoint from a folder: device, type, quantisation, no network.

Only safetensors are read, no code that a checkpoint brings is run, and a checkpoint that
lacks weights is refused: the library would fill the gaps with random numbers and go on.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from assistant.errors import EngineError, EngineMissing, SettingsError

_VERIFY = "assistant models verify"
_TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
_BITS = (4, 8)
# How the library says that a package is missing.
_NEEDED = re.compile(r"requires the (\w+) library|(?i:\b(torchvision)\b)")


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a model's weights go, and as what."""

    device: torch.device
    dtype: torch.dtype
    bits: int | None = None  # 4 or 8; None keeps `dtype`

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Placement:
        """By the options `device`, `dtype` and `bits`; each chosen for this machine without it.

        A GPU is used where there is one, in bfloat16 (float16 before Ampere); a processor
        computes in float32, since few have fast half-precision arithmetic.

        Raises:
            SettingsError: a value that there is not.
            EngineMissing: 4 or 8 bits without the package bitsandbytes.
        """
        device = _device(str(options.get("device", "auto")))
        wanted = str(options.get("dtype", "auto"))
        if wanted == "auto":
            half = "bfloat16" if device.type == "cuda" and _has_bfloat16() else "float16"
            wanted = half if device.type == "cuda" else "float32"
        if wanted not in _TYPES:
            raise SettingsError(f"there is no dtype {wanted!r}", fix=f"choose: {', '.join(_TYPES)}")
        bits = options.get("bits")
        if bits is not None and bits not in _BITS:
            raise SettingsError(f"weights of {bits!r} bits are not made", fix="choose bits: 4 or 8")
        if bits is not None and importlib.util.find_spec("bitsandbytes") is None:
            raise EngineMissing(
                f"weights in {bits} bits need the package bitsandbytes",
                fix="pip install bitsandbytes",
            )
        return cls(device=device, dtype=_TYPES[wanted], bits=bits)

    def quantisation(self) -> Any:
        """What transformers is told; None for whole weights.

        4 bits are NF4 with doubly quantised constants (Dettmers et al., "QLoRA", 2023).
        """
        if self.bits is None:
            return None
        return transformers.BitsAndBytesConfig(
            load_in_4bit=self.bits == 4,
            load_in_8bit=self.bits == 8,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=self.dtype,
        )


def configuration(folder: Path) -> Mapping[str, Any]:
    """The `config.json` of a checkpoint.

    Raises:
        EngineError: it is missing or damaged.
    """
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(f"{folder} holds no readable config.json", fix=_VERIFY) from error
    if not isinstance(content, dict):
        raise EngineError(f"{folder / 'config.json'} is not a mapping", fix=_VERIFY)
    return content


def model(auto: Any, folder: Path, placement: Placement, attention: str = "sdpa") -> Any:
    """A model in evaluation mode on its device.

    Args:
        auto: the transformers class that chooses the family, e.g. `AutoModelForObjectDetection`.
        attention: `sdpa`, `eager` or `flash_attention_2`; a family without it uses its own.

    Raises:
        EngineError: it cannot be read, is of another kind, or lacks weights.
    """
    quiet()
    settings: dict[str, Any] = {
        "dtype": placement.dtype,
        "local_files_only": True,
        "trust_remote_code": False,
        "use_safetensors": True,
        "output_loading_info": True,
    }
    if placement.bits is not None:
        settings["quantization_config"] = placement.quantisation()
        settings["device_map"] = {"": placement.device}
    try:
        loaded, told = _with_attention(auto, folder, settings, attention)
    except torch.OutOfMemoryError as error:
        raise out_of_memory() from error
    except (
        OSError, ValueError, RuntimeError, ImportError, KeyError, AttributeError, SafetensorError
    ) as error:  # fmt: skip
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EngineError(f"{folder.name} does not load: {first}", fix=_VERIFY) from error
    lacking = sorted([*told.get("missing_keys", ()), *map(str, told.get("mismatched_keys", ()))])
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise EngineError(f"{folder.name} lacks the weights {lacking[0]}{more}", fix=_VERIFY)
    if placement.bits is None:
        loaded = loaded.to(placement.device)
    return loaded.eval()


def _with_attention(
    auto: Any, folder: Path, settings: Mapping[str, Any], attention: str
) -> tuple[Any, Mapping[str, Any]]:
    """Load with an attention implementation, or with the family's own where it lacks that."""
    try:
        loaded = auto.from_pretrained(folder, attn_implementation=attention, **settings)
    except ValueError as error:
        if "attn" not in str(error) and "attention" not in str(error):
            raise
        loaded = auto.from_pretrained(folder, **settings)
    found, told = loaded
    return found, told


def processor(auto: Any, folder: Path) -> Any:
    """The processor of a checkpoint, by Pillow where torchvision is missing.

    Raises:
        EngineMissing: this family's processor needs torchvision.
        EngineError: it cannot be read.
    """
    quiet()
    try:
        return auto.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (
        ImportError, OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError
    ) as error:  # fmt: skip
        needed = _NEEDED.search(str(error))
        if needed is not None or isinstance(error, ImportError):
            raise _needs(
                folder, (needed[1] or needed[2]).lower() if needed else "torchvision"
            ) from error
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EngineError(f"the processor of {folder.name}: {first}", fix=_VERIFY) from error


def out_of_memory() -> EngineError:
    """The GPU has too little memory for a model or a picture."""
    return EngineError(
        "the GPU's memory is too small", fix="set `bits: 4` or `device: cpu` in the profile"
    )


def quiet() -> None:
    """Let the library print nothing: its warnings are for developers of models."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def _needs(folder: Path, package: str) -> EngineMissing:
    extra = "'assistant[vision-full]'" if package == "torchvision" else package
    return EngineMissing(
        f"the picture processor of {folder.name} needs the package {package}",
        fix=f"pip install {extra}",
    )


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise SettingsError(f"there is no device {wanted!r}", fix="choose cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError("torch sees no CUDA GPU here", fix="set `device: cpu` in the profile")
    return device


def _has_bfloat16() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))
