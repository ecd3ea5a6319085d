"""The things that a request names, as the tags that photos bear, in English and Chinese."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from assistant.languages import language_of
from assistant.library.concepts import concepts, nothing_else
from assistant.library.records import CONTENT, Entry, Found
from assistant.library.search import Searcher
from assistant.library.seeing import Encoding
from assistant.library.store import PhotoStore
from assistant.vision import wordnet
from assistant.vision.look import classes
from assistant.vision.names import names
from tests.small_library import ColourEncoder


def asked(query: str) -> frozenset[str]:
    """Every tag that a query asks for."""
    return frozenset().union(*(concept.tags for concept in concepts(query)))


def chinese_table() -> dict[str, list[str]]:
    return {row[0]: row[2].split() for row in wordnet.rows("chinese.tsv")}


def test_every_class_is_found_by_each_of_its_chinese_words() -> None:
    table = chinese_table()
    missed = [
        (classes()[place], word)
        for place, id in enumerate(wordnet.imagenet())
        for word in table.get(id, ["nothing"])
        if classes()[place] not in asked(f"{word}的照片")
    ]
    assert missed == []


def test_every_class_is_found_by_its_english_name() -> None:
    missed = []
    for name in classes():
        bare = re.sub(r" \(.*\)| / .*|,.*| or .*", "", name)
        if len(bare.split()) <= 3 and bare.isascii() and name not in asked(f"a photo of a {bare}"):
            missed.append(name)
    # Words whose everyday meaning is another name of the list, and names with apostrophes.
    assert len(missed) <= 12, missed


def test_every_spoken_name_is_found_by_its_chinese() -> None:
    assert [n for n, name in names().items() if n not in asked(f"一张{name.chinese}")] == []


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("狮子", "lion"),
        ("草地上的奶牛", "cow"),
        ("沙滩", "beach"),
        ("金毛", "Golden Retriever"),
        ("高铁", "high-speed train"),
        ("high-speed trains", "high-speed train"),
        ("腊肠犬", "dog"),  # no class of its own: its kind
        ("a dachshund", "dog"),
        ("郁金香", "flower"),
        ("年夜饭", "food"),
        ("海马", "fish"),  # not a horse, though it ends like one
    ],
)
def test_words_name_tags(query: str, tag: str) -> None:
    assert tag in asked(query)


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("our cat", "lion"),  # in WordNet a big cat is a cat in another sense
        ("toys", "Chihuahua"),  # toy dogs
        ("a dress", "jeans"),
        ("海马", "horse"),
        ("大家", "building"),
        ("五分钟", "clock"),
        ("a trowel", "tool"),  # its nearest name is too wide
    ],
)
def test_words_do_not_name_what_only_sounds_alike(query: str, tag: str) -> None:
    assert tag not in asked(query)


@pytest.mark.parametrize("query", ["a submarine", "submarines", "潜水艇", "狗和猫"])
def test_a_query_of_names_alone(query: str) -> None:
    assert nothing_else(query, concepts(query))


@pytest.mark.parametrize("query", ["a red car", "跑步的狗", "dogs at sunset"])
def test_a_query_that_says_more(query: str) -> None:
    assert not nothing_else(query, concepts(query))


# --- ranking -----------------------------------------------------------------------------


@dataclass
class Near(ColourEncoder):
    """An encoder to which every text is like the first picture, by this cosine."""

    cosine: float = 0.4
    id: str = "near"

    def texts(self, texts):  # type: ignore[no-untyped-def]
        vector = np.zeros((len(texts), self.dim), np.float32)
        vector[:, 0], vector[:, 1] = self.cosine, np.sqrt(1 - self.cosine**2)
        return vector

    def cut(self, query):  # type: ignore[no-untyped-def]
        return 0.3


def library(tmp_path: Path, tags: list[tuple[tuple[str, float], ...]], **more) -> Searcher:  # type: ignore[no-untyped-def]
    """Photos with these tags; only the first one's vector is near a query's."""
    root = tmp_path / "photos"
    root.mkdir()
    store = PhotoStore(root, tmp_path / "library")
    entries = []
    for number, own in enumerate(tags):
        (root / f"{number}.jpg").touch()
        vector = np.zeros(ColourEncoder.dim, np.float32)
        vector[0 if number == 0 else 2] = 1
        found = Found(folder=b"", name=f"{number}.jpg".encode(), size=1, mtime=1, ctime=1)
        entry = Entry(
            hash=number.to_bytes(20, "big"), width=1, height=1, tags=own, vectors={CONTENT: vector}
        )
        entries.append((found, replace(entry, **{k: v[number] for k, v in more.items()})))
    encoder = Near()
    store.write(store.encoder(encoder.id), entries)
    return Searcher(store=store, encoder=encoder, seer=Encoding(encoder=encoder))


def found(searcher: Searcher, query: str) -> list[str]:
    return [hit.photo.file.stem for hit in searcher.find(query).hits]


def test_a_thing_that_would_have_been_seen_is_not_found_by_likeness(tmp_path: Path) -> None:
    searcher = library(tmp_path, [(("boat", 0.9),), (("dog", 0.9),)])
    assert found(searcher, "潜水艇") == []
    assert found(searcher, "a submarine") == []
    assert found(searcher, "a submarine at dawn") == ["0"]  # what else is asked may be near
    assert found(searcher, "dogs") == ["1", "0"]


def test_photos_that_bear_a_thing_alike_come_by_likeness_then_by_date(tmp_path: Path) -> None:
    searcher = library(
        tmp_path,
        [(("dog", 0.9),)] * 4,
        taken_at=[datetime(2020, 1, 1), datetime(2021, 1, 1), datetime(2023, 1, 1), None],
    )
    assert found(searcher, "dogs") == ["0", "2", "1", "3"]


def test_the_name_of_a_thing_in_a_text_is_not_the_thing(tmp_path: Path) -> None:
    searcher = library(tmp_path, [(), (), ()], text=["", "The people's garden", "EXIT"])
    searcher.encoder.cosine = 0.0  # type: ignore[attr-defined]
    assert found(searcher, "people at the beach") == []
    assert found(searcher, "the exit sign") == ["2"]
    assert found(searcher, "people garden") == ["1"]


def test_telling_the_language_of_a_long_run_takes_no_time() -> None:
    began = time.perf_counter()
    assert language_of("a" * 300_000) == "en"
    assert language_of("总结 lecture.mp4") == "zh"
    assert language_of("see a.txt,b.pdf 这里") == "zh"
    assert time.perf_counter() - began < 2
