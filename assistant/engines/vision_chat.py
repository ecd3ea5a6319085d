"""Any LangChain chat model that takes pictures: OpenAI, Anthropic, Google, Ollama, vLLM ...

Pictures leave this machine where the model is elsewhere. So the profile must name the
provider or the server's address, from which `doctor`, the web page and the spoken
disclosure tell the host.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from assistant.errors import AssistantError, EngineError, InputError, SettingsError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options
from assistant.providers import client, remote_host, service
from assistant.templates import render
from assistant.types import Picture
from assistant.vision.budget import Budget, shown
from assistant.vision.encoded import jpeg_base64
from assistant.vision.streaming import Emit, streamed

_TIMEOUT = 60.0  # s without a byte
_RETRIES = 2  # after a first failure that may pass
_FIRST_WAIT = 0.5  # s, doubled each time, with up to a quarter more by chance
_MAX_TOKENS = 512
# Providers scale larger pictures down and charge for it: 1568 pixels is the longest side that
# Anthropic's guide to vision names as kept.
_BUDGET = Budget(side=1568, pixels=1_600_000)
# What providers' clients call the most tokens of an answer.
_LIMITS = {"ollama": "num_predict", "google_genai": "max_output_tokens"}
_PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})  # HTTP status


class ChatVision:
    """`VisionModel` behind LangChain. Thread-safe.

    A caller gets free within 0.05 s of a cancel; the connection is closed at the next piece
    that arrives, or after the timeout.
    """

    name: ClassVar[str] = "chat"

    def __init__(
        self,
        model: BaseChatModel,
        *,
        id: str,
        provider: str,
        host: str | None,
        budget: Budget = _BUDGET,
        retries: int = _RETRIES,
    ) -> None:
        self._model = model
        self._id = id
        self._provider = provider
        self._host = host
        self._budget = budget
        self._retries = retries

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Make the client. Nothing is sent yet.

        Options: `model`; `provider` (a LangChain provider) or `base_url` (of an
        OpenAI-compatible server), or both; `temperature` (default 0; null for models that
        refuse it), `timeout_s`, `retries`, `picture_side`, `picture_pixels`, `picture_views`.

        Raises:
            SettingsError: no model, or nobody to send pictures to, is named.
            EngineMissing: the provider's package or key is missing.
            EngineError: the client cannot be made.
        """
        options = context.options
        if not options.get("model"):
            raise SettingsError(
                "the engine chat needs to know its vision model",
                fix="name it in the profile: `options: {model: NAME, provider: openai}`",
            )
        if not options.get("provider") and not options.get("base_url"):
            raise SettingsError(
                "the engine chat must know who gets your pictures",
                fix="name `provider` or `base_url` in the profile",
            )
        provider = str(options.get("provider") or "openai")
        host = remote_host(options)
        return cls(
            _client(provider, options),
            id=f"chat:{provider}:{options.get('base_url') or ''}:{options['model']}",
            provider=provider,
            host=host,
            budget=Budget.of(options, _BUDGET),
            retries=int(options.get("retries", _RETRIES)),
        )

    @property
    def id(self) -> str:
        """Provider, address and model."""
        return self._id

    @property
    def host(self) -> str | None:
        """Where pictures go; None when they stay on this machine."""
        return self._host

    @property
    def follows_schema(self) -> bool:
        """Whether `Options.schema` is enforced: by OpenAI's protocol."""
        return self._provider == "openai"

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield pieces of the answer.

        A failure that may pass (no connection, HTTP 429 or 5xx) is tried again before the
        first piece has come, never after it.

        Raises:
            InputError: no picture.
            Cancelled, DeadlineExceeded
            EngineError: the service refused, failed or cannot be reached.
        """
        if not pictures:
            raise InputError("there is no picture to look at", fix="give a picture")
        where = self._host or "the server"

        def work(emit: Emit, stop: Cancel) -> None:
            asked = _messages(pictures, prompt, options, self._budget)
            self._send(asked, options, emit, stop, where)

        return streamed(work, cancel=cancel, deadline_s=options.deadline_s, name=where)

    def _send(
        self, asked: list[BaseMessage], options: Options, emit: Emit, stop: Cancel, where: str
    ) -> None:
        for attempt in range(self._retries + 1):
            begun = False
            try:
                for piece in self._pieces(asked, options):
                    if stop.is_set:
                        return
                    begun = True
                    emit(piece)
                if not begun:
                    raise EngineError(f"{where} answered nothing", fix="try again")
                return
            except AssistantError:
                raise
            except Exception as error:  # each provider's client has errors of its own
                if begun or attempt == self._retries or not _may_pass(error):
                    raise _told(error, where, begun=begun, provider=self._provider) from error
                wait = _FIRST_WAIT * 2**attempt * random.uniform(1, 1.25)
                until = time.monotonic() + wait
                while time.monotonic() < until:
                    if stop.is_set:
                        return
                    time.sleep(0.02)

    def _pieces(self, asked: list[BaseMessage], options: Options) -> Iterator[str]:
        limit = options.max_tokens or _MAX_TOKENS
        more: dict[str, Any] = {_LIMITS.get(self._provider, "max_tokens"): limit}
        if options.schema is not None and self.follows_schema:
            # In the body, since the client would parse a response format that it sees itself.
            shape = {"name": "answer", "schema": dict(options.schema)}
            more["extra_body"] = {"response_format": {"type": "json_schema", "json_schema": shape}}
        stream = self._model.stream(asked, **more)
        finished = self._provider != "openai"  # only there it is known how a whole answer ends
        try:
            for chunk in stream:
                text = chunk.text
                finished = finished or bool(chunk.response_metadata.get("finish_reason"))
                if text:
                    yield str(text)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()
        if not finished:
            raise ConnectionError("the answer ended before its end")


def _messages(
    pictures: Sequence[Picture], prompt: str, options: Options, budget: Budget
) -> list[BaseMessage]:
    """The conversation; the pictures stand in its first turn of the user."""
    views, parts = shown(pictures, budget)
    asked = f"{render('vision/parts.j2', parts=parts)}\n{prompt}" if parts else prompt
    waiting: list[str | dict[Any, Any]] = [
        {"type": "image", "base64": jpeg_base64(view), "mime_type": "image/jpeg"} for view in views
    ]
    made: list[BaseMessage] = []
    for role, text in [*options.history, ("user", asked)]:
        if role != "user":
            made.append(AIMessage(text))
        elif waiting:
            made.append(HumanMessage([*waiting, {"type": "text", "text": text}]))
            waiting = []
        else:
            made.append(HumanMessage(text))
    return made


def _client(provider: str, options: Mapping[str, Any]) -> BaseChatModel:
    # Trying again is done here, where a cancel is seen.
    more: dict[str, Any] = {"max_retries": 0}
    if provider == "openai":
        more["use_responses_api"] = False
    return client(provider, options, timeout_s=float(options.get("timeout_s", _TIMEOUT)), **more)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _status(error: BaseException) -> int | None:
    """The HTTP status behind a client's error."""
    for cause in _causes(error):
        for holder in (cause, getattr(cause, "response", None)):
            status = getattr(holder, "status_code", None)
            if isinstance(status, int):
                return status
    return None


