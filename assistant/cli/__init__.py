"""The `assistant` command. Thin: every subject is a module, imported only to be shown or run."""

from __future__ import annotations

import sys

import typer

from assistant.cli import (
    albums,
    ask,
    bench,
    describe,
    doctor,
    evaluation,
    hearing,
    library,
    models,
    preferences,
    read,
    replay,
    route,
    selftest,
    setup,
    talk,
    tune,
    video,
    watch,
    web,
)
from assistant.cli.output import report
from assistant.errors import AssistantError

app = typer.Typer(
    name="assistant",
    help="Ask aloud about a picture, be answered aloud. Everything runs on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    ask, describe, read, hearing, route, models, preferences, doctor, setup, selftest, evaluation,
    bench, talk, replay, tune, watch, web, library, albums, video,
):  # fmt: skip
    module.register(app)


def main() -> None:
    """Run the command line; an expected error is one line on stderr and exit code 1."""
    try:
        app()
    except AssistantError as error:
        report(error)
        sys.exit(1)
