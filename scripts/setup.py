#!/usr/bin/env python3
"""Set up everything: system packages, `.venv`, packages, weights. Standard library only.

    python3 scripts/setup.py                what users need
    python3 scripts/setup.py --dev          also what the tests and `make lint` need
    python3 scripts/setup.py --dev --browser  also a browser, for the web page's test
    python3 scripts/setup.py --no-weights   packages only

Safe to run again: a step whose inputs have not changed is skipped, without the network.
"""

from __future__ import annotations

import argparse
import ctypes.util
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements.lock"
USER_EXTRAS = ("embedded", "voices", "live", "web", "photos", "video", "export", "evaluation")
DEV_EXTRAS = ("vision", "dev")
# Installed for developers without what it asks for: that includes triton, 286 MB that only a GPU
# uses, and not the version that torch wants. Its other needs are in the extra `dev`.
WITHOUT_NEEDS = "openai-whisper"
# Downloaded wheels of the locked set on Linux x86_64 with the CPU build of torch, measured.
PACKAGES_MB = 780
SYSTEM_PACKAGES = {"espeak-ng": "espeak-ng", "ffplay": "ffmpeg"}
# Libraries are looked for by name; PortAudio is what microphone and loudspeaker need.
SYSTEM_LIBRARIES = {"portaudio": "libportaudio2"}
SOUND_PACKAGES = {"pulseaudio": "pulseaudio", "parec": "pulseaudio-utils"}
# The tests draw Chinese pages.
TEST_FILES = {"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc": "fonts-wqy-microhei"}
BROWSER_PACKAGES = {"chromium": "chromium"}


def say(text: str) -> None:
    """One line of progress."""
    print(f"==> {text}", flush=True)


def run(*command: str | Path) -> None:
    """Run a command; a failure ends the set-up with the command's name.

    Raises:
        SystemExit: the command failed.
    """
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT).returncode:
        sys.exit(f"error: `{' '.join(words)}` failed; fix: read its message above, then run again")


def check_python() -> None:
    """Only versions that the dependencies support."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"error: Python {platform.python_version()} is not supported; "
            "fix: run this with Python 3.11, 3.12 or 3.13 (python3.11 scripts/setup.py)"
        )


def system_packages(wanted: dict[str, str], files: dict[str, str] | None = None) -> None:
    """Install missing programs with apt-get where we may, and name them where we may not."""
    missing = {package for program, package in wanted.items() if not shutil.which(program)}
    if sys.platform == "linux":
        missing |= {package for path, package in (files or {}).items() if not Path(path).exists()}
        for library, package in SYSTEM_LIBRARIES.items():
            if ctypes.util.find_library(library) is None:
                missing.add(package)
        if "pulseaudio" in missing:
            missing.add("libasound2-plugins")  # how PortAudio reaches PulseAudio
    missing = sorted(missing)
    if not missing:
        return
    names = " ".join(missing)
    if shutil.which("apt-get") is None:
        say(f"not installed: {names}. Install them with your system's package manager.")
        return
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = [] if root else ["sudo", "-n"]
    if not root and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        say(f"not installed: {names}. Run: sudo apt-get install {names}")
        return
    say(f"system packages: {names}")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=environment, **quiet)
    install = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    if subprocess.run(install, env=environment, **quiet).returncode:
        say(f"could not install: {names}. Run: sudo apt-get install {names}")


def fingerprint(extras: tuple[str, ...]) -> str:
    """Changes when what must be installed changes."""
    content = b"".join(path.read_bytes() for path in (ROOT / "pyproject.toml", LOCK))
    return hashlib.sha256(content + " ".join(extras).encode()).hexdigest()


def pip(*arguments: str) -> None:
    """The environment's pip, with the user's own index, proxy and certificate settings.

    Its own progress is shown on a terminal; elsewhere only its errors are.
    """
    quiet = [] if sys.stdout.isatty() else ["-qq"]
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", *quiet, *arguments)


def locked_version(package: str) -> str:
    """The package as it is locked: "NAME==VERSION"."""
    lines = LOCK.read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{package}=="))


def torch_arguments() -> list[str]:
    """What makes pip fetch the CPU build of torch on a Linux machine without an NVIDIA GPU.

    torch only converts one published checkpoint to ONNX; a CUDA build would be gigabytes
    for nothing. pip is asked first what it would choose (nothing is downloaded).
    """
    version = locked_version("torch")
    if sys.platform != "linux" or shutil.which("nvidia-smi"):
        return [version]
    report = subprocess.run(
        [PYTHON, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", version],
        capture_output=True,
        text=True,
    )
    try:
        chosen = [item["metadata"]["name"] for item in json.loads(report.stdout)["install"]]
    except (ValueError, KeyError):
        return [version]
    if not any(name.startswith("nvidia") for name in chosen):
        return [version]
    return [version, "--index-url", "https://download.pytorch.org/whl/cpu"]


def install(extras: tuple[str, ...]) -> None:
    """Create `.venv` and install the locked packages and this project, editable."""
    stamp = VENV / "installed.json"
    installed: list[str] = []
    if stamp.exists():
        state = json.loads(stamp.read_text())
        installed = state["extras"]
        if set(extras) <= set(installed) and state["hash"] == fingerprint(tuple(installed)):
            return
    wanted = tuple(dict.fromkeys([*installed, *extras]))
    if not PYTHON.exists():
        say("a virtual environment in .venv")
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, OSError) as error:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(f"error: no virtual environment: {error}; fix: apt-get install python3-venv")
    say(f"packages: about {PACKAGES_MB} MB to download (weights are counted apart)")
    pip("install", "--upgrade", "pip>=24")
    pip("install", *torch_arguments())
    locked = ["-c", str(LOCK)] if sys.platform == "linux" else []
    pip("install", *locked, "-e", f".[{','.join(wanted)}]")
    if "dev" in wanted:
        pip("install", "--no-deps", locked_version(WITHOUT_NEEDS))
    stamp.write_text(json.dumps({"extras": list(wanted), "hash": fingerprint(wanted)}))


def weights() -> None:
    """Fetch and verify the weights, convert and prepare what is made from them."""
    run(PYTHON, "-m", "assistant", "models", "pull", "--profile", "embedded", "--yes")
    run(PYTHON, "-m", "assistant.apps.prepare", "--profile", "embedded")


def main() -> None:
    """Run every step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    parser.add_argument("--browser", action="store_true", help="also a browser")
    parser.add_argument("--no-weights", action="store_true", help="packages only")
    arguments = parser.parse_args()
    began = time.monotonic()
    check_python()
    system_packages(SYSTEM_PACKAGES | (BROWSER_PACKAGES if arguments.browser else {}))
    install(USER_EXTRAS + (DEV_EXTRAS if arguments.dev else ()))
    if not arguments.no_weights:
        weights()
    say(f"ready after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
