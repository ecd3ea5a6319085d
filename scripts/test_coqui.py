#!/usr/bin/env python3
"""Build the real environment of the engine `coqui`, once, and test the engine in it.

The environment is kept in the user's cache (or in ASSISTANT_COQUI_DATA); further arguments go
to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import setup


def main() -> None:
    """Run `assistant setup coqui`, then tests/test_coqui_full.py."""
    setup.check_python()
    setup.install((*setup.USER_EXTRAS, *setup.DEV_EXTRAS))
    cache = Path.home() / ".cache" / "assistant" / "coqui-test"
    data = os.environ.get("ASSISTANT_COQUI_DATA") or str(cache)
    environment = {**os.environ, "ASSISTANT_DATA": data, "ASSISTANT_COQUI_DATA": data}
    began = time.monotonic()
    built = [setup.PYTHON, "-m", "assistant", "setup", "coqui"]
    if code := subprocess.run(built, cwd=setup.ROOT, env=environment).returncode:
        sys.exit(code)
    tests = [setup.PYTHON, "-m", "pytest", "-q", "-m", "", "tests/test_coqui_full.py"]
    code = subprocess.run([*tests, *sys.argv[1:]], cwd=setup.ROOT, env=environment).returncode
    setup.say(f"set-up and tests took {time.monotonic() - began:.0f} s")
    sys.exit(code)


if __name__ == "__main__":
    main()
