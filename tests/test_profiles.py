"""Profiles: strict settings, the choice between them, and what is sent elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import profiles
from assistant.errors import EngineMissing, SettingsError
from assistant.profiles import Machine, choose, remote_hosts
from assistant.providers import remote_host
from assistant.registry import ENGINES
from assistant.settings import load_profile, profile_paths
from assistant.weights.manifest import HubSource, PackedSource, manifest


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Profiles of the user's own come from a folder of the test."""
    monkeypatch.setattr("assistant.settings.configuration_folder", lambda: tmp_path)
    for name in ("ASSISTANT_PROFILE", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASSISTANT_CLOUD_MODEL", "some-model")
    monkeypatch.setenv("ASSISTANT_SERVER_MODEL", "some-model")
    load_profile.cache_clear()
    (tmp_path / "profiles").mkdir()
    yield tmp_path / "profiles"
    load_profile.cache_clear()


def machine(monkeypatch: pytest.MonkeyPatch, ram_gb: float, gpu_gb: float = 0) -> None:
    gpus = (("Test GPU", gpu_gb),) if gpu_gb else ()
    monkeypatch.setattr(profiles, "this_machine", lambda: Machine(ram_gb=ram_gb, gpus=gpus))


@pytest.mark.parametrize("name", ["embedded", "local", "server", "cloud"])
def test_packaged_profiles_name_engines_and_weights_that_exist(name: str) -> None:
    assert name in dict(profile_paths())
    profile = load_profile(name)
    engines = [("synthesizer", row) for row in profile.synthesizers.values()]
    for tier in profile.tiers:
        engines += tier.engines.items()
    for capability, settings in [*profile.engines.items(), *engines]:
        assert settings.engine in ENGINES[capability]
        if settings.weights is not None:
            assert settings.weights in manifest()
    own = [row.weights for row in (*profile.engines.values(), *profile.synthesizers.values())]
    assert {weights for weights in own if weights} <= set(profile.weights)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name: x\ndescription: x\nengines: {}\nsynthesizers: {}\nvoise: joe\n", "voise"),
        ("name: x\nbased_on: embedded\nspeech: {max_wrods: 3}\n", "speech.max_wrods"),
        (
            "name: x\nbased_on: embedded\nengines: {transcriber: {engin: whisper}}\n",
            "engines.transcriber.engin",
        ),
        ("name: x\nbased_on: embedded\nsources: [torrent]\n", "sources.0"),
        ("name: x\nbased_on: x\n", "'x'"),
        ("name: x\nbased_on: embedded\ndescription: ${ASSISTANT_UNSET}\n", "ASSISTANT_UNSET"),
        ("- a list\n", "not a mapping"),
    ],
)
def test_an_unknown_key_or_value_fails_by_its_name(fresh: Path, text: str, named: str) -> None:
    (fresh / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_profile("x")
    assert named in str(error.value)
    assert error.value.fix


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError) as error:
        choose("embeded")
    assert "auto, cloud, embedded, local, server" in error.value.fix


def test_the_users_own_profile_is_based_on_another_and_its_weights_follow(fresh: Path) -> None:
    (fresh / "mine.yaml").write_text(
        "name: mine\nbased_on: embedded\n"
        "engines: {transcriber: {engine: faster-whisper, weights: whisper-tiny-en}}\n",
        encoding="utf-8",
    )
    mine, base = load_profile("mine"), load_profile("embedded")
    assert set(base.weights) - set(mine.weights) == {"whisper-base"}
    assert set(mine.weights) - set(base.weights) == {"whisper-tiny-en"}
    assert mine.engines["chat_model"] == base.engines["chat_model"]


def test_auto_takes_embedded_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "none"))
    machine(monkeypatch, ram_gb=16)
    choice = choose()
    assert choice.profile.name == "embedded"
    assert "local still lacks" in choice.reason


def test_auto_takes_local_when_all_its_weights_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))
    machine(monkeypatch, ram_gb=16)
    for name in choose("local").profile.weights:
        source = manifest()[name].sources[0]
        for file in (*source.files, *manifest()[name].derived):
            (tmp_path / name).mkdir(exist_ok=True)
            with (tmp_path / name / file).open("wb") as stream:
                pinned = isinstance(source, PackedSource) and file in source.files
                stream.truncate(source.files[file].size if pinned else 10)
    choice = choose()
    assert choice.profile.name == "local"
    assert "its weights are here" in choice.reason


