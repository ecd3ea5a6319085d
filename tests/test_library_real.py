"""A library on the embedded engines: indexed, searched in both languages, told aloud."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.library.records import Indexed
from assistant.library.session import indexing
from assistant.registry import Engines
from assistant.tools.context import ToolContext
from assistant.tools.photos import find_photos, similar_photos
from assistant.types import Picture, ToolResult

pytestmark = [pytest.mark.slow, pytest.mark.weights]

FILES = ("photos/p002.jpg", "photos/p008.jpg", "photos/p001.jpg", "text/t004.jpg")


def results(context: ToolContext, query: str) -> tuple[list[str], str]:
    """The files that a spoken query finds, and what is said."""
    done = list(find_photos(context, query=query))[-1]
    assert isinstance(done, ToolResult)
    return [Path(row["file"]).name for row in done.data["results"]], done.spoken


def test_photos_are_found_by_voice_in_both_languages(
    engines: Engines, media: Path, tmp_path: Path
) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for file in FILES:
        shutil.copy(media / file, root)
    indexed = [event for event in indexing(engines, root) if isinstance(event, Indexed)][-1]
    assert (indexed.added, indexed.failed) == (4, ())
    english = ToolContext(engines=engines, request="", language="en", files=(root,))
    chinese = ToolContext(engines=engines, request="", language="zh")  # the last one indexed
    assert results(english, "puppies")[0] == ["p002.jpg"]
    assert results(chinese, "一只狗")[0] == ["p002.jpg"]
    assert results(english, "a pickup truck")[0][0] == "p008.jpg"
    assert results(chinese, "卡车")[0][0] == "p008.jpg"
    files, spoken = results(english, "the note that says you must be the change")
    assert files == ["t004.jpg"]
    assert "It reads: You must be the change" in spoken
    assert results(english, "an elephant") == ([], "I found no such photo.")
    assert results(chinese, "大象") == ([], "我没有找到这样的照片。")
    shown = Picture.open(media / "photos/p005.jpg")  # another dog
    context = ToolContext(engines=engines, request="", language="en", pictures=(shown,))
    done = list(similar_photos(context))[-1]
    assert isinstance(done, ToolResult)
    assert Path(done.data["results"][0]["file"]).name == "p002.jpg"
