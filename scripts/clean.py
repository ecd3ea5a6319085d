#!/usr/bin/env python3
"""Remove what was built: `.venv`, caches, `out`. Weights and conversations stay."""

from __future__ import annotations

import shutil

import setup


def main() -> None:
    """Remove the folders that git ignores."""
    folders = [setup.VENV, *(setup.ROOT / name for name in ("build", "dist", "out"))]
    folders += setup.ROOT.glob(".*_cache")
    folders += setup.ROOT.glob("*.egg-info")
    for folder in folders:
        if folder.exists():
            setup.say(f"removing {folder.relative_to(setup.ROOT)}")
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
