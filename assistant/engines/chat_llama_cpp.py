"""A GGUF language model inside this process, through llama.cpp's own server on loopback.

The server is closed to others (`assistant.loopback`). Slot 0 serves requests that share a
long fixed beginning, slot 1 everything else, so that a reply never evicts the routing prompt.
The state of the fixed beginning is saved to disk, since computing it takes half a minute on
two cores and reading it back some milliseconds (llama.cpp, tools/server/README.md,
"POST /slots/{id_slot}").
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx
import openai
import xllamacpp
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from assistant import loopback
from assistant.errors import EngineError
from assistant.interfaces import EngineContext
from assistant.settings import models_folder

_FIXED_SLOT, _FREE_SLOT = 0, 1
_SLOTS = 2
_CONTEXT = 4096  # tokens a slot; 28 kB of memory a token for Qwen2.5 1.5B
_BATCH = 32  # tokens; a closed stream stops a prefill after the batch at hand, within 2 s
_TIMEOUT = 600.0  # s; a cold prefill of a full context on a slow machine


class LlamaCpp:
    """llama.cpp as a LangChain chat model; stops within about 2 s of closing its stream.

    Requests are queued: one runs at a time, in the order in which they came.
    """

    name: ClassVar[str] = "llama-cpp"

    def __init__(self, server: xllamacpp.Server, *, key: str, model: Path, states: Path) -> None:
        self._server: xllamacpp.Server | None = server
        self._url: str = server.listening_address
        self._key = key
        self._model = model
        self._states = states
        self._turn = threading.Lock()
        self._held = ""  # the fixed beginning that slot 0 holds
        self._http = httpx.Client(
            base_url=self._url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=_TIMEOUT,
            trust_env=False,  # a proxy must never see loopback traffic
        )
        self._free = self._chat_on(_FREE_SLOT, beginning="")

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Start the server on the profile's weights.

        Options: `context_tokens` (of each slot), `threads`.

        Raises:
            WeightsMissing: the model is not on this machine.
            EngineError: llama.cpp cannot read it.
        """
        found = sorted(context.weights().glob("*.gguf"))
        if not found:
            raise EngineError("there is no .gguf file", fix="assistant models pull")
        states = models_folder() / "prepared"
        states.mkdir(parents=True, exist_ok=True)
        key = loopback.new_key()
        threads = loopback.threads(context.options)
        tokens = int(context.options.get("context_tokens", _CONTEXT))
        server = loopback.started(_parameters(found[0], key, states, threads, tokens))
        return cls(server, key=key, model=found[0], states=states)

    @property
    def address(self) -> str:
        """Where the server listens: `http://127.0.0.1:PORT`."""
        return self._url

    def chat(self) -> BaseChatModel:
        """The LangChain model. Stopping its stream cancels within about 2 s.

        While the prompt is read, the stream yields an empty chunk about every second, so
        that its reader can look at its `Cancel`.
        """
        return self._free

    def prefixed(self, beginning: Sequence[BaseMessage]) -> BaseChatModel:
        """A model for requests that all begin with these messages, whose state is kept.

        The first call on a machine computes and saves the state (half a minute for 1,000
        tokens on two cores); later ones read it.

        Raises:
            EngineError: the server failed.
        """
        name = f"{self._identity(beginning)}.bin"
        with self._turn:
            if self._held != name and not self._restore(name):
                self._compute(beginning, name)
        return self._chat_on(_FIXED_SLOT, beginning=name)

    def close(self) -> None:
        """Stop the server; waits for the request at hand. May be called twice."""
        with self._turn:
            self._http.close()
            self._server = None  # its destructor stops the threads and frees the memory

    @contextmanager
    def turn(self, beginning: str) -> Iterator[None]:
        """The right to use the server; slot 0 holds `beginning` again when one is named.

        Raises:
            EngineError: the engine was closed.
        """
        with self._turn:
            if self._server is None:
                raise EngineError("the language model was closed", fix="start the command again")
            if beginning and self._held != beginning:
                self._restore(beginning)
            yield

    def tokens(self, text: str) -> list[int]:
        """A text as the model's own tokenizer cuts it."""
        return [int(token) for token in self._call("/tokenize", {"content": text})["tokens"]]

    def _chat_on(self, slot: int, *, beginning: str) -> _LocalChat:
        model = _LocalChat(
            base_url=f"{self._url}/v1",
            api_key=SecretStr(self._key),
            model=self._model.stem,
            temperature=0.0,
            max_retries=0,
            timeout=_TIMEOUT,
            use_responses_api=False,
            stream_usage=True,
            http_client=httpx.Client(trust_env=False, timeout=_TIMEOUT),
            extra_body={"id_slot": slot, "cache_prompt": True},
        )
        model._owner, model._beginning = self, beginning
        return model

    def _identity(self, beginning: Sequence[BaseMessage]) -> str:
        """A hash of all that the state depends on: library, model file, slot size, messages."""
        digest = hashlib.sha256()
        with self._model.open("rb") as file:
            digest.update(file.read(1 << 20))  # holds the model's metadata and vocabulary
        digest.update(str(self._model.stat().st_size).encode())
        digest.update(xllamacpp.__version__.encode())
        for message in beginning:
            digest.update(f"{message.type}\0{message.content}\0".encode())
        return digest.hexdigest()[:24]

    def _compute(self, beginning: Sequence[BaseMessage], name: str) -> None:
        """Read the beginning once into slot 0 and save its state under a whole file's name."""
        model = self._chat_on(_FIXED_SLOT, beginning="")
        model._locked = False
        model.invoke([*beginning, HumanMessage(".")], max_tokens=1)
        part = f"{name}.{secrets.token_hex(4)}.part"
        try:
            self._call(f"/slots/{_FIXED_SLOT}?action=save", {"filename": part})
            (self._states / part).replace(self._states / name)
        except (EngineError, OSError):
            (self._states / part).unlink(missing_ok=True)  # a full or read-only disk costs time
        self._held = name

    def _restore(self, name: str) -> bool:
        """Whether slot 0 holds the saved state now."""
        if not (self._states / name).is_file():
            return False
        try:
            self._call(f"/slots/{_FIXED_SLOT}?action=restore", {"filename": name})
        except EngineError:
            (self._states / name).unlink(missing_ok=True)  # torn, or of another build
            return False
        self._held = name
        return True

    def _call(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            answer = self._http.post(path, json=body)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, RuntimeError, json.JSONDecodeError) as error:
            raise EngineError(f"the language model failed: {error}", fix="try again") from error


