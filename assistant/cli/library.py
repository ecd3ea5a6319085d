"""The commands `index`, `find`, `similar`, `duplicates` and `library`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.output import (
    JsonOption,
    ProfileOption,
    one_line,
    open_engines,
    print_json,
    report,
)
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.library.records import Failure, Indexed
    from assistant.library.search import Answer

LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="A folder of photos (default: the last indexed).")
]
TopOption = Annotated[int, typer.Option("--top", min=1, max=1000, help="Photos to show.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="Lines instead of a drawn bar.")]

library_app = typer.Typer(help="Look after photo libraries.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(index)
    app.command()(find)
    app.command()(similar)
    app.command()(duplicates)
    library_app.command()(stats)
    library_app.command()(errors)
    library_app.command()(verify)
    library_app.command()(rebuild)
    app.add_typer(library_app, name="library")


def index(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of photos.")],
    as_json: JsonOption = False,
    plain: PlainOption = False,
    profile: ProfileOption = None,
) -> None:
    """Make a folder of photos searchable; run it again after the folder has changed."""
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", fix="check the name")
    _show_indexed(_index(folder, profile, drawn=not (as_json or plain)), as_json=as_json)


def _index(folder: Path, profile: str | None, *, drawn: bool, anew: bool = False) -> Indexed:
    """Index a folder, with progress on stderr; Ctrl-C keeps what was done."""
    from assistant.cli.progress import counted
    from assistant.library.records import Indexed
    from assistant.library.session import indexing

    engines = open_engines(profile)
    done: Indexed | None = None
    seen = 0
    try:
        with counted(drawn=drawn and not os.environ.get("NO_COLOR")) as show:
            for event in indexing(engines, folder, waiting=show.say, anew=anew):
                if isinstance(event, Indexed):
                    done = event
                else:
                    seen = event.done if event.stage == "read" else seen
                    show.at(event.stage, event.done, event.total)
    except KeyboardInterrupt:
        typer.echo(f"stopped; {seen} files of this run are kept, run it again to go on", err=True)
        raise typer.Exit(130) from None
    finally:
        engines.close()
    assert done is not None, "indexing ends with its result"
    return done


def _show_indexed(done: Indexed, *, as_json: bool) -> None:
    if as_json:
        print_json({
            "library": _name(done.library), "added": done.added, "unchanged": done.unchanged,
            "removed": done.removed, "failed": [_failure(f) for f in done.failed],
            "elapsed_s": done.elapsed_s,
        })  # fmt: skip
    else:
        typer.echo(
            f"{_name(done.library)}: {done.added} added, {done.unchanged} unchanged, "
            f"{done.removed} removed, {len(done.failed)} failed, in {done.elapsed_s:.1f} s"
        )
        for failure in done.failed[:10]:
            typer.echo(f"{one_line(_name(failure.file))}: {one_line(failure.error)}", err=True)
        if len(done.failed) > 10:
            typer.echo("All of them: assistant library errors", err=True)
    if done.failed:
        raise typer.Exit(1)


def find(
    query: Annotated[str, typer.Argument(help="What the photos show, when or where.")],
    library: LibraryOption = None,
    top: TopOption = 5,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Find photos by what they show or say."""
    from assistant.languages import language_of
    from assistant.library.doubts import asked_for
    from assistant.library.session import open_library

    if not query.strip():
        raise typer.BadParameter("say what to look for")
    engines = open_engines(profile)
    try:
        asked = asked_for(query, engines, language=language_of(query, "en"))
        with open_library(engines, library) as searcher:
            answer = searcher.ask(asked, top=top)
    finally:
        engines.close()
    _show_answer(query, answer, as_json=as_json)


