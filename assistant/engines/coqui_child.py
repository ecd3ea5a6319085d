"""The process in which a Coqui voice lives: `python -I coqui_child.py FOLDER`.

It runs in the environment that `assistant setup coqui` builds, so it imports nothing of this
project. Standard input brings one request a line as JSON: `{"text", "speaker", "language",
"rate"}`. Standard output brings one reply a request: a line of JSON, then the bytes that it
announces.

    {"ready": true, "sample_rate", "speakers", "languages", "rates"}   once, after loading
    {"bytes": n, "sample_rate"}       then n bytes, float32, little endian, mono
    {"error": "..."}                  the text could not be spoken; the next one may be

Only files of the voice's folder are read: an audit hook refuses every connection, and a path
in the configuration that leads elsewhere is replaced by the file of that name in the folder.
Checkpoints pass through `torch.load(weights_only=True)`: the library's own readers for VITS,
GlowTTS, Tacotron, FastPitch, XTTS and the vocoders ask for it. Bark's does not, so a Bark
model is refused.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

_MODELS = ("model.pth", "model_file.pth", "model_file.pth.tar", "best_model.pth", "checkpoint.pth")
# The names that published voices use for what their configuration names by a path elsewhere
# (TTS/utils/manage.py of coqui-tts).
_PUBLISHED = {
    "stats_path": ("scale_stats.npy",),
    "d_vector_file": ("speakers.json", "speakers.pth"),
    "speakers_file": ("speaker_ids.json", "speaker_ids.pth", "speakers.json", "speakers.pth"),
    "language_ids_file": ("language_ids.json",),
    "speaker_encoder_model_path": ("model_se.pth", "model_se.pth.tar"),
    "speaker_encoder_config_path": ("config_se.json",),
    "tokenizer_file": ("vocab.json",),
}
_PATHS = ("_file", "_path", "_checkpoint")
_RATES = (0.5, 2.0)  # where the model itself can be slower or faster
_PARENT_S = 0.5  # s between looks at whether the parent lives


class Unusable(Exception):
    """The folder holds no voice that can be loaded."""


class CoquiVoice:
    """One voice in memory: the library's synthesizer and what it offers."""

    def __init__(self, folder: Path) -> None:
        import torch
        from TTS.utils.synthesizer import PAD_SILENCE_SAMPLES, Synthesizer

        vocoder = folder / "vocoder"
        with tempfile.TemporaryDirectory() as made:
            self._synthesizer = Synthesizer(
                tts_checkpoint=model_file(folder),
                tts_config_path=own_config(folder, Path(made) / "config.json"),
                vocoder_checkpoint=model_file(vocoder) if vocoder.is_dir() else None,
                vocoder_config=own_config(vocoder, Path(made) / "vocoder.json")
                if vocoder.is_dir()
                else None,
                use_cuda=torch.cuda.is_available(),
            )
        self._model = self._synthesizer.tts_model
        self._silence = int(PAD_SILENCE_SAMPLES)  # samples that the library appends
        self._scale = getattr(self._model, "length_scale", None)
        manager = getattr(self._model, "speaker_manager", None)
        self.speakers = [str(name) for name in manager.speaker_names] if manager else []
        self.languages = [str(name) for name in self._model.language_manager.language_names]
        self.sample_rate = int(self._synthesizer.output_sample_rate)

    @property
    def _is_xtts(self) -> bool:
        return type(self._model).__name__ == "Xtts"

    @property
    def rates(self) -> tuple[float, float]:
        """The least and the greatest rate that the model itself can speak at."""
        return _RATES if self._is_xtts or self._scale is not None else (1.0, 1.0)

    def speak(self, request: dict[str, Any]) -> bytes:
        """The samples of one text."""
        import numpy as np

        more: dict[str, Any] = {}
        if self._is_xtts:
            more["speed"] = request["rate"]
        elif self._scale is not None:
            self._model.length_scale = float(self._scale) / request["rate"]
        samples = np.asarray(
            self._synthesizer.tts(
                request["text"],
                speaker_name=request["speaker"],
                language_name=request["language"],
                split_sentences=False,
                **more,
            ),
            np.float32,
        )
        return samples[: -self._silence].astype("<f4").tobytes()


def model_file(folder: Path) -> Path:
    """The checkpoint of a folder, by its usual names, else the only one that is there.

    Raises:
        Unusable: there is none, or more than one without a usual name.
    """
    for name in _MODELS:
        if (folder / name).is_file():
            return folder / name
    aside = {name for names in _PUBLISHED.values() for name in names} | {"speakers_xtts.pth"}
    found = sorted([*folder.glob("*.pth"), *folder.glob("*.pth.tar")])
    found = [f for f in found if f.name not in aside]
    if len(found) != 1:
        listed = ", ".join(f.name for f in found) or "no .pth file"
        raise Unusable(f"{folder} must hold one model, named {_MODELS[0]}; it holds {listed}")
    return found[0]


def own_config(folder: Path, target: Path) -> Path:
    """Write `config.json` of a folder to `target`, naming files of that folder only.

    Raises:
        Unusable: it is missing, is no JSON, or is of a kind that is refused.
    """
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{folder / 'config.json'} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise Unusable(f"{folder / 'config.json'} is not a configuration")
    if content.get("model") in ("bark", "tortoise"):
        raise Unusable(f"{content['model']} models are not loaded: they fetch files or unpickle")
    target.write_text(json.dumps(_localised(content, folder)), encoding="utf-8")
    return target


def _localised(value: Any, folder: Path, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _localised(item, folder, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_localised(item, folder, key) for item in value]
    if not isinstance(value, str) or not value or not key.endswith(_PATHS):
        return value
    for name in (value.replace("\\", "/").rsplit("/", 1)[-1], *_PUBLISHED.get(key, ())):
        if (folder / name).is_file():
            return str(folder / name)
    return ""  # it served the training, or the library will say that it lacks it


def serve(folder: Path, requests: BinaryIO, replies: BinaryIO) -> None:
    """Load the voice, then answer requests until the input ends."""
    try:
        voice = CoquiVoice(folder)
    except Exception as error:
        _send(replies, {"error": f"{type(error).__name__}: {error}"})
        raise
    _send(
        replies,
        {
            "ready": True,
            "sample_rate": voice.sample_rate,
            "speakers": voice.speakers,
            "languages": voice.languages,
            "rates": voice.rates,
        },
    )
    for line in requests:
        try:
            sound = voice.speak(json.loads(line))
        except Exception as error:  # one text; the voice goes on
            _send(replies, {"error": f"{type(error).__name__}: {error}"})
            continue
        _send(replies, {"bytes": len(sound), "sample_rate": voice.sample_rate}, sound)


def _send(replies: BinaryIO, header: dict[str, Any], sound: bytes = b"") -> None:
    replies.write(json.dumps(header).encode() + b"\n" + sound)
    replies.flush()


def _refuse_connections(event: str, _arguments: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError("a voice may not use the network: put its files into its folder")


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, even in the middle of a text."""
    while os.getppid() == parent:
        time.sleep(_PARENT_S)
    os._exit(1)


def main() -> None:
    """Keep standard output for replies: what libraries print goes to standard error."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.addaudithook(_refuse_connections)
    serve(Path(sys.argv[1]), sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
