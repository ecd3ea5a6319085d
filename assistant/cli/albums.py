"""The commands `album` and `tags`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli.library import LibraryOption
from assistant.cli.output import (
    JsonOption,
    ProfileOption,
    each_file,
    open_engines,
    print_json,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(album)
    app.command()(tags)


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
    from assistant.library.doubts import asked_for
    from assistant.library.session import open_library

    if not theme.strip():
        raise typer.BadParameter("say what the album is about")
    language = language_of(theme, "en")
    engines = open_engines(profile)
    try:
        query = asked_for(theme, engines, language=language)
        with open_library(engines, library) as searcher:
            made = make(searcher, query, folder=out)
    finally:
        engines.close()
    spoken = joined(sentence.text for sentence in sentences(made, language))
    if as_json:
        print_json({**row(made), "answer": spoken})
        return
    typer.echo(spoken)
    for number, one in enumerate(made.photos, 1):
        typer.echo(f"{number:2}  {one.caption}")
    if made.page is not None:
        typer.echo(f"page: {row(made)['page']}")


def tags(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...")],
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Tell people, place, event and mood of pictures, each with its confidence, where they tell."""
    from functools import partial

    from assistant.library.seeing import LookEncoder
    from assistant.library.tagging import tagged
    from assistant.picture import Picture
    from assistant.tools.vision import label_scores
    from assistant.vision.agreement import see

    engines = open_engines(profile)
    scores = None
    if engines.has("image_text_encoder"):
        encoder = engines.get("image_text_encoder")
        # One that works through tags knows no more than they do.
        scores = None if isinstance(encoder, LookEncoder) else partial(label_scores, encoder)
    seeing = engines.has("object_detector") and engines.has("image_classifier")

    def work(file: Path) -> Mapping[str, Any]:
        picture = Picture.open(file)
        seen = None
        if seeing:
            detector, classifier = engines.get("object_detector"), engines.get("image_classifier")
            seen = see(picture, detector, classifier, engines.profile.camera)
        found = tagged(picture, seen, scores)
        return {"file": str(file), **{name: getattr(found, name) for name in _TAGS}}

    def show(row: Mapping[str, Any]) -> None:
        told = [
            f"{name} {row[name].value} ({row[name].confidence:.2f})"
            for name in _TAGS
            if row[name] is not None
        ]
        typer.echo(f"{row['file']}: {', '.join(told) or 'nothing that tells'}")

    each_file(images, work, show, as_json=as_json)


_TAGS = ("people", "place", "event", "mood")
