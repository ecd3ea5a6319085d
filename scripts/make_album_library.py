"""Make a large library out of a small one that was indexed, to see how albums fare in it.

    python scripts/make_album_library.py FOLDER --like INDEXED [--count 10000] [--profile NAME]

Each photo of INDEXED is cut anew in eight ways; FOLDER gets links to these, each file with the
tags, text and vectors (with a little noise) of the photo it came from, in events of twenty photos
of one day and place. So what is searched is real, and files and times are made.
"""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from assistant.cli.output import open_engines
from assistant.library.records import CONTENT, LOOKS, Entry, Photo
from assistant.library.scan import stat_of
from assistant.library.seeing import seer
from assistant.library.session import existing
from assistant.library.store import PhotoStore
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.vision.motion import cells, fingerprint

CUTS, EVENT, BATCH = 8, 20, 500
PLACES = ((48.86, 2.35), (36.06, 120.38), (52.52, 13.40), (35.01, 135.77), (41.39, 2.17), None)


def cut(photo: Photo, folder: Path, chance: np.random.Generator) -> list[Path]:
    """Files of parts of a photo, at most 1,000 pixels long."""
    picture = Image.open(photo.file).convert("RGB")
    picture.thumbnail((1100, 1100))
    files = []
    for number in range(CUTS):
        share = chance.uniform(0, 0.1, 4)
        wide, high = picture.size
        box = (share[0] * wide, share[1] * high, (1 - share[2]) * wide, (1 - share[3]) * high)
        file = folder / f"{photo.id:05}-{number}.jpg"
        picture.crop(tuple(int(edge) for edge in box)).save(file, quality=85)
        files.append(file)
    return files


def noisy(vector: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    moved = vector + chance.normal(0, 0.05 / len(vector) ** 0.5, len(vector))
    return np.asarray(moved / max(np.linalg.norm(moved), 1e-9), np.float32)


def make(folder: Path, like: Path, count: int, profile: str | None) -> None:
    chance = np.random.default_rng(count)
    engines: Engines = open_engines(profile)
    cuts, files = folder / ".cuts", folder / "photos"
    cuts.mkdir(parents=True, exist_ok=True)
    files.mkdir(exist_ok=True)
    number = seer(engines).id
    with closing(existing(like)) as small, closing(PhotoStore(folder)) as large:
        own = small.encoder(number)
        vectors = {}
        for space in (CONTENT, LOOKS):
            known, matrix = small.vectors(own, space)
            vectors[space] = dict(zip(known.tolist(), matrix.astype(np.float32), strict=True))
        ids = [row[0] for row in small.rows("SELECT id FROM contents ORDER BY id")]
        photos = [photo for photo in small.photos(ids).values() if photo.id in vectors[CONTENT]]
        made = [(photo, cut(photo, cuts, chance)) for photo in photos]
        prints = {
            file: cells(fingerprint(Picture.open(file))).tobytes()
            for _, some in made
            for file in some
        }
        encoder, entries = large.encoder(number), []
        moment = datetime(2016, 1, 1, 9)
        for place in range(count):
            if place % EVENT == 0:
                moment = datetime(2016, 1, 1, 9) + timedelta(days=float(chance.integers(0, 3700)))
                where = PLACES[int(chance.integers(len(PLACES)))]
            photo, some = made[int(chance.integers(len(made)))]
            source = some[int(chance.integers(CUTS))]
            file = files / f"{place:06}.jpg"
            file.unlink(missing_ok=True)
            os.link(source, file)
            moment += timedelta(seconds=float(chance.integers(5, 900)))
            entry = Entry(
                hash=place.to_bytes(20, "big"),
                width=1000,
                height=750,
                taken_at=moment,
                place=where,
                camera="Canon EOS 80D",
                people=photo.people,
                text=photo.text,
                tags=photo.tags,
                print=prints[source],
                vectors={
                    space: noisy(known[photo.id], chance)
                    for space, known in vectors.items()
                    if photo.id in known
                },
            )
            entries.append((stat_of(file, b"photos", file.name.encode()), entry))
            if len(entries) == BATCH or place + 1 == count:
                large.write(encoder, entries)
                entries = []
    engines.close()


def main() -> None:
    """Make the library that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--like", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--profile")
    arguments = parser.parse_args()
    make(arguments.folder, arguments.like, arguments.count, arguments.profile)
    print(f"{arguments.count} photos in {arguments.folder}")


if __name__ == "__main__":
    main()
