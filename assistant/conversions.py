"""Published checkpoints turned into files that the engines read, once, at set-up.

The engines then need neither torch nor seconds to import it.
"""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import numpy as np

from assistant.errors import EngineMissing, WeightsCorrupt

EFFICIENTNET_LITE2_SIDE = 260  # px, Table 1 of the EfficientNet-Lite release notes
TOLERANCE = 1e-4  # largest difference of a logit between torch and ONNX Runtime


def efficientnet_lite2(checkpoint: Path, target: Path) -> None:
    """Write EfficientNet-Lite2 as ONNX: `image` float32 [n, 3, 260, 260] -> `logits` [n, 1000].

    Both are run on random pictures in batches of one and of two and must agree to 1e-4.

    Raises:
        EngineMissing: torch, onnx or the architecture's package is not installed.
        WeightsCorrupt: the checkpoint does not load, or the outputs differ.
    """
    try:
        import onnxruntime
        import torch
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise EngineMissing(
            f"the export of {target.name} needs {error.name}",
            fix="pip install 'assistant[embedded,export]', then assistant models pull",
        ) from error

    try:
        weights = torch.load(checkpoint, map_location="cpu", weights_only=True)
        model = EfficientNet.from_name("efficientnet-lite2")
        model.load_state_dict(weights)
    except (RuntimeError, ValueError, KeyError, EOFError, UnpicklingError) as error:
        # torch's own message would advise to load it unsafely.
        raise WeightsCorrupt(
            f"{checkpoint.name} is no EfficientNet-Lite2 checkpoint",
            fix="assistant models pull efficientnet-lite2",
        ) from error
    model.eval()
    pictures = torch.from_numpy(_random_pictures(2))
    with torch.inference_mode():
        expected = model(pictures).numpy()
    # The TorchScript exporter: the newer one needs another package and writes the same graph.
    torch.onnx.export(
        model,
        (pictures,),
        str(target),
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    for n in (1, 2):
        logits = np.asarray(session.run(None, {"image": pictures.numpy()[:n]})[0])
        difference = float(np.abs(logits - expected[:n]).max())
        if difference > TOLERANCE:
            target.unlink(missing_ok=True)
            raise WeightsCorrupt(
                f"{target.name} differs from its checkpoint by {difference:.1e}",
                fix="pip install -U onnx onnxruntime, then assistant models pull",
            )


def safetensors(checkpoint: Path, target: Path) -> None:
    """Write the tensors of a `pytorch_model.bin` as safetensors, which runs no code when read.

    Raises:
        EngineMissing: torch or safetensors is not installed.
        WeightsCorrupt: it is no mapping of tensors.
    """
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as error:
        raise EngineMissing(
            f"the conversion of {checkpoint.name} needs {error.name}",
            fix="pip install 'assistant[vision]', then assistant models pull",
        ) from error

    try:
        weights = torch.load(checkpoint, map_location="cpu", weights_only=True)
        tensors = {str(name): tensor.clone().contiguous() for name, tensor in weights.items()}
    except (RuntimeError, ValueError, AttributeError, EOFError, UnpicklingError) as error:
        raise WeightsCorrupt(
            f"{checkpoint.name} holds more or less than tensors", fix="assistant models pull"
        ) from error
    save_file(tensors, target, metadata={"format": "pt"})


def _random_pictures(n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Random normalised pictures, float32 [n, 3, side, side] in [-1, 1]; the same each time."""
    side = EFFICIENTNET_LITE2_SIDE
    random = np.random.default_rng(2)
    return random.uniform(-1, 1, size=(n, 3, side, side)).astype(np.float32)
