"""Which vision model suits this machine, by the memory that is free, and which is here."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from assistant.errors import AssistantError, EngineMissing
from assistant.settings import EngineSettings, Profile, exchanged, models_folder
from assistant.weights import Store

ASKED = "vision"  # what `models pull` calls the default
_ENGINE = "llama-cpp"
_GB = 1e9


@dataclass(frozen=True, kw_only=True)
class Size:
    """A vision model and what it takes."""

    weights: str
    memory_gb: float  # GB, loaded: both files, 8192 tokens of context, buffers
    processor: bool  # quick enough without a GPU


# Memory is reckoned from the files' sizes (the hub tells them), keys and values of 8192 tokens
# (layers x 8 heads x 128 x 2 in 16 bits: 0.9, 1.2, 1.2 GB) and 0.7 GB of buffers. Nobody has
# measured it here.
SIZES = (
    Size(weights="qwen3-vl-8b-instruct-q4", memory_gb=7.8, processor=False),
    Size(weights="qwen3-vl-4b-instruct-q4", memory_gb=5.0, processor=False),
    Size(weights="qwen3-vl-2b-instruct-q4", memory_gb=3.2, processor=True),
)
"""Largest first."""


@dataclass(frozen=True, kw_only=True)
class Free:
    """Memory that nobody uses, GB."""

    ram_gb: float
    gpu_gb: float  # of one GPU that the installed llama.cpp can use; 0 without

    def __str__(self) -> str:
        gpu = f" and {self.gpu_gb:.1f} GB on a GPU" if self.gpu_gb else ""
        return f"{self.ram_gb:.1f} GB of memory free{gpu}"


def free() -> Free:
    """What is free now; a GPU counts where the installed llama.cpp is built for it."""
    import psutil

    gpu = 0.0
    if importlib.util.find_spec("xllamacpp") is not None:
        import xllamacpp

        cpu = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
        devices = xllamacpp.get_device_info()
        gpu = max((row["memory_free"] for row in devices if row["type"] != cpu), default=0) / _GB
    return Free(ram_gb=psutil.virtual_memory().available / _GB, gpu_gb=gpu)


def suitable(memory: Free) -> Size:
    """The largest model that fits into a free GPU, else into memory and is quick there.

    Raises:
        EngineMissing: too little memory for any.
    """
    for size in SIZES:
        if memory.gpu_gb >= size.memory_gb:
            return size
    for size in SIZES:
        if size.processor and memory.ram_gb >= size.memory_gb:
            return size
    raise EngineMissing(
        f"a vision model needs {SIZES[-1].memory_gb} GB of free memory; here are {memory}",
        fix="close other programs, or use a vision model on a server (docs/vision-models.md)",
    )


def here(store: Store | None = None) -> str | None:
    """The largest of these models that is whole on this machine."""
    store = store or Store(models_folder())
    for size in SIZES:
        try:
            if store.complete(size.weights):
                return size.weights
        except AssistantError:
            continue
    return None


def with_vision(profile: Profile, store: Store | None = None) -> Profile:
    """The profile, describing with a vision model of these that is here and that it lacks."""
    named = profile.engines.get("vision_model")
    mine = {size.weights for size in SIZES}
    if named is not None and (named.engine != _ENGINE or named.weights not in mine):
        return profile
    name = here(store)
    if name is None or (named is not None and named.weights == name):
        return profile
    engines = {**profile.engines, "vision_model": EngineSettings(engine=_ENGINE, weights=name)}
    if engines["scene_describer"].engine == "basic":
        engines["scene_describer"] = EngineSettings(engine="vlm")
    weights = exchanged(profile.weights, [named.weights if named else None], [name])
    return profile.model_copy(update={"engines": engines, "weights": weights})
