"""The recorded decoding step on a CUDA GPU chooses what the library's `generate` chooses.

Skipped without a GPU. Imports only what a bare machine with torch and transformers has.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
if not torch.cuda.is_available():
    pytest.skip("there is no CUDA GPU", allow_module_level=True)

import tiny_checkpoints  # noqa: E402

from assistant.interfaces import Cancel  # noqa: E402
from assistant.vision.decoding import StaticDecoder, generated  # noqa: E402


def loaded(kind: str, folder: Path) -> tuple[Any, Any]:
    """A tiny model on the GPU in float32, and its processor."""
    tiny_checkpoints.make(kind, folder)
    auto = transformers.AutoModelForImageTextToText
    model = auto.from_pretrained(folder, attn_implementation="sdpa").to("cuda").eval()
    return model, transformers.AutoProcessor.from_pretrained(folder)


def asked(processor: Any, seed: int, pictures: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    shape = (40 + 8 * seed, 60, 3)
    images = [random.integers(0, 255, shape, dtype=np.uint8) for _ in range(pictures)]
    content = [*({"type": "image"} for _ in images), {"type": "text", "text": "What is there?"}]
    turns = [{"role": "user", "content": content}]
    text = processor.apply_chat_template(turns, add_generation_prompt=True)
    return dict(processor(images=[images], text=[text], return_tensors="pt").to("cuda"))


@pytest.mark.parametrize("kind", ["llava", "smolvlm", "qwen2_5_vl", "qwen3_vl"])
def test_a_recorded_step_chooses_what_the_library_chooses(kind: str, tmp_path: Path) -> None:
    if kind != "llava":
        pytest.importorskip("torchvision")
    if kind == "smolvlm":
        pytest.importorskip("num2words")
    model, processor = loaded(kind, tmp_path / kind)
    assert StaticDecoder.serves(model)
    decoder = StaticDecoder(model, graph=True)
    for seed, pictures, limit in ((1, 1, 60), (2, 2, 60), (3, 1, 5), (1, 1, 60)):
        inputs = asked(processor, seed, pictures)
        found = generated(model, inputs, limit, Cancel())[0, inputs["input_ids"].shape[1] :]
        expected = [int(token) for token in found if int(token) != 2]
        given: list[int] = []
        # As in the engine: each request in a thread of its own, the recording shared.
        work = threading.Thread(
            target=lambda inputs=inputs, limit=limit, given=given: given.extend(
                decoder.tokens(inputs, limit, {2}, Cancel())
            )
        )
        work.start()
        work.join()
        assert given == expected
        assert given


def test_a_stop_leaves_the_decoder_usable(tmp_path: Path) -> None:
    model, processor = loaded("llava", tmp_path / "llava")
    decoder = StaticDecoder(model, graph=True)
    inputs, stop = asked(processor, 1, 1), Cancel()
    whole = list(decoder.tokens(inputs, 30, (), Cancel()))
    stream = decoder.tokens(inputs, 30, (), stop)
    assert next(stream) == whole[0]
    stop.set()
    assert len(list(stream)) <= 1
    assert list(decoder.tokens(inputs, 30, (), Cancel())) == whole
