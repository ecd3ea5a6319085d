"""Greedy decoding over a key-value cache of fixed size, one step replayed as a CUDA graph.

A step of a small model is several hundred short kernels, and starting each from Python takes
longer than running it. With a cache whose tensors never move, the step is recorded once and
replayed as a whole. The token that a step chooses is the next step's input without leaving
the GPU; the text is one step behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch
import transformers
from tokenizers.decoders import DecodeStream
from transformers import GenerationMixin, StaticCache
from transformers.cache_utils import StaticLayer
from transformers.generation.streamers import BaseStreamer

from assistant.interfaces import Cancel
from assistant.vision.streaming import Emit

_SMALLEST = 1024  # tokens; caches double from here, so that few are ever recorded
_WARM_UP = 3  # steps before recording, in which libraries choose and load their kernels


class StaticDecoder:
    """Decodes for one model. Not thread-safe.

    Caches and recorded steps are kept, one for each size that was needed; a request uses the
    smallest that holds its prompt and answer.
    """

    def __init__(self, model: Any, *, graph: bool, compiled: bool = False) -> None:
        """
        Args:
            graph: record the step as a CUDA graph.
            compiled: let torch.compile fuse the step's kernels first; costs a minute, once.
        """
        self._model = model
        self._graph = graph
        self._forward = torch.compile(model.forward, dynamic=False) if compiled else model.forward
        self._states: dict[int, _State] = {}

    @staticmethod
    def serves(model: Any) -> bool:
        """Whether a model is decoded this way.

        Not where a family generates in its own way (BLIP-2), has an encoder, or keeps a
        sliding window or a recurrent state instead of all keys and values.
        """
        if type(model).generate is not GenerationMixin.generate:
            return False
        if getattr(model.config, "is_encoder_decoder", False):
            return False
        try:
            layers = StaticCache(config=model.config, max_cache_len=1).layers
        except (KeyError, ValueError, AttributeError, TypeError):
            return False
        return all(type(layer) is StaticLayer for layer in layers)

    def tokens(
        self, inputs: Mapping[str, Any], limit: int, ends: Collection[int], stop: Cancel
    ) -> Iterator[int]:
        """Yield the most probable tokens, at most `limit`, without the one that ends them.

        Args:
            inputs: of one request, as the processor made them, on the model's device.
            ends: tokens that end an answer.
        """
        length = int(inputs["input_ids"].shape[1])
        state = self._state(length + limit + 1)
        token = self._prefill(inputs, state)
        if self._graph and state.recorded is None:
            self._record(state)
        following = _replayed(state) if self._graph else self._steps(state)
        for count in range(limit):
            if token in ends or stop.is_set:
                return
            yield token
            if count + 1 < limit:
                token = next(following)

    @torch.inference_mode()
    def _prefill(self, inputs: Mapping[str, Any], state: _State) -> int:
        """Read the prompt and the pictures; the first token."""
        state.clear()
        logits = self._model(
            **inputs, past_key_values=state.cache, use_cache=True, logits_to_keep=1
        ).logits
        state.token.copy_(logits[:, -1:].argmax(-1))
        length = int(inputs["input_ids"].shape[1])
        # Families that number positions in three dimensions go on from where a picture ended.
        shift = getattr(getattr(self._model, "model", None), "rope_deltas", None)
        state.position.fill_(length + (0 if shift is None else int(shift.reshape(-1)[0])))
        return int(state.token.item())

    def _step(self, state: _State) -> None:
        """One token further, all of it on the device."""
        logits = self._forward(
            input_ids=state.token,
            position_ids=state.position,
            past_key_values=state.cache,
            use_cache=True,
        ).logits
        state.token.copy_(logits[:, -1:].argmax(-1))
        state.position.add_(1)

    def _steps(self, state: _State) -> Iterator[int]:
        while True:
            with torch.inference_mode():
                self._step(state)
                token = int(state.token.item())
            yield token

    @torch.inference_mode()
    def _record(self, state: _State) -> None:
        """Record a step; what warming up wrote behind the prompt is taken back."""
        began = state.snapshot()
        beside: torch.cuda.Stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(_WARM_UP):
                self._step(state)
        torch.cuda.current_stream().wait_stream(beside)
        recorded = torch.cuda.CUDAGraph()
        with torch.cuda.graph(recorded):
            self._step(state)
        state.restore(began)
        state.recorded = recorded

    def _state(self, tokens: int) -> _State:
        size = _SMALLEST
        while size < tokens:
            size *= 2
        if size not in self._states:
            self._states[size] = _State(self._model, size)
        return self._states[size]


class _State:
    """A cache of one size and what a step reads and writes besides it."""

    def __init__(self, model: Any, size: int) -> None:
        self.cache = StaticCache(config=model.config, max_cache_len=size)
        self.token = torch.zeros((1, 1), dtype=torch.long, device=model.device)
        self.position = torch.zeros((1, 1), dtype=torch.long, device=model.device)
        self.recorded: torch.cuda.CUDAGraph | None = None

    def clear(self) -> None:
        """Forget the request before; the tensors stay where they are."""
        with torch.inference_mode():
            for layer in self.cache.layers:
                layer.cumulative_length.zero_()

    def snapshot(self) -> tuple[torch.Tensor, ...]:
        """Where the request is."""
        lengths = (layer.cumulative_length for layer in self.cache.layers)
        return tuple(value.clone() for value in (self.token, self.position, *lengths))

    def restore(self, values: tuple[torch.Tensor, ...]) -> None:
        """Go back; keys and values written since lie behind the length and are not read."""
        lengths = (layer.cumulative_length for layer in self.cache.layers)
        for mine, value in zip((self.token, self.position, *lengths), values, strict=True):
            mine.copy_(value)


def _replayed(state: _State) -> Iterator[int]:
    """Tokens of replayed steps; the next step is at work while the last one's token is read."""
    assert state.recorded is not None
    slots = [torch.zeros((1, 1), dtype=torch.long, pin_memory=True) for _ in range(2)]
    done = [torch.cuda.Event() for _ in range(2)]  # type: ignore[no-untyped-call]

    def start(turn: int) -> None:
        assert state.recorded is not None
        state.recorded.replay()
        slots[turn].copy_(state.token, non_blocking=True)
        done[turn].record()

    start(0)
    turn = 0
    while True:
        start(1 - turn)
        done[turn].synchronize()
        yield int(slots[turn].item())
        turn = 1 - turn


