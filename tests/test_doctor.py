"""`assistant doctor`: per capability the engine, whether it is ready, and the one fix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import profiles
from assistant.cli.doctor import diagnosis, engine_state
from assistant.profiles import Machine
from assistant.settings import EngineSettings, load_profile
from assistant.weights import Store


def test_everything_is_told_without_importing_an_engine(tmp_path: Path) -> None:
    code = (
        "import sys; from assistant.cli import app\n"
        "try: app(['doctor', '--json', '--profile', 'embedded'])\n"
        "except SystemExit as end: code = end.code\n"
        "names = [m for m in sys.modules if m.startswith('assistant.engines.')]\n"
        "heavy = [m for m in ('torch', 'onnxruntime', 'cv2', 'langchain') if m in sys.modules]\n"
        "print(code, names, heavy)"
    )
    environment = {**os.environ, "ASSISTANT_MODELS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    told, end = done.stdout.strip().splitlines()
    assert end == "0 [] []"
    found = json.loads(told)
    profile = load_profile("embedded")
    assert found["profile"] == "embedded"
    assert set(found["engines"]) == {
        *profile.engines,
        *("synthesizer", "synthesizer:zh", "synthesizer:*"),
    }
    for row in found["engines"].values():
        assert row.keys() == {"engine", "ready", "detail", "fix"}
        assert row["ready"] or row["fix"]
    hearing = found["engines"]["transcriber"]
    assert (hearing["ready"], hearing["fix"]) == (False, "assistant models pull whisper-base")
    assert found["devices"].keys() == {"microphone", "speaker", "camera"}
    for row in found["devices"].values():
        assert row["ready"] or row["fix"]


def test_each_fault_has_its_own_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def fix(capability: str, engine: str, **more: object) -> str:
        row = engine_state(capability, EngineSettings(engine=engine, **more), store)  # type: ignore[arg-type]
        assert not row["ready"]
        return str(row["fix"])

    assert fix("voice_detector", "silero", weights="silero-vad").endswith("pull silero-vad")
    assert "faster-whisper" in fix("transcriber", "whispr")
    cloud = {"model": "m", "provider": "openai"}
    assert fix("chat_model", "langchain", options=cloud) == "export OPENAI_API_KEY=YOUR-KEY"
    other = {"model": "m", "provider": "mistralai"}
    assert fix("chat_model", "langchain", options=other) == "pip install langchain-mistralai"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "cv2" else True)
    assert "assistant[embedded]" in fix("object_detector", "ssd-coco")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fix("synthesizer", "espeak") == "sudo apt-get install espeak-ng"


def test_a_remote_engine_is_named_with_its_host(tmp_path: Path) -> None:
    options = {"model": "m", "base_url": "http://10.0.0.3:8000/v1"}
    settings = EngineSettings(engine="langchain", options=options)
    row = engine_state("chat_model", settings, Store(tmp_path))
    assert row["ready"]
    assert "10.0.0.3" in row["detail"]


def test_an_idle_gpu_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    large = Machine(ram_gb=32, gpus=(("Test GPU", 24.0),))
    monkeypatch.setattr(profiles, "this_machine", lambda: large)
    assert "Test GPU lies idle" in diagnosis("embedded")["warnings"][0]
    assert not any("idle" in warning for warning in diagnosis("local")["warnings"])


def test_an_unknown_profile_is_an_error_with_a_fix() -> None:
    command = [sys.executable, "-m", "assistant", "doctor", "--profile", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no profile 'none'; fix: choose one of: auto")
