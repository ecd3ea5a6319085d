"""Albums: what is chosen, in which order, in which words, and a page that reads well aloud."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import cv2
import numpy as np
import pytest
from PIL import Image

from assistant.errors import InputError, ToolError
from assistant.library import album as albums
from assistant.library.album import Album, telling
from assistant.library.album.choosing import mmr
from assistant.library.query import PhotoQuery, parse
from assistant.library.records import CONTENT, Entry, Found
from assistant.library.search import Searcher
from assistant.library.seeing import Encoding
from assistant.library.store import PhotoStore
from assistant.tools.context import ToolContext
from assistant.tools.photos import make_album
from assistant.types import Picture, ToolResult
from assistant.vision.motion import cells, fingerprint
from tests.small_library import ColourEncoder

NOW = datetime(2026, 11, 28, 12, 0)
SUMMER = datetime(2025, 7, 12, 9, 0)


def tiles(seed: int, colour: tuple[int, int, int] = (30, 190, 40)) -> np.ndarray:
    """Sharp tiles of one colour in many shades, [360, 480, 3]."""
    shades = np.random.default_rng(seed).uniform(0.2, 1.0, (9, 12, 1))
    small = (shades * np.array(colour)).astype(np.uint8)
    return np.repeat(np.repeat(small, 40, axis=0), 40, axis=1)


class TagsAlone(ColourEncoder):
    """Colours that no theme is near to, so that tags, text and filters decide."""

    def cut(self, query: np.ndarray) -> float:
        return 2.0


class Shelf:
    """A library that is filled photo by photo."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.encoder = TagsAlone()
        self.store = PhotoStore(root)
        self._entries: list[tuple[Found, Entry]] = []

    def add(
        self,
        name: str,
        pixels: np.ndarray,
        taken_at: datetime | None,
        tags: Sequence[tuple[str, float]] = (("dog", 0.9),),
        text: str = "",
        people: int | None = None,
        place: tuple[float, float] | None = None,
    ) -> None:
        file = self.store.root / name
        Image.fromarray(pixels).save(file, "PNG")
        picture = Picture.from_array(pixels)
        entry = Entry(
            hash=len(self._entries).to_bytes(20, "big"), width=picture.width,
            height=picture.height, taken_at=taken_at, place=place, people=people, text=text,
            tags=tuple(tags), print=cells(fingerprint(picture)).tobytes(),
            vectors={CONTENT: self.encoder.images([picture])[0]},
        )  # fmt: skip
        found = Found(folder=b"", name=name.encode(), size=1, mtime=1, ctime=1)
        self._entries.append((found, entry))

    def searcher(self) -> Searcher:
        seer = Encoding(encoder=self.encoder)
        self.store.write(self.store.encoder(seer.id), self._entries)
        return Searcher(store=self.store, encoder=self.encoder, seer=seer)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "photos")


def made(shelf: Shelf, theme: str, tmp_path: Path, most: int = 20) -> Album:
    language = "zh" if not theme.isascii() else "en"
    query = parse(theme, language=language, now=NOW)
    return albums.make(shelf.searcher(), query, folder=tmp_path / "out", most=most)


def names(album: Album) -> list[str]:
    return [one.photo.file.name for one in album.photos]


# --- choosing


def test_photos_unlike_each_other_are_chosen() -> None:
    vectors = np.array([[1, 0], [0.999, 0.04], [0, 1]], np.float32)
    assert mmr(np.array([1.0, 0.99, 0.7], np.float32), vectors, 2) == [0, 2]


def test_an_album_tells_photos_in_order_of_time(shelf: Shelf, tmp_path: Path) -> None:
    for day in (3, 1, 2):
        shelf.add(f"{day}.png", tiles(day), SUMMER + timedelta(days=day))
    shelf.add("none.png", tiles(9), None)
    shelf.add("cat.png", tiles(8), SUMMER, tags=[("cat", 0.9)])
    assert names(made(shelf, "dogs", tmp_path)) == ["1.png", "2.png", "3.png", "none.png"]


