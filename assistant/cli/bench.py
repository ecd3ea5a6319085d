"""The command `bench`: speed, as a ratio against a named baseline in the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json

if TYPE_CHECKING:
    from assistant.bench.pairs import Timing


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(bench)


def bench(
    names: Annotated[list[str], typer.Argument(help="Benchmarks, or `all`.")],
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Time benchmarks against their baselines, in turn, in this run."""
    from assistant.bench.pairs import Timing
    from assistant.bench.runs import RUNS
    from assistant.errors import InputError

    wanted = list(RUNS) if names == ["all"] else names
    for name in wanted:
        if name not in RUNS:
            raise InputError(f"no benchmark {name!r}", fix=f"choose one of: {', '.join(RUNS)}, all")
    engines = open_engines(profile)
    try:
        for name in wanted:
            found = RUNS[name](engines)
            for timing in [found] if isinstance(found, Timing) else found:
                if as_json:
                    print_json(vars(timing))
                else:
                    _show(timing)
    finally:
        engines.close()


def _show(timing: Timing) -> None:
    print(
        f"{timing.name}: median {timing.median_s:.3f} s, p95 {timing.p95_s:.3f} s; "
        f"baseline ({timing.baseline}) {timing.baseline_median_s:.3f} s; "
        f"ratio {timing.ratio:.2f}"
    )
    stages = getattr(timing, "stages", {})
    if stages:
        print(", ".join(f"{name} {value:.2f}" for name, value in stages.items()))
    for language, found in getattr(timing, "errors", {}).items():
        print(f"{language}: {found['ours']} errors in {found['of']}, baseline {found['baseline']}")
