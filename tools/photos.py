"""Finding photos of the library, photos like the current picture, and albums, told aloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.errors import InputError, ToolError
from assistant.events import ToolEvent
from assistant.languages import base, joined
from assistant.library import album as albums
from assistant.library.album import Album, telling
from assistant.library.answering import row, sentences
from assistant.library.doubts import asked_for
from assistant.library.homes import roots
from assistant.library.query import PhotoQuery
from assistant.library.records import shown
from assistant.library.search import Answer, Searcher
from assistant.library.session import open_library
from assistant.library.similar import like
from assistant.tools.context import ToolContext
from assistant.types import ToolResult

_NO_LIBRARY = (
    "I have no photo library yet. The command assistant index, with a folder, makes one.",
    "我还没有照片库。请用命令 assistant index 加上文件夹名建立一个。",
)
_OUT_OF_DATE = (
    "Your photo library is not up to date. The command assistant index, with its folder, helps.",
    "照片库需要更新。请用命令 assistant index 加上它的文件夹名。",
)
_NOT_WRITTEN = (
    "I can't write the album's page; the data folder may be full or closed to me.",
    "相册的网页写不进去，数据文件夹可能满了，或者没有权限。",
)  # (English, Chinese)


def find_photos(context: ToolContext, *, query: str) -> Iterator[ToolEvent]:
    """Search the photo library by content, text, time or place.

    `data["results"]` holds file, score, time, place and reason of each.
    """
    root = _library(context)
    try:
        with open_library(context.engines, root) as searcher:
            answer = searcher.ask(_understood(context, query))
    except InputError as error:
        raise ToolError(_said(_OUT_OF_DATE, context)) from error
    yield from _told(context, answer)


def similar_photos(context: ToolContext) -> Iterator[ToolEvent]:
    """Find photos that look like the current picture."""
    picture = context.picture()
    root = _library(context)
    try:
        with open_library(context.engines, root) as searcher:
            answer = like(searcher, picture, Path(picture.source))
    except InputError as error:
        raise ToolError(_said(_OUT_OF_DATE, context)) from error
    yield from _told(context, answer)


def make_album(context: ToolContext, *, theme: str) -> Iterator[ToolEvent]:
    """Choose and order photos about a theme, and write them as a page.

    `data` holds title, photos (file and caption of each) and the page's file name or None.
    """
    root = _library(context)
    try:
        with open_library(context.engines, root) as searcher:
            made = _made(context, searcher, _understood(context, theme))
    except InputError as error:
        raise ToolError(_said(_OUT_OF_DATE, context)) from error
    spoken: list[str] = []
    for sentence in telling.sentences(made, context.language):
        spoken.append(sentence.text)
        yield sentence
    data = telling.row(made)
    files = [str(data["page"])] if made.page is not None else []
    files += [shown(one.photo.file) for one in made.photos]
    yield ToolResult(spoken=joined(spoken), data=data, artifacts=tuple(files))


def _understood(context: ToolContext, text: str) -> PhotoQuery:
    return asked_for(text, context.engines, language=context.language, cancel=context.cancel)


def _made(context: ToolContext, searcher: Searcher, query: PhotoQuery) -> Album:
    try:
        return albums.make(searcher, query, cancel=context.cancel)
    except InputError as error:
        raise ToolError(_said(_NOT_WRITTEN, context)) from error


def _library(context: ToolContext) -> Path | None:
    """The folder at hand, else None for the library that was indexed last.

    Raises:
        ToolError: there is none.
    """
    at_hand = next((file for file in context.files if file.is_dir()), None)
    if at_hand is None and not roots():
        raise ToolError(_said(_NO_LIBRARY, context))
    return at_hand


def _told(context: ToolContext, answer: Answer) -> Iterator[ToolEvent]:
    spoken: list[str] = []
    for sentence in sentences(answer, context.language):
        context.cancel.check()
        spoken.append(sentence.text)
        yield sentence
    rows = [row(hit, context.language) for hit in answer.hits]
    yield ToolResult(
        spoken=joined(spoken),
        data={"count": answer.count, "results": rows},
        artifacts=tuple(str(result["file"]) for result in rows),
    )


def _said(pair: tuple[str, str], context: ToolContext) -> str:
    return pair[base(context.language) == "zh"]
