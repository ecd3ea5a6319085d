#!/usr/bin/env python3
"""Set up, then answer three spoken questions about pictures, aloud.

python3 scripts/demo.py [--audio mine.wav --image mine.jpg] [--out DIR] [--quiet]
"""

from __future__ import annotations

import subprocess
import sys

import setup


def main() -> None:
    """Set up, unless nothing has changed since, and run the demo."""
    setup.check_python()
    setup.system_packages(setup.SYSTEM_PACKAGES)
    setup.install(setup.USER_EXTRAS)
    setup.weights()
    command = [setup.PYTHON, "-m", "assistant.apps.demo", *sys.argv[1:]]
    sys.exit(subprocess.run(command, cwd=setup.ROOT).returncode)


if __name__ == "__main__":
    main()
