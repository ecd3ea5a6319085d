"""Cases with ground truth, and the report that a score becomes.

A folder of cases holds `MANIFEST.jsonl` (one file a line: `file`, `kind`, `truth`), or
`routing.jsonl`, or both at any depth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file and what is true of it."""

    file: Path  # absolute
    kind: str
    truth: Mapping[str, Any]
    name: str  # the path as the manifest has it


@dataclass(frozen=True, kw_only=True)
class Report:
    """A score over n cases; `rows` tell each case's own result."""

    name: str
    n: int
    metrics: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    def markdown(self) -> str:
        """A table of the metrics, nested ones as `outer / inner`."""
        lines = [f"## {self.name} (n = {self.n})", "", "| metric | value |", "|---|---|"]
        lines += [f"| {key} | {value} |" for key, value in _flat(self.metrics)]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write `NAME.json` (with rows) and `NAME.md` into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {"name": self.name, "n": self.n, "metrics": self.metrics, "rows": self.rows}
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
        (folder / f"{self.name}.json").write_text(text, encoding="utf-8")
        (folder / f"{self.name}.md").write_text(self.markdown(), encoding="utf-8")


def _flat(metrics: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key} / ")
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else str(value)
            yield f"{prefix}{key}", shown


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}", fix="one JSON object a line") from error


def manifest(folder: Path) -> list[Case]:
    """All cases of every MANIFEST.jsonl at or below the folder.

    Raises:
        InputError: there is no manifest, or it is not JSON lines.
    """
    manifests = sorted(folder.rglob("MANIFEST.jsonl"))
    if not manifests:
        raise InputError(f"there is no MANIFEST.jsonl in {folder}", fix="name a folder with one")
    return [
        Case(file=path.parent / row["file"], kind=row["kind"], truth=row["truth"], name=row["file"])
        for path in manifests
        for row in _rows(path)
    ]


def routing_cases(folder: Path) -> list[dict[str, Any]]:
    """The rows of every `routing*.jsonl` at or below the folder: text, tool, arguments.

    Raises:
        InputError: there is none, or it is not JSON lines.
    """
    found = [folder] if folder.is_file() else sorted(folder.rglob("routing*.jsonl"))
    if not found:
        raise InputError(f"there is no routing.jsonl in {folder}", fix="name a folder with one")
    return [row for path in found for row in _rows(path)]
