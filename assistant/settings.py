"""The only reader of `configs/` and of the environment. Unknown keys fail at load.

A profile is `configs/profiles/NAME.yaml`; a file in the user's configuration folder with
the same name takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import platformdirs
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import SettingsError

APP = "assistant"
SourceKind = Literal["folder", "hub", "index", "npm"]

# What the user set, before a command closes the hub for the libraries that it loads.
_USER_OFFLINE = os.environ.get("HF_HUB_OFFLINE")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it is built


class Strict(BaseModel):
    """A settings model that refuses keys it does not know and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(Strict):
    """Which engine serves a capability, with which weights and options."""

    engine: str
    weights: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class SpeechRules(Strict):
    """Limits of section 7 of the design that a profile may tighten."""

    max_words: int = 20  # of the first English sentence
    max_characters: int = 40  # of the first Chinese sentence
    script: Literal["simplified", "traditional"] = "simplified"  # of transcribed Mandarin


class CameraSettings(Strict):
    """What is known about the camera when the picture does not say."""

    facing: Literal["away", "user"] = "away"
    field_of_view: float = Field(default=65.0, gt=10, lt=180)  # degrees, horizontal
    directions: Literal["words", "clock"] = "words"


class Tier(Strict):
    """Engines and weights that a larger machine uses instead of the profile's own."""

    name: str
    ram_gb: float = 0  # least memory, GB
    gpu_gb: float = 0  # least memory of one GPU, GB
    engines: dict[str, EngineSettings] = Field(default_factory=dict)
    weights: tuple[str, ...] = ()  # all that `models pull` fetches


class Profile(Strict):
    """One choice of engines for every capability.

    `engines` maps a capability to its engine; a mapping below `synthesizer` goes by language,
    with `*` for every other one.
    """

    name: str
    description: str
    engines: dict[str, EngineSettings]
    synthesizers: dict[str, EngineSettings]  # by language; "*" for the rest
    weights: tuple[str, ...] = ()  # all that `models pull` fetches for this profile
    sources: tuple[SourceKind, ...] = ("folder", "hub", "index", "npm")
    consent: bool = False  # `models pull` asks before the first byte
    tiers: tuple[Tier, ...] = ()  # the first that fits this machine is laid over the rest
    speech: SpeechRules = SpeechRules()
    camera: CameraSettings = CameraSettings()


def _folder(variable: str, default: str) -> Path:
    value = os.environ.get(variable)
    return Path(value).expanduser().resolve() if value else Path(default)


def models_folder() -> Path:
    """Where weights live: ASSISTANT_MODELS, else the user's cache."""
    return _folder("ASSISTANT_MODELS", str(Path(platformdirs.user_cache_dir(APP)) / "models"))


def data_folder() -> Path:
    """Where conversations and libraries live: ASSISTANT_DATA, else the user's data folder."""
    return _folder("ASSISTANT_DATA", platformdirs.user_data_dir(APP))


def configuration_folder() -> Path:
    """Where the user's own profiles live."""
    return Path(platformdirs.user_config_dir(APP))


def configs() -> Path:
    """The packaged `configs/` folder."""
    return Path(str(resources.files("assistant") / "configs"))


def read_yaml(path: Path) -> Mapping[str, Any]:
    """A YAML mapping.

    Raises:
        SettingsError: the file is missing or is not a mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"cannot read {path}: {error}", fix=f"correct {path}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{path} is not a mapping", fix=f"correct {path}")
    return content


def profile_paths() -> Iterator[tuple[str, Path]]:
    """Names and files of all profiles; the user's own take the place of packaged ones."""
    found = {p.stem: p for p in sorted((configs() / "profiles").glob("*.yaml"))}
    found |= {p.stem: p for p in sorted((configuration_folder() / "profiles").glob("*.yaml"))}
    yield from found.items()


@cache
def load_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        SettingsError: there is none, or it holds a key or value that is not allowed.
    """
    paths = dict(profile_paths())
    if name not in paths:
        known = ", ".join(["auto", *paths])
        raise SettingsError(f"there is no profile {name!r}", fix=f"choose one of: {known}")
    try:
        return Profile.model_validate(read_yaml(paths[name]))
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise SettingsError(f"profile {name}: {lines}", fix=f"correct {paths[name]}") from error


def weights_folder() -> Path | None:
    """Where the user keeps weights that need no fetching: ASSISTANT_WEIGHTS_FOLDER."""
    value = os.environ.get("ASSISTANT_WEIGHTS_FOLDER")
    return Path(value).expanduser().resolve() if value else None


def hub_endpoint() -> str:
    """The model hub's address: HF_ENDPOINT, else the public one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def hub_closed() -> bool:
    """Whether the user closed the hub with HF_HUB_OFFLINE."""
    return (_USER_OFFLINE or "").upper() in {"1", "ON", "YES", "TRUE"}


def profile_name(asked: str | None = None) -> str:
    """The profile asked for: the argument, else ASSISTANT_PROFILE, else `auto`."""
    return asked or os.environ.get("ASSISTANT_PROFILE") or "auto"
