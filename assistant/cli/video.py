"""The command `video`; `video jobs` is in `video_jobs`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from assistant.cli import video_jobs
from assistant.cli.output import JsonOption, PlainOption, ProfileOption
from assistant.cli.understanding import understand_all

_UNNAMED: Final = "of"


class _Video(TyperCommand):
    """The command whose name is left out: `video FILE` instead of `video of FILE`."""

    def make_context(  # type: ignore[override]
        self,
        info_name: str | None,
        args: list[str],
        parent: typer.Context | None = None,
        **extra: Any,
    ) -> typer.Context:
        """As if it were the group itself, so that messages name the command as it is typed."""
        above: Any = None if parent is None else parent.parent
        made: Any = super().make_context("video", args, parent=above, **extra)
        return made  # type: ignore[no-any-return]


class _VideoOrJobs(TyperGroup):
    """What does not begin with `jobs` is meant for the command without a name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the name in."""
        return super().parse_args(ctx, args if args[:1] == ["jobs"] else [_UNNAMED, *args])


video_app = typer.Typer(
    cls=_VideoOrJobs, help="Understand videos: what happens when, and questions about them."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    video_app.command(_UNNAMED, cls=_Video, hidden=True)(video)
    video_jobs.register(video_app)
    app.add_typer(video_app, name="video")


def video(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    ask: Annotated[str | None, typer.Option(help="A question about each video.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the result: en, zh (default: of the question or speech).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write page, report, subtitles, JSON and a contact sheet into a folder."),
    ] = None,
    as_json: JsonOption = False,
    plain: PlainOption = False,
    profile: ProfileOption = None,
) -> None:
    """Tell what happens in videos: topic, three sentences, a timeline; or answer a question.

    A folder stands for the videos in it. What is known of a video is kept, so that a second
    question is answered soon and a run that was stopped goes on. See also: assistant video jobs
    """
    understand_all(
        _expanded(files), ask=ask, language=language, out=out, as_json=as_json, plain=plain,
        profile=profile,
    )  # fmt: skip


def _expanded(files: Iterable[Path]) -> list[Path]:
    """The files, and in a folder's place the videos in it, by name."""
    from assistant.video.following import VIDEOS

    found: list[Path] = []
    for file in files:
        if not file.is_dir():
            found.append(file)
            continue
        inside = sorted(path for path in file.rglob("*") if path.suffix.lower() in VIDEOS)
        # A folder without videos stays in the list, to be reported like a bad file.
        found += [path for path in inside if path.is_file()] or [file]
    return found
