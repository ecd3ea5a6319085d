"""The last step of set-up: make what is computed from the weights, once.

`python -m assistant.apps.prepare [--profile NAME]` trains the fast path of routing and
saves the language model's state after the stable part of its prompt. What is there
already is kept.
"""

from __future__ import annotations

import argparse
import time

from assistant.cli.output import open_engines
from assistant.errors import AssistantError
from assistant.routing import prepare


def main() -> None:
    """Prepare the engines of a profile.

    Raises:
        SystemExit: weights or packages are missing; the message names the fix.
    """
    parser = argparse.ArgumentParser(description="Prepare routing and the saved prompt.")
    parser.add_argument("--profile", default=None)
    arguments = parser.parse_args()
    began = time.monotonic()
    engines = open_engines(arguments.profile)
    try:
        prepare(engines)
    except AssistantError as error:
        raise SystemExit(f"error: {error}; fix: {error.fix}") from error
    finally:
        engines.close()
    print(f"==> routing prepared in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
