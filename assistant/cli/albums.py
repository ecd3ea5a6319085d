"""The commands `album` and `tags`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.library import LibraryOption
from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(album)


def album(
    theme: Annotated[str, typer.Argument(help="What the album is about, when or where.")],
    library: LibraryOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the page (default: albums).")
    ] = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Choose up to 20 photos on a theme, ordered by time, on a page with alternative texts."""
    from assistant.languages import joined, language_of
    from assistant.library.album import make
    from assistant.library.album.telling import row, sentences
    from assistant.library.query import parse
    from assistant.library.session import open_library

    if not theme.strip():
        raise typer.BadParameter("say what the album is about")
    language = language_of(theme, "en")
    query = parse(theme, language=language, now=datetime.now())
    with open_library(open_engines(profile), library) as searcher:
        made = make(searcher, query, folder=out)
    spoken = joined(sentence.text for sentence in sentences(made, language))
    if as_json:
        print_json({**row(made), "answer": spoken})
        return
    typer.echo(spoken)
    for number, one in enumerate(made.photos, 1):
        typer.echo(f"{number:2}  {one.caption}")
    if made.page is not None:
        typer.echo(f"page: {row(made)['page']}")
