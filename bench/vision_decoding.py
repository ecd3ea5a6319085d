"""Decoding speed of `transformers` vision models on a CUDA GPU: ours against plain `generate`.

    python -m assistant.bench.vision_decoding

The model is Qwen2.5-VL of 3B built from its configuration with random weights: as fast as a
real one, and of no other use. Both ways answer the same picture and prompt in the same run.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import transformers

from assistant.interfaces import Cancel
from assistant.vision.decoding import StaticDecoder, generated

TOKENS = 256  # decoded by each run
RUNS = 3
_GRID = 32  # patches a side; 32 x 32 patches are 448 x 448 pixels and 256 tokens
_TEXT = 64  # tokens of the prompt besides


def model() -> Any:
    """Qwen2.5-VL-3B's shape (its config.json), weights drawn at random, bfloat16, SDPA."""
    sections = {"rope_type": "default", "mrope_section": [16, 24, 24], "rope_theta": 1e6}
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "vocab_size": 151936,
            "max_position_embeddings": 32768,
            "rope_parameters": sections,
            "tie_word_embeddings": True,
        },
        vision_config={"depth": 32, "hidden_size": 1280, "out_hidden_size": 2048},
        tie_word_embeddings=True,
        image_token_id=151655,
        video_token_id=151656,
        vision_start_token_id=151652,
        vision_end_token_id=151653,
    )
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        made = transformers.Qwen2_5_VLForConditionalGeneration._from_config(
            config, attn_implementation="sdpa", dtype=torch.bfloat16
        )
    torch.set_default_dtype(torch.float32)
    made.generation_config.eos_token_id = None
    return made.eval()


def request() -> dict[str, torch.Tensor]:
    """A picture of noise and a prompt, as the processor makes them."""
    image = (_GRID // 2) ** 2
    ids = torch.randint(1000, 100_000, (1, image + _TEXT + 2))
    ids[0, 8] = 151652
    ids[0, 9 : 9 + image] = 151655
    ids[0, 9 + image] = 151653
    kinds = (ids == 151655).long()
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "mm_token_type_ids": kinds,
        "pixel_values": torch.randn(_GRID * _GRID, 1176, dtype=torch.bfloat16),
        "image_grid_thw": torch.tensor([[1, _GRID, _GRID]]),
    }
    return {name: value.to("cuda") for name, value in inputs.items()}


class _Times(transformers.generation.streamers.BaseStreamer):  # type: ignore[misc]
    """When each token came."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.tokens: list[int] = []

    def put(self, value: torch.Tensor) -> None:
        """The prompt first, then token by token."""
        if value.numel() == 1:
            self.tokens.append(int(value.reshape(-1)[0]))
            self.at.append(time.perf_counter())

    def end(self) -> None:
        """Nothing is held back."""


def plain(network: Any, inputs: dict[str, torch.Tensor]) -> tuple[list[int], list[float]]:
    """What the library's `generate` does by default; tokens and their times."""
    times = _Times()
    generated(network, inputs, TOKENS, Cancel(), times)
    return times.tokens, times.at


def ours(decoder: StaticDecoder, inputs: dict[str, torch.Tensor]) -> tuple[list[int], list[float]]:
    """The engine's decoder; tokens and their times."""
    tokens: list[int] = []
    at: list[float] = []
    for token in decoder.tokens(inputs, TOKENS, (), Cancel()):
        tokens.append(token)
        at.append(time.perf_counter())
    return tokens, at


def measured(work: Callable[[], tuple[list[int], list[float]]]) -> tuple[float, float, list[int]]:
    """Seconds to the first token and tokens a second after it, medians; the last tokens."""
    first: list[float] = []
    speed: list[float] = []
    tokens: list[int] = []
    for _ in range(RUNS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        tokens, at = work()
        first.append(at[0] - began)
        speed.append((len(at) - 1) / (at[-1] - at[0]))
    return statistics.median(first), statistics.median(speed), tokens


def rows() -> Iterator[dict[str, Any]]:
    """One row a way of decoding; `ratio` is its speed over plain `generate`'s."""
    network, inputs = model(), request()
    ways: dict[str, Callable[[], tuple[list[int], list[float]]]] = {
        "plain generate": lambda: plain(network, inputs)
    }
    for name, compiled in (("static cache, CUDA graph", False), ("... and torch.compile", True)):
        decoder = StaticDecoder(network, graph=True, compiled=compiled)
        ways[name] = lambda decoder=decoder: ours(decoder, inputs)  # type: ignore[misc]
    base, expected = 0.0, list[int]()
    for name, work in ways.items():
        began = time.perf_counter()
        work()  # warms up, records, compiles
        ready = time.perf_counter() - began
        first, speed, tokens = measured(work)
        base, expected = base or speed, expected or tokens
        same = next(
            (n for n, (a, b) in enumerate(zip(tokens, expected, strict=False)) if a != b),
            len(tokens),
        )
        yield {
            "way": name,
            "first_token_s": round(first, 4),
            "tokens_per_s": round(speed, 1),
            "ratio": round(speed / base, 2),
            "warm_up_s": round(ready, 1),
            "same_tokens": same,
        }


def main() -> None:
    """Print the machine and one JSON object a row."""
    print(
        json.dumps(
            {
                "gpu": torch.cuda.get_device_name(),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
            }
        )
    )
    for row in rows():
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
