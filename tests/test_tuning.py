"""`assistant tune clip` on tiny checkpoints: what learns, what is measured, what is saved."""

from __future__ import annotations

import json
import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from processes import heeds_ctrl_c
from typer.testing import CliRunner
from vision_engines import Context

from assistant.errors import EngineError, InputError, SettingsError
from assistant.tuning import pairs as reading
from assistant.tuning.pairs import Pair, Pairs
from assistant.types import Picture

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_checkpoints  # noqa: E402

from assistant.cli import app  # noqa: E402
from assistant.embedding.checkpoint import TUNED, Checkpoint  # noqa: E402
from assistant.embedding.towers import TorchTowers  # noqa: E402
from assistant.engines.encoder_clip import Clip  # noqa: E402
from assistant.tuning import lora  # noqa: E402
from assistant.tuning.clip import tune  # noqa: E402
from assistant.tuning.objective import info_nce, recalls, same_pairs  # noqa: E402
from assistant.tuning.training import Plan  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

COLOURS = {
    "red": (220, 30, 30), "green": (30, 200, 40), "blue": (30, 40, 220),
    "white": (240, 240, 240), "black": (15, 15, 15), "yellow": (230, 220, 30),
}  # fmt: skip


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny checkpoints, and plain pictures in six colours with noise."""
    folder = tmp_path_factory.mktemp("tuning")
    for kind in ("clip", "siglip2"):
        tiny_checkpoints.make(kind, folder / kind)
    made = folder / "pictures"
    made.mkdir()
    random = np.random.default_rng(5)
    with (made / "pairs.jsonl").open("w", encoding="utf-8") as lines:
        for colour, rgb in COLOURS.items():
            for n in range(7):
                noise = random.integers(-25, 25, (32, 32, 3))
                pixels = np.clip(np.array(rgb) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(made / f"{colour}{n}.png")
                row = {"file": f"{colour}{n}.png", "text": f"a {colour} picture"}
                lines.write(json.dumps(row) + "\n")
    return folder


def silent(*_: Any) -> None:
    return None


def test_pairs_are_read_from_a_manifest_or_from_texts_beside(root: Path, tmp_path: Path) -> None:
    found = reading.read(root / "pictures", held_out=0.25)
    assert len(found.training) + len(found.held_out) == 42
    assert len(found.held_out) in (10, 11)
    assert not {p.file for p in found.training} & {p.file for p in found.held_out}
    again = reading.read(root / "pictures", held_out=0.25)
    assert again == found
    for n in range(5):
        shutil.copyfile(root / "pictures" / f"red{n}.png", tmp_path / f"{n}.png")
        (tmp_path / f"{n}.txt").write_text(f"picture\n number {n}\n", encoding="utf-8")
    (tmp_path / "alone.png").write_bytes(b"no picture, no text")
    beside = reading.read(tmp_path)
    assert {p.text for p in (*beside.training, *beside.held_out)} == {
        f"picture number {n}" for n in range(5)
    }
    assert beside.failed == {}


def test_texts_and_copies_of_a_picture_stay_in_one_part(root: Path, tmp_path: Path) -> None:
    rows = []
    for n in range(6):
        for copy in "ab":
            shutil.copyfile(root / "pictures" / f"red{n}.png", tmp_path / f"{n}{copy}.png")
            rows += [{"file": f"{n}{copy}.png", "text": f"{copy} {n} {k}"} for k in range(2)]
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    rows.append({"file": "broken.png", "text": "nothing"})
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = reading.read(tmp_path, held_out=0.34)
    assert list(found.failed) == [str(tmp_path / "broken.png")]
    learnt, held = ({p.file.name[0] for p in part} for part in (found.training, found.held_out))
    assert not learnt & held
    assert len(held) == 2
    assert len(found.held_out) == 2 * 2 * 2


@pytest.mark.parametrize(
    "line",
    ['{"file": "../x.png", "text": "a"}', "[]", "{", '{"file": "red0.png", "text": " "}',
     '{"file": 3, "text": "a"}', '{"text": "a"}'],
)  # fmt: skip
def test_bad_lines_are_refused_by_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "pairs.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        reading.read(tmp_path)


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no pairs"):
        reading.read(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        reading.read(tmp_path / "none")
    (tmp_path / "pairs.jsonl").write_text('{"file": "gone.png", "text": "a"}', encoding="utf-8")
    with pytest.raises(InputError, match="0 usable"):
        reading.read(tmp_path)


def test_info_nce_is_the_cross_entropy_both_ways() -> None:
    images, texts = torch.eye(2), torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    found = info_nce(images, texts, torch.tensor(2.0), torch.eye(2, dtype=torch.bool))
    logits = [[1.2, 0.0], [1.6, 2.0]]  # 2 x cosines

    def surprise(own: float, *all: float) -> float:
        return math.log(sum(math.exp(x) for x in all)) - own

    rows = surprise(1.2, *logits[0]) + surprise(2.0, *logits[1])
    columns = surprise(1.2, 1.2, 1.6) + surprise(2.0, 0.0, 2.0)
    assert float(found) == pytest.approx((rows + columns) / 4, abs=1e-5)


def test_pairs_that_share_a_text_are_no_counter_examples() -> None:
    one, two, three = (Path(f"{n}.png") for n in range(3))
    some = [Pair(file=one, text="a"), Pair(file=two, text="a"), Pair(file=three, text="b")]
    same = same_pairs(some)
    assert same.tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    mild = info_nce(vectors, vectors, torch.tensor(50.0), torch.from_numpy(same))
    strict = info_nce(vectors, vectors, torch.tensor(50.0), torch.eye(3, dtype=torch.bool))
    assert float(mild) == pytest.approx(float(strict))  # ln 2 for each of two ties
    apart = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    low = info_nce(apart, apart, torch.tensor(50.0), torch.eye(3, dtype=torch.bool))
    assert float(low) < 1e-6
    assert float(info_nce(apart, apart, torch.tensor(50.0), torch.from_numpy(same))) > 1


def test_recall_counts_whoever_fits() -> None:
    images = np.eye(3, dtype=np.float32)
    texts = np.array([[1, 0, 0], [0.6, 0.8, 0], [0.9, 0, 0.3], [0, 1, 0]], dtype=np.float32)
    fits = np.array([[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=bool)
    found = recalls(images, texts, fits)
    assert found["text_to_image_at_1"] == pytest.approx(3 / 4)  # the third text is nearer to one
    assert found["image_to_text_at_1"] == 1
    assert found["text_to_image_at_5"] == found["image_to_text_at_5"] == 1


def test_adapters_change_nothing_before_they_learn_and_merge_into_the_weights(root: Path) -> None:
    checkpoint = Checkpoint.open(root / "clip")
    model = TorchTowers.load(checkpoint, {"device": "cpu"}).model.requires_grad_(False)
    pixels = torch.randn(2, 3, 32, 32)
    names = set(model.state_dict())
    before = model.get_image_features(pixels).pooler_output
    parameters = lora.adapt(model, rank=2, alpha=4)
    assert len(parameters) == 2 * 2 * 2 * 2  # down and up, queries and values, 2 layers, 2 towers
    assert torch.equal(model.get_image_features(pixels).pooler_output, before)
    model.get_image_features(pixels).pooler_output.sum().backward()
    learning = [name for name, p in model.named_parameters() if p.grad is not None]
    assert len(learning) == 8
    assert all(name.startswith("vision_model") for name in learning)
    assert all(name.endswith((".down", ".up")) for name in learning)
    with torch.no_grad():
        for parameter in parameters:
            parameter.normal_(std=0.2)
        adapted = model.get_image_features(pixels).pooler_output
        lora.merge(model)
        merged = model.get_image_features(pixels).pooler_output
    assert set(model.state_dict()) == names
    assert not torch.allclose(adapted, before, atol=1e-3)
    assert torch.allclose(merged, adapted, atol=1e-5)


def engine_recall(folder: Path, pairs: Pairs) -> dict[str, float]:
    """Recall of a saved checkpoint by the engine itself."""
    encoder = Clip.load(Context(folder, {"device": "cpu", "runtime": "torch"}))
    files = list(dict.fromkeys(pair.file for pair in pairs.held_out))
    texts = list(dict.fromkeys(pair.text for pair in pairs.held_out))
    fits = np.array(
        [[Pair(file=file, text=text) in pairs.held_out for text in texts] for file in files]
    )
    images = encoder.images([Picture.open(file) for file in files])
    return recalls(images, encoder.texts(texts), fits)


@pytest.mark.parametrize(
    ("kind", "learns", "plan"),
    [
        ("clip", "all", Plan(epochs=6, batch=16, rate=3e-3)),
        pytest.param("siglip2", "all", Plan(epochs=20, batch=16), marks=pytest.mark.slow),
        ("clip", "projection", Plan(epochs=40, batch=16, rate=2e-2)),
        ("siglip2", "projection", Plan(epochs=40, batch=16, rate=2e-2)),
        ("clip", "lora", Plan(epochs=5, batch=16, rate=2e-2)),
    ],
)
def test_what_is_learnt_is_saved_and_found_again_by_the_engine(
    root: Path, tmp_path: Path, kind: str, learns: str, plan: Plan
) -> None:
    pairs = reading.read(root / "pictures", held_out=0.3)
    target = tmp_path / "models" / "mine"
    tuned = tune(root / kind, pairs, target, learns=learns, plan=plan, device="cpu", tell=silent)
    before, after = tuned.outcome.before, tuned.outcome.after
    print(kind, learns, tuned)
    assert tuned.saved == target
    assert after.loss < before.loss - 0.1
    assert after.text_to_image_at_5 >= before.text_to_image_at_5
    found = engine_recall(target, pairs)
    for name, value in found.items():
        assert value == pytest.approx(getattr(after, name), abs=1e-6), name
    base, mine = (
        Clip.load(Context(folder, {"device": "cpu", "runtime": "torch"}))
        for folder in (root / kind, target)
    )
    assert mine.id != base.id
    told = json.loads((target / TUNED).read_text(encoding="utf-8"))
    assert told["base"] == base.id.removeprefix("clip/")
    assert told["outcome"]["after"]["loss"] == after.loss
    if learns != "all":  # the scale, and SigLIP's bias with it, stay what they were
        assert torch.equal(mine.towers.model.logit_scale, base.towers.model.logit_scale)
    if (kind, learns) == ("siglip2", "projection"):
        picture = [Picture.open(pairs.held_out[0].file)]
        assert np.allclose(mine.images(picture), base.images(picture), atol=1e-6)


def test_ctrl_c_keeps_the_best_epoch(root: Path, tmp_path: Path) -> None:
    pairs = reading.read(root / "pictures", held_out=0.3)

    def stop(epoch: int, found: Any) -> None:
        if epoch == 3:
            raise KeyboardInterrupt

    plan = Plan(epochs=50, batch=16, rate=1e-2)
    tuned = tune(
        root / "clip", pairs, tmp_path / "mine", learns="projection", plan=plan, device="cpu",
        tell=stop,
    )  # fmt: skip
    assert (tuned.outcome.ended, tuned.outcome.epochs) == ("interrupted", 3)
    assert tuned.outcome.best in (1, 2, 3)
    assert engine_recall(tmp_path / "mine", pairs)["text_to_image_at_5"] == pytest.approx(
        tuned.outcome.after.text_to_image_at_5
    )


def test_what_does_not_help_is_not_saved(root: Path, tmp_path: Path) -> None:
    pairs = reading.read(root / "pictures", held_out=0.3)
    plan = Plan(epochs=9, batch=16, rate=1e4, patience=2)
    tuned = tune(
        root / "clip", pairs, tmp_path / "mine", learns="projection", plan=plan, device="cpu",
        tell=silent,
    )  # fmt: skip
    assert (tuned.outcome.best, tuned.outcome.ended, tuned.saved) == (0, "patience", None)
    assert tuned.outcome.after == tuned.outcome.before
    assert not (tmp_path / "mine").exists()
    with pytest.raises(SettingsError):
        tune(root / "clip", pairs, tmp_path, learns="some", plan=plan, tell=silent)
    with pytest.raises(EngineError):
        tune(tmp_path, pairs, tmp_path / "x", learns="lora", plan=plan, tell=silent)


def test_the_command_tells_before_and_after_and_replaces_only_its_own(
    root: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(root / "clip", models / "base")
    arguments = ["tune", "clip", str(root / "pictures"), "--weights", "base", "--json",
                 "--epochs", "3", "--rate", "0.01", "--device", "cpu"]  # fmt: skip
    for _ in range(2):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        row = json.loads(done.stdout)
        assert row["saved"] == "base-tuned"
        assert row["after"]["loss"] < row["before"]["loss"]
        assert row["pairs"] + row["held_out"] == 42
        assert "epoch 1: loss" in done.stderr
    assert sorted(folder.name for folder in models.iterdir()) == ["base", "base-tuned"]
    for name in ("base", "../out", "siglip2-base-patch16-224"):
        refused = CliRunner().invoke(app, [*arguments, "--name", name])
        assert isinstance(refused.exception, InputError)
    assert not (models / "base" / TUNED).exists()
    unknown = CliRunner().invoke(app, [*arguments[:3], "--profile", "embedded"])
    assert isinstance(unknown.exception, SettingsError)


@pytest.mark.slow
def test_a_real_ctrl_c_ends_the_command_with_what_is_best(root: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(root / "clip", models / "base")
    command = [sys.executable, "-m", "assistant", "tune", "clip", str(root / "pictures"),
               "--weights", "base", "--json", "--epochs", "1000000", "--patience", "1000000",
               "--rate", "0.00001", "--device", "cpu"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heeds_ctrl_c,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch 4:"):
                process.send_signal(signal.SIGINT)
                break
        try:
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    row = json.loads(out)
    assert row["ended"] == "interrupted"
    assert row["saved"] == "base-tuned"
    assert sorted(folder.name for folder in models.iterdir()) == ["base", "base-tuned"]
    assert plainly(models / "base-tuned").dim == 24


def plainly(folder: Path) -> Clip:
    return Clip.load(Context(folder, {"device": "cpu", "runtime": "torch"}))
