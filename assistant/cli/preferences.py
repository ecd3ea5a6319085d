"""The command `preferences`: how the assistant speaks and listens, seen, changed, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.output import JsonOption, print_json

if TYPE_CHECKING:
    from assistant.memory import Memory


def register(app: typer.Typer) -> None:
    """Add the command of this module to the app."""
    app.command()(preferences)


def preferences(
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE; without a value, its default. May be repeated."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take all back to the defaults.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show or change what is remembered of your wishes: voice, rate, language, verbosity ..."""
    from assistant.memory import Memory

    memory = Memory()
    try:
        if reset:
            memory.reset()
        _change(memory, [_pair(change) for change in changes or ()])
        row = memory.preferences().model_dump()
    finally:
        memory.close()
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        shown = "(the assistant chooses)" if value is None else value
        print(f"{name}: {shown}")


def _pair(change: str) -> tuple[str, str]:
    name, sign, value = change.partition("=")
    if not sign:
        raise typer.BadParameter(f"{change!r} is not NAME=VALUE", param_hint="--set")
    return name.strip(), value.strip()


def _change(memory: Memory, pairs: list[tuple[str, str]]) -> None:
    """Set those that have a value, all or none; take the others back.

    Raises:
        SettingsError: there is no such preference, or a value is out of range.
    """
    changes: dict[str, Any] = {name: value for name, value in pairs if value}
    if changes:
        memory.prefer(**changes)
    emptied = [name for name, value in pairs if not value]
    if emptied:
        memory.reset(*emptied)
