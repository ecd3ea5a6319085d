"""How well faults of pictures are found, on pictures spoiled in grades, and what is said then.

Grades 2 and 3 of a degradation are to be found as their fault; at grade 1 the fault or none is
right. Grade 4 of light, lens, wall and tiny text leaves nothing to be made out: there the whole
describer is asked, and whatever it names that is not there is invented. Framing needs boxes:
it is judged on text that was found wholly inside the whole picture, and on photos whose
subject was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import yaml

from assistant.evaluation import degraded
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.degraded import Degraded
from assistant.evaluation.describing import judge, rate
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.types import Reading
from assistant.vision import faults, framing, legibility
from assistant.vision.quality import Limits, Quality, limits, measure

KINDS: Final = ("photo", "text_image", "two_class_photo")
_AS_IT_IS: Final = "two_class_photo"  # single things on a table: only false alarms are counted
_TRUTH: Final = Path(__file__).with_name("degraded_truth.yaml")
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "cover": ("covered", "too_dark"),  # from a black picture nobody can tell which
    "darkness": ("too_dark", "covered"),
    "glare": ("too_bright", "low_contrast"),  # a veil of light makes dark things pale
    "tiny_text": ("text_too_small", "too_small"),  # with the same fix
}
"""Faults that are right for a degradation, where there is more than one; the first two at
grade 4 only."""
_FRAMED: Final = ("cut_off", "text_too_small", "too_small")  # told by boxes, not by measures
_ANY_GRADE: Final = ("glare", "tiny_text")
_RESAMPLES: Final = 1000  # of the pictures, for the interval of F1


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One picture, as it is or spoiled, and what was measured."""

    picture: str  # the case's name
    kind: str  # of degradation, or `clean`
    grade: int  # 0 as it is
    expected: tuple[str, ...]  # kinds of fault of which one is to be told; none: no fault
    allowed: tuple[str, ...] = ()  # kinds that are true as well, and need not be told
    way: str  # the side or the turn that the fix should name
    quality: Quality
    framed: str | None = None  # what `framing` tells, where it was asked
    retake: bool | None = None  # told to take it again and nothing else, at grade 4
    invented: bool | None = None  # something told that is not there, at grade 4

    def told(self, given: Limits) -> str | None:
        """The fault that is told under these thresholds, as a key; what the boxes of a thing
        or a text tell comes first, as in the tools: who can find it can place it."""
        return self.framed or self.quality.fault(given)


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Score the packaged thresholds; `scripts/calibrate_quality.py` gives held-out figures."""
    rows = [row for case in cases if case.kind in KINDS for row in observe(case, engines)]
    told = [(row, row.told(limits())) for row in rows]
    return Report(
        name="quality",
        n=len(rows),
        metrics={**score(told), **spoken(rows)},
        rows=[
            {
                "file": row.picture,
                "kind": row.kind,
                "grade": row.grade,
                "expected": row.expected,
                "told": key,
            }
            for row, key in told
        ],
    )


def observe(case: Case, engines: Engines) -> Iterator[Observed]:
    """The picture as it is, and every degradation of it that makes sense."""
    picture = degraded.camera_size(Picture.open(case.file))
    seen = known(case)
    box, reading = _subject(picture, case, engines)
    yield Observed(
        picture=case.name,
        kind="clean",
        grade=0,
        expected=tuple(seen.get("faults", ())),
        allowed=tuple(seen.get("allowed", ())),
        way="",
        quality=measure(picture),
        framed=_framed(picture, case, engines, reading),
    )
    if case.kind == _AS_IT_IS:
        return
    for made in degraded.optical(picture):
        yield _observed(made, case, engines, looked=made.grade == 4)
    if seen.get("level", True):
        for grade in degraded.GRADES:
            yield _observed(degraded.spoiled(picture, "tilt", grade), case, engines)
    if box is not None:
        sides = framing.SIDES
        first = int(hashlib.sha256(case.name.encode()).hexdigest(), 16)
        for step, side in enumerate(sides):
            made = degraded.cropped(picture, box, side, 2 + (first + step) % 2)
            yield _observed(made, case, engines)
    if reading is not None and reading.lines:
        height = median(min(b[2] - b[0], b[3] - b[1]) for b in (x.box for x in reading.lines))
        for grade in degraded.GRADES:
            made = degraded.tiny_text(picture, height, grade)
            yield _observed(made, case, engines, looked=grade == 4)


def _observed(made: Degraded, case: Case, engines: Engines, *, looked: bool = False) -> Observed:
    quality = measure(made.picture)
    framed, retake, invented = None, None, None
    if made.kind in ("crop", "tiny_text"):
        framed = _framed(made.picture, case, engines)
    if looked:
        retake, invented = _described(made, case, engines)
    expected: tuple[str, ...] = (made.fault,)
    if made.kind in _ANY_GRADE or made.grade == 4:
        expected = _ALSO.get(made.kind, expected)
    return Observed(
        picture=case.name,
        kind=made.kind,
        grade=made.grade,
        expected=expected,
        way=made.way,
        quality=quality,
        framed=framed,
        retake=retake,
        invented=invented,
    )


def _subject(
    picture: Picture, case: Case, engines: Engines
) -> tuple[tuple[int, int, int, int] | None, Reading | None]:
    """Where the thing or the text of a picture is, if it lies wholly inside."""
    if case.kind == "text_image":
        reading: Reading = engines.get("text_reader").read(picture)
        boxes = [line.box for line in reading.lines]
        if not boxes or framing.of_text(reading, picture):
            return None, reading
        corners = np.array(boxes)
        low, high = corners.min(axis=0), corners.max(axis=0)
        return (int(low[0]), int(low[1]), int(high[2]), int(high[3])), reading
    found = framing.subject(_things(picture, engines), picture.width, picture.height)
    box = found.box if found is not None else None
    # What is so small that it should be brought closer would be told so first.
    whole = box is not None and framing.of_thing(box, picture.width, picture.height) is None
    return (box if whole else None), None


def _things(picture: Picture, engines: Engines) -> Sequence[Any]:
    things: Sequence[Any] = engines.get("scene_describer").describe(picture).objects
    return things


def _framed(
    picture: Picture, case: Case, engines: Engines, reading: Reading | None = None
) -> str | None:
    """What hinders reading the text, or whether the subject of a photo is cut off."""
    width, height = picture.width, picture.height
    if case.kind == "text_image":
        reader = engines.get("text_reader")
        key = legibility.hindrance(picture, reading or reader.read(picture), reader)
        return key if key is not None and faults.kind(key) in _FRAMED else None
    found = framing.subject(_things(picture, engines), width, height)
    if found is None or found.box is None:
        return None
    return framing.cut_off(framing.sides(found.box, width, height))


def _described(made: Degraded, case: Case, engines: Engines) -> tuple[bool, bool]:
    """Whether a fault is told with its fix and nothing is named or quoted; whether something
    is that is not there."""
    scene = engines.get("scene_describer").describe(made.picture)
    names = {thing.name for thing in scene.objects}
    shown = case.truth if made.kind not in ("cover", "wall") else {}
    there = Case(file=case.file, kind=case.kind, truth=shown, name=case.name)
    absent = judge(names, there).invented if shown else tuple(names)
    letters = _letters(str(case.truth.get("text", ""))) if shown else ""
    false_text = any(_letters(text) not in letters for text in scene.texts)
    retake = bool(scene.faults) and not (scene.objects or scene.texts)
    return retake, bool(absent) or false_text


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def score(told: Sequence[tuple[Observed, str | None]]) -> dict[str, Any]:
    """Precision, recall and F1, of each fault and of all, and false alarms on clean pictures."""
    clean = [(row, key) for row, key in told if row.kind == "clean" and not row.expected]
    ways = [
        (row.way, key)
        for row, key in told
        if row.grade > 1 and row.way and key and _right(row, key)
    ]
    named = [(way, said) for way, key in ways if (said := faults.way(key))]
    counts = _counts(told)
    return {
        "f1": _f1(sum(counts.values(), start=np.zeros(3))),
        "f1_interval": _interval(told),
        "by_fault": {fault: _figures(count) for fault, count in sorted(counts.items())},
        "false_alarms_clean": rate(
            sum(key is not None and not _allowed(row, key) for row, key in clean), len(clean)
        ),
        "true_and_optional_clean": sum(_allowed(row, key) for row, key in clean),
        "way_right": rate(sum(way == said for way, said in named), len(named)),
        "found_by_grade": {
            f"{kind} {grade}": rate(sum(_right(row, key) for row, key in rows), len(rows))
            for kind in degraded.FAULT
            for grade in degraded.GRADES
            if (rows := [r for r in told if r[0].kind == kind and r[0].grade == grade])
        },
    }


def spoken(rows: Iterable[Observed]) -> dict[str, Any]:
    """What the describer says of pictures in which nothing can be made out."""
    lost = [row for row in rows if row.retake is not None]
    return {
        "unreadable_retake": rate(sum(bool(row.retake) for row in lost), len(lost)),
        "unreadable_invented": rate(sum(bool(row.invented) for row in lost), len(lost)),
    }


def _right(row: Observed, key: str | None) -> bool:
    return key is not None and faults.kind(key) in row.expected


def _allowed(row: Observed, key: str | None) -> bool:
    return key is not None and faults.kind(key) in row.allowed


def _counts(told: Iterable[tuple[Observed, str | None]]) -> dict[str, Any]:
    """Fault -> found, falsely told, missed. What is true and need not be told counts nowhere."""
    counts: dict[str, Any] = {}
    for row, key in told:
        if _allowed(row, key):
            continue
        if _right(row, key):
            if row.grade != 1:
                counts.setdefault(row.expected[0], np.zeros(3))[0] += 1
            continue
        if key is not None:
            counts.setdefault(faults.kind(key), np.zeros(3))[1] += 1
        if row.expected and row.grade != 1:
            counts.setdefault(row.expected[0], np.zeros(3))[2] += 1
    return counts


def _f1(count: Any) -> float:
    found, false, missed = (float(v) for v in count)
    return round(2 * found / max(2 * found + false + missed, 1.0), 3)


def _figures(count: Any) -> dict[str, Any]:
    found, false, missed = (int(v) for v in count)
    return {
        "precision": rate(found, found + false),
        "recall": rate(found, found + missed),
        "f1": _f1(count),
    }


def _interval(told: Sequence[tuple[Observed, str | None]]) -> list[float]:
    """95 % interval of F1, by resampling pictures with all that was made of them.

    The percentile bootstrap (Efron and Tibshirani 1993, "An introduction to the bootstrap",
    chapter 13).
    """
    groups: dict[str, list[tuple[Observed, str | None]]] = {}
    for row, key in told:
        groups.setdefault(row.picture, []).append((row, key))
    each = np.array([sum(_counts(g).values(), start=np.zeros(3)) for g in groups.values()])
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(each), (_RESAMPLES, len(each)))
    values = [_f1(each[choice].sum(axis=0)) for choice in drawn]
    return [round(float(v), 3) for v in np.percentile(values, [2.5, 97.5])]


def known(case: Case) -> Mapping[str, Any]:
    """What `degraded_truth.yaml` says of a picture, by its content."""
    key = hashlib.sha256(case.file.read_bytes()).hexdigest()[:12]
    found: Mapping[str, Any] = _written().get(key, {})
    return found


@cache
def _written() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(_TRUTH.read_text(encoding="utf-8"))
    return found
