"""The option `--camera [N]`, whose value may be left out."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperCommand

CameraOption = Annotated[
    str | None,
    typer.Option(
        "--camera",
        metavar="[N]",
        help="Take the picture with a camera (0 when not named), a video file or a folder.",
    ),
]


class WithCamera(TyperCommand):
    """A command that takes `--camera` without a value for `--camera 0`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Fill in the camera's number where the next word is an option or missing."""
        filled = []
        for word, following in zip(args, [*args[1:], "--"], strict=False):
            filled.append(word)
            if word == "--camera" and following.startswith("-"):
                filled.append("0")
        return super().parse_args(ctx, filled)
