"""What is said about an album that was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.events import Sentence
from assistant.languages import base
from assistant.library.album import Album
from assistant.library.album.wording import span
from assistant.library.records import shown


def sentences(album: Album, language: str) -> Iterator[Sentence]:
    """How many photos, from when to when, the title, what was left out, where the page is."""
    own = "zh" if base(language) == "zh" else "en"
    for text in _chinese(album) if own == "zh" else _english(album):
        yield Sentence(text=text, kind="measured", language=own)


def row(album: Album) -> dict[str, Any]:
    """An album as data: title, photos with file and caption, page; None where there is none."""
    return {
        "title": album.title or None,
        "photos": [{"file": shown(one.photo.file), "caption": one.caption} for one in album.photos],
        "page": None if album.page is None else shown(album.page),
    }


def _english(album: Album) -> Iterator[str]:
    if not album.photos:
        yield album.rejected or "I found no photo for this album, so I made none."
        return
    count = len(album.photos)
    when = span(album.photos, "en")
    when = f", from {when}" if when else ""
    yield f"I made an album of {count} {'photo' if count == 1 else 'photos'}{when}."
    yield f"Its title is: {album.title}."
    if album.faulty:
        yield f"I left out {album.faulty} that {'is' if album.faulty == 1 else 'are'} not sharp."
    if album.page is not None:
        yield f"The page is in the folder {album.page.parent.name}, and opens in a browser."


def _chinese(album: Album) -> Iterator[str]:
    if not album.photos:
        yield album.rejected or "没有找到符合主题的照片，所以没有做相册。"
        return
    when = span(album.photos, "zh")
    yield f"相册做好了，有{len(album.photos)}张照片{f'，拍摄于{when}' if when else ''}。"
    yield f"标题是：{album.title}。"
    if album.faulty:
        yield f"有{album.faulty}张不够清楚，没有放进去。"
    if album.page is not None:
        yield f"网页在“{album.page.parent.name}”文件夹里，用浏览器打开。"
