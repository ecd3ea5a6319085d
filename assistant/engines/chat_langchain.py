"""Any chat model that LangChain knows: a provider with the user's key, or a server's address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from assistant.errors import SettingsError
from assistant.interfaces import EngineContext
from assistant.providers import client, remote_host

_TIMEOUT = 60.0  # s


class LangChainChat:
    """A chat model elsewhere, or of another program on this machine.

    Closing its stream closes the connection, at once.
    """

    name: ClassVar[str] = "langchain"

    def __init__(self, model: BaseChatModel, host: str | None) -> None:
        self._model = model
        self._host = host

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Make the client. Nothing is sent yet.

        Options: `model`, `provider` (a LangChain provider), `base_url` (of an OpenAI-compatible
        server unless a provider is named), `temperature`.

        Raises:
            SettingsError: no model is named.
            EngineMissing: the provider's package or key is missing.
            EngineError: the client cannot be made.
        """
        options = context.options
        if not options.get("model"):
            raise SettingsError(
                "the engine langchain needs to know its model",
                fix="name it in the profile: `options: {model: NAME, provider: openai}`",
            )
        provider = str(options.get("provider") or "openai")
        model = client(provider, options, timeout_s=_TIMEOUT)
        return cls(model, remote_host({**options, "provider": provider}))

    @property
    def host(self) -> str | None:
        """Where requests go; None when they stay on this machine."""
        return self._host

    def chat(self) -> BaseChatModel:
        """The LangChain model."""
        return self._model

    def prefixed(self, beginning: Sequence[BaseMessage]) -> BaseChatModel:
        """The model for requests that all begin alike; servers keep such beginnings themselves."""
        return self._model
