"""What a profile's engines are for a video: which ones, and those that help where they are."""

from __future__ import annotations

import json
from typing import Any

from assistant.errors import EngineMissing, WeightsMissing
from assistant.registry import Engines


def ready(engines: Engines, capability: str) -> Any | None:
    """An engine that helps where it is there."""
    if not engines.has(capability):
        return None
    try:
        return engines.get(capability)
    except (EngineMissing, WeightsMissing):
        return None


def settings(engines: Engines, *capabilities: str) -> str:
    """Which engines do it and how: another text means that it is done anew."""
    chosen = {
        name: engines.profile.engines[name].model_dump()
        for name in capabilities
        if engines.has(name)
    }
    return json.dumps(chosen, sort_keys=True)
