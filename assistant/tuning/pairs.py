"""Pairs of a picture and a text, read from a folder, and parted into training and held-out ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import InputError
from assistant.types import Picture

MANIFEST = "pairs.jsonl"
_KINDS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
_LEAST = 4  # pictures: two to learn from, two held out
_FORM = (
    f'write {MANIFEST} with a line {{"file": "a.jpg", "text": "..."}} a pair, '
    "or a.txt beside each a.jpg"
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A picture and one text that describes it; a picture may be in several."""

    file: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """What a folder holds, and which pictures could not be used."""

    training: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    failed: Mapping[str, str] = field(default_factory=dict)  # file -> reason


def read(folder: Path, *, held_out: float = 0.2) -> Pairs:
    """The pairs of a folder: its `pairs.jsonl`, or NAME.txt beside pictures.

    All texts of a picture fall into the same part, by a hash of the picture's bytes, so that
    copies of a picture do too, and the parting stays when the folder grows. Every picture is
    opened once; a bad one is left out and named.

    Raises:
        InputError: no folder, no pairs, a bad line, or fewer than four usable pictures.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", fix="name a folder of pictures and texts")
    manifest = folder / MANIFEST
    listed = list(_listed(folder, manifest) if manifest.is_file() else _beside(folder))
    if not listed:
        raise InputError(f"{folder} holds no pairs", fix=_FORM)
    keys: dict[Path, float] = {}
    failed: dict[str, str] = {}
    for file in dict.fromkeys(pair.file for pair in listed):
        try:
            Picture.open(file)
            keys[file] = _place(file.read_bytes())
        except (InputError, OSError) as error:
            failed[str(file)] = str(error)
    if len(set(keys.values())) < _LEAST:
        raise InputError(
            f"{folder} has {len(set(keys.values()))} usable pictures", fix=f"give at least {_LEAST}"
        )
    border = _border(sorted(set(keys.values())), held_out)
    usable = [pair for pair in listed if pair.file in keys]
    return Pairs(
        training=tuple(pair for pair in usable if keys[pair.file] > border),
        held_out=tuple(pair for pair in usable if keys[pair.file] <= border),
        failed=failed,
    )


def _listed(folder: Path, manifest: Path) -> Iterator[Pair]:
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            name, text = row["file"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{manifest} line {number} is no pair", fix=_FORM) from error
        if not (isinstance(name, str) and isinstance(text, str) and text.strip()):
            raise InputError(f"{manifest} line {number} is no pair", fix=_FORM)
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()):
            raise InputError(
                f"{manifest} line {number} names a file outside the folder", fix="copy it there"
            )
        yield Pair(file=file, text=text.strip())


def _beside(folder: Path) -> Iterator[Pair]:
    for file in sorted(folder.rglob("*")):
        words = file.with_suffix(".txt")
        if file.suffix.lower() in _KINDS and words.is_file():
            text = words.read_text(encoding="utf-8", errors="replace").strip()
            if text:
                yield Pair(file=file, text=" ".join(text.split()))


def _place(content: bytes) -> float:
    """A number in [0, 1) that only the content decides."""
    return int.from_bytes(hashlib.sha256(content).digest()[:6], "big") / 2**48


def _border(places: Sequence[float], share: float) -> float:
    """The place up to which pictures are held out: two at least, and two are left to learn from."""
    n = min(max(2, round(share * len(places))), len(places) - 2)
    return places[n - 1]
