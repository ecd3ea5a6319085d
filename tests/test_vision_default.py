"""The default vision model: which one, where from, who says so, and the test that it sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_hub import FakeHub
from fake_openai import FakeOpenAi

from assistant.cli.doctor import diagnosis
from assistant.errors import EngineError, EngineMissing
from assistant.evaluation import sight
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options
from assistant.profiles import choose
from assistant.settings import load_profile
from assistant.types import Picture
from assistant.vision_weights import SIZES, Free, free, here, suitable, with_vision
from assistant.weights import Store
from assistant.weights.manifest import HubSource, manifest

NAMES = [size.weights for size in SIZES]


def assistant(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def place(root: Path, name: str) -> None:
    """Files of the right names, as a hub would have brought them."""
    (root / name).mkdir(parents=True)
    for file in ("model.gguf", "mmproj.gguf"):
        (root / name / file).write_bytes(b"GGUF")


@pytest.mark.parametrize(
    ("ram", "gpu", "name"),
    [
        (64, 0, "qwen3-vl-2b-instruct-q4"),
        (4, 0, "qwen3-vl-2b-instruct-q4"),
        (4, 6, "qwen3-vl-4b-instruct-q4"),
        (16, 12, "qwen3-vl-8b-instruct-q4"),
        (16, 4, "qwen3-vl-2b-instruct-q4"),
        (1, 24, "qwen3-vl-8b-instruct-q4"),
    ],
)
def test_the_default_goes_by_free_memory(ram: float, gpu: float, name: str) -> None:
    assert suitable(Free(ram_gb=ram, gpu_gb=gpu)).weights == name


def test_too_little_memory_is_said_with_the_numbers() -> None:
    with pytest.raises(EngineMissing, match=r"3\.2 GB .* 2\.0 GB") as error:
        suitable(Free(ram_gb=2.0, gpu_gb=1.0))
    assert "docs/vision-models.md" in error.value.fix
    assert free().ram_gb > 0


def test_every_size_comes_from_a_hub_with_both_files() -> None:
    for name in NAMES:
        (source,) = manifest()[name].sources
        assert isinstance(source, HubSource)
        assert source.files.keys() == {"model.gguf", "mmproj.gguf"}
        assert "mmproj" in source.files["mmproj.gguf"]
        assert manifest()[name].licence == "Apache-2.0"


def test_a_model_that_was_pulled_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))
    monkeypatch.delenv("ASSISTANT_PROFILE", raising=False)
    assert here() is None
    assert "vision_model" not in choose().profile.engines
    place(tmp_path, "qwen3-vl-4b-instruct-q4")
    choice = choose()
    assert choice.profile.engines["vision_model"].weights == "qwen3-vl-4b-instruct-q4"
    assert "qwen3-vl-4b-instruct-q4" in choice.profile.weights
    assert choice.profile.engines["scene_describer"].engine == "vlm"
    assert "sees with qwen3-vl-4b-instruct-q4" in choice.reason
    assert choose("local").profile.engines["vision_model"].weights == "qwen3-vl-4b-instruct-q4"
    assert "vision_model" not in choose("embedded").profile.engines  # as it was asked for
    place(tmp_path, "qwen3-vl-8b-instruct-q4")
    assert here() == "qwen3-vl-8b-instruct-q4"


def test_a_vision_model_of_the_users_choice_stays(tmp_path: Path) -> None:
    place(tmp_path, "qwen3-vl-8b-instruct-q4")
    local = load_profile("local")
    row = local.engines["vision_model"].model_copy(update={"weights": "mine"})
    mine = local.model_copy(update={"engines": {**local.engines, "vision_model": row}})
    assert with_vision(mine, Store(tmp_path)) is mine


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    repos = {}
    for name in NAMES:
        (source,) = manifest()[name].sources
        assert isinstance(source, HubSource)
        repos[source.repo] = {path: path.encode() * 60 for path in source.files.values()}
    with FakeHub(repos) as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setattr("assistant.settings._USER_OFFLINE", None)
        yield fake


def test_pulling_vision_asks_then_brings_what_suits(tmp_path: Path, hub: FakeHub) -> None:
    expected = suitable(free()).weights
    unasked = assistant("models", "pull", "vision", ASSISTANT_MODELS=str(tmp_path))
    assert unasked.returncode == 0
    for told in (expected, "Apache-2.0", "memory", "Free on the disk", "--yes"):
        assert told in unasked.stdout
    assert hub.downloads == 0
    done = assistant("models", "pull", "vision", "--yes", "--json", ASSISTANT_MODELS=str(tmp_path))
    row = json.loads(done.stdout)
    assert (row["name"], row["status"]) == (expected, "fetched")
    assert here(Store(tmp_path)) == expected
    again = assistant("models", "pull", "vision", "--json", ASSISTANT_MODELS=str(tmp_path))
    assert json.loads(again.stdout)["status"] == "here"


def test_doctor_says_whether_a_vision_model_can_be_had(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))

    def told() -> str:
        return " ".join(diagnosis("embedded")["warnings"])

    assert "assistant models pull vision" in told()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "no model hub answers at http://127.0.0.1:9" in told()
    monkeypatch.setattr("assistant.settings._USER_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in told()
    place(tmp_path, NAMES[0])
    assert "vision model" not in told()


class Scripted:
    """A vision model that says what it is told to, by question."""

    id = "scripted"

    def __init__(self, says: dict[str, str]) -> None:
        self.says = says

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        said = self.says[pictures[0].source]
        if said == "fails":
            raise EngineError("broken", fix="mend it")
        yield said


def test_there_are_twenty_different_pictures() -> None:
    pictures = [case.picture().pixels.tobytes() for case in sight.CASES]
    assert len(pictures) == 20
    assert len(set(pictures)) == 20
    assert len({case.name for case in sight.CASES}) == 20


def test_right_answers_pass_and_others_fail() -> None:
    right = {case.name: f"It is {case.right[-1].title()}." for case in sight.CASES}
    assert all(row.passed for row in sight.run(Scripted(right)))
    for said in ("", "I can't tell.", "fails", "red " * 20):
        rows = list(sight.run(Scripted(dict.fromkeys(right, said))))
        assert not any(row.passed for row in rows), said
    for case in sight.CASES:
        for word in case.wrong:
            assert not case.judge(word)
            assert not case.judge(f"{case.right[0]} or {word}")


def test_a_model_that_always_says_the_same_passes_few() -> None:
    """So a model that sees nothing cannot pass by luck."""
    words = {word for case in sight.CASES for word in case.right}
    best = max(sum(case.judge(word) for case in sight.CASES) for word in words)
    assert best <= 3


def test_the_command_asks_the_profiles_model_twenty_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOpenAi(["Red", "."]) as server:
        folder = tmp_path / "assistant" / "profiles"
        folder.mkdir(parents=True)
        options = {"model": "eye", "base_url": server.url}
        engines = {"vision_model": {"engine": "chat", "options": options}}
        profile = {"name": "eye", "based_on": "embedded", "engines": engines}
        (folder / "eye.yaml").write_text(json.dumps(profile))
        done = assistant(
            "selftest", "vision", "--profile", "eye", "--json", XDG_CONFIG_HOME=str(tmp_path)
        )
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert len(rows) == len(server.requests) == 20
    assert [row["name"] for row in rows if row["passed"]] == ["colour red"]
    assert all(row["answer"] == "Red." for row in rows)


def test_the_command_names_the_hub_that_does_not_answer(tmp_path: Path) -> None:
    done = assistant(
        "selftest",
        "vision",
        "--yes",
        "--profile",
        "embedded",
        ASSISTANT_MODELS=str(tmp_path),
        HF_ENDPOINT="http://127.0.0.1:9",
        HF_HUB_OFFLINE="0",  # whatever the tests were started with
    )
    assert done.returncode == 1
    assert "no model hub answers at http://127.0.0.1:9" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