def test_of_copies_and_of_one_moment_the_sharpest_is_taken(shelf: Shelf, tmp_path: Path) -> None:
    whole = tiles(1)
    shelf.add("soft.png", cv2.GaussianBlur(whole, (0, 0), 1.0), SUMMER)
    moved = np.roll(whole, 8, axis=1)
    shelf.add("sharp.png", moved.repeat(2, 0).repeat(2, 1), SUMMER + timedelta(seconds=3))
    shelf.add("copy.png", moved, SUMMER + timedelta(days=30))
    shelf.add("other.png", tiles(2), SUMMER + timedelta(seconds=5))
    assert names(made(shelf, "dogs", tmp_path)) == ["sharp.png", "other.png"]


def test_spoilt_photos_are_left_out_unless_all_are(shelf: Shelf, tmp_path: Path) -> None:
    blurred = cv2.GaussianBlur(tiles(1), (0, 0), 9)
    shelf.add("blurred.png", blurred, SUMMER)
    alone = made(shelf, "dogs", tmp_path)
    assert names(alone) == ["blurred.png"]
    shelf.add("sharp.png", tiles(2), SUMMER)
    album = made(shelf, "dogs", tmp_path)
    assert names(album) == ["sharp.png"]
    assert album.faulty == 1
    assert "I left out 1 that is not sharp." in [s.text for s in telling.sentences(album, "en")]


def test_no_more_than_asked_for_and_from_the_whole_time(shelf: Shelf, tmp_path: Path) -> None:
    for day in range(12):
        shelf.add(f"{day:02}.png", tiles(day), SUMMER + timedelta(days=day))
    assert len(made(shelf, "July 2025", tmp_path, most=5).photos) == 5


