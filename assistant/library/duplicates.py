"""Copies in a library: files with one content, and pictures that look nearly the same.

Pictures that may be alike are found by a difference hash of 64 bits (Krawetz, "Kind of Like
That", 2013), of which one quarter has to agree, so that hashes up to three bits apart always
meet; whether they are alike is told by the fingerprint's 32 x 24 grey cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.library.store import PhotoStore
from assistant.vision.motion import changed

_CELLS: Final = (24, 32)
_ALIKE: Final = 0.02  # of the cells may differ
_SHAPE: Final = 0.05  # by which the sides' ratio may differ
_FLAT: Final = 3.0  # standard deviation of grey levels below which a picture shows nothing
_COMPARED: Final = 50  # pictures of one bucket that a further one is compared with

Cells = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Files that show the same, the best one first: most pixels, then most bytes."""

    kind: Literal["the same file", "nearly the same"]
    files: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Print:
    content: int
    cells: Cells  # [24, 32]
    shape: float  # width over height


def groups(store: PhotoStore) -> list[Group]:
    """All groups of two or more files."""
    near = _joined(_pairs(_prints(store)))
    inside = {content for group in near for content in group}
    found = [_group(store, contents, "nearly the same") for contents in near]
    rows = store.rows(
        "SELECT content FROM files WHERE content IS NOT NULL GROUP BY content"
        " HAVING count(*) > 1 ORDER BY content"
    )
    copies = [row[0] for row in rows if row[0] not in inside]
    return found + [_group(store, [content], "the same file") for content in copies]


def _prints(store: PhotoStore) -> Iterable[_Print]:
    last = 0
    while rows := store.rows(
        "SELECT id, print, width, height FROM contents WHERE id > ? AND length(print) = ?"
        " ORDER BY id LIMIT 1000",
        last, _CELLS[0] * _CELLS[1],
    ):  # fmt: skip
        last = rows[-1][0]
        for id, cells, width, height in rows:
            grey = np.frombuffer(cells, np.uint8).reshape(_CELLS)
            if grey.std() >= _FLAT:
                yield _Print(content=id, cells=grey, shape=width / height)


def _pairs(prints: Iterable[_Print]) -> Iterable[tuple[int, int]]:
    """Pictures that are alike; of a crowd, each with one of those before it."""
    buckets: defaultdict[tuple[int, int], list[_Print]] = defaultdict(list)
    for one in prints:
        compared: set[int] = set()
        for key in _keys(one.cells):
            for other in buckets[key]:
                if other.content not in compared:
                    compared.add(other.content)
                    if _alike(one, other):
                        yield other.content, one.content
            if len(buckets[key]) < _COMPARED:
                buckets[key].append(one)


def _alike(one: _Print, other: _Print) -> bool:
    if abs(one.shape / other.shape - 1) > _SHAPE:
        return False
    return changed(one.cells, other.cells) <= _ALIKE


def _keys(cells: Cells) -> list[tuple[int, int]]:
    """The four quarters of the difference hash, each with its number."""
    small = cv2.resize(cells, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint16)
    return [(number, int(quarter)) for number, quarter in enumerate(bits)]


def _joined(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Groups of contents that are joined by pairs (union-find)."""
    above: dict[int, int] = {}

    def root(content: int) -> int:
        while above.setdefault(content, content) != content:
            above[content] = above[above[content]]
            content = above[content]
        return content

    for first, second in pairs:
        above[root(second)] = root(first)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for content in above:
        found[root(content)].append(content)
    return sorted(sorted(group) for group in found.values())


def _group(
    store: PhotoStore,
    contents: Sequence[int],
    kind: Literal["the same file", "nearly the same"],
) -> Group:
    sizes = {
        content: store.rows(
            "SELECT c.width * c.height, max(f.size) FROM contents c JOIN files f"
            " ON f.content = c.id WHERE c.id = ?",
            content,
        )[0]
        for content in contents
    }
    ranked = sorted(contents, key=lambda content: sizes[content], reverse=True)
    return Group(kind=kind, files=tuple(f for content in ranked for f in store.files(content)))
