"""The command `replay`: a recorded conversation computed again."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json


def register(app: typer.Typer) -> None:
    """Add the command of this module to the app."""
    app.command()(replay)


def replay(
    folder: Annotated[Path, typer.Argument(help="A folder that `talk --record` made.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a recorded session again and show where its events differ."""
    from assistant.session.front import Front
    from assistant.trace import recorded_events
    from assistant.trace import replay as again

    before = recorded_events(folder)
    engines = open_engines(profile)
    after = list(again(folder, Front.of(engines)))
    if as_json:
        print_json({"folder": str(folder), "events": len(after), "same": before == after})
    else:
        old, new = ([json.dumps(r, ensure_ascii=False) for r in rows] for rows in (before, after))
        for line in difflib.unified_diff(old, new, "recorded", "replayed", lineterm="", n=1):
            print(line)
        if before == after:
            print(f"{len(after)} events, all the same.")
    sys.stdout.flush()
    if before != after:
        raise typer.Exit(1)
