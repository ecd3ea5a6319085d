"""The commands `video jobs list`, `resume` and `cancel`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, PlainOption, ProfileOption, one_line, print_json
from assistant.cli.understanding import understand_all
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.jobs import JobStatus

jobs_app = typer.Typer(help="Videos that are at work or unfinished.", no_args_is_help=True)

IdsArgument = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID...]", help="Numbers of `list`; all when left out."),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands of this module to `video`."""
    jobs_app.command("list")(list_jobs)
    jobs_app.command()(resume)
    jobs_app.command()(cancel)
    app.add_typer(jobs_app, name="jobs")


def list_jobs(as_json: JsonOption = False) -> None:
    """Videos at work, stopped, failed and done, the latest first."""
    jobs = _jobs()
    for job in jobs:
        if as_json:
            print_json({
                "id": job.id, "file": job.subject, "state": job.state, "stage": job.stage,
                "done": job.done, "total": job.total, "error": job.error,
                "started_at": job.started_at, "updated_at": job.updated_at,
            })  # fmt: skip
        else:
            typer.echo(f"{job.id}  {_how_far(job)}  {one_line(job.subject)}")
    if not jobs and not as_json:
        typer.echo("No video was worked on yet.")


def resume(
    ids: IdsArgument = None,
    as_json: JsonOption = False,
    plain: PlainOption = False,
    profile: ProfileOption = None,
) -> None:
    """Go on with videos that were stopped or that failed."""
    chosen = _chosen(ids, {"stopped", "failed"}, "is not waiting to be resumed")
    if not chosen:
        typer.echo("No video is unfinished.", err=True)
        return
    files = [Path(job.subject) for job in chosen]
    understand_all(files, as_json=as_json, plain=plain, profile=profile)


def cancel(ids: IdsArgument = None) -> None:
    """Stop the work on videos; what was done is kept, and `resume` goes on."""
    import contextlib

    from assistant.jobs import Jobs

    chosen = _chosen(ids, {"running"}, "is not running")
    with contextlib.closing(Jobs()) as jobs:
        for job in chosen:
            jobs.stop(job.id)
            typer.echo(f"{one_line(job.subject)}: asked to stop")
    if not chosen:
        typer.echo("No video is at work.", err=True)


def _jobs() -> list[JobStatus]:
    import contextlib

    from assistant.jobs import Jobs

    with contextlib.closing(Jobs()) as jobs:
        return [job for job in jobs.all() if job.kind == "video"]


def _chosen(ids: Sequence[int] | None, states: set[str], otherwise: str) -> list[JobStatus]:
    """The jobs of these numbers, or all in one of the states.

    Raises:
        InputError: there is no job of a number, or it is in another state.
    """
    known = {job.id: job for job in _jobs()}
    if not ids:
        return [job for job in known.values() if job.state in states]
    for id in ids:
        if id not in known:
            raise InputError(f"there is no video job {id}", fix="assistant video jobs list")
        if known[id].state not in states:
            raise InputError(f"video job {id} {otherwise}", fix="assistant video jobs list")
    return [known[id] for id in dict.fromkeys(ids)]


def _how_far(job: JobStatus) -> str:
    """ "stopped while listening, 0:42 of 20:00"."""
    from assistant.cli.progress import VIDEOS

    if job.state == "failed":
        return f"failed: {one_line(job.error or 'for an unknown reason')}"
    if job.state == "done" or job.stage not in VIDEOS:
        return job.state
    course = VIDEOS[job.stage]
    amount = course.amount(job.done) + (f" of {course.amount(job.total)}" if job.total else "")
    return f"{job.state} while {course.title.lower()}, {amount}"
