"""Fixtures: the embedded engines, loaded once a run, and the evaluation media.

Tests that need weights are skipped where these are missing, unless
ASSISTANT_REQUIRE_WEIGHTS=1 (set by `make test`), which makes that a failure.
Media with ground truth are looked for in ASSISTANT_EVAL, else in `../shared/eval`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.registry import Engines

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The embedded profile on real weights."""
    from assistant.errors import WeightsError
    from assistant.settings import load_profile, models_folder
    from assistant.weights import Store

    profile = load_profile("embedded")
    store = Store(models_folder())
    try:
        for name in profile.weights:
            if not store.complete(name):  # the set itself, or the one that takes its place
                store.folder(name)
    except WeightsError as error:
        if os.environ.get("ASSISTANT_REQUIRE_WEIGHTS") == "1":
            pytest.fail(f"{error}; run `make setup`")
        pytest.skip(f"{error}; run `make setup`")
    loaded = Engines(profile=profile, locator=store)
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def openai_engines(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The embedded profile hearing with openai-whisper; its checkpoint is made here, by a pull."""
    if os.environ.get("ASSISTANT_REQUIRE_WEIGHTS") != "1":
        pytest.importorskip("whisper")
    from assistant.settings import EngineSettings, models_folder
    from assistant.weights import Store
    from assistant.weights.pull import Pull

    root = tmp_path_factory.mktemp("models")
    for name in ("whisper-base", "silero-vad"):
        (root / name).symlink_to(models_folder() / name)
    (made,) = Pull(store=Store(root), order=()).run(["openai-whisper-base"])[1:]
    assert made.error is None
    hearing = EngineSettings(engine="openai-whisper", weights="openai-whisper-base")
    chosen = {**engines.profile.engines, "transcriber": hearing}
    profile = engines.profile.model_copy(update={"engines": chosen})
    loaded = Engines(profile=profile, locator=Store(root))
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def evaluation_folder() -> Path:
    """The folder with `routing.jsonl` and `media/MANIFEST.jsonl`."""
    folder = Path(os.environ.get("ASSISTANT_EVAL", ROOT.parent / "shared" / "eval"))
    if not (folder / "media" / "MANIFEST.jsonl").is_file():
        pytest.skip(f"no evaluation media in {folder}; set ASSISTANT_EVAL")
    return folder


@pytest.fixture(scope="session")
def media(evaluation_folder: Path) -> Path:
    """The folder with the evaluation media."""
    return evaluation_folder / "media"


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Threads of a tiny model's matrices only wait for each other."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Conversations of a test never reach the user's own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("ASSISTANT_DATA", str(folder))
    return folder
