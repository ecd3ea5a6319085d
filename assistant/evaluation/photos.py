"""Requests for photos against cases: exact filters, the right first photo, and nothing.

The library is made: small JPEG files with EXIF are indexed like any others, but what they show
is told rather than recognised (tags, people, text), so that the understanding of requests and
the ranking are scored, and not the networks. Vectors come from the profile's encoder.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import yaml
from PIL import Image

from assistant.errors import InputError
from assistant.evaluation.cases import Report
from assistant.evaluation.photo_filters import NAMES, wrong
from assistant.interfaces import ImageTextEncoder
from assistant.jobs import Jobs
from assistant.languages import language_of
from assistant.library.indexing import Indexer
from assistant.library.query import parse
from assistant.library.records import CONTENT
from assistant.library.search import Searcher
from assistant.library.seeing import LookEncoder, Noted
from assistant.library.store import PhotoStore
from assistant.registry import Engines
from assistant.types import Picture
from assistant.vision.look import Look, classes
from assistant.vision.names import cover, names

Row = dict[str, Any]
_SURE = 0.9  # of the first tag; each next one is a tenth less


def evaluate(folder: Path, engines: Engines) -> Report:
    """Ask the queries of `frozen.yaml` in a folder of the library that `library.yaml` describes.

    Report `photos`: share of queries with all filters exact, overall, by language and by filter;
    share of right first photos where one is named, and of those whose content the `tags` encoder
    has a word for (`known`: of another content no tag can tell); share of "nothing" where
    nothing fits; the time to take a request apart (ms, median and longest). Loading is not timed.

    Raises:
        InputError: a file is missing.
        EngineError: the encoder cannot make vectors of what is told (only `tags` can).
    """
    library, queries = _read(folder / "library.yaml"), _read(folder / "frozen.yaml")["queries"]
    known = {str(photo["id"]) for photo in library["photos"] if _known(photo)}
    with (
        tempfile.TemporaryDirectory(prefix="assistant-") as made,
        indexed(library["photos"], Path(made), engines) as searcher,
    ):
        parse("in Tuscany", language="en", now=library["now"])  # loads names and towns
        rows = [_asked(query, searcher, library["now"], known) for query in queries]
    return Report(name="photos", n=len(rows), metrics=_metrics(rows), rows=rows)


def _read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {file}", fix="name a folder that has it") from error


def _asked(case: Mapping[str, Any], searcher: Searcher, now: datetime, known: Set[str]) -> Row:
    text = str(case["q"])
    language = language_of(text)
    began = time.perf_counter()
    query = parse(text, language=language, now=now)
    elapsed = time.perf_counter() - began
    answer = searcher.ask(query, top=3)
    found = [hit.photo.file.stem for hit in answer.hits]
    return {
        "q": text,
        "language": language,
        "wrong": wrong(case, query),
        "asked": [name for name in NAMES if name in _named(case)],
        "content": query.content,
        "first": case.get("first"),
        "known": case.get("first") in known,
        "nothing": bool(case.get("nothing")),
        "found": found,
        "parse_ms": 1000 * elapsed,
    }


def _named(case: Mapping[str, Any]) -> set[str]:
    """The filters that a case has."""
    place = {"place"} if {"near", "country", "region"} & case.keys() else set()
    return place | set(case)


def _metrics(rows: Sequence[Row]) -> dict[str, Any]:
    spent = sorted(row["parse_ms"] for row in rows)
    told = [row for row in rows if row["first"]]
    none = [row for row in rows if row["nothing"]]
    return {
        "filters_exact": _share([not row["wrong"] for row in rows]),
        "filters_exact_by_language": {
            language: _share([not row["wrong"] for row in rows if row["language"] == language])
            for language in sorted({row["language"] for row in rows})
        },
        "exact_where_asked": {
            name: _share([name not in row["wrong"] for row in rows if name in row["asked"]])
            for name in NAMES
        },
        "first_right": _firsts(told),
        "first_right_n": len(told),
        "first_right_known": _firsts([row for row in told if row["known"]]),
        "first_right_known_n": sum(row["known"] for row in told),
        "nothing_right": _share([not row["found"] for row in none]),
        "nothing_right_n": len(none),
        "parse_median_ms": spent[len(spent) // 2] if spent else None,
        "parse_longest_ms": spent[-1] if spent else None,
    }


def _firsts(rows: Sequence[Row]) -> dict[str, float | None]:
    """The share of right first photos, overall and by language."""
    right = [(row["language"], row["found"][:1] == [row["first"]]) for row in rows]
    languages = sorted({language for language, _ in right})
    return {"all": _share([is_it for _, is_it in right])} | {
        one: _share([is_it for language, is_it in right if language == one]) for one in languages
    }


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


# --- the made library -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Told:
    """A `Seer` that is told what each file shows; vectors come from an encoder of looks."""

    batch: ClassVar[int] = 32
    longest: ClassVar[int] = 64
    encoder: LookEncoder
    shows: Mapping[str, Look]  # by the file's stem
    id: str = "told"

    def see(self, pictures: Sequence[Picture]) -> list[Noted]:
        """What is told of each picture, and its vector."""
        looks = [self.shows[Path(picture.source).stem] for picture in pictures]
        vectors = self.encoder.looks(looks)
        return [
            Noted(look=look, vectors={CONTENT: vector})
            for look, vector in zip(looks, vectors, strict=True)
        ]


@contextlib.contextmanager
def indexed(
    photos: Sequence[Mapping[str, Any]], folder: Path, engines: Engines
) -> Iterator[Searcher]:
    """A library of made photos, to be searched; it lies in the folder, beside its pictures.

    Raises:
        InputError: the profile's encoder makes vectors of pixels only.
    """
    encoder = engines.get("image_text_encoder")
    if not isinstance(encoder, LookEncoder):
        raise InputError(
            "these photos are told, not seen", fix="use a profile whose encoder is tags"
        )
    root = folder / "pictures"
    root.mkdir()
    for number, photo in enumerate(photos):
        write(root / f"{photo['id']}.jpg", photo, number)
    texts: ImageTextEncoder = engines.get("image_text_encoder")
    seer = Told(encoder=encoder, shows={str(p["id"]): _look(p) for p in photos})
    with (
        contextlib.closing(PhotoStore(root, folder / "library")) as store,
        contextlib.closing(Jobs(folder)) as jobs,
        jobs.claim("photos", str(root)) as job,
    ):
        for _ in Indexer(store, seer, job).run():
            pass
        yield Searcher(store=store, encoder=texts, seer=seer)


def _look(photo: Mapping[str, Any]) -> Look:
    tags: dict[str, float] = {}
    for number, tag in enumerate(photo["tags"]):
        for name in (str(tag), *_above(str(tag))):
            tags.setdefault(name, round(_SURE - 0.1 * number, 2))
    people = photo.get("people")
    return Look(tags=tuple(tags.items()), people=people or None, text=str(photo.get("text", "")))


def _above(tag: str) -> list[str]:
    """The names that a `Looker` notes with an ImageNet class: those above it in WordNet."""
    if tag not in classes():
        return []
    labels, covered = cover()
    return [labels[row] for row in np.flatnonzero(covered[:, classes().index(tag)])]


def _known(photo: Mapping[str, Any]) -> bool:
    """Whether the `tags` encoder has a word for what comes first in a photo."""
    return str(photo["tags"][0]) in {*classes(), *names()}


def write(file: Path, photo: Mapping[str, Any], seed: int) -> None:
    """A small JPEG of noise with the EXIF of a photo: time, place, maker and model."""
    noise = np.random.default_rng(seed).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    exif = Image.Exif()
    maker, _, model = str(photo.get("camera", "")).partition(" ")
    if maker:
        exif[0x010F], exif[0x0110] = maker, model
    if "taken" in photo:
        exif.get_ifd(0x8769)[0x9003] = _moment(photo["taken"]).strftime("%Y:%m:%d %H:%M:%S")
    if "place" in photo:
        latitude, longitude = photo["place"]
        exif.get_ifd(0x8825).update(
            {
                1: "N" if latitude >= 0 else "S",
                2: _degrees(latitude),
                3: "E" if longitude >= 0 else "W",
                4: _degrees(longitude),
            }
        )
    Image.fromarray(noise).save(file, exif=exif)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _degrees(value: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds, as EXIF has them."""
    whole, minutes = divmod(abs(value) * 60, 60)
    return float(whole), float(int(minutes)), round(60 * (minutes % 1), 2)
