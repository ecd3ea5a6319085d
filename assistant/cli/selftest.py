"""The command `selftest`: show on drawn pictures that the vision model sees."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json

if TYPE_CHECKING:
    from assistant.registry import Engines

_DEADLINE_S = 180.0  # s for a picture, on a slow machine


class Subject(StrEnum):
    """What can be tested."""

    VISION = "vision"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(selftest)


def selftest(
    subject: Annotated[Subject, typer.Argument(show_default=False, help="What to test.")],
    yes: Annotated[bool, typer.Option("--yes", help="Fetch what is lacking, ask nothing.")] = False,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Ask the vision model about twenty drawn pictures; fetch it first where it is not here."""
    from assistant.evaluation import sight

    engines, model = _vision_model(profile, yes=yes, as_json=as_json)
    passed = 0
    try:
        for row in sight.run(model, _DEADLINE_S):
            passed += row.passed
            if as_json:
                print_json(vars(row))
            else:
                mark = "pass" if row.passed else "FAIL"
                print(f"{mark}  {row.name:14}  {row.answer!r}  ({row.elapsed_s:.1f} s)", flush=True)
        if not as_json:
            print(f"{passed} of {len(sight.CASES)} passed: {model.id}")
    finally:
        engines.close()
    if passed < len(sight.CASES):
        raise typer.Exit(1)


def _vision_model(profile: str | None, *, yes: bool, as_json: bool) -> tuple[Engines, Any]:
    """The profile's vision model, else the one that suits this machine, fetched now.

    Raises:
        EngineMissing: there is none, and none was fetched.
    """
    from assistant.cli.models import pull
    from assistant.errors import EngineMissing
    from assistant.settings import models_folder
    from assistant.vision_weights import ASKED, here, with_vision
    from assistant.weights import Store

    engines = open_engines(profile)
    settings = engines.profile.engines.get("vision_model")
    store = Store(models_folder())
    wanted = settings.weights if settings is not None else ASKED
    if wanted == ASKED and here(store) is not None:
        wanted = None
    if wanted is not None and (wanted == ASKED or not store.complete(wanted)):
        pull(names=[wanted], yes=yes, folder=None, profile=profile, as_json=as_json)
        store = Store(models_folder())
        if wanted == ASKED and here(store) is None:
            raise EngineMissing("no vision model is here", fix=f"assistant models pull {ASKED}")
    engines.profile = with_vision(engines.profile, store)
    return engines, engines.get("vision_model")
