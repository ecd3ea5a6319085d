#!/usr/bin/env python3
"""Set up, then run the tests. `--all` runs the slow ones: browser, kill tests, wheel, sound.

Those that converse through sound devices wait most of the time, so the other slow ones compute
beside them, at the lowest priority.

`--long` runs those that take minutes each, such as sweeps and endurance: no other run does.

Further arguments go to pytest: `python3 scripts/test.py -k routing`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from subprocess import STDOUT, Popen
from typing import IO

import setup

SLOW = "slow and not long"
TWICE_GB = 15  # of memory; each of two processes loads all weights and reaches up to 6 GB
KINDS = {"long": "long", "slow": f"{SLOW} and not realtime", "realtime": f"{SLOW} and realtime"}


def main() -> None:
    """Run pytest with the real weights required."""
    arguments = sys.argv[1:]
    slow, long = "--all" in arguments, "--long" in arguments
    setup.check_python()
    extra = setup.BROWSER_PACKAGES | setup.SOUND_PACKAGES if slow or long else {}
    setup.system_packages(setup.SYSTEM_PACKAGES | extra, setup.TEST_FILES)
    setup.install((*setup.USER_EXTRAS, *setup.DEV_EXTRAS))
    setup.weights()
    further = [argument for argument in arguments if argument not in ("--all", "--long")]
    began = time.monotonic()
    if slow and not long:
        code = both(further)
    else:
        chosen = KINDS["long"] if long else "not slow and not long"
        code = run(chosen, further or ([] if long else halves())).wait()
    setup.say(f"tests took {time.monotonic() - began:.0f} s")
    sys.exit(code)


def halves() -> list[str]:
    """Options to run the tests in two processes, where there are cores and memory for both."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # not told on this system
        return []
    enough = (os.cpu_count() or 1) >= 2 and memory >= TWICE_GB << 30
    return ["-n", "2", "--dist", "worksteal"] if enough else []


def run(chosen: str, further: Sequence[str], log: IO[str] | None = None) -> Popen[bytes]:
    """Start pytest on the tests of a kind; with a log at the lowest priority, into it."""
    command = [str(setup.PYTHON), "-m", "pytest", "-q", "--durations=15", "-m", chosen, *further]
    environment = {**os.environ, "ASSISTANT_REQUIRE_WEIGHTS": "1", "HF_HUB_OFFLINE": "1"}
    quiet = ["nice", "-n", "19"] if log is not None and shutil.which("nice") else []
    return Popen(
        [*quiet, *command], cwd=setup.ROOT, env=environment, stdout=log, stderr=log and STDOUT
    )


def both(further: Sequence[str]) -> int:
    """Run the slow tests in two processes; exit status of the first that failed."""
    with tempfile.TemporaryFile("w+") as log:
        beside = run(KINDS["slow"], further, log)
        try:
            code = run(KINDS["realtime"], further).wait()
            other = beside.wait()
        finally:
            beside.terminate()
        log.seek(0)
        print(log.read(), flush=True)
    nothing = 5  # pytest's status where no test was chosen, as with -k
    statuses = [status for status in (code, other) if status not in (0, nothing)]
    return statuses[0] if statuses else min(code, other)


if __name__ == "__main__":
    main()
