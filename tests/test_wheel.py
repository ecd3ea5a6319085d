"""The wheel holds the package and nothing else, and works in an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a clean copy of what git tracks, since leftovers of builds would leak in."""
    source = tmp_path_factory.mktemp("source")
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(
        ["tar", "--create", "--null", "--files-from=-", "--file", str(source / "source.tar")],
        cwd=ROOT,
        input=files,
        check=True,
    )
    subprocess.run(["tar", "-xf", "source.tar"], cwd=source, check=True)
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_nothing_outside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"assistant"}


def test_linked_folders_and_data_are_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "assistant/configs/profiles/embedded.yaml" in names
    assert "assistant/configs/weights.yaml" in names
    assert "assistant/tools/vision.py" in names
    assert "assistant/prompts/tools/describe_scene.yaml" in names
    assert "assistant/py.typed" in names


@pytest.mark.slow
def test_installs_into_an_empty_environment_and_answers_doctor(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    lock = ROOT / "requirements.lock"
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", lock, wheel], check=True)
    environment = {**os.environ, "ASSISTANT_MODELS": str(tmp_path / "models")}
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "assistant", "doctor", "--json"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    row = json.loads(done.stdout)
    assert row["profile"] == "embedded"
    transcriber = row["engines"]["transcriber"]
    assert transcriber["ready"] is False
    assert transcriber["fix"]
