"""Loads what the models read: `prompts/`, as Jinja templates and YAML mappings.

A variable that a template names and the caller does not give is an error, never an
empty string. Values are data: a template escapes nothing, so that callers delimit what
comes from users (`quoted`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError
from assistant.settings import read_yaml

if TYPE_CHECKING:
    from jinja2 import Environment


def prompts() -> Path:
    """The packaged `prompts/` folder."""
    return Path(str(resources.files("assistant") / "prompts"))


def quoted(text: str, limit: int = 400) -> str:
    """Untrusted text as one JSON string: delimited, on one line, at most `limit` characters.

    The middle is left out, since requests put what they want at their start or end.
    """
    flat = " ".join(text.split())
    if len(flat) > limit:
        half = (limit - 1) // 2
        flat = f"{flat[:half]}…{flat[-half:]}"
    return json.dumps(flat, ensure_ascii=False)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(prompts()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = quoted
    return environment


def render(name: str, **variables: Any) -> str:
    """The text of the template `prompts/NAME` with its variables filled in, stripped.

    Raises:
        SettingsError: there is no such template, or it names a variable that is not given.
    """
    from jinja2 import TemplateError

    try:
        return _environment().get_template(name).render(**variables).strip()
    except TemplateError as error:
        raise SettingsError(f"prompt {name}: {error}", fix=f"correct {prompts() / name}") from error


def mapping(name: str) -> Mapping[str, Any]:
    """The YAML mapping `prompts/NAME`.

    Raises:
        SettingsError: it is missing or is no mapping.
    """
    return read_yaml(prompts() / name)
