"""The command `tune clip`: a picture encoder fine-tuned on the user's own pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, print_json
from assistant.errors import SettingsError

if TYPE_CHECKING:
    from assistant.tuning.clip import Tuned
    from assistant.tuning.objective import Metrics
    from assistant.tuning.pairs import Pairs
    from assistant.tuning.training import Plan

commands = typer.Typer(
    help="Fine-tune a model on your own examples.", no_args_is_help=True, rich_markup_mode=None
)


@commands.callback()
def _group() -> None:
    """Fine-tune a model on your own examples."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.add_typer(commands, name="tune")


@commands.command()
def clip(
    folder: Annotated[
        Path, typer.Argument(help="Pictures with pairs.jsonl (file, text), or NAME.txt each.")
    ],
    weights: Annotated[
        str | None, typer.Option(help="The encoder to begin with (default: the profile's).")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the tuned weights are called (default: BASE-tuned).")
    ] = None,
    learns: Annotated[
        str, typer.Option("--train", help="projection, lora, or all weights.")
    ] = "projection",
    epochs: Annotated[int, typer.Option(min=1)] = 30,
    batch: Annotated[int, typer.Option(min=2, help="Pairs computed together.")] = 32,
    rate: Annotated[float | None, typer.Option(min=0, help="Learning rate.")] = None,
    held_out: Annotated[float, typer.Option(min=0.01, max=0.9, help="Part to measure on.")] = 0.2,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without a gain.")] = 5,
    seed: Annotated[int, typer.Option(help="Order of the pairs.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Fine-tune the encoder `clip` on pictures with texts; Ctrl-C keeps the best epoch so far."""
    from assistant.settings import models_folder
    from assistant.tuning import pairs as reading
    from assistant.tuning import saving
    from assistant.tuning.training import Plan
    from assistant.weights import Store

    base = weights or _of_profile(profile)
    target = saving.target(models_folder(), name or f"{base}-tuned")
    origin = Store(models_folder()).folder(base)
    pairs = reading.read(folder, held_out=held_out)
    for file, reason in pairs.failed.items():
        typer.echo(f"left out {file}: {reason}", err=True)
    plan = Plan(epochs=epochs, batch=batch, rate=rate, patience=patience, seed=seed)
    tuned = _tuned(origin, pairs, target, learns, plan, device)
    _show(tuned, pairs, base, learns, as_json=as_json)


def _tuned(origin: Path, pairs: Pairs, target: Path, learns: str, plan: Plan, device: str) -> Tuned:
    from assistant.tuning.clip import tune

    def tell(epoch: int, found: Metrics) -> None:
        typer.echo(f"epoch {epoch}: {_told(found)}", err=True)

    try:
        return tune(
            origin,
            pairs,
            target,
            learns=learns,
            plan=plan,
            device=device,
            tell=tell,
        )
    except KeyboardInterrupt:
        typer.echo("stopped; nothing was written", err=True)
        raise typer.Exit(130) from None


def _show(tuned: Tuned, pairs: Pairs, base: str, learns: str, *, as_json: bool) -> None:
    outcome = tuned.outcome
    if as_json:
        print_json({
            "base": base, "train": learns, "pairs": len(pairs.training),
            "held_out": len(pairs.held_out), "failed": pairs.failed, "epochs": outcome.epochs,
            "best": outcome.best, "ended": outcome.ended, "before": outcome.before,
            "after": outcome.after, "saved": tuned.saved and tuned.saved.name,
            "elapsed_s": tuned.elapsed_s,
        })  # fmt: skip
    else:
        print(f"{len(pairs.training)} pairs to learn from, {len(pairs.held_out)} held out")
        print(f"before: {_told(outcome.before)}")
        print(f"after:  {_told(outcome.after)} (epoch {outcome.best} of {outcome.epochs})")
        if tuned.saved is not None:
            print(
                f"saved as {tuned.saved.name}; use it in a profile: "
                f"image_text_encoder: {{engine: clip, weights: {tuned.saved.name}}}"
            )
    if tuned.saved is None:
        typer.echo(
            "error: no epoch was better on the held-out pairs, so nothing was saved; "
            "fix: give more pairs, or a smaller --rate",
            err=True,
        )
        raise typer.Exit(1)


def _told(found: Metrics) -> str:
    return (
        f"loss {found.loss:.3f}, of {found.n} pictures: text to picture "
        f"{found.text_to_image_at_1:.0%} first, {found.text_to_image_at_5:.0%} in five; picture "
        f"to text {found.image_to_text_at_1:.0%}, {found.image_to_text_at_5:.0%}"
    )


def _of_profile(profile: str | None) -> str:
    """The weights of the profile's encoder `clip`.

    Raises:
        SettingsError: it has another encoder.
    """
    from assistant.profiles import choose

    settings = choose(profile).profile.engines.get("image_text_encoder")
    if settings is None or settings.engine != "clip" or settings.weights is None:
        raise SettingsError(
            "this profile has no encoder `clip` to tune", fix="name one: --weights NAME"
        )
    return settings.weights
