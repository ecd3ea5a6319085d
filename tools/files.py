"""Which file at hand a request means."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from assistant.errors import ToolError
from assistant.languages import base
from assistant.tools.context import ToolContext


def at_hand(
    context: ToolContext, path: str | None, endings: Collection[str], none: tuple[str, str]
) -> Path:
    """The file that is meant.

    A model may fill in `path`, so a path outside the files at hand counts only where the
    user's own words hold it.

    Args:
        endings: of files that are meant where none is named, such as ".mp4".
        none: what is said where there is no such file, in English and Chinese.

    Raises:
        ToolError: there is none, in words that can be spoken.
    """
    if path is None:
        for file in reversed(context.files):
            if file.suffix.lower() in endings:
                return file
        raise ToolError(none[base(context.language) == "zh"])
    name = Path(path).name.casefold()
    for file in reversed(context.files):
        if path == str(file) or name in (file.name.casefold(), file.stem.casefold()):
            return file
    named = Path(path).expanduser()
    if path in context.request and named.is_file():
        return named
    shown = Path(path).name or path
    if base(context.language) == "zh":
        raise ToolError(f"我找不到文件{shown}。")
    raise ToolError(f"I can't find a file called {shown}.")
