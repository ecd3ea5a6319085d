"""The command `route`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import (
    JsonOption,
    ProfileOption,
    open_engines,
    print_json,
    report,
)
from assistant.errors import AssistantError, InputError


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(route)


def route(
    text: Annotated[list[str] | None, typer.Argument(help="Requests, each in quotes.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="JSON lines, each with a `text`.")
    ] = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Say which tool each request is for, and with which arguments."""
    from assistant.routing import Router

    requests = [*(text or ()), *(_read(source) if source is not None else ())]
    if not requests:
        raise typer.BadParameter("give a TEXT, or a file with --from")
    engines = open_engines(profile)
    failed = False
    try:
        router = Router(engines)
        router.candidates("")  # load before the first request is timed
        for request in requests:
            try:
                routed = router.route(request)
            except AssistantError as error:
                failed = True
                report(error)
                if as_json:
                    print_json({"text": request, "error": str(error)})
                continue
            row = {
                "text": request,
                "tool": routed.call.name,
                "arguments": routed.call.arguments,
                "via": routed.via,
                "elapsed_s": routed.elapsed_s,
            }
            if as_json:
                print_json(row)
            else:
                shown = ", ".join(f"{k}={v!r}" for k, v in routed.call.arguments.items())
                print(
                    f"{request}\n    {row['tool']}({shown})  {routed.via} {routed.elapsed_s:.2f} s"
                )
    finally:
        engines.close()
    if failed:
        raise typer.Exit(1)


def _read(source: Path) -> Iterator[str]:
    from assistant.evaluation.cases import routing_cases

    if not source.is_file():
        raise InputError(f"there is no file {source}", fix="name a file of JSON lines")
    rows: Sequence[dict[str, object]] = routing_cases(source)
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise InputError(f"a line of {source} has no `text`", fix='write {"text": "..."}')
        yield str(row["text"])
