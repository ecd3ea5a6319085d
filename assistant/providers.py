"""Who receives what is sent to an engine elsewhere: services, hosts, keys."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from assistant.errors import EngineError, EngineMissing
from assistant.settings import Strict, variable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Service(Strict):
    """A provider of chat models, as its own client knows it."""

    host: str
    package: str  # that LangChain needs for it
    key: str = ""  # the variable that holds the user's key
    address: tuple[str, ...] = ()  # variables that send the client elsewhere

    @property
    def has_key(self) -> bool:
        """Whether the user set the key, or the service needs none."""
        return not self.key or bool(variable(self.key))


_SERVICES = {
    "openai": Service(
        host="api.openai.com",
        package="langchain-openai",
        key="OPENAI_API_KEY",
        address=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    ),
    "anthropic": Service(
        host="api.anthropic.com",
        package="langchain-anthropic",
        key="ANTHROPIC_API_KEY",
        address=("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"),
    ),
    "google_genai": Service(
        host="generativelanguage.googleapis.com",
        package="langchain-google-genai",
        key="GOOGLE_API_KEY",
    ),
    "ollama": Service(host="localhost", package="langchain-ollama"),
}


def service(provider: str) -> Service:
    """A provider by LangChain's name; one that is not listed is called by that name."""
    known = _SERVICES.get(provider)
    return known or Service(host=provider, package=f"langchain-{provider.replace('_', '-')}")


def client(
    provider: str, options: Mapping[str, Any], *, timeout_s: float, **more: Any
) -> BaseChatModel:
    """LangChain's chat model of a provider; nothing is sent yet.

    Options: `model`, `base_url`, `temperature` (default 0; null for models that refuse it).
    `more` is handed on, except to Ollama, whose client knows neither limits of time nor tries.

    Raises:
        EngineMissing: the provider's package or key is missing.
        EngineError: the client cannot be made.
    """
    from langchain.chat_models import init_chat_model

    behind = service(provider)
    arguments = {} if provider == "ollama" else {"timeout": timeout_s, **more}
    if options.get("temperature", 0.0) is not None:
        arguments["temperature"] = options.get("temperature", 0.0)
    if options.get("base_url"):
        arguments["base_url"] = options["base_url"]
        if provider == "openai" and not behind.has_key:
            arguments["api_key"] = "none"  # the client insists on one; the user's server does not
    elif not behind.has_key:
        raise EngineMissing(f"there is no key for {provider}", fix=f"export {behind.key}=YOUR-KEY")
    try:
        made = init_chat_model(str(options["model"]), model_provider=provider, **arguments)
    except ImportError as error:
        raise EngineMissing(
            f"the package {behind.package} is not installed", fix=f"pip install {behind.package}"
        ) from error
    except Exception as error:  # each provider's client has errors of its own
        raise EngineError(f"{provider}: {error}", fix="assistant doctor") from error
    return cast("BaseChatModel", made)


def remote_host(options: Mapping[str, Any]) -> str | None:
    """The host to which an engine with these options sends what it is given.

    None for an engine on this machine. A service without a known host is named itself.
    """
    address = str(options.get("base_url") or "")
    host = ""
    if options.get("provider"):
        chosen = service(str(options["provider"]))
        address = address or next(filter(None, map(variable, chosen.address)), "")
        host = chosen.host
    if address:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or address
    return host if host and not _is_this_machine(host) else None


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
