"""The encoder `open-clip` on a tiny random checkpoint.

Needs torchvision: run by hand with `make test-vision-full`, in an environment of its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vision_engines import Context, noise

if not os.environ.get("ASSISTANT_VISION_FULL"):
    pytest.skip("run `make test-vision-full`", allow_module_level=True)

import open_clip
import torch
from safetensors.torch import save_file

from assistant.engines.encoder_open_clip import OpenClip
from assistant.errors import EngineError, WeightsMissing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PICTURES = [noise(1), noise(2, 1, 1), noise(3, 500, 3)]
TEXTS = ["A red car", "图片里有什么？一只猫", "x " * 500, "", "broken \udc80 name"]
CONFIG = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 8, "patch_size": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 4, "layers": 2},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    made = tmp_path / "tiny"
    made.mkdir()
    torch.manual_seed(3)
    model = open_clip.CLIP(**json.loads(json.dumps(CONFIG)))
    mean, std = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
    content = {"model_cfg": CONFIG, "preprocess_cfg": {"mean": mean, "std": std}}
    (made / "open_clip_config.json").write_text(json.dumps(content))
    save_file(model.state_dict(), made / "open_clip_model.safetensors")
    return made


def loaded(folder: Path, **options: Any) -> OpenClip:
    return OpenClip.load(Context(folder, {"device": "cpu", "english_only": False, **options}))


def test_vectors_have_length_one_and_a_batch_is_what_its_members_are(folder: Path) -> None:
    encoder = loaded(folder, batch=2)
    assert encoder.dim == 24
    for work, items in ((encoder.images, PICTURES), (encoder.texts, TEXTS)):
        found = work(items)  # type: ignore[operator]
        assert found.shape == (len(items), 24)
        assert found.dtype == np.float32
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        alone = np.concatenate([work([item]) for item in items])  # type: ignore[operator]
        assert np.allclose(found, alone, atol=1e-5)
        assert len(np.unique(found.round(4), axis=0)) == len(items)
        assert work([]).shape == (0, 24)  # type: ignore[operator]


def test_features_are_those_of_the_library(folder: Path) -> None:
    model, prepare = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    from PIL import Image

    pixels = prepare(Image.fromarray(PICTURES[0].pixels))[None]
    with torch.no_grad():
        image = model.encode_image(pixels, normalize=True).numpy()
        text = model.encode_text(open_clip.tokenize(["A red car"]), normalize=True).numpy()
    encoder = loaded(folder)
    assert np.allclose(encoder.images(PICTURES[:1]), image, atol=1e-5)
    assert np.allclose(encoder.texts(["A red car"]), text, atol=1e-5)
    assert encoder.id.startswith("open-clip/tiny@")


def test_english_models_have_chinese_translated(folder: Path) -> None:
    class Silent(Context):
        def engine(self, capability: str) -> Any:
            raise WeightsMissing("not here", fix="assistant models pull")

    encoder = OpenClip.load(Silent(folder, {"device": "cpu"}))
    assert encoder.texts(["a cat"]).shape == (1, 24)
    with pytest.raises(EngineError, match="reads English only"):
        encoder.texts(["一只猫"])


def test_damaged_checkpoints_are_told(folder: Path) -> None:
    weights = folder / "open_clip_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EngineError, match="does not load"):
        loaded(folder)
    weights.unlink()
    with pytest.raises(EngineError, match="holds no"):
        loaded(folder)
    (folder / "open_clip_config.json").unlink()
    with pytest.raises(EngineError, match="open_clip_config"):
        loaded(folder)