def similar(
    image: Annotated[Path, typer.Argument(metavar="IMAGE")],
    library: LibraryOption = None,
    top: TopOption = 5,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Find photos that look like a picture."""
    from assistant.library.session import open_library
    from assistant.library.similar import like
    from assistant.picture import Picture

    picture = Picture.open(image)
    engines = open_engines(profile)
    with open_library(engines, library) as searcher:
        answer = like(searcher, picture, image, top=top)
    _show_answer(str(image), answer, as_json=as_json)


def duplicates(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Find copies: the same file, and pictures that look nearly the same, the best one first."""
    from assistant.library.duplicates import groups
    from assistant.library.session import existing

    store = existing(library)
    found = groups(store)
    store.close()
    for group in found:
        files = [_name(file) for file in group.files]
        if as_json:
            print_json({"kind": group.kind, "files": files})
        else:
            typer.echo("\n  ".join([f"{group.kind}:", *(one_line(file) for file in files)]))
    if not found and not as_json:
        typer.echo("No two photos are the same.")


def _show_answer(query: str, answer: Answer, *, as_json: bool) -> None:
    from assistant.languages import language_of
    from assistant.library.answering import row, sentences

    language = language_of(query, "en")
    spoken = " ".join(sentence.text for sentence in sentences(answer, language))
    rows = [row(hit, language) for hit in answer.hits]
    if as_json:
        print_json({"query": query, "results": rows, "answer": spoken})
        return
    typer.echo(spoken)
    for found in rows:
        facts = [found[key] for key in ("taken_at", "place", "why") if found[key]]
        typer.echo(f"{found['score']:.3f}  {one_line(found['file'])}  ({'; '.join(facts)})")


def stats(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """What is in a library, or in all of them."""
    from assistant.library.keeping import statistics
    from assistant.library.session import chosen

    for root in chosen(library):
        facts = statistics(root)
        if as_json:
            print_json(facts)
        else:
            for name, value in facts.items():
                typer.echo(f"{name}: {one_line(str(value))}")


def errors(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """The files that could not be read, and why."""
    from assistant.library.session import existing

    store = existing(library)
    failures = store.failures()
    store.close()
    for failure in failures:
        if as_json:
            print_json(_failure(failure))
        else:
            typer.echo(f"{one_line(_name(failure.file))}: {one_line(failure.error)}")
    if not failures and not as_json:
        typer.echo("Every file could be read.")


def verify(
    library: LibraryOption = None,
    files: Annotated[bool, typer.Option("--files", help="Read every file again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check that a library is sound, and agrees with its folder."""
    from assistant.library.keeping import verify as verified
    from assistant.library.session import existing

    store = existing(library)
    faults = [fault for fault in verified(store, files=files) if not isinstance(fault, int)]
    store.close()
    if as_json:
        rows = [{"what": fault.what, "fix": fault.fix} for fault in faults]
        print_json({"library": _name(store.root), "sound": not faults, "faults": rows})
    elif not faults:
        typer.echo(f"{one_line(_name(store.root))}: sound")
    for fault in faults:
        report(InputError(one_line(fault.what), fix=one_line(fault.fix)))
    if faults:
        raise typer.Exit(1)


def rebuild(
    library: LibraryOption = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget everything and index the folder again.")
    ] = False,
    as_json: JsonOption = False,
    plain: PlainOption = False,
    profile: ProfileOption = None,
) -> None:
    """Make a library's index anew from its database, or all of it from its folder."""
    from assistant.cli.progress import counted
    from assistant.library.session import rebuilding, root_of

    root = root_of(library)
    if anew:
        done = _index(root, profile, drawn=not (as_json or plain), anew=True)
        _show_indexed(done, as_json=as_json)
        return
    with counted(drawn=not (as_json or plain)) as show:
        count = rebuilding(root, lambda vectors: show.at("arrange", vectors, None))
    if as_json:
        print_json({"library": _name(root), "vectors": count})
    else:
        typer.echo(f"{one_line(_name(root))}: {count} vectors arranged")


def _failure(failure: Failure) -> Mapping[str, Any]:
    return {"file": _name(failure.file), "error": failure.error}


def _name(path: Path) -> str:
    from assistant.library.records import shown

    return shown(path)
