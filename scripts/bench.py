#!/usr/bin/env python3
"""Run the benchmarks: `python3 scripts/bench.py [NAME...]`, all by default."""

from __future__ import annotations

import subprocess
import sys

import setup


def main() -> None:
    """Run `assistant bench` for each name, or for all."""
    setup.check_python()
    setup.install(setup.USER_EXTRAS)
    setup.weights()
    names = sys.argv[1:] or ["all"]
    command = [setup.PYTHON, "-m", "assistant", "bench", *names]
    sys.exit(subprocess.run(command, cwd=setup.ROOT).returncode)


if __name__ == "__main__":
    main()
