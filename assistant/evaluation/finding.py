"""How well photos are found by their captions, in English and Chinese, and what finds nothing.

The folder's own pictures are the library, all of them, so those without a caption distract. They
are indexed like any library: the first run takes seconds a picture, later ones hardly any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from assistant.evaluation.cases import Case, Report
from assistant.evaluation.describing import key, rate
from assistant.library.records import Indexed
from assistant.library.search import Searcher
from assistant.library.session import indexing, open_library
from assistant.registry import Engines

_CHINESE: Final = Path(__file__).with_name("photo_captions_zh.yaml")
_LOOKED_AT: Final = 20  # results
ABSENT: Final = (
    *("an elephant", "a guitar", "a snowman", "an airplane at the airport", "a cat sleeping"),
    *("a bicycle", "our wedding", "a birthday party", "pizza", "a tennis match", "a whale"),
    *("a laptop computer", "fireworks at night", "a football game", "a tiger"),
    *("swimming pool", "riding a horse", "大象", "吉他", "雪人", "飞机", "猫", "自行车", "婚礼"),
    *("生日聚会", "披萨", "钢琴", "老虎", "游泳池", "骑马", "烟花", "手机"),
)
"""What none of the development pictures shows; other folders may."""


def evaluate(cases: Sequence[Case], engines: Engines) -> Report:
    """Recall of each captioned picture among the first 1, 5 and 10, by its own caption."""
    captioned = [case for case in cases if case.truth.get("caption") and key(case.file)]
    root = Path(*_common([case.file for case in captioned]))
    indexed = [event for event in indexing(engines, root) if isinstance(event, Indexed)][-1]
    with open_library(engines, root) as searcher:
        pictures = searcher.store.count()
        known = searcher.store.content_of
        captioned = [case for case in captioned if known(case.file) is not None]
        rows = [_row(searcher, case, "en", str(case.truth["caption"])) for case in captioned]
        rows += [
            _row(searcher, case, "zh", _chinese()[key(case.file)])
            for case in captioned
            if key(case.file) in _chinese()
        ]
        found = [query for query in ABSENT if searcher.find(query).hits]
    metrics: dict[str, Any] = {
        "pictures": pictures,
        "index_s": indexed.elapsed_s if indexed.added else None,
        "en": _recall([row for row in rows if row["language"] == "en"]),
        "zh": _recall([row for row in rows if row["language"] == "zh"]),
        "nothing": rate(len(ABSENT) - len(found), len(ABSENT)),
    }
    wrong = [{"query": query, "language": "", "rank": None} for query in found]
    return Report(name="finding", n=len(captioned), metrics=metrics, rows=[*rows, *wrong])


def _row(searcher: Searcher, case: Case, language: str, caption: str) -> Mapping[str, Any]:
    hits = searcher.find(caption, top=_LOOKED_AT).hits
    ranks = [n for n, hit in enumerate(hits) if hit.photo.file == case.file.resolve()]
    return {
        "file": case.name,
        "language": language,
        "query": caption,
        "rank": ranks[0] if ranks else None,  # from 0
    }


def _recall(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ranks = [row["rank"] for row in rows]
    return {
        f"recall@{count}": rate(sum(r is not None and r < count for r in ranks), len(ranks))
        for count in (1, 5, 10)
    }


def _common(files: Sequence[Path]) -> Sequence[str]:
    """The parts of the deepest folder that holds all files."""
    parts = [file.resolve().parent.parts for file in files]
    shortest = min(len(part) for part in parts)
    same = [n for n in range(shortest) if len({part[n] for part in parts}) == 1]
    return parts[0][: len(same)]


@cache
def _chinese() -> Mapping[str, str]:
    found: Mapping[str, str] = yaml.safe_load(_CHINESE.read_text(encoding="utf-8"))
    return found