class _LocalChat(ChatOpenAI):
    """LangChain's OpenAI client on one slot of our own server."""

    _owner: LlamaCpp = PrivateAttr()
    _beginning: str = PrivateAttr(default="")
    _locked: bool = PrivateAttr(default=True)  # False where the owner holds its lock already

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        kwargs = self._with_body(kwargs, return_progress=True)
        with self._guard():
            yield from super()._stream(*args, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with self._guard():
            return super()._generate(messages, stop, run_manager, **self._with_body(kwargs))

    def _with_body(self, kwargs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Arguments for the client, with a response format in the body.

        The client would parse the reply of a `response_format` that it sees itself.
        """
        changed = dict(kwargs)
        body = {**(self.extra_body or {}), **changed.pop("extra_body", {}), **more}
        if "response_format" in changed:
            body["response_format"] = changed.pop("response_format")
        return {**changed, "extra_body": body}

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            if not self._locked:
                yield
                return
            with self._owner.turn(self._beginning):
                yield
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise EngineError(f"the language model failed: {error}", fix="try again") from error

    def get_token_ids(self, text: str) -> list[int]:
        """Tokens by the model's own tokenizer; the client's would be downloaded."""
        return self._owner.tokens(text)

    def get_num_tokens(self, text: str) -> int:
        """Number of tokens of a text."""
        return len(self._owner.tokens(text))

    def get_num_tokens_from_messages(
        self, messages: Sequence[BaseMessage], *_: Any, **__: Any
    ) -> int:
        """Number of tokens of a prompt, with four for the marks around each message."""
        return sum(self.get_num_tokens(str(message.content)) + 4 for message in messages)


def _parameters(
    model: Path, key: str, states: Path, threads: int, context: int
) -> xllamacpp.CommonParams:
    """Parameters of a server that serves this process alone."""
    parameters = loopback.parameters(model, key, threads)
    parameters.endpoint_slots = True  # behind the key, like everything else
    parameters.slot_save_path = f"{states}/"
    parameters.n_parallel = _SLOTS
    parameters.kv_unified = False
    parameters.n_ctx = context * _SLOTS
    parameters.n_batch = parameters.n_ubatch = _BATCH
    return parameters
