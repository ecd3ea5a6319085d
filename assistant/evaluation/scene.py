"""How a scene is told: true or not, how sure, where, how soon, how briefly, and how safely."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation import asking
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.describing import KIND, judge, looked_at, people, rate
from assistant.events import Sentence
from assistant.interfaces import Options, SceneDescriber
from assistant.languages import length
from assistant.registry import Engines
from assistant.safety import SpeechFilter, clearance_in
from assistant.settings import CameraSettings
from assistant.types import Picture, Scene, SceneObject, SentenceKind
from assistant.vision import geometry, sentence

_LANGUAGES: Final = ("en", "zh")
_PERCENTILES: Final = {"p50": 50, "p95": 95}


@dataclass(frozen=True, kw_only=True)
class Naming:
    """A name that was spoken, how sure its engine was, and whether the thing is there."""

    photo: int
    confidence: float  # 0 to 1
    there: bool


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Score the profile's scene describer on the photos among the cases.

    Rates have 95 % intervals (Wilson). Of photos: `correct` (something there was named and
    nothing else), `wrong` (something was named that is not there), `abstained`. Of names:
    `invented_rate`. `risk_coverage`: for each confidence from which names would be spoken, the
    share of photos with a name and the share of names that are not there. `direction_error_deg`
    against middles found by eye. `first_spoken_s`: from the picture to the first sound of its
    description, looking and synthesis one after the other. `safety`: sentences of both
    languages that clear a way after the rules of speech, asked for it or not.
    """
    describer: SceneDescriber = engines.get("scene_describer")
    rows: list[dict[str, Any]] = []
    names: list[Naming] = []
    photos = [case for case in cases if case.kind == KIND]
    for number, case in enumerate(photos):
        try:
            row, found = _described(number, case, describer, engines)
        except AssistantError as error:
            rows.append({"file": case.name, "error": str(error)})
            continue
        rows.append(row)
        names += found
    good = [row for row in rows if "error" not in row]
    metrics = {
        "engine": str(getattr(describer, "name", "")),
        **_outcomes(good),
        "risk_coverage": risk_coverage(names, len(good)),
        "direction_error_deg": _spread([e for row in good for e in row["direction_errors"]]),
        "first_spoken_s": _spread([r["first_spoken_s"] for r in good if r["first_spoken_s"]]),
        "describe_s": _spread([row["elapsed_s"] for row in good]),
        "first_sentence": _brevity(good),
        "questions": asking.metrics([answer for row in good for answer in row["answers"]]),
        "safety": _safety(good),
        "failed": len(rows) - len(good),
    }
    return Report(name="scene", n=len(rows), metrics=metrics, rows=rows)


def _described(
    number: int, case: Case, describer: SceneDescriber, engines: Engines
) -> tuple[dict[str, Any], list[Naming]]:
    picture = Picture.open(case.file)
    start = time.perf_counter()
    scene = describer.describe(picture)
    elapsed = time.perf_counter() - start
    sounded = _first_sound(scene.sentence, engines)
    best: dict[str, float] = {}
    for thing in scene.objects:
        best[thing.name] = max(best.get(thing.name, 0.0), thing.confidence)
    verdict = judge(best, case)
    row = {
        "file": case.name,
        "sentence": scene.sentence,
        "hits": verdict.hits,
        "invented": verdict.invented,
        "people": scene.people,
        "people_truth": people(case),
        "direction_errors": direction_errors(scene.objects, case, picture, engines.profile.camera),
        "elapsed_s": round(elapsed, 3),
        "first_spoken_s": round(elapsed + sounded, 3) if sounded is not None else None,
        "words": length(scene.sentence, "en"),
        "answers": asking.asked(picture, case, describer),
        **_spoken(picture, scene, describer),
    }
    found = [
        Naming(photo=number, confidence=sure, there=name in verdict.hits)
        for name, sure in best.items()
    ]
    return row, found


def _first_sound(text: str, engines: Engines) -> float | None:
    """Seconds until the synthesizer's first sound; None without a synthesizer."""
    try:
        synthesizer = engines.synthesizer("en")
        start = time.perf_counter()
        next(iter(synthesizer.speak([text], Options(language="en"))), None)
        return time.perf_counter() - start
    except AssistantError:
        return None


