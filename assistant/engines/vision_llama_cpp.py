"""A GGUF vision model inside this process: language model and `mmproj` through llama.cpp.

The pictures go to llama.cpp's own server on loopback, which is closed to others
(`assistant.loopback`), as data URLs over OpenAI's protocol. Works without a GPU; where the
installed build of llama.cpp has one, all layers go there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import openai
import xllamacpp

from assistant import loopback
from assistant.errors import EngineError, InputError, WeightsMissing
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options
from assistant.templates import render
from assistant.types import Picture
from assistant.vision.budget import Budget, shown
from assistant.vision.encoded import data_url
from assistant.vision.marks import without_marks
from assistant.vision.streaming import Emit, streamed

_CONTEXT = 8192  # tokens; a picture of 1.6 megapixels takes Qwen-VL about 1,600
# A prefill stops after the batch at hand. Families that read a picture's tokens together
# (Gemma 3: 256) need all of them in one batch; llama.cpp ends the process when it is smaller.
_BATCH = 256  # tokens
_TIMEOUT = 600.0  # s; a picture and a long prompt on a slow machine
_MAX_TOKENS = 256
_ALL_LAYERS = 999


class LlamaCppVision:
    """`VisionModel` on GGUF files. Thread-safe; requests queue.

    A caller gets free within 0.05 s of a cancel; the model after the token, batch of 256
    tokens, or picture at hand.
    """

    name: ClassVar[str] = "llama-cpp"
    follows_schema: ClassVar[bool] = True

    def __init__(
        self, server: xllamacpp.Server, *, key: str, model: Path, budget: Budget | None = None
    ) -> None:
        self._server: xllamacpp.Server | None = server
        self._address: str = server.listening_address
        self._model = model
        self._budget = budget or Budget()
        self._turn = threading.Lock()
        self._client = openai.OpenAI(
            base_url=f"{self._address}/v1",
            api_key=key,
            max_retries=0,
            timeout=_TIMEOUT,
            http_client=openai.DefaultHttpxClient(trust_env=False),  # no proxy sees pictures
        )

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Start the server on the profile's weights: one `mmproj*.gguf` and one other `.gguf`.

        Options: `context_tokens`, `batch_tokens`, `threads`, `gpu_layers` (default all),
        `picture_side`, `picture_pixels`, `picture_views`.

        Raises:
            WeightsMissing: a file is not there.
            EngineError: llama.cpp cannot read it.
        """
        model, projector = gguf_pair(context.weights())
        options, key = context.options, loopback.new_key()
        wanted = loopback.parameters(model, key, loopback.threads(options))
        wanted.mmproj.path = str(projector)
        wanted.n_parallel = 1
        wanted.n_ctx = int(options.get("context_tokens", _CONTEXT))
        wanted.n_batch = wanted.n_ubatch = int(options.get("batch_tokens", _BATCH))
        wanted.n_gpu_layers = int(options.get("gpu_layers", _ALL_LAYERS))
        budget = Budget.of(options)
        return cls(loopback.started(wanted), key=key, model=model, budget=budget)

    @property
    def id(self) -> str:
        """The model's file and size."""
        return f"llama-cpp:{self._model}:{self._model.stat().st_size}"

    @property
    def address(self) -> str:
        """Where the server listens: `http://127.0.0.1:PORT`."""
        return self._address

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer; it follows `options.schema` where one is given.

        Raises:
            InputError: no picture.
            Cancelled, DeadlineExceeded
            EngineError: the model failed, or was closed.
        """
        if not pictures:
            raise InputError("there is no picture to look at", fix="give a picture")

        def work(emit: Emit, stop: Cancel) -> None:
            with self._turn:
                if self._server is None:
                    raise EngineError("the vision model was closed", fix="start the command again")
                if not stop.is_set:
                    asked = messages(pictures, prompt, options, self._budget)
                    self._stream(asked, options, emit, stop)

        return streamed(work, cancel=cancel, deadline_s=options.deadline_s, name="the vision model")

    def close(self) -> None:
        """Stop the server; waits for the request at hand. May be called twice."""
        with self._turn:
            self._client.close()
            self._server = None  # its destructor stops the threads and frees the memory

    def _stream(self, asked: Any, options: Options, emit: Emit, stop: Cancel) -> None:
        more: dict[str, Any] = {"cache_prompt": True}
        if options.schema is not None:
            more["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": dict(options.schema)},
            }
        try:
            with self._client.chat.completions.create(
                model=self._model.stem,
                messages=asked,
                stream=True,
                temperature=0.0,
                max_tokens=options.max_tokens or _MAX_TOKENS,
                # While a prompt is read the stream would be silent, and nobody could stop it.
                extra_body={**more, "return_progress": True},
            ) as chunks:
                for chunk in chunks:
                    if stop.is_set:
                        return  # closing the connection cancels the request
                    if chunk.choices and chunk.choices[0].delta.content:
                        emit(chunk.choices[0].delta.content)
        except Exception as error:  # the client's transport has errors of its own
            raise EngineError(f"the vision model failed: {error}", fix="try again") from error


def gguf_pair(folder: Path) -> tuple[Path, Path]:
    """The language model and the picture encoder of a folder.

    Raises:
        WeightsMissing: one of them is not there.
    """
    files = sorted(folder.glob("*.gguf"))
    projectors = [file for file in files if "mmproj" in file.name.lower()]
    models = [file for file in files if file not in projectors]
    if not models or not projectors:
        lacking = "mmproj*.gguf" if models else "model .gguf"
        raise WeightsMissing(
            f"{folder} holds no {lacking}", fix=f"assistant models pull {folder.name}"
        )
    return models[0], projectors[0]


def messages(
    pictures: Sequence[Picture], prompt: str, options: Options, budget: Budget
) -> list[Mapping[str, Any]]:
    """A conversation in OpenAI's form; the pictures stand in its first turn of the user."""
    views, parts = shown(pictures, budget)
    asked = f"{render('vision/parts.j2', parts=parts)}\n{prompt}" if parts else prompt
    made: list[Mapping[str, Any]] = []
    waiting = [{"type": "image_url", "image_url": {"url": data_url(view)}} for view in views]
    for role, written in [*options.history, ("user", asked)]:
        text = without_marks(written)
        if role == "user" and waiting:
            made.append({"role": role, "content": [*waiting, {"type": "text", "text": text}]})
            waiting = []
        else:
            made.append({"role": role, "content": text})
    return made
