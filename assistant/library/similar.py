"""Photos that look like a picture."""

from __future__ import annotations

from pathlib import Path

from assistant.library.records import CONTENT, LOOKS
from assistant.library.search import Answer, Searcher
from assistant.types import Picture


def like(searcher: Searcher, picture: Picture, file: Path | None = None, *, top: int = 5) -> Answer:
    """The photos of a library that look most like a picture; the picture itself is left out.

    Args:
        file: where the picture came from, so that its own entry can be left out.
    """
    (noted,) = searcher.seer.see([picture])
    space = LOOKS if LOOKS in noted.vectors else CONTENT
    own = searcher.store.content_of(file) if file is not None else None
    return searcher.similar(
        noted.vectors[space], space, top=top, without=[] if own is None else [own]
    )