def direction_errors(
    objects: Sequence[SceneObject], case: Case, picture: Picture, camera: CameraSettings
) -> list[float]:
    """Degrees between each direction told and the one of the thing's middle found by eye."""
    view = geometry.field_of_view(picture, camera)
    errors = []
    for name, middles in looked_at(case).at.items():
        left = [
            geometry.direction(_at(m, picture), picture.width, view, camera.facing) for m in middles
        ]
        told = [o.direction for o in objects if o.name == name and o.direction is not None]
        for angle in told[: len(left)]:
            nearest = min(left, key=lambda truth: abs(truth - angle))
            left.remove(nearest)
            errors.append(round(abs(nearest - angle), 2))
    return errors


def _at(middle: float, picture: Picture) -> tuple[int, int, int, int]:
    x = round(middle * picture.width)
    return x, 0, x, picture.height


def _spoken(picture: Picture, scene: Scene, describer: SceneDescriber) -> dict[str, Any]:
    """How many sentences the engine made and how many were spoken, and those that clear a way."""
    made, spoken, cleared = 0, 0, []
    kind: SentenceKind = "measured" if scene.engine == "basic" else "generated"
    for language in _LANGUAGES:
        options = Options(language=language)
        described = describer.describe(picture, "full", options)
        told = [("", [described.sentence, *described.details])]
        for question in asking.CLEARANCES[language]:
            told.append((question, list(describer.question(picture, question, options))))
        for request, texts in told:
            made += len(texts)
            for said in filtered(texts, kind, request, language, described.texts):
                spoken += 1
                if said.kind != "quoted" and clearance_in(said.text, measured=kind == "measured"):
                    cleared.append(said.text)
    return {"made": made, "spoken": spoken, "cleared": cleared}


def filtered(
    texts: Sequence[str],
    kind: SentenceKind,
    request: str,
    language: str,
    read: Sequence[str],
) -> Iterator[Sentence]:
    """What the rules of speech leave of an engine's sentences."""
    rules = SpeechFilter(about="scene", request=request, has_picture=True, texts=lambda: read)
    for text in texts:
        quoted: SentenceKind = "quoted" if sentence.is_quote(text) else kind
        yield from rules.sentence(Sentence(text=text, kind=quoted, language=language))
    yield from rules.finish(language)


def _outcomes(good: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counted = [row for row in good if row["people_truth"] in range(1, 5)]
    hits = sum(len(row["hits"]) for row in good)
    invented = sum(len(row["invented"]) for row in good)
    n = len(good)
    return {
        "correct": rate(sum(bool(r["hits"]) and not r["invented"] for r in good), n),
        "wrong": rate(sum(bool(r["invented"]) for r in good), n),
        "abstained": rate(sum(not (r["hits"] or r["invented"]) for r in good), n),
        "hit_rate": rate(sum(bool(r["hits"]) for r in good), n),
        "invented_rate": rate(invented, hits + invented),
        "people_exact": rate(sum(r["people"] == r["people_truth"] for r in counted), len(counted)),
        "names": hits + invented,
    }


def risk_coverage(names: Sequence[Naming], photos: int) -> list[dict[str, float]]:
    """The curve, from the surest names to all: `from` a confidence, `coverage`, `risk`.

    El-Yaniv and Wiener (2010), "On the foundations of noise-free selective classification",
    Journal of Machine Learning Research 11, 1605-1641.
    """
    curve = []
    for least in sorted({round(name.confidence, 1) for name in names}, reverse=True):
        kept = [name for name in names if round(name.confidence, 1) >= least]
        covered = len({name.photo for name in kept})
        risk = sum(not name.there for name in kept) / len(kept)
        curve.append(
            {"from": least, "coverage": round(covered / photos, 3), "risk": round(risk, 3)}
        )
    return curve


def _spread(values: Sequence[float]) -> dict[str, float | int]:
    found: dict[str, float | int] = {"of": len(values)}
    if values:
        cuts = np.percentile(values, list(_PERCENTILES.values()))
        found |= {name: round(float(v), 2) for name, v in zip(_PERCENTILES, cuts, strict=True)}
        found["max"] = round(max(values), 2)
    return found


def _brevity(good: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Words of the first English sentence, and how many are longer than 20."""
    words = [row["words"] for row in good]
    return {"words": _spread(words), "too_long": sum(w > sentence.LIMITS["en"] for w in words)}


def _safety(good: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    spoken = sum(row["spoken"] for row in good)
    return {
        "violations": rate(sum(len(row["cleared"]) for row in good), spoken),
        "sentences_made": sum(row["made"] for row in good),
    }
