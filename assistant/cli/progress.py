"""Progress bars of a pull. Imported only by the command that draws them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from assistant.weights.delivery import Show


@contextmanager
def bars() -> Iterator[Show]:
    """Progress bars on stderr where a person looks at it, else plain sentences."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, Any] = {}
        sizes: dict[str, int] = {}

        def start(name: str, size: int) -> None:
            sizes[name] = size
            tasks[name] = progress.add_task(name, total=size)
            if not console.is_terminal:
                console.print(f"Fetching {name} ...", soft_wrap=True)

        def staged(name: str, size: int) -> None:
            # Staging holds parts beside the file that they become, so it can exceed the total.
            if name in tasks:
                done = progress.tasks[tasks[name]].completed
                progress.update(tasks[name], completed=max(done, min(size, sizes[name])))

        def end(name: str) -> None:
            if name in tasks:
                progress.update(tasks[name], completed=sizes[name])

        def say(sentence: str) -> None:
            console.print(sentence, soft_wrap=True, markup=False)

        yield Show(say=say, start=start, staged=staged, end=end)
