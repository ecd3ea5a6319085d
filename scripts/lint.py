#!/usr/bin/env python3
"""Lint: ruff (rules and format), mypy strict, import directions, what the wheel holds."""

from __future__ import annotations

import subprocess
import sys

import setup


def main() -> None:
    """Run every check, even after one has failed."""
    setup.check_python()
    setup.install((*setup.USER_EXTRAS, *setup.DEV_EXTRAS))
    checks = (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("pytest", "-q", "tests/test_layers.py", "tests/test_wheel.py", "-m", ""),
    )
    failed = []
    for check in checks:
        setup.say(" ".join(check))
        if subprocess.run([setup.PYTHON, "-m", *check], cwd=setup.ROOT).returncode:
            failed.append(check[0])
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
