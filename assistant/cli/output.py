"""What every command prints: text for people, one JSON object a line with `--json`."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import AssistantError, InputError

if TYPE_CHECKING:
    from assistant.registry import Engines
    from assistant.settings import Profile

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Settings to use (default: ASSISTANT_PROFILE).")
]

PlainOption = Annotated[bool, typer.Option("--plain", help="Lines instead of a drawn bar.")]

# Libraries that would send conversations or statistics elsewhere when the user's shell asks
# another program of theirs to: here nothing leaves the machine.
_SILENT = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}

_KNOW_SCRIPTS = {"faster-whisper", "openai-whisper"}  # engines with the option `script`


def report(error: AssistantError) -> None:
    """Print `error: what; fix: what to do` on stderr."""
    fix = f"; fix: {error.fix}" if error.fix else ""
    print(f"error: {error}{fix}", file=sys.stderr)


def one_line(text: str) -> str:
    """A text on one line: what a file is called must not look like output of ours."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def plain(value: Any) -> Any:
    """Dataclasses, tuples, paths and numpy scalars as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, float):
        return round(value, 4)
    return value


def print_json(row: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout."""
    print(json.dumps(plain(row), ensure_ascii=False), flush=True)


def each_file(
    files: Iterable[Path],
    work: Callable[[Path], Mapping[str, Any]],
    show: Callable[[Mapping[str, Any]], None],
    *,
    as_json: bool,
) -> None:
    """Run `work` on each file and print its row; a bad file is reported and the rest go on.

    Raises:
        typer.Exit: code 1, after the last file, when any failed.
    """
    failed = False
    for file in files:
        try:
            row = work(file)
        except AssistantError as error:
            failed = True
            report(error)
            if as_json:
                print_json({"file": str(file), "error": str(error)})
            continue
        if as_json:
            print_json(row)
        else:
            show(row)
    if failed:
        raise typer.Exit(1)


def existing(path: Path) -> Path:
    """The path, where there is something.

    Raises:
        InputError: there is not.
    """
    if not path.exists():
        raise InputError(f"there is no file {path}", fix="check the name")
    return path


def open_engines(profile: str | None) -> Engines:
    """The engines of the chosen profile; a `--profile` reaches everything through it.

    Raises:
        SettingsError: there is no such profile.
    """
    from assistant.profiles import choose
    from assistant.registry import Engines
    from assistant.settings import models_folder
    from assistant.weights import Store

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ |= _SILENT
    chosen = _in_script(choose(profile).profile)
    return Engines(profile=chosen, locator=Store(models_folder()))


def _in_script(profile: Profile) -> Profile:
    """The profile with Mandarin transcribed in the user's script, where one is preferred."""
    from assistant.memory import Memory
    from assistant.settings import data_folder

    transcriber = profile.engines.get("transcriber")
    if transcriber is None or transcriber.engine not in _KNOW_SCRIPTS:
        return profile
    if not (data_folder() / "conversations.sqlite").is_file():
        return profile
    try:
        memory = Memory()
    except AssistantError:  # told by the commands that cannot do without it
        return profile
    try:
        script = memory.preferences().script
    finally:
        memory.close()
    if script is None:
        return profile
    asked = transcriber.model_copy(update={"options": {**transcriber.options, "script": script}})
    return profile.model_copy(update={"engines": {**profile.engines, "transcriber": asked}})
