"""A tiny GGUF vision model: a Llama-like language model and a CLIP `mmproj`, of noise.

llama.cpp loads both and answers; what it answers means nothing. The format: ggml,
docs/gguf.md.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_UINT32, _FLOAT32, _BOOL, _STRING, _ARRAY, _INT32 = 4, 6, 7, 8, 9, 5
_ALIGN = 32
_TEMPLATE = (
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"
)
WIDTH = 32


def write(path: Path, values: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
    """A GGUF file, version 3, tensors in float32."""
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(values))
    for key, value in values.items():
        head += _string(key) + _value(value)
    offset, rows, data = 0, b"", b""
    for name, tensor in tensors.items():
        content = np.ascontiguousarray(tensor, np.float32).tobytes()
        shape = tensor.shape[::-1]
        rows += _string(name) + struct.pack("<I", len(shape))
        rows += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, offset)
        padding = -len(content) % _ALIGN
        data += content + b"\0" * padding
        offset += len(content) + padding
    head += rows
    path.write_bytes(head + b"\0" * (-len(head) % _ALIGN) + data)


def language_model(path: Path) -> None:
    """Two layers over byte tokens."""
    random = np.random.default_rng(7)
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokens += [chr(byte) for byte in range(33, 127)] + ["▁"]
    types = [2, 3, 3, *[6] * 256, *[1] * (len(tokens) - 259)]
    tensors: dict[str, np.ndarray] = {
        "token_embd.weight": random.normal(size=(len(tokens), WIDTH)),
        "output_norm.weight": np.ones(WIDTH),
        "output.weight": random.normal(size=(len(tokens), WIDTH)),
    }
    tensors["output.weight"][:259] *= 0.01  # printable letters are the likely ones
    for layer in range(2):
        block = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            tensors[f"{block}{name}.weight"] = np.ones(WIDTH)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}{name}.weight"] = random.normal(size=(WIDTH, WIDTH)) / 4
        tensors[f"{block}ffn_gate.weight"] = random.normal(size=(64, WIDTH)) / 4
        tensors[f"{block}ffn_up.weight"] = random.normal(size=(64, WIDTH)) / 4
        tensors[f"{block}ffn_down.weight"] = random.normal(size=(WIDTH, 64)) / 4
    write(
        path,
        {
            "general.architecture": "llama",
            "llama.context_length": 8192,
            "llama.embedding_length": WIDTH,
            "llama.block_count": 2,
            "llama.feed_forward_length": 64,
            "llama.attention.head_count": 4,
            "llama.attention.head_count_kv": 4,
            "llama.attention.layer_norm_rms_epsilon": 1e-5,
            "llama.rope.dimension_count": 8,
            "llama.vocab_size": len(tokens),
            "tokenizer.ggml.model": "llama",
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.scores": [0.0] * len(tokens),
            "tokenizer.ggml.token_type": types,
            "tokenizer.ggml.bos_token_id": 1,
            "tokenizer.ggml.eos_token_id": 2,
            "tokenizer.ggml.unknown_token_id": 0,
            "tokenizer.chat_template": _TEMPLATE,
        },
        tensors,
    )


def projector(path: Path) -> None:
    """A CLIP tower of 56 x 56 pixels, 16 patches, and LLaVA's two-layer projector."""
    random = np.random.default_rng(8)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(size=shape) / 4

    tensors = {
        "v.class_embd": matrix(WIDTH),
        "v.patch_embd.weight": matrix(WIDTH, 3, 14, 14),
        "v.position_embd.weight": matrix(17, WIDTH),
        "v.pre_ln.weight": np.ones(WIDTH),
        "v.pre_ln.bias": np.zeros(WIDTH),
        "mm.0.weight": matrix(WIDTH, WIDTH),
        "mm.0.bias": np.zeros(WIDTH),
        "mm.2.weight": matrix(WIDTH, WIDTH),
        "mm.2.bias": np.zeros(WIDTH),
    }
    for layer in range(2):
        for name, shape in (
            *((part, (WIDTH, WIDTH)) for part in ("attn_q", "attn_k", "attn_v", "attn_out")),
            ("ffn_up", (64, WIDTH)),
            ("ffn_down", (WIDTH, 64)),
        ):
            tensors[f"v.blk.{layer}.{name}.weight"] = matrix(*shape)
            tensors[f"v.blk.{layer}.{name}.bias"] = np.zeros(shape[0])
        for name in ("ln1", "ln2"):
            tensors[f"v.blk.{layer}.{name}.weight"] = np.ones(WIDTH)
            tensors[f"v.blk.{layer}.{name}.bias"] = np.zeros(WIDTH)
    write(
        path,
        {
            "general.architecture": "clip",
            "clip.has_vision_encoder": True,
            "clip.projector_type": "mlp",
            "clip.use_gelu": True,
            "clip.vision.image_size": 56,
            "clip.vision.patch_size": 14,
            "clip.vision.embedding_length": WIDTH,
            "clip.vision.feed_forward_length": 64,
            "clip.vision.projection_dim": WIDTH,
            "clip.vision.block_count": 2,
            "clip.vision.attention.head_count": 4,
            "clip.vision.attention.layer_norm_epsilon": 1e-5,
            "clip.vision.image_mean": [0.48, 0.46, 0.41],
            "clip.vision.image_std": [0.27, 0.26, 0.28],
        },
        tensors,
    )


def _string(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content


def _value(value: Any) -> bytes:
    if isinstance(value, list):
        kind = {str: _STRING, float: _FLOAT32, int: _INT32}[type(value[0])]
        head = struct.pack("<IIQ", _ARRAY, kind, len(value))
        return head + b"".join(_bare(item, kind) for item in value)
    kind = {bool: _BOOL, int: _UINT32, float: _FLOAT32, str: _STRING}[type(value)]
    return struct.pack("<I", kind) + _bare(value, kind)


def _bare(value: Any, kind: int) -> bytes:
    if kind == _STRING:
        return _string(value)
    return struct.pack({_BOOL: "<?", _UINT32: "<I", _INT32: "<i", _FLOAT32: "<f"}[kind], value)
