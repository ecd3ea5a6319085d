"""The engines of one profile: loaded from the table on first use, and kept."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import EngineError, EngineMissing, SettingsError
from assistant.interfaces import Engine
from assistant.registry.engines import attribute, engine_row
from assistant.settings import CameraSettings, EngineSettings, Profile


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
