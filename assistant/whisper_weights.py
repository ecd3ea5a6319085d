"""Whisper's weights in CTranslate2's format turned into OpenAI's checkpoint, once, on demand.

Both hold the same numbers: the CTranslate2 file fuses the projections of an attention block,
the checkpoint names them one by one.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import EngineMissing, WeightsCorrupt

Array = NDArray[Any]

# From here to _TYPES: python/ctranslate2/specs/model_spec.py and include/ctranslate2/types.h of
# CTranslate2 4.
_VERSION = 6  # of the binary format
_SPEC = "WhisperSpec"
_TYPES: Mapping[int, str] = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}  # 5, bfloat16: none

_RENAMED = (
    (r"^encoder/conv(\d)/", r"encoder.conv\1."),
    (r"^(encoder|decoder)/layer_(\d+)/self_attention/layer_norm/", r"\1.blocks.\2.attn_ln."),
    (r"^decoder/layer_(\d+)/attention/layer_norm/", r"decoder.blocks.\1.cross_attn_ln."),
    (r"^(encoder|decoder)/layer_(\d+)/ffn/layer_norm/", r"\1.blocks.\2.mlp_ln."),
    (r"^(encoder|decoder)/layer_(\d+)/ffn/linear_0/", r"\1.blocks.\2.mlp.0."),
    (r"^(encoder|decoder)/layer_(\d+)/ffn/linear_1/", r"\1.blocks.\2.mlp.2."),
    (r"^(encoder|decoder)/layer_(\d+)/self_attention/linear_1/", r"\1.blocks.\2.attn.out."),
    (r"^decoder/layer_(\d+)/attention/linear_0/", r"decoder.blocks.\1.cross_attn.query."),
    (r"^decoder/layer_(\d+)/attention/linear_2/", r"decoder.blocks.\1.cross_attn.out."),
    (r"^encoder/layer_norm/", "encoder.ln_post."),
    (r"^decoder/layer_norm/", "decoder.ln."),
    (r"^decoder/embeddings/weight$", "decoder.token_embedding.weight"),
    (r"^(encoder|decoder)/position_encodings/encodings$", r"\1.positional_embedding"),
    (r"(?<=\.)gamma$", "weight"),
    (r"(?<=\.)beta$", "bias"),
)
_FUSED = (
    (
        re.compile(r"^(encoder|decoder)/layer_(\d+)/self_attention/linear_0/(weight|bias)$"),
        r"\1.blocks.\2.attn.{}.\3",
        ("query", "key", "value"),
    ),
    (
        re.compile(r"^decoder/layer_(\d+)/attention/linear_1/(weight|bias)$"),
        r"decoder.blocks.\1.cross_attn.{}.\2",
        ("key", "value"),
    ),
)


def openai_checkpoint(model: Path, target: Path) -> None:
    """Write OpenAI's checkpoint, fp16, from a `model.bin` of CTranslate2.

    Every key and shape is compared with those of openai-whisper's own model of that size.

    Raises:
        EngineMissing: torch or openai-whisper is not installed.
        WeightsCorrupt: the file is no such model.
    """
    try:
        import torch
        from whisper.model import ModelDimensions, Whisper
    except ImportError as error:
        raise EngineMissing(
            f"making {target.name} needs {error.name}",
            fix="pip install 'assistant[openai-whisper]', then assistant models pull",
        ) from error
    try:
        variables = read_ctranslate2(model)
        dimensions = whisper_dimensions(variables)
        state = {
            name: torch.from_numpy(np.array(array)) for name, array in renamed(variables).items()
        }
        Whisper(ModelDimensions(**dimensions)).load_state_dict(state)
    except (RuntimeError, ValueError, KeyError, struct.error) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsCorrupt(
            f"{model.name} is no Whisper model of CTranslate2: {first}",
            fix=f"assistant models pull {model.parent.name}",
        ) from error
    torch.save({"dims": dimensions, "model_state_dict": state}, target)


def read_ctranslate2(path: Path) -> dict[str, Array]:
    """The variables of a CTranslate2 model file; scalars have shape [].

    The file: version u32, name of the specification, revision u32, count u32; then each
    variable: name, rank u8, sizes u32 each, type u8, bytes u32, the numbers. A name is its
    length u16 and characters with a final zero. All little-endian.

    Raises:
        ValueError, struct.error: it is something else.
    """
    content = path.read_bytes()
    place = 0

    def number(form: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from(f"<{form}", content, place)
        place += struct.calcsize(form)
        return int(value)

    def name() -> str:
        nonlocal place
        length = number("H")
        place += length
        return content[place - length : place].rstrip(b"\0").decode("ascii")

    if number("I") != _VERSION or name() != _SPEC:
        raise ValueError("another format")
    number("I")  # revision of the specification
    variables: dict[str, Array] = {}
    for _ in range(number("I")):
        key = name()
        shape = [number("I") for _ in range(number("B"))]
        kind, length = number("B"), number("I")
        if kind not in _TYPES:
            raise ValueError(f"{key} is of type {kind}")
        numbers = np.frombuffer(
            content, _TYPES[kind], offset=place, count=length // int(_TYPES[kind][-1])
        )
        variables[key] = numbers.reshape(shape)
        place += length
    return variables


def whisper_dimensions(variables: Mapping[str, Array]) -> dict[str, int]:
    """openai-whisper's `ModelDimensions`, read off the shapes."""
    audio, text = (variables[f"{s}/position_encodings/encodings"].shape for s in _SIDES)
    heads = [int(variables[f"{side}/num_heads"]) for side in _SIDES]
    layers = [len(_numbers(variables, rf"{side}/layer_(\d+)/")) for side in _SIDES]
    return {
        "n_mels": variables["encoder/conv1/weight"].shape[1],
        "n_audio_ctx": audio[0],
        "n_audio_state": audio[1],
        "n_audio_head": heads[0],
        "n_audio_layer": layers[0],
        "n_vocab": variables["decoder/embeddings/weight"].shape[0],
        "n_text_ctx": text[0],
        "n_text_state": text[1],
        "n_text_head": heads[1],
        "n_text_layer": layers[1],
    }


_SIDES = ("encoder", "decoder")


def _numbers(variables: Mapping[str, Array], pattern: str) -> set[str]:
    return {found[1] for name in variables if (found := re.match(pattern, name))}


def renamed(variables: Mapping[str, Array]) -> dict[str, Array]:
    """The weights under OpenAI's names, fused projections taken apart; settings are left out.

    Raises:
        ValueError: a key projection has a bias, which Whisper's have not.
    """
    state: dict[str, Array] = {}
    for name, array in variables.items():
        if array.ndim == 0:
            continue
        for key, part in _taken_apart(name, array):
            if key.endswith("key.bias"):
                if part.any():
                    raise ValueError(f"{name} has a bias of the keys")
                continue
            state[key] = part.astype(np.float16)
    return state


def _taken_apart(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    for pattern, key, parts in _FUSED:
        if pattern.match(name):
            split = np.split(array, len(parts))
            yield from (
                (pattern.sub(key, name).format(p), a) for p, a in zip(parts, split, strict=True)
            )
            return
    for old, new in _RENAMED:
        name = re.sub(old, new, name)
    yield name, array
