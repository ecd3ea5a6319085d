"""Any image-text-to-text checkpoint of transformers: SmolVLM, Qwen-VL, LLaVA, BLIP-2 ...

Needs no network and runs no code of the checkpoint's. On a GPU the answer is decoded over a
fixed key-value cache with the step recorded as a CUDA graph (`vision.decoding`); on a
processor, and for families that generate in their own way, by the library.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from assistant.errors import AssistantError, EngineError, InputError, SettingsError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options
from assistant.templates import render
from assistant.types import Picture
from assistant.vision import checkpoints
from assistant.vision.budget import Budget, shown, usual_budget
from assistant.vision.checkpoints import Placement
from assistant.vision.decoding import StaticDecoder, TextStream, TokenStreamer, generated
from assistant.vision.marks import without_marks
from assistant.vision.streaming import Emit, streamed

_MAX_TOKENS = 256
_DECODERS = ("auto", "static", "generate")

Request = tuple[Sequence[Picture], str]
"""Pictures and a prompt."""


class TransformersVision:
    """`VisionModel` on a checkpoint folder. Thread-safe; requests queue for the model.

    A caller gets free within 0.05 s of a cancel; the model after the token at hand, or after
    the prompt when that is still being read.
    """

    name: ClassVar[str] = "transformers"
    follows_schema: ClassVar[bool] = False  # `Options.schema` is not enforced

    def __init__(
        self,
        model: Any,
        processor: Any,
        *,
        id: str,
        budget: Budget | None = None,
        decoder: StaticDecoder | None = None,
    ) -> None:
        self._model = model
        self._processor = processor
        self._tokenizer = processor.tokenizer
        self._id = id
        self._budget = budget or usual_budget(processor.image_processor)
        if not self._has_turns:
            self._budget = replace(self._budget, views=1)  # it looks at one picture
        self._decoder = decoder
        self._ends = frozenset(_ends(model, self._tokenizer))
        self._lock = threading.Lock()  # the decoder's cache serves one request at a time

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the profile's weights.

        Options: `device` (auto, cpu, cuda, cuda:1 ...), `dtype`, `bits` (4 or 8), `attention`
        (sdpa, eager, flash_attention_2), `decoder` (auto, static, generate), `compile`,
        `picture_side`, `picture_pixels`, `picture_views`.

        Raises:
            WeightsMissing: they are not on this machine.
            EngineMissing: a package for this checkpoint or for quantisation.
            EngineError: the checkpoint is damaged, lacks weights, or is of another kind.
            SettingsError: an option is wrong.
        """
        folder, options = context.weights(), context.options
        checkpoints.configuration(folder)
        placement = Placement.of(options)
        processor = checkpoints.processor(AutoProcessor, folder)
        if getattr(processor, "image_processor", None) is None:
            raise EngineError(f"{folder.name} takes no pictures", fix="name a vision model")
        attention = str(options.get("attention", "sdpa"))
        model = checkpoints.model(AutoModelForImageTextToText, folder, placement, attention)
        return cls(
            model,
            processor,
            id=_identity(folder, placement),
            budget=Budget.of(options, usual_budget(processor.image_processor)),
            decoder=_decoder(model, placement.device, options),
        )

    @property
    def id(self) -> str:
        """The checkpoint's folder, as loaded."""
        return self._id

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer as tokens come; `options.schema` is not enforced.

        The pictures belong to the first turn of `options.history`, or to the prompt.

        Raises:
            InputError: no picture, or more than the model takes.
            Cancelled, DeadlineExceeded
            EngineError: the model failed.
        """
        self._check(pictures)

        def work(emit: Emit, stop: Cancel) -> None:
            with self._lock, _translated():
                if not stop.is_set:
                    self._stream(pictures, prompt, options, emit, stop)

        return streamed(work, cancel=cancel, deadline_s=options.deadline_s, name="the vision model")

    def batch(
        self,
        requests: Sequence[Request],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> list[str]:
        """The answers to several requests, computed together.

        Raises:
            InputError, Cancelled, DeadlineExceeded, EngineError: as `answer`.
        """
        for pictures, _ in requests:
            self._check(pictures)
        answers: list[str] = []

        def work(emit: Emit, stop: Cancel) -> None:
            with self._lock, _translated():
                inputs = self._inputs(requests, options)
                found = generated(self._model, inputs, _limit(options), stop)
                answers.extend(self._texts(found, inputs))

        for _ in streamed(work, cancel=cancel, deadline_s=options.deadline_s, name="the batch"):
            pass
        return answers

    def _stream(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options,
        emit: Emit,
        stop: Cancel,
    ) -> None:
        inputs = self._inputs([(pictures, prompt)], options)
        text = TextStream(self._tokenizer, emit)
        if self._decoder is None:
            generated(self._model, inputs, _limit(options), stop, TokenStreamer(text))
            return
        for token in self._decoder.tokens(inputs, _limit(options), self._ends, stop):
            text.add(token)

    def _inputs(self, requests: Sequence[Request], options: Options) -> Mapping[str, Any]:
        """Tensors for the model, on its device."""
        texts, images = [], []
        for pictures, prompt in requests:
            views, parts = shown(pictures, self._budget)
            asked = f"{render('vision/parts.j2', parts=parts)}\n{prompt}" if parts else prompt
            texts.append(self._prompt(len(views), asked, options))
            images.append([Image.fromarray(view.pixels) for view in views])
        made = self._processor(
            # One list a request, so that each gets its own pictures; a flat list where every
            # request has one, which is all that families without turns understand.
            images=images if self._has_turns else [image for row in images for image in row],
            text=texts,
            padding=len(requests) > 1,
            padding_side="left",
            return_tensors="pt",
        )
        placed: Mapping[str, Any] = made.to(self._model.device, dtype=self._model.dtype)
        return dict(placed)

    @property
    def _has_turns(self) -> bool:
        return bool(getattr(self._processor, "chat_template", None))

    def _prompt(self, pictures: int, prompt: str, options: Options) -> str:
        """The model's own form of a conversation that ends with the prompt."""
        turns = [*options.history, ("user", prompt)]
        turns = [(role, self._data(text)) for role, text in turns]
        if not self._has_turns:
            return _plain(turns)
        messages: list[dict[str, Any]] = []
        for role, text in turns:
            content: list[dict[str, str]] = [{"type": "text", "text": text}]
            if role == "user" and pictures:
                content = [*({"type": "image"} for _ in range(pictures)), *content]
                pictures = 0
            messages.append({"role": role, "content": content})
        return str(self._processor.apply_chat_template(messages, add_generation_prompt=True))

    def _data(self, text: str) -> str:
        """A text without the tokenizer's marks: words that only look like a turn or a picture."""
        marks = {*self._tokenizer.all_special_tokens, *self._tokenizer.get_added_vocab()}
        return without_marks(text, marks)

    def _texts(self, found: torch.Tensor, inputs: Mapping[str, Any]) -> list[str]:
        """Generated rows as texts; some families repeat the prompt before the answer."""
        prompt = inputs["input_ids"]
        length = prompt.shape[1]
        if found.shape[1] >= length and bool((found[:, :length] == prompt).all()):
            found = found[:, length:]
        decoded: list[str] = self._tokenizer.batch_decode(found, skip_special_tokens=True)
        return [text.strip() for text in decoded]

    def _check(self, pictures: Sequence[Picture]) -> None:
        if not pictures:
            raise InputError("there is no picture to look at", fix="give a picture")
        if len(pictures) > 1 and not self._has_turns:
            raise InputError(
                "this vision model looks at one picture at a time",
                fix="ask about one picture, or choose another model in the profile",
            )


