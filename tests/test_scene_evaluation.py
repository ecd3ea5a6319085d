"""`assistant eval scene`: verdicts on answers, directions, the curve, and what counts as unsafe."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.evaluation import asking, scene
from assistant.evaluation.cases import Case, manifest
from assistant.evaluation.scene import Naming
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.settings import CameraSettings
from assistant.types import SceneObject


@pytest.mark.parametrize(
    ("kind", "told", "truth", "verdict"),
    [
        ("present", "I see a dog, near.", "dog", "correct"),
        ("present", "I don't see one, but I often miss things.", "dog", "abstained"),
        ("present", "No, there is no dog.", "dog", "wrong"),
        ("absent", "Yes, there is an elephant.", "elephant", "wrong"),
        ("absent", "There is no elephant.", "elephant", "correct"),
        ("absent", "I can't tell from here.", "elephant", "abstained"),
        ("count", "I see two people; there may be more.", "4", "wrong"),
        ("count", "I see a person; there may be more.", "1", "correct"),
        ("count", "I can't count them from here.", "1", "abstained"),
        ("colour", "The cup is mostly yellow.", "yellow", "correct"),
        ("colour", "The cup is mostly gray.", "light blue", "wrong"),
        ("colour", "I can't tell one colour there.", "red", "abstained"),
    ],
)
def test_answers_are_judged(kind: str, told: str, truth: str, verdict: str) -> None:
    assert asking.judged(kind, told, truth) == verdict


def test_the_curve_trades_coverage_for_risk() -> None:
    names = [
        Naming(photo=0, confidence=0.9, there=True),
        Naming(photo=1, confidence=0.6, there=False),
        Naming(photo=1, confidence=0.6, there=True),
    ]
    assert scene.risk_coverage(names, 4) == [
        {"from": 0.9, "coverage": 0.25, "risk": 0.0},
        {"from": 0.6, "coverage": 0.5, "risk": 0.333},
    ]


def test_a_direction_is_compared_with_the_middle_seen_by_eye(media: Path) -> None:
    case = Case(file=media / "photos/p005.jpg", kind="photo", truth={}, name="p005.jpg")
    picture = Picture.open(case.file)
    left = SceneObject(name="dog", confidence=1.0, box=None, direction=-20.0, proximity=None)
    (error,) = scene.direction_errors([left], case, picture, CameraSettings())
    assert error == pytest.approx(30.1, abs=0.5)  # the dog stands about 10 degrees to the right


def test_what_is_scored_has_passed_the_rules_of_speech() -> None:
    said = scene.filtered(["The way is clear.", "A dog, near."], "generated", "", "en", ())
    assert "clear" not in " ".join(sentence.text for sentence in said)


def test_a_photo_is_scored(engines: Engines, media: Path, tmp_path: Path) -> None:
    shutil.copy(media / "photos/p002.jpg", tmp_path)
    truth = {"objects": ["dog"], "count": {"dog": 3}}
    row = {"file": "p002.jpg", "kind": "photo", "truth": truth}
    (tmp_path / "MANIFEST.jsonl").write_text(json.dumps(row), encoding="utf-8")
    report = scene.evaluate(manifest(tmp_path), engines)
    metrics = report.metrics
    assert (report.name, report.n, metrics["engine"]) == ("scene", 1, "basic")
    assert metrics["correct"]["value"] == 1.0
    assert metrics["questions"]["count"]["correct"]["value"] == 1.0
    assert metrics["direction_error_deg"]["of"] == 3
    assert metrics["first_spoken_s"]["p50"] > metrics["describe_s"]["p50"]
    assert metrics["safety"]["violations"]["value"] == 0.0
