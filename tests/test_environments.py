"""An environment of its own is built by the real pip from a small index, and refused clearly."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fake_index import FakeIndex
from typer.testing import CliRunner

from assistant.cli import app
from assistant.cli.doctor import engine_state
from assistant.environments import Environment, environment
from assistant.environments.build import Build, pinned
from assistant.errors import DiskFull, EngineError, EngineMissing
from assistant.registry import engine_row
from assistant.settings import EngineSettings, configs
from assistant.weights import Store

TORCH = b"""from types import SimpleNamespace
__version__ = "1.0+cpu"
version = SimpleNamespace(cuda=None)
"""
AUDIO = b"""from pathlib import Path
if list((Path(__file__).parent / "lib").glob("*.so")):
    raise OSError("libcudart.so.13: cannot open shared object file")
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    """torch without CUDA, torchaudio compiled against it, and the engine's package."""
    found = FakeIndex(tmp_path / "index", monkeypatch)
    found.add("torch", {"torch/__init__.py": TORCH})
    found.add("torchaudio", {"torchaudio/__init__.py": AUDIO, "torchaudio/lib/_a.so": b"x"})
    found.add("engine", {"engine.py": b"import torchaudio\n"})
    return found


@pytest.fixture
def place(tmp_path: Path) -> Environment:
    requirements = tmp_path / "pins.txt"
    requirements.write_text("torch==1.0\ntorchaudio==1.0\nengine==1.0\n")
    return Environment(name="small", requirements=requirements, check="engine")


def built(place: Environment) -> list[str]:
    said: list[str] = []
    Build(environment=place, say=said.append).run()
    return said