def generated(
    model: Any, inputs: Mapping[str, Any], limit: int, stop: Cancel, streamer: Any = None
) -> torch.Tensor:
    """The library's own greedy generation, which looks at `stop` after each token: [n, tokens]."""

    def stopped(input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), stop.is_set, device=input_ids.device)

    with torch.inference_mode():
        found: torch.Tensor = model.generate(
            **inputs,
            max_new_tokens=limit,
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            repetition_penalty=1.0,
            streamer=streamer,
            stopping_criteria=transformers.StoppingCriteriaList([stopped]),
        )
    return found


class TextStream:
    """Tokens into text, emitted as soon as it is certain."""

    def __init__(self, tokenizer: Any, emit: Emit) -> None:
        self._backend = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._emit = emit
        self._begun = False

    def add(self, token: int) -> None:
        """Take a token; emit what of the text it settles."""
        piece = self._stream.step(self._backend, token)
        if not piece:
            return
        piece = piece if self._begun else piece.lstrip()
        self._begun = self._begun or bool(piece)
        self._emit(piece)


class TokenStreamer(BaseStreamer):  # type: ignore[misc]
    """What `generate` hands its tokens to; the first it hands over is the prompt."""

    def __init__(self, text: TextStream) -> None:
        self._text = text
        self._prompt = True

    def put(self, value: torch.Tensor) -> None:
        """Take the prompt, or the next token."""
        if self._prompt:
            self._prompt = False
            return
        for token in value.reshape(-1).tolist():
            self._text.add(int(token))

    def end(self) -> None:
        """Nothing is held back."""
