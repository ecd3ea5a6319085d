"""The only reader of `configs/` and of the environment. Unknown keys fail at load.

A profile is `configs/profiles/NAME.yaml`; a file in the user's configuration folder with
the same name takes its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
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

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::-(?P<default>[^}]*))?\}")
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


class TurnRules(Strict):
    """When somebody has begun and finished speaking, in a live session."""

    start_s: float = Field(default=0.096, ge=0.03, le=1.0)  # speech before it counts as begun
    pre_roll_s: float = Field(default=0.5, ge=0.0, le=2.0)  # sound kept before it
    speculate_s: float = Field(default=0.12, ge=0.03, le=1.0)  # pause that starts work
    shortest_pause_s: float = Field(default=0.3, ge=0.1, le=3.0)  # that may end a turn
    longest_pause_s: float = Field(default=1.8, ge=0.3, le=10.0)  # that always ends it
    prosody_weight: float = Field(default=0.35, ge=0.0, le=1.0)  # of the melody against the words
    unfinished: float = Field(default=0.4, ge=0.0, lt=1.0)  # certainty that asks for the longest
    pause_curve: float = Field(default=1.5, gt=0.0, le=5.0)  # above 1 favours short pauses
    push_to_talk_pause_s: float = Field(default=4.0, ge=0.5, le=60.0)  # where no key is pressed
    reopen_s: float = Field(default=1.5, ge=0.0, le=5.0)  # in which a request may be gone on with
    longest_turn_s: float = Field(default=30.0, ge=5.0, le=300.0)
    partial_every_s: float = Field(default=1.5, ge=0.3, le=60.0)  # of speech, between partials
    follow_up_s: float = Field(default=10.0, ge=0.0, le=600.0)  # the wake word is not needed
    duck_db: float = Field(default=-20.0, ge=-60.0, le=0.0)
    decide_within_s: float = Field(default=0.9, ge=0.3, le=3.0)  # what speech over a reply is
    filler_after_s: float = Field(default=1.0, ge=0.3, le=60.0)  # of work without a sound
    quietest_db: float = Field(default=-55.0, ge=-90.0, le=0.0)  # dBFS; softer speech is far away
    soft_db: float = Field(default=-36.0, ge=-90.0, le=0.0)  # dBFS; softer echoing speech is far
    echoing_db: float = Field(default=14.0, ge=0.0, le=60.0)  # falls slower than this in 0.1 s
    least_confidence: float = Field(default=0.35, ge=0.0, le=1.0)  # of a transcript
    over_noise_db: float = Field(default=6.0, ge=0.0, le=40.0)  # speech over the noise before it


class VideoSettings(Strict):
    """How much of a video is looked at."""

    most_per_minute: float = Field(default=12.0, ge=1.0, le=60.0)  # keyframes that are described
    longest_hours: float = Field(default=4.0, gt=0.0, le=48.0)  # a longer video is refused
    chunk_s: float = Field(default=180.0, ge=10.0, le=1800.0)  # repeated at most after a crash
    movements: bool = True  # follow who comes and goes within a shot
    most_condensed: int = Field(default=24, ge=0)  # events; 5 s of a language model each on 2 cores
    reader: Literal["pyav", "torchcodec"] = "pyav"  # of frames that are looked at anew


class Tier(Strict):
    """Engines that a larger machine uses instead of the profile's own."""

    name: str
    ram_gb: float = 0  # least memory, GB
    gpu_gb: float = 0  # least memory of one GPU, GB
    engines: dict[str, EngineSettings] = Field(default_factory=dict)


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
    turns: TurnRules = TurnRules()
    video: VideoSettings = VideoSettings()


def variable(name: str) -> str:
    """An environment variable; empty when it is not set."""
    return os.environ.get(name, "")


def _folder(name: str, default: str) -> Path:
    value = variable(name)
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

    `based_on: OTHER` takes from another profile all that is not said; weights follow the
    engines that are exchanged. `${NAME}` and `${NAME:-default}` are environment variables.

    Raises:
        SettingsError: there is none, or it holds a key or value that is not allowed.
    """
    content, path = _profile_content(name)
    try:
        return Profile.model_validate(_expanded(content, name))
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise SettingsError(f"profile {name}: {lines}", fix=f"correct {path}") from error


def exchanged(
    weights: Iterable[str], old: Iterable[str | None], new: Iterable[str | None]
) -> tuple[str, ...]:
    """A profile's weights after the engines that used `old` weights gave way to others."""
    kept = [name for name in weights if name not in set(old) - set(new)]
    return tuple(dict.fromkeys([*kept, *filter(None, new)]))


def _profile_content(name: str, above: tuple[str, ...] = ()) -> tuple[dict[str, Any], Path]:
    """What a profile says, with what it is based on filled in; and its file."""
    paths = dict(profile_paths())
    if name not in paths or name in above:
        known = ", ".join(["auto", *paths])
        raise SettingsError(f"there is no profile {name!r}", fix=f"choose one of: {known}")
    own = dict(read_yaml(paths[name]))
    if "based_on" not in own:
        return own, paths[name]
    base, _ = _profile_content(str(own.pop("based_on")), (*above, name))
    merged = {**base, "tiers": [], **own}
    for key in ("engines", "synthesizers"):
        merged[key] = {**base.get(key, {}), **(own.get(key) or {})}
    if "weights" not in own:
        merged["weights"] = exchanged(base.get("weights", ()), _named(base), _named(merged))
    return merged, paths[name]


def _named(content: Mapping[str, Any]) -> list[str | None]:
    """The weights that the engines of a profile name."""
    rows = [*content.get("engines", {}).values(), *content.get("synthesizers", {}).values()]
    return [row.get("weights") for row in rows if isinstance(row, dict)]


def _expanded(value: Any, profile: str) -> Any:
    """Values with `${NAME}` and `${NAME:-default}` replaced."""
    if isinstance(value, dict):
        return {key: _expanded(item, profile) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item, profile) for item in value]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        found = variable(match["name"]) or match["default"]
        if found is None:
            raise SettingsError(
                f"profile {profile} needs {match['name']}", fix=f"export {match['name']}=VALUE"
            )
        return found

    return _VARIABLE.sub(replacement, value)


def weights_folder() -> Path | None:
    """Where the user keeps weights that need no fetching: ASSISTANT_WEIGHTS_FOLDER."""
    value = variable("ASSISTANT_WEIGHTS_FOLDER")
    return Path(value).expanduser().resolve() if value else None


def hub_endpoint() -> str:
    """The model hub's address: HF_ENDPOINT, else the public one."""
    return (variable("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def hub_closed() -> bool:
    """Whether the user closed the hub with HF_HUB_OFFLINE."""
    return (_USER_OFFLINE or "").upper() in {"1", "ON", "YES", "TRUE"}


def profile_name(asked: str | None = None) -> str:
    """The profile asked for: the argument, else ASSISTANT_PROFILE, else `auto`."""
    return asked or variable("ASSISTANT_PROFILE") or "auto"
