"""Which profile this machine uses, and why; what the machine is; where a profile sends things."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assistant.errors import AssistantError
from assistant.providers import remote_host
from assistant.settings import (
    EngineSettings,
    Profile,
    Tier,
    exchanged,
    load_profile,
    models_folder,
    profile_name,
)
from assistant.vision_weights import with_vision
from assistant.weights import Store

_GB = 1e9


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A profile and the reason why it was taken, in one sentence."""

    profile: Profile
    reason: str


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What engines can use here."""

    ram_gb: float  # GB of memory
    gpus: tuple[tuple[str, float], ...] = ()  # name, GB of memory

    @property
    def gpu_gb(self) -> float:
        """Memory of the largest GPU; 0 without one."""
        return max((memory for _, memory in self.gpus), default=0.0)

    def __str__(self) -> str:
        gpus = ", ".join(f"{name} with {memory:.0f} GB" for name, memory in self.gpus)
        return f"{self.ram_gb:.0f} GB of memory, {gpus or 'no GPU'}"


@cache
def this_machine() -> Machine:
    """Memory by psutil, GPUs by nvidia-smi, which is asked at most once and for 3 s."""
    import psutil

    return Machine(ram_gb=psutil.virtual_memory().total / _GB, gpus=tuple(_gpus()))


def choose(name: str | None = None) -> Choice:
    """The profile asked for (argument, then ASSISTANT_PROFILE), else what suits this machine.

    Raises:
        SettingsError: there is no such profile, or it is wrong.
    """
    asked = profile_name(name)
    if asked != "auto":
        profile, tier = _sized(load_profile(asked))
        if "vision_model" in profile.engines:
            profile = with_vision(profile)
        return Choice(profile=profile, reason=f"you asked for {asked}{tier}")
    local, tier = _sized(load_profile("local"))
    local = with_vision(local)
    if lacking := incomplete(local):
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        reason = f"it runs on any machine; local still lacks {lacking[0]}{more}"
        return _seeing(Choice(profile=load_profile("embedded"), reason=reason))
    return Choice(profile=local, reason=f"its weights are here{tier}")


def _seeing(choice: Choice) -> Choice:
    """The choice with a vision model that the user pulled besides."""
    profile = with_vision(choice.profile)
    if profile is choice.profile:
        return choice
    name = profile.engines["vision_model"].weights
    return Choice(profile=profile, reason=f"{choice.reason}; sees with {name}, which is here")


def incomplete(profile: Profile) -> list[str]:
    """The weights of a profile that are not whole on this machine, by presence and size."""
    store = Store(models_folder())
    return [name for name in profile.weights if not _here(store, name)]


def remote_hosts(profile: Profile) -> tuple[str, ...]:
    """The hosts to which a profile sends what it hears, sees or is asked; none for most."""
    hosts = (remote_host(settings.options) for _, settings in engines_of(profile))
    return tuple(dict.fromkeys(host for host in hosts if host is not None))


def engines_of(profile: Profile) -> Iterator[tuple[str, EngineSettings]]:
    """Every engine of a profile by capability; `synthesizer` speaks English, the others
    are `synthesizer:zh` and `synthesizer:*`."""
    yield from profile.engines.items()
    for language, settings in profile.synthesizers.items():
        yield ("synthesizer" if language == "en" else f"synthesizer:{language}"), settings


def uses_gpu(profile: Profile) -> bool:
    """Whether an engine of the profile is told to work on a GPU."""
    return any(
        str(settings.options.get("device", "")).startswith("cuda")
        for _, settings in engines_of(profile)
    )


def _sized(profile: Profile) -> tuple[Profile, str]:
    """The profile with its first tier that fits laid over it, and the tier in words."""
    if not profile.tiers:
        return profile, ""
    machine = this_machine()
    for tier in profile.tiers:
        if machine.ram_gb >= tier.ram_gb and machine.gpu_gb >= tier.gpu_gb:
            return _laid_over(profile, tier), f", sized for {tier.name}"
    return profile, ", in its smallest size"


def _laid_over(profile: Profile, tier: Tier) -> Profile:
    engines = {**profile.engines, **tier.engines}
    sized = profile.model_copy(update={"engines": engines, "tiers": ()})
    old = [settings.weights for _, settings in engines_of(profile)]
    new = [settings.weights for _, settings in engines_of(sized)]
    return sized.model_copy(update={"weights": exchanged(profile.weights, old, new)})


def _here(store: Store, name: str) -> bool:
    try:
        return store.complete(name)
    except AssistantError:  # a name of the user's own
        return (store.root / name).is_dir()


def _gpus() -> Iterator[tuple[str, float]]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=3, check=True)
    except (OSError, subprocess.SubprocessError):
        return  # a driver that does not answer serves no engine
    for line in done.stdout.splitlines():
        name, _, mebibytes = line.rpartition(",")
        if mebibytes.strip().isdigit():
            yield name.strip(), int(mebibytes) * 2**20 / _GB
