"""After set-up nothing needs the network: the demo runs where only loopback is up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Brings loopback up in the new namespace (ifreq with IFF_UP), shows that nothing else is
# reachable, then becomes the command.
ISOLATED = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14s", b"lo", 0x1, b""))
assert [name for _, name in socket.if_nameindex()] == ["lo"], socket.if_nameindex()
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def isolated(*arguments: str | Path) -> list[str]:
    """A command that runs Python in a network namespace of its own."""
    words = [sys.executable, "-c", ISOLATED, *(str(a) for a in arguments)]
    return ["unshare", "--net", "--map-root-user", *words]


@pytest.fixture(scope="module")
def namespaces() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare (util-linux) is not installed")
    done = subprocess.run(isolated("-c", "pass"), capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no network namespaces here: {done.stderr.strip()[-200:]}")


@pytest.mark.slow
@pytest.mark.usefixtures("namespaces", "engines")
def test_demo_answers_with_only_loopback_up(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    done = subprocess.run(
        isolated("-m", "assistant.apps.demo", "--out", tmp_path, "--json", "--quiet"),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [row["tool"] for row in rows] == ["read_text", "describe_scene", "ask_image"]
    for row in rows:
        assert row["answer"]
        assert Path(row["speech"]).stat().st_size > 20_000
