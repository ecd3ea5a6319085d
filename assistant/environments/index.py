"""pip, with the user's own index, proxy and certificates; and which build of torch it brings."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import DiskFull, EngineMissing
from assistant.settings import variable

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_REACH_S = 5.0  # s
_CPU_BYTES, _CUDA_BYTES = 4 * 10**9, 12 * 10**9  # wheels and environment, see docs/coqui.md
_UNREACHED = re.compile(
    r"name resolution|Failed to (establish|resolve)|NewConnectionError|timed? ?out"
    r"|Network is unreachable|ProxyError|Connection refused",
    re.IGNORECASE,
)
_NO_SUCH = re.compile(r"(?:satisfies the requirement|distribution found for) (\S+)")
_FULL = re.compile(r"No space left on device|Disk quota exceeded")

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class TorchSource:
    """Where torch comes from and what that costs."""

    sentence: str
    arguments: tuple[str, ...]  # more for pip
    needed: int  # bytes of disk while building, wheels and environment together, measured


class Pip:
    """The pip of this program's own environment."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def __call__(self, *arguments: str) -> None:
        """Run pip; its progress is shown on a terminal, elsewhere the name of what it fetches.

        Raises:
            EngineMissing: the index cannot be reached or lacks a package.
            DiskFull
        """
        terminal = sys.stderr.isatty()
        quiet = [] if terminal else ["--progress-bar=off"]
        with tempfile.TemporaryFile() as errors:
            child = subprocess.Popen(
                [*_PIP, *arguments, *quiet],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if terminal else subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
            )
            last: deque[str] = deque(maxlen=20)
            try:
                for line in child.stdout or ():
                    last.append(line)
                    if line.strip().startswith("Downloading "):
                        self._say(f"  {line.strip()}")
                code = child.wait()
            finally:
                if child.poll() is None:
                    child.kill()
                    child.wait()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
        if code:
            raise _failure("".join(last) + said)

    def torch_source(self, version: str) -> TorchSource:
        """Where the smallest fitting build of torch comes from; asks, and fetches nothing large.

        A machine with an NVIDIA GPU gets what its index offers, and so does every system for
        which the index's build has no CUDA. Elsewhere the CPU build is taken from PyTorch's own
        index (or the one that ASSISTANT_TORCH_INDEX names), where that can be reached.

        Raises:
            EngineMissing: the index cannot be reached or lacks this version.
        """
        if not self._brings_cuda(version):
            return TorchSource(sentence="the CPU build of torch", arguments=(), needed=_CPU_BYTES)
        if shutil.which("nvidia-smi"):
            said = "a CUDA build of torch, for this machine's GPU"
            return TorchSource(sentence=said, arguments=(), needed=_CUDA_BYTES)
        address = variable("ASSISTANT_TORCH_INDEX") or _CPU_INDEX
        if _reached(address):
            said = f"the CPU build of torch, from {address}"
            more = ("--index-url", address)
            return TorchSource(sentence=said, arguments=more, needed=_CPU_BYTES)
        said = f"a CUDA build of torch, which is large, since {address} cannot be reached"
        return TorchSource(sentence=said, arguments=(), needed=_CUDA_BYTES)

    def _brings_cuda(self, version: str) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            asked = ("install", "--dry-run", "--ignore-installed", "--report", str(report))
            done = subprocess.run(
                [*_PIP, *asked, f"torch=={version}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise _failure(done.stdout + done.stderr)
            chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
        names = [item["metadata"]["name"] for item in chosen]
        return any(name.startswith(("nvidia", "cuda")) for name in names)


def disk_full(needed: int, free: int, folder: str) -> DiskFull:
    """The refusal, with what is free and what would be needed (bytes)."""
    return DiskFull(
        f"{folder} has {free / 1e9:.1f} GB free, and building needs {needed / 1e9:.0f} GB",
        fix="free some space, or set ASSISTANT_DATA to a folder on a larger disk",
    )


def _failure(output: str) -> EngineMissing | DiskFull:
    """Why pip failed, in one sentence."""
    if "No module named pip" in output:
        fix = f"{sys.executable} -m ensurepip"
        return EngineMissing("pip is not installed in this environment", fix=fix)
    if _FULL.search(output):
        return DiskFull("the disk became full", fix="free some space; what was fetched is kept")
    if _UNREACHED.search(output):
        return EngineMissing(
            "the package index cannot be reached",
            fix="connect to it (pip's own settings name index and proxy), then run this again",
        )
    if lacking := _NO_SUCH.search(output):
        version = ".".join(map(str, sys.version_info[:2]))
        return EngineMissing(
            f"the package index has no {lacking[1]} for Python {version} on {platform.machine()}",
            fix="use an index that has it (PIP_INDEX_URL), then run this again",
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    named = [line for line in lines if "error" in line.lower()]
    reason = (named or lines or ["no reason given"])[-1][:300]
    return EngineMissing(f"pip failed: {reason}", fix="correct that, then run this again")


def _reached(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/torch/", timeout=_REACH_S):
            return True
    except (OSError, ValueError):
        return False
