"""Imports point down one ordered list, and importing the package loads no model library."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "assistant"

LAYERS = (
    ("errors", "languages", "exif"),
    ("audio", "picture"),
    ("types",),
    ("events",),
    ("interfaces",),
    ("voiced", "partials", "earcons"),
    ("settings", "configs"),
    ("invented", "listening", "transcribing", "recent"),
    ("providers", "environments"),
    ("registry", "weights", "conversions", "whisper_weights", "templates", "prompts", "loopback"),
    ("vision_weights",),
    ("profiles",),
    ("vision",),
    ("embedding",),
    ("engines",),
    ("apologies", "safety", "memory", "jobs", "database", "normalisation", "word_times"),
    ("stretching",),
    ("speech",),
    ("library", "tuning", "video", "documents", "inspection"),
    ("commands",),
    ("watching",),
    ("tools",),
    ("overlap", "endpointing", "wake", "untold"),
    ("routing",),
    ("agent",),
    ("devices", "playback"),
    ("session",),
    ("trace",),
    ("outlets",),
    ("turns", "narration"),
    ("evaluation",),
    ("apps", "bench", "cli"),
    ("__init__", "__main__"),
)
"""Lowest first; modules of one row may import each other, except engines."""

RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}


def modules() -> list[tuple[str, Path]]:
    """Dotted name and file of every module, through the linked folders too."""
    found = []
    for top in sorted(PACKAGE.iterdir()):
        files = [top] if top.suffix == ".py" else sorted(top.rglob("*.py")) if top.is_dir() else []
        for file in files:
            parts = file.relative_to(PACKAGE).with_suffix("").parts
            found.append((".".join(("assistant", *parts)), file))
    return found


def imported(file: Path) -> set[str]:
    """Dotted names of the project's own modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == "assistant"}


def top(dotted: str) -> str:
    """`engines` for `assistant.engines.tts_piper`."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_module_has_a_layer() -> None:
    unknown = {top(name) for name, _ in modules()} - RANK.keys()
    assert not unknown, f"add to LAYERS: {unknown}"


@pytest.mark.parametrize(("name", "file"), modules(), ids=lambda value: str(value)[-40:])
def test_imports_point_down(name: str, file: Path) -> None:
    own = top(name)
    upward = {
        other
        for other in imported(file)
        if top(other) in RANK and top(other) != "__init__" and RANK[top(other)] > RANK[own]
    }
    assert not upward, f"{name} imports from above: {upward}"


def test_engines_import_no_other_engine() -> None:
    for name, file in modules():
        if top(name) == "engines":
            others = {o for o in imported(file) if o.startswith("assistant.engines.")}
            assert others <= {name}, f"{name} imports {others}"


def test_nothing_imports_the_linked_folders_by_their_bare_names() -> None:
    bare = {"tools", "prompts", "configs", "bench"}
    for name, file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {a.name.split(".")[0] for a in node.names} & bare, name
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                assert node.module.split(".")[0] not in bare, name


def test_what_is_imported_is_declared() -> None:
    """A package that only another one brings goes when that one changes its mind."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {_plain(re.match(r"[\w.-]+", line)[0]) for line in wanted}  # type: ignore[index]
    packages = packages_distributions()
    missing = {}
    for name, file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for package in {name.split(".")[0] for name in names} - {"assistant"}:
                brought = {_plain(by) for by in packages.get(package, ())}  # none: not installed
                if brought and not brought & declared:
                    missing[package] = name
    assert not missing


def _plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("module", ["assistant", "assistant.cli"])
def test_importing_loads_no_model_library(module: str) -> None:
    heavy = ("torch", "onnxruntime", "gradio", "transformers", "cv2", "faster_whisper", "langchain")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_answers_within_half_a_second() -> None:
    """The contract of the command line, in seconds of one core: a busy machine proves nothing."""
    code = (
        "import os, subprocess, sys\n"
        "best = 9.0\n"
        "for _ in range(3):\n"
        "    before = os.times()\n"
        "    subprocess.run([sys.executable, '-m', 'assistant', '--help'],"
        " check=True, stdout=subprocess.DEVNULL)\n"
        "    after = os.times()\n"
        "    best = min(best, sum(after[2:4]) - sum(before[2:4]))\n"
        "print(best)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.5