def _timed_out(error: BaseException) -> bool:
    """By name: each client has a transport with errors of its own."""
    return any("Timeout" in type(cause).__name__ for cause in _causes(error))


def _unreachable(error: BaseException) -> bool:
    return any(
        isinstance(cause, OSError) or "Connect" in type(cause).__name__ for cause in _causes(error)
    )


def _may_pass(error: Exception) -> bool:
    status = _status(error)
    if status is not None:
        return status in _PASSING
    return _unreachable(error) and not _timed_out(error)


def _told(error: Exception, where: str, *, begun: bool, provider: str) -> EngineError:
    """A client's error in one sentence with its fix; never the key or the picture."""
    status = _status(error)
    if status in (401, 403):
        key = service(provider).key or "the key"
        return EngineError(f"{where} refuses the key", fix=f"check {key}")
    if status == 404:
        return EngineError(f"{where} has no such model", fix="check `model` in the profile")
    if status == 429:
        return EngineError(f"{where} takes no more requests now", fix="wait a minute")
    if status in (400, 413, 415, 422):
        return EngineError(
            f"{where} refuses the request ({status})",
            fix="choose a model that takes pictures, or a smaller `picture_side`",
        )
    if status is not None:
        return EngineError(f"{where} failed ({status})", fix="try again later")
    if _timed_out(error):
        return EngineError(
            f"{where} does not answer in time", fix="raise `timeout_s`, or try later"
        )
    if _unreachable(error):
        what = "broke off" if begun else "cannot be reached"
        return EngineError(f"{where} {what}", fix="check the network and `base_url`")
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return EngineError(f"{where} failed: {first}", fix="assistant doctor")