def test_nothing_that_matches_makes_no_page(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    album = made(shelf, "dogs in 2019", tmp_path)
    assert album.photos == ()
    assert album.page is None
    assert not (tmp_path / "out").exists()
    assert telling.row(album) == {"title": None, "photos": [], "page": None}
    (said,) = telling.sentences(album, "zh")
    assert "没有" in said.text


def test_a_photo_that_vanished_or_broke_is_left_out(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("gone.png", tiles(1), SUMMER)
    shelf.add("broken.png", tiles(2), SUMMER)
    shelf.add("whole.png", tiles(3), SUMMER)
    (shelf.store.root / "gone.png").unlink()
    (shelf.store.root / "broken.png").write_bytes(b"no picture")
    assert names(made(shelf, "dogs", tmp_path)) == ["whole.png"]


# --- words


def test_title_and_captions_say_what_is_known(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER, place=(36.07, 120.38))
    shelf.add("2.png", tiles(2), datetime(2025, 8, 2, 10), place=(36.07, 120.38))
    album = made(shelf, "dogs", tmp_path)
    assert album.title.startswith("Dogs, ")
    assert album.title.endswith(", July to August 2025")
    assert album.photos[0].caption.startswith("Dog, near ")
    assert album.photos[0].caption.endswith(", 12 July 2025")
    first, second, third = (s.text for s in telling.sentences(album, "en"))
    assert first == "I made an album of 2 photos, from July to August 2025."
    assert second == f"Its title is: {album.title}."
    assert "folder out" in third


def test_a_chinese_theme_makes_a_chinese_album(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER, people=2)
    album = made(shelf, "狗的照片", tmp_path)
    assert album.title == "狗，2025年7月12日"
    assert album.photos[0].caption == "狗，2025年7月12日"
    assert album.photos[0].alt == "狗。2个人"
    assert album.page is not None
    page = album.page.read_text("utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "跳到照片" in page


def test_without_content_the_title_is_the_time(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER, tags=(), text="GATE 4")
    album = made(shelf, "July 2025", tmp_path)
    assert album.title == "12 July 2025"
    assert album.photos[0].caption == "It reads “GATE 4”, 12 July 2025"


# --- the page


class Outline(HTMLParser):
    """The elements of a page, checked for balance."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_is_built_for_the_ear_and_the_keyboard(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("odd \n#%.png", tiles(1), SUMMER, text='"><script>alert(1)</script>', people=1)
    shelf.add("2.png", tiles(2), SUMMER + timedelta(days=1))
    album = made(shelf, "dogs", tmp_path)
    assert album.page is not None
    page = Outline(album.page.read_text("utf-8"))
    assert page.all("script") == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert [tag for tag, _ in page.found if tag in ("h1", "h2")] == ["h1", "h2", "h2"]
    ids = {attributes["id"] for _, attributes in page.found if "id" in attributes}
    links = [attributes["href"] for attributes in page.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    files = [unquote(urlparse(link).path) for link in links if link.startswith("file:")]
    assert files == [str(one.photo.file) for one in album.photos]
    images = page.all("img")
    assert len(images) == 2
    assert all(i["src"].startswith("data:image/jpeg;base64,") and i["alt"] for i in images)
    assert images[0]["alt"] == 'Dog. 1 person. It reads “"><script>alert(1)</script>”'
    outside = [a for _, a in page.found if a.get("src", "data:")[:5] != "data:"]
    assert outside == []


def test_only_a_page_of_ours_is_replaced(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    first = made(shelf, "dogs", tmp_path).page
    assert first is not None
    assert made(shelf, "dogs", tmp_path).page == first
    first.write_text("mine")
    second = made(shelf, "dogs", tmp_path).page
    assert second is not None
    assert second != first
    assert first.read_text() == "mine"
    assert sorted(f.name for f in first.parent.iterdir()) == sorted({first.name, second.name})


def test_a_folder_that_cannot_be_written_to_is_named(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        made(shelf, "dogs", tmp_path)


def test_a_long_theme_is_cut_in_title_and_name(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    query = PhotoQuery(content="dog " + "very " * 90, language="en")
    album = albums.make(shelf.searcher(), replace(query, content="dog"), folder=tmp_path)
    long = albums.wording.title(query, album.photos)
    assert len(long) < 90
    assert len(albums.gallery._name(long).encode()) <= 60


def test_data_of_an_album_is_json(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    row = json.loads(json.dumps(telling.row(made(shelf, "dogs", tmp_path))))
    assert list(row) == ["title", "photos", "page"]
    assert row["photos"] == [
        {"file": str(shelf.store.root / "1.png"), "caption": "Dog, 12 July 2025"}
    ]


# --- the tool


class EncoderAlone:
    """Engines of which there is only the picture encoder."""

    def __init__(self, encoder: TagsAlone) -> None:
        self._encoder = encoder

    def get(self, capability: str) -> TagsAlone:
        return self._encoder

    def has(self, capability: str) -> bool:
        return capability == "image_text_encoder"


def context(shelf: Shelf) -> ToolContext:
    return ToolContext(
        engines=EncoderAlone(shelf.encoder),  # type: ignore[arg-type]
        request="make an album of dogs",
        language="en",
        files=(shelf.store.root,),
    )


def test_the_tool_tells_the_album_and_hands_the_page_over(shelf: Shelf) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    shelf.searcher()
    *said, result = make_album(context(shelf), theme="dogs")
    assert isinstance(result, ToolResult)
    assert len(said) == 3
    assert result.spoken.startswith("I made an album of 1 photo, from 12 July 2025.")
    assert Path(result.artifacts[0]).parent == albums.albums().resolve()
    assert Path(result.artifacts[0]).is_file()


def test_the_tool_says_when_the_page_cannot_be_written(shelf: Shelf) -> None:
    shelf.add("1.png", tiles(1), SUMMER)
    shelf.searcher()
    albums.albums().write_text("in the way")
    with pytest.raises(ToolError, match="can't write the album"):
        list(make_album(context(shelf), theme="dogs"))
