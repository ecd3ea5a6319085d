"""The commands `models list|pull|verify|export|import`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.consent import announce, consents, named
from assistant.cli.output import JsonOption, ProfileOption, print_json, report

if TYPE_CHECKING:
    from assistant.weights import Store
    from assistant.weights.pull import Pulled

Names = Annotated[list[str] | None, typer.Argument(help="Weights (default: the profile's).")]
PullNames = Annotated[
    list[str] | None,
    typer.Argument(
        help="Weights (default: the profile's); `vision`: the vision model that suits this machine."
    ),
]

commands = typer.Typer(
    help="Weights: which there are, where they come from, whether they are whole.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.add_typer(commands, name="models")


@commands.command("list")
def list_weights(
    sources: Annotated[
        bool, typer.Option("--sources", help="Every package, version, licence and hash.")
    ] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every weights set and whether it is on this machine."""
    from assistant.profiles import choose
    from assistant.weights.attempt import readable

    store, used = _store(), choose(profile).profile.weights
    for name, described in store.sets.items():
        here = not store.missing(name)
        row: dict[str, Any] = {
            "name": name,
            "title": described.title,
            "purpose": described.purpose,
            "licence": described.licence,
            "origin": described.origin,
            "size": described.size,
            "here": here,
            "used": name in used,
        }
        if sources:
            row["sources"] = list(_sources(store, name))
            row["derived"] = {file: d.source for file, d in described.derived.items()}
        if as_json:
            print_json(row)
            continue
        mark = "here" if here else "wanted" if name in used else "-"
        size = readable(described.size) if described.size else _size_unknown(described.sources)
        print(f"{mark:7} {name:32} {size:>11}  {described.licence:12}  {described.purpose}")
        if sources:
            for line in _source_lines(row, described.origin):
                print(f"        {line}")


@commands.command()
def pull(
    names: PullNames = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder that holds the files already.")
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch and verify weights; go on where an earlier pull stopped; heal damaged files."""
    from assistant.cli.progress import bars
    from assistant.profiles import choose
    from assistant.settings import weights_folder
    from assistant.vision_weights import ASKED
    from assistant.weights.pull import Pull

    chosen = choose(profile).profile
    wanted = named(names) or list(chosen.weights)
    with bars() as show:
        run = Pull(
            store=_store(), order=chosen.sources, folder=folder or weights_folder(), show=show
        )
        planned = run.plan(wanted)
        if planned and not as_json:
            announce(planned, run.store)
        reachable = any(row.source is not None for row in planned)
        asks = chosen.consent or ASKED in (names or ())
        if reachable and asks and not yes and not consents(chosen, planned):
            return
        rows = run.run(wanted)
    for row in rows:
        _show_pulled(row, as_json=as_json)
    if any(row.error for row in rows):
        raise typer.Exit(1)
    if not as_json:
        print(f"All weights of {'this list' if names else chosen.name} are here and verified.")


@commands.command()
def verify(
    names: Names = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every file whole and compare it with its SHA-256."""
    from assistant.profiles import choose
    from assistant.weights.attempt import readable

    store = _store()
    present = [name for name in store.sets if (store.root / name).is_dir()]
    wanted = names or list(dict.fromkeys([*choose(profile).profile.weights, *present]))
    wrong: list[str] = []
    for name in wanted:
        fallback = store.wanted(name).fallback
        if not names and fallback is not None and store.missing(name) and store.complete(fallback):
            continue
        states = list(store.verify(name))
        bad = [state for state in states if state.status != "ok"]
        wrong += [name] if bad else []
        if as_json:
            for state in states:
                print_json(vars(state))
            continue
        size = readable(sum(state.size for state in states))
        print(f"{name}: {'not whole' if bad else 'whole'}, {len(states)} files, {size}")
        for state in bad[:10]:
            print(f"    {state.file}: {state.status}")
    if wrong:
        print(
            f"error: {', '.join(wrong)} not whole; fix: assistant models pull {' '.join(wrong)}",
            file=sys.stderr,
        )
        raise typer.Exit(1)


@commands.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
    names: Annotated[list[str] | None, typer.Argument(help="Weights (default: all here).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write verified weights into one file, for a machine without a network."""
    from assistant.weights.archive import export_weights

    store = _store()
    wanted = names or [name for name in store.sets if not store.missing(name)]
    _show_sizes(export_weights(store, wanted, file), as_json=as_json)


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="An archive of `models export`.")],
    as_json: JsonOption = False,
) -> None:
    """Take weights out of such a file; each is verified before it gets its place."""
    from assistant.weights.archive import import_weights

    _show_sizes(import_weights(_store(), file), as_json=as_json)


def _store() -> Store:
    from assistant.settings import models_folder
    from assistant.weights import Store

    return Store(models_folder())


def _show_pulled(row: Pulled, *, as_json: bool) -> None:
    status = "failed" if row.error else "here" if row.source == "here" else "fetched"
    if as_json:
        error = {"error": str(row.error)} if row.error else {}
        values = {"name": row.name, "status": status, "source": row.source, "bytes": row.size}
        print_json({**values, **error})
    elif status == "fetched":
        print(f"{row.name}: fetched from {row.source}, verified")
    if row.error:
        report(row.error)


def _show_sizes(sizes: dict[str, int], *, as_json: bool) -> None:
    from assistant.weights.attempt import readable

    for name, size in sizes.items():
        if as_json:
            print_json({"name": name, "bytes": size})
        else:
            print(f"{name}: {readable(size)}, verified")


def _sources(store: Store, name: str) -> Iterator[dict[str, Any]]:
    """Every source of a set with its packages or repository, files, sizes and hashes."""
    from assistant.weights.manifest import HubSource

    for source in store.sets[name].sources:
        if isinstance(source, HubSource):
            told = {file: store.expected(name, source, file) for file in source.files}
            files = [
                {"file": file, "size": e.size, "sha256": e.sha256 or source.sha256}
                for file, e in told.items()
            ]
            where: dict[str, Any] = {"repo": source.repo, "revision": source.revision}
        else:
            files = [
                {"file": file, "size": packed.size, "sha256": packed.sha256}
                for file, packed in source.files.items()
            ]
            mark = "@" if source.kind == "npm" else "=="
            packages = dict.fromkeys(f"{p.package}{mark}{p.version}" for p in source.parts())
            where = {"packages": list(packages)}
        yield {"kind": source.kind, **where, "files": files}


def _size_unknown(sources: Any) -> str:
    return "size by hub" if sources else "made here"


def _source_lines(row: dict[str, Any], origin: str) -> Iterator[str]:
    yield f"origin: {origin}"
    for file, made_from in row["derived"].items():
        yield f"{file} is made here from {made_from}"
    for source in row["sources"]:
        packages = source.get("packages") or [f"{source['repo']} ({source['revision']})"]
        yield f"{source['kind']}: {' '.join(packages)}"
        for file in source["files"]:
            yield f"    {file['file']}  {file['size'] or '-'} bytes  sha256 {file['sha256']}"
