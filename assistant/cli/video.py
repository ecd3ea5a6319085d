"""The command `video`, and `video jobs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from assistant.cli.output import (
    JsonOption,
    ProfileOption,
    each_file,
    one_line,
    open_engines,
    print_json,
)
from assistant.errors import Cancelled, InputError

if TYPE_CHECKING:
    from assistant.cli.progress import Counted
    from assistant.jobs import JobStatus
    from assistant.registry import Engines
    from assistant.video.asking import VideoAnswer
    from assistant.video.understood import Understood

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
jobs_app = typer.Typer(help="Videos that are at work or unfinished.", no_args_is_help=True)

IdsArgument = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID...]", help="Numbers of `list`; all when left out."),
]
PlainOption = Annotated[bool, typer.Option("--plain", help="Lines instead of a drawn bar.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    video_app.command(_UNNAMED, cls=_Video, hidden=True)(video)
    jobs_app.command("list")(list_jobs)
    jobs_app.command()(resume)
    jobs_app.command()(cancel)
    video_app.add_typer(jobs_app, name="jobs")
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
    _understand_all(
        _expanded(files), ask=ask, language=language, out=out, as_json=as_json, plain=plain,
        profile=profile,
    )  # fmt: skip


def _understand_all(
    files: Sequence[Path],
    *,
    ask: str | None = None,
    language: str | None = None,
    out: Path | None = None,
    as_json: bool,
    plain: bool,
    profile: str | None,
) -> None:
    """Each video in turn; Ctrl-C keeps what was done."""
    from assistant.cli.progress import VIDEOS, counted

    wanted = language or _language_of(ask)
    engines = open_engines(profile)
    stems = _stems(files)
    shown = _Shown(many=len(files) > 1)

    def work(file: Path) -> Mapping[str, Any]:
        with counted(drawn=not (as_json or plain), stages=VIDEOS) as progress:
            understood = _understood(engines, file, wanted, progress)
        try:
            row = _row(engines, understood, file, ask)
            if out is not None:
                row["written"] = _written(understood, file, out, stems[file])
            return row
        finally:
            understood.store.close()

    try:
        each_file(files, work, shown, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo(
            "stopped; what was done is kept: run it again, or `assistant video jobs resume`",
            err=True,
        )
        raise typer.Exit(130) from None
    finally:
        engines.close()


def _understood(
    engines: Engines, file: Path, language: str | None, progress: Counted
) -> Understood:
    from assistant.video.understood import Understood
    from assistant.video.working import understand

    found: Understood | None = None
    try:
        for event in understand(engines, file, language=language, waiting=progress.say):
            if isinstance(event, Understood):
                found = event
            else:
                progress.at(event.stage, event.done, event.total)
    except Cancelled as error:
        raise InputError(
            f"the work on {file} was cancelled", fix="assistant video jobs resume"
        ) from error
    assert found is not None, "understanding ends with what was understood"
    return found


def _row(
    engines: Engines, understood: Understood, file: Path, question: str | None
) -> dict[str, Any]:
    """The JSON of design section 8; further keys come after those."""
    from assistant.video import reports

    row = reports.row(reports.of(understood, str(file)))
    if question is not None:
        answer = _answer(engines, understood, question)
        row["answer"] = answer.text
        row["evidence"] = [{"start": start, "end": end} for start, end in answer.evidence]
    return row | {
        "file": str(file),
        "duration_s": understood.facts.duration,
        "faults": list(understood.faults),
        "elapsed_s": understood.elapsed_s,
    }


def _written(understood: Understood, file: Path, folder: Path, stem: str) -> list[Path]:
    """The report's files, and a contact sheet where there are pictures."""
    from assistant.video import contact_sheet, reports

    files = reports.write(reports.of(understood, file.name), folder, stem)
    if understood.keyframes:
        pictures = ((one, understood.store.picture(one)) for one in understood.keyframes)
        sheet = folder / f"{stem}-frames.png"
        contact_sheet.save(contact_sheet.contact_sheet(pictures), sheet)
        files.append(sheet)
    return files


def _stems(files: Iterable[Path]) -> dict[Path, str]:
    """What each file's reports are named by; files of one name are numbered."""
    given: dict[Path, str] = {}
    for file in files:
        stem, number = file.stem or file.name, 1
        while stem in given.values():
            number += 1
            stem = f"{file.stem}-{number}"
        given.setdefault(file, stem)
    return given


def _answer(engines: Engines, understood: Understood, question: str) -> VideoAnswer:
    from assistant.video.asking import ask

    return ask(
        understood,
        question,
        language=_language_of(question) or understood.language,
        engines=engines,
    )


def _language_of(question: str | None) -> str | None:
    from assistant.languages import language_of

    return language_of(question, "") or None if question else None


class _Shown:
    """Prints what was found for somebody who reads it, or has it read aloud."""

    def __init__(self, *, many: bool) -> None:
        self._many = many
        self._begun = False

    def __call__(self, row: Mapping[str, Any]) -> None:
        from assistant.video.reports import clock

        if self._begun:
            typer.echo()
        self._begun = True
        if self._many:
            typer.echo(f"{one_line(row['file'])}:")
        for fault in row["faults"]:
            typer.echo(f"note: {one_line(fault)}", err=True)
        if "answer" in row:
            typer.echo(row["answer"])
            for part in row["evidence"]:
                typer.echo(f"{clock(part['start'])} to {clock(part['end'])}")
        else:
            _summary(row)
        for file in row.get("written", ()):
            typer.echo(f"written: {file}", err=True)


def _summary(row: Mapping[str, Any]) -> None:
    from assistant.video.reports import clock

    for sentence in row["summary"]:
        typer.echo(sentence)
    typer.echo()
    for event in row["timeline"]:
        typer.echo(f"{clock(event['start'])}  {event['event']}")


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


# --- jobs


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
    _understand_all(files, as_json=as_json, plain=plain, profile=profile)


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
