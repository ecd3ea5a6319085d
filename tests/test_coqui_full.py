"""The engine `coqui` in a real environment: real coqui-tts, real child, tiny voices of noise.

Run by hand with `make test-coqui`, which builds the environment with `assistant setup coqui`
and names its data folder in ASSISTANT_COQUI_DATA; skipped without that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import Audio
from assistant.environments import environment
from assistant.errors import Cancelled, DeadlineExceeded, EngineError, InputError
from assistant.interfaces import Cancel, Options
from assistant.registry import Engines
from assistant.settings import EngineSettings, load_profile
from assistant.speech import Speaker
from assistant.weights import Store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MADE_BY = Path(__file__).with_name("coqui_voices.py")
DATA = os.environ.get("ASSISTANT_COQUI_DATA", "")


@pytest.fixture(autouse=True)
def real_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    if not DATA:
        pytest.skip("no Coqui environment: run `make test-coqui`")
    monkeypatch.setenv("ASSISTANT_DATA", DATA)
    assert environment("coqui").missing() is None


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with one tiny voice of each kind."""
    if not DATA:
        pytest.skip("no Coqui environment: run `make test-coqui`")
    root = tmp_path_factory.mktemp("voices")
    python = Path(DATA) / "environments" / "coqui" / "bin" / "python"
    for kind in ("plain", "many", "glow", "vocoded"):
        subprocess.run([python, "-I", MADE_BY, kind, root / kind], check=True, capture_output=True)
    return root


@pytest.fixture
def opened(voices: Path) -> Iterator[Callable[..., Engines]]:
    """Engines whose only synthesizer is a voice of that kind."""
    made: list[Engines] = []

    def opening(kind: str, **options: object) -> Engines:
        row = EngineSettings(engine="coqui", weights=kind, options=options)
        profile = load_profile("embedded").model_copy(update={"synthesizers": {"*": row}})
        made.append(Engines(profile=profile, locator=Store(voices)))
        return made[-1]

    yield opening
    for engines in made:
        engines.close()


