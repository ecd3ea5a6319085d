"""Tiny Coqui voices with random weights, made by coqui-tts's own code, for tests only.

Run by the environment of `assistant setup coqui`: `coqui_voices.py KIND FOLDER`. What they
say is noise; the configuration, the checkpoint and the code that reads them are real.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from TTS.config.shared_configs import BaseAudioConfig
from TTS.tts.configs.glow_tts_config import GlowTTSConfig
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
from TTS.tts.models import setup_model
from TTS.vocoder.configs import HifiganConfig
from TTS.vocoder.models import setup_model as setup_vocoder

_ELSEWHERE = "/home/trainer/run-1/"  # published configurations name files of their trainer
_TEXT = {"use_phonemes": False, "text_cleaner": "basic_cleaners"}
_AUDIO = BaseAudioConfig(sample_rate=16_000, do_trim_silence=False)
_SMALL = {
    "hidden_channels": 16,
    "hidden_channels_ffn_text_encoder": 32,
    "num_layers_text_encoder": 2,
    "num_layers_flow": 2,
    "num_layers_posterior_encoder": 2,
    "upsample_initial_channel_decoder": 32,
}


def vits(folder: Path, *, speakers: tuple[str, ...] = (), languages: tuple[str, ...] = ()) -> None:
    """VITS at 16 kHz, with a file of speaker names and one of languages where there are any."""
    arguments = VitsArgs(**_SMALL, use_sdp=False, init_discriminator=False)
    if speakers:
        arguments.use_speaker_embedding = True
        arguments.speaker_embedding_channels = 8
        arguments.speakers_file = _named(folder, "speakers.json", speakers)
    if languages:
        arguments.use_language_embedding = True
        arguments.embedded_language_dim = 4
        arguments.language_ids_file = _named(folder, "language_ids.json", languages)
    config = VitsConfig(
        model_args=arguments,
        audio=_AUDIO,
        phoneme_language="en",
        **_TEXT,
    )
    _save(folder, config, setup_model(config))


def glow(folder: Path) -> None:
    """GlowTTS, a spectrogram model that needs a vocoder: Griffin-Lim where there is none."""
    config = GlowTTSConfig(
        hidden_channels_enc=16,
        hidden_channels_dec=16,
        hidden_channels_dp=16,
        num_flow_blocks_dec=2,
        phoneme_language="de",
        audio=_AUDIO,
        **_TEXT,
    )
    _save(folder, config, setup_model(config))


def vocoded(folder: Path) -> None:
    """GlowTTS and a HiFi-GAN vocoder for it, in the folder `vocoder`."""
    glow(folder)
    config = HifiganConfig(
        audio=_AUDIO,
        generator_model_params={
            "upsample_factors": [8, 8, 2, 2],
            "upsample_kernel_sizes": [16, 16, 4, 4],
            "upsample_initial_channel": 32,
            "resblock_kernel_sizes": [3],
            "resblock_dilation_sizes": [[1, 3, 5]],
            "resblock_type": "1",
        },
    )
    made = setup_vocoder(config)
    (folder / "vocoder").mkdir()
    # `model_disc` marks the older layout, whose `model` is the generator alone.
    torch.save(
        {"model": made.model_g.state_dict(), "model_disc": {}}, folder / "vocoder" / "model.pth"
    )
    config.save_json(folder / "vocoder" / "config.json")


def _named(folder: Path, name: str, values: tuple[str, ...]) -> str:
    (folder / name).write_text(json.dumps({value: n for n, value in enumerate(values)}))
    return str(folder / name)


def _save(folder: Path, config: object, model: torch.nn.Module) -> None:
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(folder / "config.json")
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text.replace(f"{folder}/", _ELSEWHERE))


KINDS = {
    "plain": lambda folder: vits(folder),
    "many": lambda folder: vits(folder, speakers=("ada", "bob"), languages=("en", "fr")),
    "glow": glow,
    "vocoded": vocoded,
}

if __name__ == "__main__":
    torch.manual_seed(7)
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    KINDS[sys.argv[1]](target)
