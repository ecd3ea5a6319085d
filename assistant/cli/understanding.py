"""Videos understood one after the other, with how far it is, and what is known of each shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli.output import each_file, one_line, open_engines
from assistant.errors import Cancelled, InputError

if TYPE_CHECKING:
    from assistant.cli.progress import Counted
    from assistant.registry import Engines
    from assistant.video.answering import VideoAnswer
    from assistant.video.understood import Understood


def understand_all(
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
