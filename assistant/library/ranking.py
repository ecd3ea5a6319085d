"""Three rankings of a library's photos for one query, and their fusion by reciprocal rank.

Content is compared in the encoder's space; the things that the query names are looked up among
the tags; its words by BM25 among what is read in the pictures (Cormack, Clarke and Buettcher,
"Reciprocal rank fusion", SIGIR 2009).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from assistant.library.concepts import Concept
from assistant.library.store import PhotoStore
from assistant.library.vectors import Ids
from assistant.library.words import meaningful, tokens

LOOKED_AT: Final = 1000
"""Photos of each ranking."""
_RANK: Final = 20
"""The constant of reciprocal rank fusion: 60 in the paper, for lists of a thousand documents."""
_WEIGHTS: Final = {"content": 1.0, "things": 0.7, "text": 1.0}
_COVERED: Final = 0.5  # of what a query names, weighed by rarity, that a match bears
_GENERAL: Final = 0.3  # of the evidence by a thing's name, that the name of its kind is worth
_SAID: Final = 0.5  # of a query's words that stand in a match's text
_NEAR: Final = 0.2  # of the cosine of a match, that photos have which a description may mean


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """One view of a query: ids, the best first, and which of them match by it alone."""

    name: str
    ids: list[int]
    matches: frozenset[int]
    near: frozenset[int] = frozenset()  # which a description may mean
    shares: Mapping[int, float] = field(default_factory=dict)  # of its weight, where not all


def fused(rankings: Sequence[Ranking], ids: Iterable[int]) -> dict[int, float]:
    """The score of each of these photos, 0 to 1."""
    scores = dict.fromkeys(ids, 0.0)
    best = sum(_WEIGHTS[ranking.name] for ranking in rankings if ranking.ids)
    for ranking in rankings:
        for rank, id in enumerate(ranking.ids):
            if id in scores:
                weight = _WEIGHTS[ranking.name] * ranking.shares.get(id, 1.0)
                scores[id] += weight / best * (_RANK + 1) / (_RANK + rank + 1)
    return scores


def newest_first(store: PhotoStore, ids: Iterable[int]) -> list[int]:
    """Photos by the time they were taken, those without one last."""
    rows = store.rows(
        "SELECT id FROM contents WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY taken_at IS NULL, taken_at DESC, id DESC",
        json.dumps(list(ids)),
    )
    return [row[0] for row in rows]


def by_content(nearest: list[int], cosines: Mapping[int, float], cut: float) -> Ranking:
    """Photos by their cosines, from the nearest on; those from `cut` on match."""
    return Ranking(
        name="content",
        ids=nearest,
        matches=frozenset(id for id in nearest if cosines[id] >= cut),
        near=frozenset(id for id in nearest if cosines[id] >= _NEAR * cut),
    )


def by_things(
    store: PhotoStore, asked: Sequence[Concept], only: Ids | None, nearest: list[int], photos: int
) -> Ranking:
    """Photos by the rarity of what they bear of what the query names.

    What only bears the name of a kind that the thing belongs to ranks lower, and does not
    match. Of equal ones the nearer in the encoder's space comes first, then the newer.

    Args:
        nearest: ids by content.
        photos: how many the library has.
    """
    own: dict[int, float] = {}
    scores: dict[int, float] = {}
    whole = 0.0
    for concept in asked:
        bearing, general = store.tagged(concept.tags), store.tagged(concept.above)
        rarity, rarity_above = (_rarity(found, photos) for found in (bearing, general))
        whole += rarity
        for id, sure in bearing.items():
            own[id] = own.get(id, 0.0) + rarity * sure
        for id in bearing.keys() | general.keys():
            least = _GENERAL * rarity_above * general.get(id, 0.0)
            scores[id] = scores.get(id, 0.0) + max(rarity * bearing.get(id, 0.0), least)
    allowed = scores.keys() if only is None else scores.keys() & set(only.tolist())
    highest = sorted((scores[id] for id in allowed), reverse=True)[:LOOKED_AT]
    place = {id: rank for rank, id in enumerate(nearest)}
    ids = sorted(
        newest_first(store, (id for id in allowed if scores[id] >= highest[-1])),
        key=lambda id: (-scores[id], place.get(id, len(place))),
    )[:LOOKED_AT]
    enough = _COVERED * whole
    return Ranking(
        name="things",
        ids=ids,
        matches=frozenset(id for id in ids if own.get(id, 0.0) >= enough > 0),
        near=frozenset(ids),
        shares=dict.fromkeys(set(ids) - own.keys(), _GENERAL),
    )


def by_words(
    store: PhotoStore, content: str, asked: Sequence[Concept], only: Ids | None
) -> Ranking:
    """Photos whose text or caption holds words of the query, by BM25.

    The name of a thing is no sign of it by itself: a plaque that says "people" shows none. So a
    match holds another word of the query, or all of them.
    """
    words = meaningful(content)
    if not words:
        return Ranking(name="text", ids=[], matches=frozenset())
    allowed = None if only is None else set(only.tolist())
    held = store.said(words, allowed, LOOKED_AT)
    named = {token for concept in asked for token in tokens(concept.word)}
    others = [word for word in words if word not in named]
    telling = store.said(others, allowed, LOOKED_AT) if others else {}
    return Ranking(
        name="text",
        ids=list(held),
        matches=frozenset(
            id
            for id, count in held.items()
            if count == len(words) or (count >= _SAID * len(words) and telling.get(id))
        ),
        shares={id: min(1.0, count / (_SAID * len(words))) for id, count in held.items()},
    )


def _rarity(bearing: Mapping[int, float], photos: int) -> float:
    """How much it tells that a photo bears something, by how few do."""
    return math.log((photos + 1) / (sum(bearing.values()) + 0.5))
