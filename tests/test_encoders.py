"""Picture encoders on tiny random CLIP, SigLIP, SigLIP 2 and NaFlex: plumbing, not sight."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from vision_engines import Context, noise

from assistant.cli.doctor import engine_state
from assistant.conversions import safetensors
from assistant.embedding import onnx_towers
from assistant.embedding.checkpoint import Checkpoint
from assistant.embedding.pixels import Square
from assistant.errors import (
    EngineError,
    EngineMissing,
    SettingsError,
    WeightsCorrupt,
    WeightsMissing,
)
from assistant.settings import load_profile
from assistant.types import Picture
from assistant.weights import Store
from assistant.weights.manifest import manifest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import tiny_checkpoints  # noqa: E402

from assistant.engines.encoder_clip import Clip  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

KINDS = ("clip", "siglip", "siglip2", "siglip2_naflex")
PICTURES = [noise(1), noise(2, 1, 1), noise(3, 500, 3), noise(4, 33, 90)]
TEXTS = ["A red car", "图片里有什么？一只猫", "x " * 500, "", "broken \udc80 name"]
PLAIN = {"device": "cpu", "runtime": "torch", "english_only": False}


@pytest.fixture(autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Exports and remembered hashes of this run, shared by its tests."""
    folder = tmp_path_factory.getbasetemp() / "encoders-data"
    monkeypatch.setenv("ASSISTANT_DATA", str(folder))
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoders")
    for kind in KINDS:
        tiny_checkpoints.make(kind, folder / kind)
    return folder


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest, root: Path) -> Path:
    return root / str(request.param)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A checkpoint to spoil."""
    return Path(shutil.copytree(folder, tmp_path / folder.name))


def plain(folder: Path, **options: Any) -> Clip:
    return Clip.load(Context(folder, {**PLAIN, **options}))


def close(one: Any, other: Any, within: float = 1e-5) -> bool:
    return bool(np.abs(one - other).max() < within)


def test_vectors_have_length_one_and_depend_on_what_is_encoded(folder: Path) -> None:
    encoder = plain(folder, batch=2)
    for found, n in ((encoder.images(PICTURES), 4), (encoder.texts(TEXTS), 5)):
        assert found.shape == (n, encoder.dim)
        assert found.dtype == np.float32
        assert close(np.linalg.norm(found, axis=1), 1)
        assert all(not close(found[a], found[b]) for a in range(n) for b in range(a))
    assert encoder.images([]).shape == encoder.texts([]).shape == (0, encoder.dim)


def test_a_batch_is_what_its_members_are_alone(folder: Path) -> None:
    encoder = plain(folder)
    alone = np.concatenate([encoder.images([picture]) for picture in PICTURES])
    assert close(encoder.images(PICTURES), alone)
    assert close(encoder.texts(TEXTS), np.concatenate([encoder.texts([text]) for text in TEXTS]))


def test_long_texts_are_cut_and_still_end(folder: Path) -> None:
    encoder = plain(folder)
    most = Checkpoint.open(folder).text_length
    short, long = "一只猫", "一只猫" * 100
    ids, _ = encoder._tokens([short, long])
    assert ids.shape == (2, most)
    assert ids[1, -1] in ids[0]  # the end token, or SigLIP's end that also pads
    assert close(encoder.texts([long]), encoder.texts([long + "狗"]))


def test_siglip_pads_on_the_right_to_its_full_length_in_lower_case(root: Path) -> None:
    for kind in ("siglip", "siglip2", "siglip2_naflex"):
        encoder = plain(root / kind)
        ids, _ = encoder._tokens(["A red CAR"])
        assert ids.shape == (1, 64)
        pad = 1 if kind == "siglip" else 0
        assert ids[0, 0] != pad
        assert (ids[0, 20:] == pad).all()
        assert close(encoder.texts(["A red CAR"]), encoder.texts(["a red car"]))


def test_inputs_are_those_of_the_library(folder: Path) -> None:
    """Against the processors that transformers loads from the same folder."""
    encoder = plain(folder)
    images = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    shown = [picture for picture in PICTURES if picture.width < 400]
    theirs = images(images=[Image.fromarray(one.pixels) for one in shown], return_tensors="np")
    ours = encoder._prepare(shown)
    assert set(ours) == set(theirs)
    assert all(close(ours[name], theirs[name]) for name in theirs)
    assert isinstance(encoder._prepare, Square) == ("naflex" not in folder.name)
    if folder.name != "siglip":  # its own tokenizer needs sentencepiece
        words = transformers.AutoTokenizer.from_pretrained(folder)
        theirs = words(["A red car 一只猫"])["input_ids"][0]
        assert list(encoder._tokens(["A red car 一只猫"])[0][0][: len(theirs)]) == theirs


def test_features_are_those_of_the_library(folder: Path) -> None:
    encoder = plain(folder)
    model = transformers.AutoModel.from_pretrained(folder)
    given = {name: torch.from_numpy(v) for name, v in encoder._prepare(PICTURES[:1]).items()}
    ids, _ = encoder._tokens(["a car"])
    with torch.no_grad():
        expected = model(input_ids=torch.from_numpy(ids), **given)
    assert close(encoder.images(PICTURES[:1]), expected.image_embeds.numpy())
    assert close(encoder.texts(["a car"]), expected.text_embeds.numpy())


def test_settings_of_hub_repositories_are_read(root: Path, tmp_path: Path) -> None:
    """`preprocessor_config.json` and end tokens as the published checkpoints have them."""
    folder = Path(shutil.copytree(root / "siglip2", tmp_path / "hub"))
    settings = json.loads((folder / "processor_config.json").read_text())["image_processor"]
    (folder / "processor_config.json").unlink()
    settings["image_processor_type"] = "SiglipImageProcessor"
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    words = json.loads((folder / "tokenizer.json").read_text())
    words["post_processor"] = None
    (folder / "tokenizer.json").write_text(json.dumps(words))
    mine, original = plain(folder), plain(root / "siglip2")
    assert isinstance(mine._prepare, Square)
    assert close(mine.images(PICTURES), original.images(PICTURES))
    assert close(mine.texts(TEXTS), original.texts(TEXTS))
    settings["do_normalize"] = False
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    assert not close(plain(folder).images(PICTURES), original.images(PICTURES))


def spoil(folder: Path) -> None:
    """Give a checkpoint other weights."""
    model = transformers.AutoModel.from_pretrained(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1)
    model.save_pretrained(folder)


def test_the_id_follows_the_weights_and_the_settings(copy: Path) -> None:
    before = Checkpoint.open(copy).fingerprint()
    assert plain(copy).id == f"clip/{copy.name}@{before}"
    assert Checkpoint.open(copy).fingerprint() == before
    spoil(copy)
    changed = Checkpoint.open(copy).fingerprint()
    assert changed != before
    file = copy / "processor_config.json"
    file.write_text(file.read_text().replace('"image_mean": [', '"image_mean": [ '))
    assert Checkpoint.open(copy).fingerprint() not in (before, changed)


def test_onnx_agrees_with_torch_and_is_kept(root: Path, data: Path) -> None:
    for kind in ("clip", "siglip", "siglip2"):
        torch_made = plain(root / kind)
        made = plain(root / kind, runtime="onnx")
        assert made.id == torch_made.id
        assert made.dim == torch_made.dim
        for threads in (1, 2, 3):  # which share a batch
            shared = plain(root / kind, runtime="onnx", threads=threads)
            assert close(shared.images(PICTURES), torch_made.images(PICTURES))
        assert close(shared.images(PICTURES[:1]), torch_made.images(PICTURES[:1]))
        assert close(made.texts(TEXTS), torch_made.texts(TEXTS))
        kept = onnx_towers.exported(Checkpoint.open(root / kind))
        assert kept is not None
        assert data in kept.parents
        found = onnx_towers.report(kept)
        assert 0 <= max(found.images, found.texts) < onnx_towers.TOLERANCE
        stamp = (kept / "images.onnx").stat().st_mtime_ns
        again = plain(root / kind, runtime="auto")
        assert isinstance(again.towers, onnx_towers.OnnxTowers)
        assert (kept / "images.onnx").stat().st_mtime_ns == stamp
    with pytest.raises(EngineError, match="NaFlex"):
        plain(root / "siglip2_naflex", runtime="onnx")
    assert plain(root / "siglip2_naflex", runtime="auto").images(PICTURES).shape[0] == 4


def test_an_export_that_differs_is_not_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(root / "siglip", tmp_path / "other"))
    spoil(folder)
    checked = onnx_towers._checked

    def check_another(checkpoint: Any, towers: Any, made: Path) -> Any:
        with torch.no_grad():
            next(towers.model.text_model.parameters()).normal_()
        return checked(checkpoint, towers, made)

    monkeypatch.setattr(onnx_towers, "_checked", check_another)
    with pytest.raises(EngineError, match="differs from torch"):
        plain(folder, runtime="onnx")
    assert onnx_towers.exported(Checkpoint.open(folder)) is None
    assert not isinstance(plain(folder, runtime="auto").towers, onnx_towers.OnnxTowers)


def test_with_an_export_no_torch_is_imported(root: Path, data: Path) -> None:
    folder = root / "siglip2"
    plain(folder, runtime="onnx")
    code = (
        "import sys; sys.path.insert(0, 'tests'); from pathlib import Path\n"
        "from vision_engines import Context, noise\n"
        "from assistant.engines.encoder_clip import Clip\n"
        "options = {'device': 'cpu', 'english_only': False}\n"
        f"e = Clip.load(Context(Path({str(folder)!r}), options))\n"
        "print(e.images([noise(1)]).shape, e.texts(['a']).shape, 'torch' in sys.modules)"
    )
    here = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here
    )
    assert done.stdout.strip() == "(1, 24) (1, 24) False"


class Chat:
    """A chat model of the tests: says what it is told to, and counts."""

    def __init__(self, said: str) -> None:
        self.said, self.asked = said, list[str]()

    def chat(self) -> Any:
        from langchain_core.language_models import GenericFakeChatModel
        from langchain_core.messages import AIMessage

        outer = self

        class Model(GenericFakeChatModel):
            def stream(self, input: Any, *more: Any, **other: Any) -> Any:
                outer.asked.append(str(input))
                yield from super().stream(input, *more, **other)

        return Model(messages=iter([AIMessage(self.said)]))


def english(folder: Path, chat: Any) -> Clip:
    class Speaking(Context):
        def engine(self, capability: str) -> Any:
            assert capability == "chat_model"
            if chat is None:
                raise WeightsMissing("the weights are not here", fix="assistant models pull")
            return chat

    return Clip.load(Speaking(folder, {"device": "cpu", "runtime": "torch"}))


def test_chinese_is_translated_for_english_encoders_once(root: Path) -> None:
    chat = Chat("a cat on a chair\nThat is the translation.")
    encoder = english(root / "clip", chat)
    plainly = encoder.texts(["a cat on a chair"])
    assert chat.asked == []
    for _ in range(2):
        assert close(encoder.texts(["椅子上的猫", "a cat on a chair"]), plainly)
    assert len(chat.asked) == 1
    assert '"椅子上的猫"' in chat.asked[0]


def test_without_a_translation_chinese_is_an_error(root: Path) -> None:
    with pytest.raises(EngineMissing, match="reads English only") as missing:
        english(root / "clip", None).texts(["椅子上的猫"])
    assert missing.value.fix
    for said in ("\n", "一只猫"):
        with pytest.raises(EngineError, match="did not translate"):
            english(root / "clip", Chat(said)).texts(["椅子上的猫"])


def test_vocabularies_tell_which_encoders_read_english_only(tmp_path: Path) -> None:
    for kind, words, only in (
        ("clip", None, True), ("siglip", None, True), ("siglip", 250_000, False),
        ("siglip", 256_000, False), ("siglip2", 256_000, False),
    ):  # fmt: skip
        text = {} if words is None else {"vocab_size": words}
        content = {"model_type": kind, "text_config": text, "vision_config": {}}
        (tmp_path / "config.json").write_text(json.dumps(content))
        assert Checkpoint.open(tmp_path).english_only == only


def test_damaged_checkpoints_and_wrong_options_are_told(copy: Path) -> None:
    for options in ({"runtime": "tpu"}, {"batch": 0}, {"runtime": "onnx", "device": "cuda"}):
        with pytest.raises(SettingsError):
            plain(copy, **options)
    words = (copy / "tokenizer.json").read_text()
    (copy / "tokenizer.json").write_text(words[:200])
    with pytest.raises(EngineError, match=r"tokenizer\.json"):
        plain(copy)
    (copy / "tokenizer.json").write_text(words)
    weights = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(EngineError, match="does not load"):
        plain(copy)
    (copy / "model.safetensors").unlink()
    with pytest.raises(EngineError, match=r"model.safetensors|does not load|holds no"):
        plain(copy)
    (copy / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(EngineError, match="not CLIP"):
        plain(copy)


def test_no_number_passes_for_a_vector(root: Path) -> None:
    encoder = plain(root / "clip")
    with torch.no_grad():
        encoder.towers.model.visual_projection.weight.fill_(float("nan"))
    with pytest.raises(EngineError, match="numbers that are none"):
        encoder.images(PICTURES)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_half_precision_on_a_gpu_is_near_whole_precision(folder: Path) -> None:
    there = plain(folder, device="cuda")
    assert there.towers.model.dtype == torch.float16
    here = plain(folder)
    assert there.id == here.id
    assert close(there.images(PICTURES), here.images(PICTURES), 0.01)
    assert close(there.texts(TEXTS), here.texts(TEXTS), 0.01)


def test_siglip_cuts_where_it_says_that_a_pair_does_not_match(root: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(root / "siglip2", tmp_path / "cut"))
    model = transformers.AutoModel.from_pretrained(folder)
    with torch.no_grad():  # about what the published ones have
        model.logit_scale.fill_(4.76)
        model.logit_bias.fill_(-16.8)
    model.save_pretrained(folder)
    encoder = plain(folder, least_probability=0.01)
    cut = encoder.cut(encoder.texts(["a cat"])[0])
    assert 1 / (1 + np.exp(-(np.exp(4.76) * cut - 16.8))) == pytest.approx(0.01, rel=1e-3)
    assert plain(folder).cut(encoder.texts(["a cat"])[0]) < cut
    (folder / "tuning.json").write_text("{}")
    assert plain(folder).cut(encoder.texts(["a cat"])[0]) == -1
    clip = plain(root / "clip")
    assert clip.cut(clip.texts(["a cat"])[0]) == -1
    with pytest.raises(SettingsError):
        plain(folder, least_probability=0)


def test_a_picture_of_one_colour_has_a_vector(root: Path) -> None:
    black = Picture(pixels=np.zeros((5, 5, 3), dtype=np.uint8))
    assert close(np.linalg.norm(plain(root / "clip").images([black])), 1)


def test_pickled_weights_become_safetensors_without_running_them(
    root: Path, tmp_path: Path
) -> None:
    """As `models pull clip-vit-base-patch32` does it."""
    folder = Path(shutil.copytree(root / "clip", tmp_path / "pickled"))
    model = transformers.AutoModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    safetensors(folder / "pytorch_model.bin", folder / "model.safetensors")
    assert close(plain(folder).images(PICTURES), plain(root / "clip").images(PICTURES))
    torch.save({"a": subprocess.Popen}, folder / "evil.bin")
    with pytest.raises(WeightsCorrupt):
        safetensors(folder / "evil.bin", folder / "evil.safetensors")
    assert not (folder / "evil.safetensors").exists()


def test_published_encoders_are_offered_with_hashes_from_the_hub() -> None:
    """No hash is written down that nobody has seen; `local` takes the multilingual one."""
    for name in ("siglip2-base-patch16-224", "clip-vit-base-patch32", "clip-vit-large-patch14"):
        described = manifest()[name]
        assert all(source.sha256 == "from-hub" for source in described.sources)
        assert {"config.json", "tokenizer.json", "model.safetensors"} <= described.file_names()
    local = load_profile("local")
    assert local.engines["image_text_encoder"].engine == "clip"
    assert local.engines["image_text_encoder"].weights in local.weights


def test_doctor_tells_how_to_get_the_encoder(tmp_path: Path) -> None:
    settings = load_profile("local").engines["image_text_encoder"]
    row = engine_state("image_text_encoder", settings, Store(tmp_path))
    assert (row["engine"], row["ready"]) == ("clip", False)
    assert row["fix"] == "assistant models pull siglip2-base-patch16-224"