class _translated:  # noqa: N801
    """Whatever the library raises, as an `EngineError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Literal[False]:
        if isinstance(error, torch.OutOfMemoryError):
            raise checkpoints.out_of_memory() from error
        if isinstance(error, Exception) and not isinstance(error, AssistantError):
            raise EngineError(f"the vision model failed: {error}", fix="try again") from error
        return False


def _plain(turns: Sequence[tuple[str, str]]) -> str:
    """A conversation for families without roles (Li et al., "BLIP-2", 2023, section 4.1)."""
    told = [f"Question: {text}" if role == "user" else f"Answer: {text}" for role, text in turns]
    return " ".join([*told, "Answer:"])


def _limit(options: Options) -> int:
    return options.max_tokens or _MAX_TOKENS


def _ends(model: Any, tokenizer: Any) -> Iterator[int]:
    """Tokens that end an answer."""
    for value in (model.generation_config.eos_token_id, tokenizer.eos_token_id):
        yield from value if isinstance(value, list) else [] if value is None else [value]


def _decoder(model: Any, device: torch.device, options: Mapping[str, Any]) -> StaticDecoder | None:
    wanted = str(options.get("decoder", "auto"))
    if wanted not in _DECODERS:
        raise SettingsError(
            f"there is no decoder {wanted!r}", fix=f"choose one of: {', '.join(_DECODERS)}"
        )
    on_gpu = device.type == "cuda"
    if wanted == "generate" or (wanted == "auto" and not on_gpu):
        return None
    if not StaticDecoder.serves(model):
        if wanted == "auto":
            return None
        raise SettingsError(
            "this model's family cannot be decoded with a static cache",
            fix="set `decoder: auto` in the profile",
        )
    return StaticDecoder(model, graph=on_gpu, compiled=bool(options.get("compile", False)))


def _identity(folder: Path, placement: Placement) -> str:
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return f"transformers:{folder.resolve()}:{size}:{placement.dtype}:{placement.bits}"