@pytest.mark.parametrize(
    ("ram_gb", "gpu_gb", "hearing", "chat"),
    [
        (8, 0, "whisper-small", "qwen2.5-coder-1.5b-instruct-q4"),
        (16, 0, "whisper-small", "qwen3-4b-instruct-q4"),
        (8, 8, "whisper-large-v3-turbo", "qwen2.5-coder-1.5b-instruct-q4"),
        (32, 24, "whisper-large-v3-turbo", "qwen3-4b-instruct-q4"),
    ],
)
def test_local_is_sized_to_the_machine(
    monkeypatch: pytest.MonkeyPatch, ram_gb: float, gpu_gb: float, hearing: str, chat: str
) -> None:
    machine(monkeypatch, ram_gb, gpu_gb)
    profile = choose("local").profile
    assert profile.engines["transcriber"].weights == hearing
    assert profile.engines["chat_model"].weights == chat
    assert {hearing, chat} <= set(profile.weights)
    assert len({w for w in profile.weights if w.startswith("whisper")}) == 1
    assert profiles.uses_gpu(profile) == (gpu_gb > 0)


def test_large_models_of_local_come_from_a_hub() -> None:
    for name in ("whisper-small", "whisper-large-v3-turbo", "qwen3-4b-instruct-q4"):
        assert all(isinstance(source, HubSource) for source in manifest()[name].sources)


def test_only_profiles_that_send_something_away_name_a_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(monkeypatch, ram_gb=16)
    assert remote_hosts(choose("embedded").profile) == ()
    assert remote_hosts(choose("local").profile) == ()
    assert remote_hosts(choose("server").profile) == ()  # its default is this machine
    assert remote_hosts(choose("cloud").profile) == ("api.openai.com",)
    load_profile.cache_clear()
    monkeypatch.setenv("ASSISTANT_SERVER_URL", "http://192.168.1.20:8000/v1")
    assert remote_hosts(choose("server").profile) == ("192.168.1.20",)


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, None),
        ({"base_url": "http://localhost:1/v1"}, None),
        ({"base_url": "http://127.0.0.2/v1"}, None),
        ({"base_url": "http://[::1]:8000/v1"}, None),
        ({"base_url": "box.lan:8000/v1"}, "box.lan"),
        ({"base_url": "https://localhost.example.com/v1"}, "localhost.example.com"),
        ({"provider": "ollama"}, None),
        ({"provider": "anthropic"}, "api.anthropic.com"),
        ({"provider": "openai", "base_url": "http://10.0.0.3/v1"}, "10.0.0.3"),
        ({"provider": "mistralai"}, "mistralai"),
    ],
)
def test_hosts(options: dict[str, Any], host: str | None) -> None:
    assert remote_host(options) == host


def test_a_client_that_is_sent_elsewhere_by_its_own_variable_is_named_rightly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example.org/v1")
    assert remote_host({"provider": "openai"}) == "proxy.example.org"


class Context:
    """What an engine sees while it loads."""

    def __init__(self, **options: Any) -> None:
        self.options = options


def test_the_langchain_engine_makes_a_model_and_names_its_host() -> None:
    pytest.importorskip("langchain_openai")
    from langchain_core.language_models import BaseChatModel

    from assistant.engines.chat_langchain import LangChainChat

    own = LangChainChat.load(Context(model="m", base_url="http://10.0.0.3:8000/v1"))  # type: ignore[arg-type]
    assert isinstance(own.chat(), BaseChatModel)
    assert own.host == "10.0.0.3"
    here = LangChainChat.load(Context(model="m", base_url="http://localhost:8000/v1"))  # type: ignore[arg-type]
    assert here.host is None


@pytest.mark.parametrize(
    ("options", "error", "fix"),
    [
        ({"model": "m", "provider": "openai"}, EngineMissing, "export OPENAI_API_KEY=YOUR-KEY"),
        ({"model": "m", "provider": "mistralai"}, EngineMissing, "pip install langchain-mistralai"),
        ({"provider": "openai"}, SettingsError, "model"),
    ],
)
def test_the_langchain_engine_names_the_fix(
    options: dict[str, Any], error: type[Exception], fix: str
) -> None:
    from assistant.engines.chat_langchain import LangChainChat

    with pytest.raises(error) as raised:
        LangChainChat.load(Context(**options))  # type: ignore[arg-type]
    assert fix in raised.value.fix  # type: ignore[attr-defined]
