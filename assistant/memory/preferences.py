"""How the user wants to be spoken to, as rows of names and JSON values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from assistant.errors import SettingsError
from assistant.settings import Strict


class Preferences(Strict):
    """How the user wants to be spoken to; None leaves the choice to the assistant."""

    voice: str | None = None
    rate: float = Field(default=1.0, ge=0.5, le=3.0)  # 1 is the voice's own speed
    language: str | None = None  # BCP-47; None answers in the language of the request
    verbosity: Literal["brief", "full"] = "brief"  # full: all detail at once, without "more"
    script: Literal["simplified", "traditional"] | None = None  # of transcribed Mandarin
    wake_word: str | None = None  # said before a request while the microphone is open
    open_microphone: bool = False  # listen all the time; else only after a key
    microphone: str | None = None  # name of the device, or of a part of it
    speaker: str | None = None
    camera: str | None = None


def validated(values: Mapping[str, Any]) -> Preferences:
    """The preferences with these values.

    Raises:
        SettingsError: there is no such preference, or a value is out of range.
    """
    try:
        return Preferences.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        known = ", ".join(Preferences.model_fields)
        what = f"there is none; known are {known}" if name not in known else first["msg"]
        raise SettingsError(f"preference {name}: {what}", fix="ask for another value") from error


def readable(rows: Iterable[tuple[Any, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """The stored values that can be used, and for each of the others why it cannot.

    One row that a crash, another program or another version left behind never takes the
    other preferences with it.
    """
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, text in rows:
        try:
            value = json.loads(text)
            validated({str(name): value})
        except (TypeError, ValueError, RecursionError) as error:
            faults[str(name)] = f"no JSON value: {error}"
        except SettingsError as error:
            faults[str(name)] = str(error)
        else:
            values[str(name)] = value
    return values, faults
