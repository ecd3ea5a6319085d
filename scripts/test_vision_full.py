#!/usr/bin/env python3
"""Test the vision families and encoders that need torchvision, in an environment of their own.

The environment (5.7 GB) is built once below the user's cache, or in ASSISTANT_VISION_TEST;
further arguments go to pytest. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import setup

REQUIREMENTS = setup.ROOT / "configs" / "vision-full.txt"
TESTS = ("tests/test_vision_full.py", "tests/test_open_clip.py")


def python(folder: Path) -> Path:
    """The interpreter of the environment, which is built or renewed where it must be."""
    made = folder / "venv" / "bin" / "python"
    needs = REQUIREMENTS.read_bytes() + (setup.ROOT / "pyproject.toml").read_bytes()
    stamp, wanted = folder / "installed", hashlib.sha256(needs).hexdigest()
    if made.exists() and stamp.exists() and stamp.read_text() == wanted:
        return made
    setup.say(f"an environment with torchvision in {folder}: about 3 GB to download")
    if not made.exists():
        venv.create(folder / "venv", with_pip=True)
    pip = (made, "-m", "pip", "--disable-pip-version-check", "install", "-q")
    setup.run(*pip, "-r", REQUIREMENTS, "-e", setup.ROOT)
    stamp.write_text(wanted)
    return made


def main() -> None:
    """Build what is missing, then run the tests."""
    setup.check_python()
    cache = Path.home() / ".cache" / "assistant" / "vision-test"
    folder = Path(os.environ.get("ASSISTANT_VISION_TEST") or cache)
    began = time.monotonic()
    interpreter = python(folder)
    command = [interpreter, "-m", "pytest", "-q", "-m", "", "--noconftest"]
    command += [*TESTS, *sys.argv[1:]]
    environment = {**os.environ, "ASSISTANT_VISION_FULL": "1"}
    code = subprocess.run(command, cwd=setup.ROOT, env=environment).returncode
    setup.say(f"set-up and tests took {time.monotonic() - began:.0f} s")
    sys.exit(code)


if __name__ == "__main__":
    main()
