"""What a folder of CLIP, SigLIP or SigLIP 2 holds: its family, its lengths, its fingerprint.

Reads JSON and hashes files; needs no model library.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from assistant.errors import EngineError
from assistant.settings import data_folder
from assistant.weights.records import Records

Family = Literal["clip", "siglip", "naflex"]
_FAMILIES: Mapping[str, Family] = {"clip": "clip", "siglip": "siglip", "siglip2": "naflex"}
"""By `model_type`. The SigLIP 2 checkpoints of fixed size are `siglip`, with Gemma's tokenizer;
`siglip2` is the variant that keeps a picture's aspect (NaFlex)."""

# What a config.json leaves out: the defaults of CLIPConfig and SiglipConfig in transformers.
_TEXT = {"clip": (49408, 77), "siglip": (32000, 64), "naflex": (32000, 64)}
_SIDE = 224  # px
_SETTINGS = (
    "config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
    "tokenizer_config.json", "open_clip_config.json",
)  # fmt: skip
_MULTILINGUAL = 100_000
"""Tokens from which a vocabulary is taken for many languages: CLIP's has 49,408 and SigLIP's
English one 32,000; those of SigLIP's multilingual model and of SigLIP 2 have 250,000 and
256,000."""
TUNED = "tuning.json"  # lies beside the weights that `assistant tune` wrote
_BLOCK = 1 << 20  # bytes
_VERIFY = "assistant models verify"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder, as its configuration describes it."""

    folder: Path
    family: Family
    vocabulary: int  # tokens
    text_length: int  # tokens, the most that the text tower takes
    side: int  # px of the square that the picture tower takes; not of NaFlex
    pad: int | None  # token id, where the configuration tells

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read `config.json`.

        Raises:
            EngineError: it is missing, damaged or of another family.
        """
        content = read_json(folder / "config.json")
        kind = str(content.get("model_type"))
        if kind not in _FAMILIES:
            raise EngineError(
                f"{folder.name} is of the family {kind}, not CLIP, SigLIP or SigLIP 2",
                fix="name such a checkpoint in the profile",
            )
        family = _FAMILIES[kind]
        text, picture = content.get("text_config") or {}, content.get("vision_config") or {}
        vocabulary, length = _TEXT[family]
        return cls(
            folder=folder,
            family=family,
            vocabulary=int(text.get("vocab_size", vocabulary)),
            text_length=int(text.get("max_position_embeddings", length)),
            side=int(picture.get("image_size", _SIDE)),
            pad=text.get("pad_token_id"),
        )

    @property
    def english_only(self) -> bool:
        """Whether its vocabulary is too small for an encoder of many languages."""
        return not multilingual(self.vocabulary)

    def cut(self, probability: float) -> float:
        """The cosine at which SigLIP gives a picture and a text this probability to match.

        SigLIP is trained to say for each pair whether it matches (Zhai et al., 2023):
        sigmoid(scale x cosine + bias). CLIP only ranks, and a tuned encoder's bias was not
        tuned with it: -1, which cuts nothing.
        """
        if self.family == "clip" or (self.folder / TUNED).is_file():
            return -1.0
        from safetensors import safe_open

        found: dict[str, float] = {}
        for file in self.folder.glob("*.safetensors"):
            with safe_open(file, "numpy") as weights:
                for name in {"logit_scale", "logit_bias"} & set(weights.keys()):
                    found[name] = float(weights.get_tensor(name).reshape(-1)[0])
        if len(found) < 2:
            return -1.0
        wanted = math.log(probability / (1 - probability))
        return min(1.0, max(-1.0, (wanted - found["logit_bias"]) / math.exp(found["logit_scale"])))

    def fingerprint(self) -> str:
        """That of its folder."""
        return fingerprint(self.folder)


def multilingual(vocabulary: int) -> bool:
    """Whether a vocabulary of so many tokens is one for many languages."""
    return vocabulary >= _MULTILINGUAL


def fingerprint(folder: Path) -> str:
    """12 hex digits of the SHA-256 over all that decides an encoder's vectors.

    A weights file is read whole once; while its size and time stay, its hash is remembered.

    Raises:
        EngineError: there are no weights.
    """
    files = [folder / name for name in _SETTINGS]
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise EngineError(f"{folder} holds no *.safetensors", fix=_VERIFY)
    whole = hashlib.sha256()
    for file in [*filter(Path.is_file, files), *weights]:
        whole.update(f"{file.name} {_sha256(file)}\n".encode())
    return whole.hexdigest()[:12]


def cache_folder() -> Path:
    """Where exported towers and remembered hashes lie; may be deleted at any time."""
    return data_folder() / "cache" / "encoders"


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON mapping.

    Raises:
        EngineError: it is missing, or is no mapping.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{path.parent.name} holds no readable {path.name}", fix=_VERIFY
        ) from error
    if not isinstance(content, dict):
        raise EngineError(f"{path} is not a mapping", fix=_VERIFY)
    return content


def _sha256(file: Path) -> str:
    """The hash of a file; by the weights' records or our own where it has not changed."""
    known = Records(file.parent.parent).unchanged(f"{file.parent.name}/{file.name}", file)
    own = Records(cache_folder())
    known = known or own.unchanged(str(file.resolve()), file)
    if known is not None:
        return known
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    if file.suffix == ".safetensors":
        with suppress(OSError):  # a full or read-only disk costs the same seconds next time
            cache_folder().mkdir(parents=True, exist_ok=True)
            own.put(str(file.resolve()), file, digest.hexdigest(), "computed")
    return digest.hexdigest()
