"""Build an environment: fetch wheels, install them offline, prove it, put it in its place.

All of it happens in a hidden folder beside the place and is renamed at the end, so that an
environment is whole or not there. Fetched wheels survive an interruption; the installation,
which needs no network, starts anew.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.environments import STAMP, Environment
from assistant.environments.index import Pip, Say, disk_full
from assistant.errors import EngineError, EngineMissing

_CHECK_S = 300  # s, of a first import on a slow disk
_LOOK = """
import json, sys
import torch
try:
    import torchaudio
    error = None
except (ImportError, OSError) as failure:
    error = str(failure)
print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "error": error}))
"""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One building of an environment."""

    environment: Environment
    say: Say

    def run(self) -> None:
        """Build what is missing; nothing where all is there, without the network.

        Raises:
            EngineMissing: the index cannot be reached or lacks a package.
            DiskFull: too little space.
            EngineError: another one is building, or the result cannot be imported.
        """
        name, folder = self.environment.name, self.environment.folder
        if self.environment.missing() is None:
            self.say(f"{name}: the environment is there already ({folder})")
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder.parent / f".{name}.lock", timeout=0):
                self._build(time.monotonic())
        except Timeout as error:
            raise EngineError(
                f"another process is building the environment {name}", fix="wait for it"
            ) from error

    @cached_property
    def _workplace(self) -> Path:
        return self.environment.folder.with_name(f".{self.environment.name}.building")

    @cached_property
    def _wheels(self) -> Path:
        return self._workplace / "wheels"

    @cached_property
    def _made(self) -> Path:
        return self._workplace / "environment"

    @cached_property
    def _pip(self) -> Pip:
        return Pip(self.say)

    def _build(self, began: float) -> None:
        self._fetch()
        self._install()
        found = self._proven()
        stamp = {"hash": self.environment.fingerprint, "torch": found["torch"]}
        (self._made / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        self._put_in_place()
        self.say(
            f"{self.environment.name}: ready in {self.environment.folder} "
            f"after {time.monotonic() - began:.0f} s, with torch {found['torch']}"
        )

    def _fetch(self) -> None:
        """Bring every wheel; those of an interrupted building of the same versions are kept."""
        wanted = self._workplace / "wanted"
        if not wanted.is_file() or wanted.read_text() != self.environment.fingerprint:
            shutil.rmtree(self._workplace, ignore_errors=True)
            self._wheels.mkdir(parents=True)
            wanted.write_text(self.environment.fingerprint)
        fetched = self._workplace / "fetched"
        if fetched.exists():
            return
        requirements = str(self.environment.requirements)
        wheel = ("wheel", "--wheel-dir", str(self._wheels), "--find-links", str(self._wheels))
        version = pinned(self.environment.requirements, "torch")
        if not any(self._wheels.glob("torch-*.whl")):
            source = self._pip.torch_source(version)
            free = shutil.disk_usage(self._workplace).free
            if free < source.needed:
                raise disk_full(source.needed, free, str(self._workplace.parent))
            size = f"{source.needed / 1e9:.0f} GB"
            self.say(f"1/3 fetching {source.sentence}; all of it takes up to {size} of disk")
            self._pip(*wheel, f"torch=={version}", *source.arguments)
        self.say("1/3 fetching the other packages")
        self._pip(*wheel, "--requirement", requirements)
        fetched.touch()

    def _install(self) -> None:
        """Make the environment from the wheels alone, always from the beginning."""
        self.say("2/3 installing them")
        shutil.rmtree(self._made, ignore_errors=True)
        command = [sys.executable, "-m", "venv", "--without-pip", str(self._made)]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode:
            raise EngineMissing(
                f"no virtual environment: {made.stderr.strip() or made.stdout.strip()}",
                fix="sudo apt-get install python3-venv",
            )
        self._pip(
            *("--python", str(self._made / "bin" / "python"), "install", "--no-index"),
            *("--find-links", str(self._wheels)),
            *("--requirement", str(self.environment.requirements)),
        )

    def _proven(self) -> dict[str, str | None]:
        """Import what the engine will import.

        The index's torchaudio is compiled against CUDA; beside a CPU build of torch its
        libraries cannot be loaded. It works without them (its own loader takes an absent
        library for a build that has none; what is lost is forced alignment and the CUDA
        decoder), so there they are removed.
        """
        self.say("3/3 trying it")
        found: dict[str, str | None] = json.loads(self._python(_LOOK))
        if found["error"] is not None and found["cuda"] is None:
            for library in self._made.glob("lib/*/site-packages/torchaudio/lib/*.so"):
                library.unlink()
        self._python(f"import {self.environment.check}")
        return found

    def _python(self, code: str) -> str:
        """Run code in the new environment and return what it prints.

        Raises:
            EngineError: it failed.
        """
        done = subprocess.run(
            [self._made / "bin" / "python", "-I", "-c", code],
            capture_output=True,
            text=True,
            timeout=_CHECK_S,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise EngineError(
                f"the packages of {self.environment.name} do not work here: {reason}",
                fix="see docs/coqui.md for the machines that were tried",
            )
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def _put_in_place(self) -> None:
        """Rename; an older environment is set aside first and removed after."""
        place = self.environment.folder
        old = self._workplace / "old"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        self._made.rename(place)
        shutil.rmtree(self._workplace, ignore_errors=True)


def pinned(requirements: Path, package: str) -> str:
    """The version that a requirements file pins."""
    found = re.search(rf"^{re.escape(package)}==(\S+)$", requirements.read_text(), re.MULTILINE)
    assert found is not None, f"{requirements} pins no {package}"
    return found[1]