def alive(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_speaks_by_clause_at_three_rates_and_stays_loaded(opened: Callable[..., Engines]) -> None:
    engines = opened("plain")
    engine = engines.synthesizer("en")
    child = engine._child.pid
    text = "There is a chair on the left. A table stands behind it, near the window."
    chunks = list(Speaker(engines).speak([text], "en"))
    assert len(chunks) >= 2
    assert " ".join(chunk.text for chunk in chunks) == text
    lengths = {}
    for rate in (0.5, 1.0, 2.0):
        (chunk,) = engine.speak(["a long enough sentence"], Options(language="en", rate=rate))
        assert chunk.audio.rate == 16_000
        assert float(np.abs(chunk.audio.samples).max()) > 0
        lengths[rate] = len(chunk.audio.samples)
    assert lengths[0.5] > lengths[1.0] > lengths[2.0]
    assert engine._child.pid == child
    with pytest.raises(InputError, match="does not speak 'zh'"):
        list(engine.speak(["你好。"]))


def test_speakers_and_languages_of_one_model(opened: Callable[..., Engines]) -> None:
    engine = opened("many", speaker="bob").synthesizer("en")
    assert [(v.name, v.languages) for v in engine.voices()] == [
        ("ada", ("en", "fr")),
        ("bob", ("en", "fr")),
    ]
    for options in (Options(voice="ada", language="fr"), Options(language="en")):
        assert len(next(engine.speak(["bonjour"], options)).audio.samples)
    with pytest.raises(InputError, match="no voice 'eve'"):
        list(engine.speak(["hello"], Options(voice="eve")))


@pytest.mark.parametrize("kind", ["glow", "vocoded"])
def test_a_spectrogram_model_with_and_without_a_vocoder(
    opened: Callable[..., Engines], kind: str
) -> None:
    engine = opened(kind).synthesizer("de")
    assert engine.voices()[0].languages == ("de",)
    (chunk,) = engine.speak(["guten tag"], Options(language="de"))
    assert len(chunk.audio.samples) > 1000


def test_a_cancel_ends_a_long_sentence_and_the_next_is_spoken(
    opened: Callable[..., Engines],
) -> None:
    engine = opened("glow").synthesizer("de")
    before = engine._child.pid
    cancel, took = Cancel(), time.monotonic()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        list(engine.speak(["sehr lang " * 4000], Options(language="de"), cancel))
    assert time.monotonic() - took < 3
    assert not alive(before)
    assert list(engine.speak(["kurz"], Options(language="de")))
    with pytest.raises(DeadlineExceeded):
        list(engine.speak(["sehr lang " * 4000], Options(language="de", deadline_s=0.3)))


def test_a_crash_is_survived_once_and_close_ends_the_child(
    opened: Callable[..., Engines],
) -> None:
    engines = opened("plain")
    engine = engines.synthesizer("en")
    first = engine._child.pid
    os.kill(first, 9)
    assert list(engine.speak(["hello"], Options(language="en")))
    second = engine._child.pid
    assert second != first
    engines.close()
    assert not alive(second)


def test_the_child_dies_with_its_parent(voices: Path) -> None:
    code = (
        "import sys, pathlib, os\n"
        "from assistant.environments import environment\n"
        "from assistant.environments.child import Child\n"
        "from assistant.engines import tts_coqui\n"
        "script = pathlib.Path(tts_coqui.__file__).with_name('coqui_child.py')\n"
        "command = [str(environment('coqui').python), '-I', str(script), sys.argv[1]]\n"
        "child = Child(command, {}, name='test')\n"
        "child.ready()\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(voices / "plain")], capture_output=True, text=True
    )
    child = int(done.stdout)
    until = time.monotonic() + 20
    while alive(child) and time.monotonic() < until:
        time.sleep(0.2)
    assert not alive(child)


def test_what_cannot_be_loaded_is_named(
    voices: Path, opened: Callable[..., Engines], tmp_path: Path
) -> None:
    def broken(name: str, change: Callable[[Path], object]) -> str:
        folder = voices / name
        folder.mkdir()
        for file in ("model.pth", "config.json"):
            (folder / file).write_bytes((voices / "glow" / file).read_bytes())
        change(folder)
        with pytest.raises(EngineError) as failure:
            opened(name).synthesizer("de")
        return str(failure.value)

    assert "no .pth file" in broken("no-model", lambda f: (f / "model.pth").unlink())
    assert "cannot be read" in broken("no-config", lambda f: (f / "config.json").unlink())
    unsafe = "import os, torch, sys\n" + (
        "class Evil:\n"
        "    def __reduce__(self): return (os.mkdir, (sys.argv[1] + '/ran',))\n"
        "torch.save({'model': Evil()}, sys.argv[1] + '/model.pth')\n"
    )
    python = environment("coqui").python
    said = broken("pickle", lambda f: subprocess.run([python, "-c", unsafe, f], check=True))
    assert "Weights only load failed" in said
    assert not (voices / "pickle" / "ran").exists()

    def remote(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        config["model"] = "bark"
        (folder / "config.json").write_text(json.dumps(config))

    assert "bark models are not loaded" in broken("bark", remote)


def test_the_command_speaks_with_networking_off(voices: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    (voices / "coqui").symlink_to(voices / "plain")
    command = [sys.executable, "-m", "assistant", "speak", "Good morning.", "--engine", "coqui"]
    alone = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = []  # no namespaces here; the child's own hook still refuses connections
    done = subprocess.run(
        [*alone, *command, "-o", str(out), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "ASSISTANT_MODELS": str(voices)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["duration_s"] == pytest.approx(Audio.open(out).duration, 0.01)


def test_a_connection_is_refused_inside_the_child() -> None:
    script = Path(__file__).parent.parent / "assistant" / "engines" / "coqui_child.py"
    code = (
        "import runpy, sys, socket\n"
        f"child = runpy.run_path({str(script)!r})\n"
        "sys.addaudithook(child['_refuse_connections'])\n"
        "socket.create_connection(('127.0.0.1', 9))\n"
    )
    done = subprocess.run(
        [environment("coqui").python, "-I", "-c", code], capture_output=True, text=True
    )
    assert "PermissionError: a voice may not use the network" in done.stderr
