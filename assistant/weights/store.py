"""Where each weights set lies, and whether it is whole. Reads the disk only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.errors import WeightsMissing


@dataclass(frozen=True)
class Store:
    """The folder that holds one subfolder per weights set."""

    root: Path

    def folder(self, name: str) -> Path:
        """The folder of the named weights.

        Raises:
            WeightsMissing: they are not all on this machine.
        """
        folder = self.root / name
        if not folder.is_dir():
            raise WeightsMissing(
                f"the weights {name} are not on this machine", fix=f"assistant models pull {name}"
            )
        return folder
