"""CTranslate2's weights become OpenAI's checkpoint, and openai-whisper hears what the other does.

What holds for every transcriber is in test_hearing.py.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import HEARING_RATE, Audio
from assistant.cli.doctor import engine_state
from assistant.errors import Cancelled, WeightsCorrupt, WeightsMissing
from assistant.evaluation import hearing
from assistant.evaluation.cases import Case, manifest
from assistant.interfaces import Options
from assistant.registry import Engines, engine_row
from assistant.settings import EngineSettings
from assistant.weights import Store
from assistant.weights.pull import Pull
from assistant.whisper_weights import openai_checkpoint, read_ctranslate2

MOST = 2  # word errors between two implementations of the same network


@pytest.fixture(scope="session")
def made(openai_engines: Engines) -> Path:
    """The checkpoint that was made from CTranslate2's file."""
    return openai_engines.locator.folder("openai-whisper-base") / "base.pt"


@pytest.fixture(scope="session")
def source(openai_engines: Engines) -> Path:
    """The folder of the CTranslate2 weights."""
    return openai_engines.locator.folder("whisper-base")


def test_the_checkpoint_has_every_key_and_number(made: Path, source: Path) -> None:
    import torch
    import whisper

    content = torch.load(made, weights_only=True)
    model = whisper.Whisper(whisper.ModelDimensions(**content["dims"]))
    model.load_state_dict(content["model_state_dict"], strict=True)  # raises on any difference
    assert {tensor.dtype for tensor in content["model_state_dict"].values()} == {torch.float16}
    variables = read_ctranslate2(source / "model.bin")
    fused = variables["decoder/layer_3/self_attention/linear_0/weight"]
    for place, name in enumerate(("query", "key", "value")):
        part = content["model_state_dict"][f"decoder.blocks.3.attn.{name}.weight"].numpy()
        np.testing.assert_array_equal(part, fused[512 * place : 512 * (place + 1)])


def test_alignment_heads_are_those_of_the_other_conversion(
    openai_engines: Engines, source: Path
) -> None:
    heads = openai_engines.get("transcriber")._model.alignment_heads.indices().T.tolist()
    assert heads == json.loads((source / "config.json").read_text())["alignment_heads"]


def test_it_is_made_once_listed_and_verified(openai_engines: Engines, made: Path) -> None:
    store = Store(made.parent.parent)
    (made_here,) = Pull(store=store, order=()).run(["openai-whisper-base"])[1:]
    assert (made_here.source, made_here.size, made_here.error) == ("here", 0, None)
    assert [s.status for s in store.verify("openai-whisper-base")] == ["ok"]
    assert store.complete("openai-whisper-base")


