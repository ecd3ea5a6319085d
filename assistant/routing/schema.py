"""A tool's arguments, as its typed function declares them."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from assistant.errors import InputError
from assistant.registry import TOOLS, attribute

_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


@cache
def arguments_model(tool: str) -> type[BaseModel]:
    """A pydantic model with one field for each keyword-only parameter of the tool.

    Other parameters (the tool's context) are not arguments of a call.
    """
    function = attribute(TOOLS[tool])
    hints = typing.get_type_hints(function)
    fields: dict[str, Any] = {
        name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return create_model(f"{tool}_arguments", __config__=_STRICT, **fields)


def validated(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as plain JSON values, those that are set only.

    Raises:
        InputError: the tool does not take them; the message names each fault.
    """
    try:
        model = arguments_model(tool).model_validate(dict(arguments))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise InputError(f"{tool}: {faults}", fix="say it in other words") from error
    return model.model_dump(mode="json", exclude_unset=True)


def call_schema(variants: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A JSON schema with one variant a tool: its name, and the arguments asked of the model."""
    return {"anyOf": [_variant(tool, asked) for tool, asked in variants.items()]}


def _variant(tool: str, asked: Sequence[str]) -> dict[str, Any]:
    declared = arguments_model(tool).model_json_schema()["properties"] if asked else {}
    properties = {"tool": {"const": tool}, **{name: _bounded(declared[name]) for name in asked}}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _bounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of one argument, without titles and with an end: models can run on."""
    plain = {key: value for key, value in schema.items() if key not in ("title", "default")}
    if plain.get("type") == "array":
        plain |= {"minItems": 2, "maxItems": 12, "items": {"type": "string", "maxLength": 40}}
    elif plain.get("type") == "string" and "enum" not in plain:
        plain |= {"minLength": 1, "maxLength": 80}
    return plain
