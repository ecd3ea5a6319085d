"""What there is by name: `engines` and `tools` are the tables, `loading` brings engines to life."""

from assistant.registry.engines import ENGINES, EngineRow, attribute, engine_row
from assistant.registry.loading import Engines, WeightsLocator
from assistant.registry.tools import EFFECTS, TOOLS

__all__ = [
    "EFFECTS",
    "ENGINES",
    "TOOLS",
    "EngineRow",
    "Engines",
    "WeightsLocator",
    "attribute",
    "engine_row",
]
