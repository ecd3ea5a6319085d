"""The command `read`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.camera import CameraOption, WithCamera
from assistant.cli.output import JsonOption, ProfileOption, each_file, open_engines

if TYPE_CHECKING:
    from assistant.types import TextLine

Images = Annotated[list[Path] | None, typer.Argument(metavar="IMAGE...", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command(cls=WithCamera)(read)


def read(
    images: Images = None,
    camera: CameraOption = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Read the text in pictures, word for word."""
    if not images and camera is None:
        raise typer.BadParameter("name a picture, or --camera 0")
    from assistant.devices import Camera
    from assistant.picture import Picture

    reader = open_engines(profile).get("text_reader")
    device = None if camera is None else Path(camera)

    def work(file: Path) -> Mapping[str, Any]:
        if file is device:
            with Camera.open(str(file)) as opened:
                picture = opened.take()
        else:
            picture = Picture.open(file)
        start = time.perf_counter()
        reading = reader.read(picture)
        return {
            "file": picture.source,
            "text": reading.text,
            "lines": [_row(line) for line in reading.lines],
            "elapsed_s": time.perf_counter() - start,
        }

    files = [*(images or ()), *([] if device is None else [device])]
    each_file(files, work, _show, as_json=as_json)


def _show(row: Mapping[str, Any]) -> None:
    typer.echo(row["text"] or f"{row['file']}: no text found")
    for line in row["lines"]:
        if line["unclear"]:
            typer.echo(f"unclear ({line['confidence']:.2f}): {line['text']}")


def _row(line: TextLine) -> Mapping[str, Any]:
    """What `--json` promises of a line, whatever else the pipeline notes of it."""
    return {key: getattr(line, key) for key in ("text", "box", "confidence", "unclear")}
