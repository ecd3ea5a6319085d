"""Python environments beside the main one, for engines whose packages do not fit into it.

Each lies below the data folder, is built once by `assistant setup NAME`, and serves as a child
process afterwards. Reading whether one is there imports nothing and runs nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from assistant.settings import configs, data_folder

STAMP = "ready.json"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What an environment holds, and where it lies."""

    name: str
    requirements: Path  # pinned packages, torch among them
    check: str  # the module whose import proves it

    @property
    def folder(self) -> Path:
        return data_folder() / "environments" / self.name

    @property
    def python(self) -> Path:
        """The interpreter, whether it is there or not."""
        return self.folder / "bin" / "python"

    @property
    def fingerprint(self) -> str:
        """Changes when what must be installed changes."""
        lines = self.requirements.read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        return hashlib.sha256("\n".join(pins).encode()).hexdigest()

    def missing(self) -> str | None:
        """What stands against using it, in words, or None."""
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return f"its environment is not built ({self.folder})"
        if stamp.get("hash") != self.fingerprint:
            return "its environment was built for an older version of this program"
        # The interpreter links to the one it was made from, which an upgrade may remove.
        return None if self.python.exists() else "the Python of its environment is gone"


def environment(name: str) -> Environment:
    """An environment that this program knows.

    Raises:
        KeyError: there is none of that name.
    """
    return {
        "coqui": Environment(
            name="coqui", requirements=configs() / "coqui.txt", check="TTS.utils.synthesizer"
        )
    }[name]
