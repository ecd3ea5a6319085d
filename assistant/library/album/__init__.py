"""An album: the best photos on a theme, ordered by time, on one page that reads well aloud."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.interfaces import Cancel
from assistant.library.album.choosing import choose
from assistant.library.album.gallery import write
from assistant.library.album.wording import Shown, shown_photos, title
from assistant.settings import data_folder

if TYPE_CHECKING:
    from assistant.library.query import PhotoQuery
    from assistant.library.search import Searcher

__all__ = ["MOST", "Album", "albums", "make"]

MOST: Final = 20
"""Photos of an album."""
_LOOKED_AT: Final = 10_000  # photos of the answer


@dataclass(frozen=True, kw_only=True)
class Album:
    """An album that was made; without photos there is no page."""

    title: str = ""
    photos: tuple[Shown, ...] = ()  # in order of time, those without one last
    page: Path | None = None
    matching: int = 0  # photos that it was chosen from
    faulty: int = 0  # left out: blurred, black, covered or blank
    rejected: str | None = None  # why nothing can match, as a sentence


def albums() -> Path:
    """Where albums are written when no other folder is named."""
    return data_folder() / "albums"


def make(
    searcher: Searcher,
    query: PhotoQuery,
    *,
    folder: Path | None = None,
    most: int = MOST,
    cancel: Cancel | None = None,
) -> Album:
    """Choose photos and write the page.

    Args:
        query: the theme, taken apart; its language is the page's.
        folder: where the page is written; `albums()` by default.

    Raises:
        InputError: the page cannot be written.
        Cancelled, EngineMissing, EngineError
    """
    answer = searcher.ask(query, top=_LOOKED_AT)
    hits = [hit for hit in answer.hits if hit.why != ("nearest",)]
    if not hits:
        return Album(rejected=answer.rejected)
    choice = choose(searcher, hits, most, cancel or Cancel())
    if not choice.photos:  # their files cannot be read any more
        return Album()
    photos = shown_photos(choice.photos, query.language)
    name = title(query, photos)
    page = write(folder or albums(), name, photos, query.language)
    return Album(
        title=name, photos=tuple(photos), page=page, matching=len(hits), faulty=choice.faulty
    )
