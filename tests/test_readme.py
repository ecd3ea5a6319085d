"""What the documents tell people to type is understood, and what they point to is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    path
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "CHANGELOG.md"  # tells of commands and files as they once were
]
TYPED = re.compile(r"^ {4}(?:\.venv/bin/)?assistant (.+)$|`assistant ([^`]+)`", re.MULTILINE)
MADE = re.compile(r"`((?:assistant|bench|demo|docs|scripts|tests|tools)/[a-z0-9_./-]+\.\w+)`")
LINKED = re.compile(r"\]\((?!https?:)([^)#]+\.\w+)")


def commands() -> Iterator[str]:
    """What follows `assistant`, less comments; not where signs stand for a choice."""
    for document in DOCUMENTS:
        for indented, quoted in TYPED.findall(document.read_text(encoding="utf-8")):
            line = (indented or quoted).partition(" #")[0]
            if not re.search(r"[\[\]|\\<>]", line):
                yield line


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_a_command_is_understood(line: str) -> None:
    words = [word for word in shlex.split(line) if word not in ("...", "…")]
    value = ["1"] if words[-1] in ("--image", "--voice") else []  # named without its value
    done = CliRunner().invoke(app, [*words, *value, "--help"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / name for name in MADE.findall(text)]
    linked = [document.parent / name for name in LINKED.findall(text)]
    assert [str(path) for path in (*named, *linked) if not path.exists()] == []
