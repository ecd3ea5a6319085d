"""The command `setup`: build what an optional engine needs beside the main environment."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer


class Buildable(StrEnum):
    """What can be set up."""

    COQUI = "coqui"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(setup)


def setup(
    engine: Annotated[Buildable, typer.Argument(show_default=False, help="The engine.")],
) -> None:
    """Build the environment of an optional engine, once; what is interrupted is gone on with."""
    from assistant.environments import environment
    from assistant.environments.build import Build
    from assistant.settings import models_folder

    Build(
        environment=environment(engine.value),
        say=lambda sentence: print(sentence, file=sys.stderr, flush=True),
    ).run()
    voice = models_folder() / "coqui"
    if not voice.is_dir():
        typer.echo(f"Now put a voice, its model and its config.json, into {voice}.")