def test_builds_once_and_then_needs_no_index(
    index: FakeIndex, place: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.missing() is not None
    said = built(place)
    assert [line[:3] for line in said if line[1] == "/"] == ["1/3", "1/3", "2/3", "3/3"]
    assert place.missing() is None
    # torchaudio's compiled part, which cannot be loaded beside this torch, is gone.
    subprocess.run([place.python, "-I", "-c", "import engine"], check=True)
    assert not list(place.folder.glob("lib/*/site-packages/torchaudio/lib/*.so"))
    assert [f.name for f in place.folder.parent.iterdir() if f.is_dir()] == ["small"]

    shutil.rmtree(index.folder)
    assert built(place) == [f"small: the environment is there already ({place.folder})"]


@pytest.mark.slow
def test_new_pins_build_it_again_and_the_old_one_serves_until_then(
    index: FakeIndex, place: Environment
) -> None:
    built(place)
    place.requirements.write_text("torch==1.0\ntorchaudio==1.0\nengine==2.0\n")
    assert "older version" in str(place.missing())
    with pytest.raises(EngineMissing, match=r"has no engine==2\.0"):
        built(place)
    subprocess.run([place.python, "-I", "-c", "import engine"], check=True)
    index.add("engine", {"engine.py": b"version = 2\n"}, version="2.0")
    built(place)
    assert place.missing() is None
    subprocess.run([place.python, "-I", "-c", "import engine; engine.version"], check=True)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_without_fetching_again(
    index: FakeIndex, place: Environment
) -> None:
    code = (
        "import sys, os, pathlib\n"
        "from assistant.environments import Environment\n"
        "from assistant.environments.build import Build\n"
        "pins = pathlib.Path(sys.argv[1])\n"
        "place = Environment(name='small', requirements=pins, check='engine')\n"
        "def say(line):\n"
        "    if line.startswith('2/3'): os.kill(os.getpid(), 9)\n"
        "Build(environment=place, say=say).run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(place.requirements)])
    assert done.returncode == -signal.SIGKILL
    assert place.missing() is not None
    shutil.rmtree(index.folder)  # what was fetched is enough
    said = built(place)
    assert not any(line.startswith("1/3") for line in said)
    assert place.missing() is None


def test_refuses_with_the_fix(
    index: FakeIndex, place: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as context:
        context.setattr(shutil, "disk_usage", lambda _: usage(10**9, 0, 10**9))
        with pytest.raises(DiskFull, match=r"1\.0 GB free, and building needs 4 GB") as full:
            built(place)
        assert "ASSISTANT_DATA" in full.value.fix
    with monkeypatch.context() as context:
        context.delenv("PIP_NO_INDEX")
        context.delenv("PIP_FIND_LINKS")
        context.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        context.setenv("PIP_RETRIES", "1")
        with pytest.raises(EngineMissing, match="the package index cannot be reached") as absent:
            built(place)
        assert "run this again" in absent.value.fix
    index.add("engine", {"engine.py": b"import nothing_of_that_name\n"})
    with pytest.raises(EngineError, match="No module named 'nothing_of_that_name'"):
        built(place)
    assert place.missing() is not None


def test_without_a_gpu_a_cuda_build_is_the_last_choice(
    index: FakeIndex, place: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from assistant.environments.index import Pip

    index.add("nvidia-cublas", {"nvidia.py": b""})
    wheel = index.add("torch", {"torch/__init__.py": TORCH}, version="2.0")
    _require(wheel, "nvidia-cublas")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "cpu" / "torch").mkdir(parents=True)
    pages = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/cpu"
        monkeypatch.setenv("ASSISTANT_TORCH_INDEX", address)
        assert Pip(print).torch_source("2.0").arguments == ("--index-url", address)
        server.shutdown()
    monkeypatch.setenv("ASSISTANT_TORCH_INDEX", "http://127.0.0.1:9/cpu")
    large = Pip(print).torch_source("2.0")
    assert large.arguments == ()
    assert "large" in large.sentence
    assert large.needed > Pip(print).torch_source("1.0").needed
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "GPU" in Pip(print).torch_source("2.0").sentence


def _require(wheel: Path, package: str) -> None:
    """Write a dependency into a wheel."""
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in content.items():
            extra = f"Requires-Dist: {package}\n".encode() if name.endswith("METADATA") else b""
            archive.writestr(name, data + extra)


def test_two_at_once_is_refused(index: FakeIndex, place: Environment) -> None:
    from filelock import FileLock

    place.folder.parent.mkdir(parents=True)
    with (
        FileLock(place.folder.parent / ".small.lock"),
        pytest.raises(EngineError, match="another process"),
    ):
        built(place)


def test_the_command_the_registry_and_doctor_name_it(data_folder: Path, tmp_path: Path) -> None:
    row = engine_row("synthesizer", "coqui")
    assert "environment is not built" in str(row.missing())
    assert row.fix() == "assistant setup coqui"
    state = engine_state("synthesizer", EngineSettings(engine="coqui"), Store(tmp_path))
    assert (state["ready"], state["fix"]) == (False, "assistant setup coqui")
    done = CliRunner().invoke(
        app, ["speak", "hello", "-o", str(tmp_path / "a.wav"), "--engine", "coqui"]
    )
    assert isinstance(done.exception, EngineMissing)
    assert done.exception.fix == "assistant setup coqui"

    place = environment("coqui")
    place.python.parent.mkdir(parents=True)
    place.python.symlink_to(sys.executable)
    stamp = {"hash": place.fingerprint, "torch": "x"}
    (place.folder / "ready.json").write_text(json.dumps(stamp))
    assert row.missing() is None
    done = CliRunner().invoke(app, ["setup", "coqui"])
    assert done.exit_code == 0, done.output


def test_a_folder_of_the_users_own_is_a_whole_set(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert Store(tmp_path).complete("mine")


def test_every_pin_is_exact() -> None:
    lines = (configs() / "coqui.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in pin for pin in pins)
    assert pinned(configs() / "coqui.txt", "coqui-tts") == "0.28.0"


def test_importing_the_engine_is_cheap() -> None:
    code = "import assistant.engines.tts_coqui, sys; print('torch' in sys.modules)"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", time.monotonic() - began
