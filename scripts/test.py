#!/usr/bin/env python3
"""Set up, then run the tests. `--all` runs the slow ones: browser, kill tests, wheel.

`--long` runs those that take minutes each, such as sweeps and endurance: no other run does.

Further arguments go to pytest: `python3 scripts/test.py -k routing`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import setup


def main() -> None:
    """Run pytest with the real weights required."""
    arguments = sys.argv[1:]
    slow, long = "--all" in arguments, "--long" in arguments
    setup.check_python()
    extra = setup.BROWSER_PACKAGES | setup.SOUND_PACKAGES if slow or long else {}
    setup.system_packages(setup.SYSTEM_PACKAGES | extra, setup.TEST_FILES)
    setup.install((*setup.USER_EXTRAS, *setup.DEV_EXTRAS))
    setup.weights()
    command = [setup.PYTHON, "-m", "pytest", "-q", "--durations=15"]
    chosen = "long" if long else "slow and not long" if slow else "not slow and not long"
    command += ["-m", chosen]
    command += [argument for argument in arguments if argument not in ("--all", "--long")]
    environment = {**os.environ, "ASSISTANT_REQUIRE_WEIGHTS": "1", "HF_HUB_OFFLINE": "1"}
    began = time.monotonic()
    code = subprocess.run(command, cwd=setup.ROOT, env=environment).returncode
    setup.say(f"tests took {time.monotonic() - began:.0f} s")
    sys.exit(code)


if __name__ == "__main__":
    main()