@pytest.mark.parametrize("change", ["no model", "cut off", "key bias", "layer missing"])
def test_another_file_is_no_model(
    source: Path, tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("whisper")
    model, target = tmp_path / "model.bin", tmp_path / "base.pt"
    content = (source / "model.bin").read_bytes()
    model.write_bytes(
        {"no model": b"no model" * 9, "cut off": content[:-90_000]}.get(change, content)
    )
    variables = read_ctranslate2(source / "model.bin")
    if change == "key bias":
        bias = np.ones_like(variables["encoder/layer_0/self_attention/linear_0/bias"])
        variables["encoder/layer_0/self_attention/linear_0/bias"] = bias
    if change == "layer missing":
        variables = {n: v for n, v in variables.items() if not n.startswith("encoder/conv2")}
    if change in ("key bias", "layer missing"):
        monkeypatch.setattr("assistant.whisper_weights.read_ctranslate2", lambda path: variables)
    with pytest.raises(WeightsCorrupt, match=r"model\.bin is no Whisper model"):
        openai_checkpoint(model, target)
    assert not target.exists()


class Malice:
    """What a pickle could do."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("opened",)


def test_a_checkpoint_is_read_and_never_run(
    openai_engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from assistant.engines.stt_openai_whisper import checkpoint, load_checkpoint

    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        checkpoint(tmp_path)
    torch.save({"dims": Malice()}, tmp_path / "base.pt")
    with pytest.raises(WeightsCorrupt, match=r"base\.pt is no checkpoint"):
        load_checkpoint(checkpoint(tmp_path))
    assert not (tmp_path / "opened").exists()
    (tmp_path / "other.pt").write_bytes(b"no checkpoint")
    with pytest.raises(WeightsCorrupt):
        load_checkpoint(tmp_path / "other.pt")
    with pytest.raises(WeightsMissing, match="several"):
        checkpoint(tmp_path)


def test_doctor_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("whisper")
    settings = EngineSettings(engine="openai-whisper", weights="openai-whisper-base")

    def fix() -> str:
        return str(engine_state("transcriber", settings, Store(tmp_path))["fix"])

    assert fix() == "assistant models pull openai-whisper-base"
    own = settings.model_copy(update={"weights": "mine"})
    assert not engine_state("transcriber", own, Store(tmp_path))["ready"]
    (tmp_path / "mine").mkdir()
    assert engine_state("transcriber", own, Store(tmp_path))["ready"]
    missing = engine_row("transcriber", "openai-whisper").packages[0]
    monkeypatch.setattr("importlib.util.find_spec", lambda n: None if n == missing else True)
    assert fix() == "pip install 'assistant[openai-whisper]'"


def test_a_cancel_in_the_middle_leaves_a_model_that_works(
    openai_engines: Engines, media: Path
) -> None:
    transcriber = openai_engines.get("transcriber")
    clip = Audio.open(next(c.file for c in english(media) if "s001" in c.name))
    samples = clip.resampled(HEARING_RATE).samples
    long = np.concatenate([samples, np.zeros(30 * HEARING_RATE, np.float32)])  # two windows
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(transcriber.segments(long, "en", Options(quick=True), partial=False, check=check))
    assert asked == 2
    assert "small dog" in transcriber.transcribe(clip, Options(language="en")).text


def test_two_threads_hear_each_its_own(openai_engines: Engines, media: Path) -> None:
    clips = [Audio.open(c.file) for c in english(media)[:2]]
    hear = partial(openai_engines.get("transcriber").transcribe, options=Options(language="en"))
    with ThreadPoolExecutor(2) as pool:
        heard = pool.map(hear, clips)
    first, second = (transcript.text for transcript in heard)
    assert "small dog" in first
    assert "figures" in second


def english(media: Path) -> list[Case]:
    """Development clips of English speech whose whole text is known."""
    return [
        case
        for case in manifest(media)
        if case.kind == "speech"
        and case.truth.get("language") == "en"
        and case.truth.get("truth_confidence") != "partial"
    ]


def word_errors(cases: list[Case], engines: Engines) -> int:
    """Of a profile's transcriber, by the normalisation of `assistant eval hearing`."""
    report = hearing.evaluate(cases, engines, baseline=False)
    assert report.metrics["failed"] == 0
    assert report.metrics["transcriber"]["en"]["n"] == len(cases)
    return int(report.metrics["transcriber"]["en"]["errors"])


@pytest.fixture(scope="session")
def float32(openai_engines: Engines) -> Engines:
    """faster-whisper computing in float32, as openai-whisper does on a processor."""
    hearing_settings = EngineSettings(
        engine="faster-whisper", weights="whisper-base", options={"compute_type": "float32"}
    )
    chosen = {**openai_engines.profile.engines, "transcriber": hearing_settings}
    profile = openai_engines.profile.model_copy(update={"engines": chosen})
    return Engines(profile=profile, locator=openai_engines.locator)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("clips", ["five", pytest.param("all", marks=pytest.mark.long)])
def test_both_implementations_hear_the_same(
    openai_engines: Engines, float32: Engines, media: Path, clips: str
) -> None:
    cases = english(media) if clips == "all" else english(media)[:5]
    assert len(cases) >= 5
    difference = word_errors(cases, openai_engines) - word_errors(cases, float32)
    assert abs(difference) <= MOST
