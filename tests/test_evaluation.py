"""`assistant eval` scores a folder with a manifest and writes one JSON and one table a subject."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.evaluation import hearing, reading, routing
from assistant.evaluation.cases import Report, manifest, routing_cases
from assistant.registry import Engines

DEMO = Path(__file__).resolve().parent.parent / "demo"


def folder_of(tmp_path: Path, *rows: dict[str, object]) -> Path:
    """A folder with copies of the demo's files and a manifest of these rows."""
    for row in rows:
        shutil.copy(DEMO / str(row["file"]), tmp_path)
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "MANIFEST.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_a_report_is_written_as_json_and_as_a_table(tmp_path: Path) -> None:
    report = Report(name="x", n=2, metrics={"rate": 0.5, "by": {"en": 1}}, rows=[{"file": "a"}])
    report.write(tmp_path)
    assert json.loads((tmp_path / "x.json").read_text())["rows"] == [{"file": "a"}]
    assert "| by / en | 1 |" in (tmp_path / "x.md").read_text()


def test_a_folder_without_a_manifest_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"MANIFEST\.jsonl"):
        manifest(tmp_path)
    with pytest.raises(InputError, match=r"routing\.jsonl"):
        routing_cases(tmp_path)


def test_hearing_counts_errors(engines: Engines, tmp_path: Path) -> None:
    truth = {"language": "en", "transcript": "What does that sign say?", "duration_s": 2}
    folder = folder_of(tmp_path, {"file": "sign.flac", "kind": "speech", "truth": truth})
    report = hearing.evaluate(manifest(folder), engines, baseline=False)
    assert report.metrics["transcriber"]["en"]["errors"] == 1  # "this", where the truth has "that"


def test_reading_counts_errors(engines: Engines, tmp_path: Path) -> None:
    truth = {"language": "en", "text": ["Octavia Hill", "Social Reformer", "1887-90"]}
    folder = folder_of(tmp_path, {"file": "sign.jpg", "kind": "text_image", "truth": truth})
    report = reading.evaluate(manifest(folder), engines)
    assert report.n == 1
    assert report.metrics["reader"]["digits"]["found"] == 1.0
    assert report.metrics["reader"]["cer"] > 0  # the sign says more than this truth


def test_routing_counts_what_is_wrong(engines: Engines, tmp_path: Path) -> None:
    rows = [
        {"text": "stop", "tool": "control", "arguments": {"command": "stop"}},
        {"text": "stop", "tool": "reply"},
    ]
    path = tmp_path / "routing.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = routing.evaluate(routing_cases(tmp_path), engines)
    assert report.metrics["accuracy"] == 0.5
