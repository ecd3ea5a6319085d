"""The command `eval`: score the assistant on a folder with ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json

if TYPE_CHECKING:
    from assistant.evaluation.cases import Report
    from assistant.registry import Engines

SUBJECTS = ("routing", "hearing", "reading", "scene")
SPOKEN = ("turns", "gate")  # these make sounds of their own; DIR adds to them
DRAWN = ("charts",)  # these draw pictures of their own; DIR adds photos that are none
# Scored only when named: minutes of work, or on made outputs rather than on what engines give.
NAMED = ("partials", "quality", "watch", "checker", "photos", "finding", "video", *SPOKEN, *DRAWN)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command(name="eval")(evaluate)


def evaluate(
    what: Annotated[
        list[str],
        typer.Argument(
            help="[routing|hearing|reading|scene|partials|quality|watch|checker|"
            "photos|finding|video] DIR, or "
            "[turns|gate|charts] [DIR]"
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for NAME.json and NAME.md.")] = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Score routing, hearing, reading or scene description on DIR; all four when none is named.

    Partials: how steady partial transcripts are, on DIR and on synthesised speech. Quality: what
    faults are found in DIR's pictures when they are spoiled. Turns: when turns end. Gate: what
    becomes a turn while the microphone is open. Checker: what is left of made outputs of vision
    models, true and false, on the pictures of DIR. Charts: type, axes and main message of drawn
    charts; photos in DIR must not be taken for one.
    Photos: requests for photos of the made library that DIR describes. Finding: DIR's pictures
    by their captions, once they are indexed.
    Video: ten scripted talks that show photos and clips of DIR, made clips, and DIR's own clips.
    Watch: narration of the video DIR, made by scripts/make_watch_video.py.
    """
    subjects, folder = _parted(what)
    engines = open_engines(profile)
    try:
        for subject in subjects or SUBJECTS:
            report = _report(subject, folder, engines)
            if out is not None:
                report.write(out)
            if as_json:
                print_json({"name": report.name, "n": report.n, "metrics": report.metrics})
            else:
                print(report.markdown())
    finally:
        engines.close()


def _parted(what: list[str]) -> tuple[list[str], Path | None]:
    """The subjects and the folder, which those of `SPOKEN` and `DRAWN` may do without."""
    named = what if set(what) <= {*SPOKEN, *DRAWN} else what[:-1]
    known = (*SUBJECTS, *NAMED)
    unknown = [s for s in named if s not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return named, None if named is what else Path(what[-1])


def _report(subject: str, folder: Path | None, engines: Engines) -> Report:
    from assistant.evaluation import (
        charts,
        checking,
        gate,
        hearing,
        partials,
        reading,
        routing,
        scene,
        turns,
    )
    from assistant.evaluation.cases import manifest, routing_cases

    own = {"turns": turns.evaluate, "gate": gate.evaluate, "charts": charts.evaluate}
    if subject in own:
        return own[subject](manifest(folder) if folder is not None else (), engines)
    assert folder is not None
    if subject == "watch":
        from assistant.evaluation import watching

        return watching.evaluate(folder, engines)
    if subject == "photos":
        from assistant.evaluation import photos

        return photos.evaluate(folder, engines)
    if subject == "routing":
        return routing.evaluate(routing_cases(folder), engines)
    cases = manifest(folder)
    if subject == "checker":
        return checking.evaluate(cases, engines)
    if subject == "finding":
        from assistant.evaluation import finding

        return finding.evaluate(cases, engines)
    if subject == "hearing":
        return hearing.evaluate(cases, engines)
    if subject == "partials":
        return partials.evaluate(cases, engines)
    if subject == "video":
        from assistant.evaluation import video

        return video.evaluate(cases, folder, engines)
    if subject == "quality":
        from assistant.evaluation import picture_quality

        return picture_quality.evaluate(cases, engines)
    if subject == "reading":
        return reading.evaluate(cases, engines)
    return scene.evaluate(cases, engines)
