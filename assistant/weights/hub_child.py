"""The process that speaks to a model hub: `resolve REPO REVISION PATH...` and `fetch ...`.

A process of its own, so that a stalled download can be ended and the hub client reads the
user's settings even where this program closed the hub for the libraries that it loads.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

_BLOCK = 1 << 16  # bytes


def resolve(repo: str, revision: str, *paths: str) -> None:
    """Print the commit of a revision, and the size and hash of each path, as JSON."""
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    api = HfApi()
    commit = api.model_info(repo, revision=revision, timeout=10, expand=["sha"]).sha
    if commit is None:
        sys.exit(f"Error: the hub tells no commit of {repo}")
    files = {
        info.path: {
            "size": info.lfs.size if info.lfs else info.size,
            "sha256": info.lfs.sha256 if info.lfs else None,
            "blob_id": info.blob_id,
        }
        for info in api.get_paths_info(repo, list(paths), revision=commit)
        if isinstance(info, RepoFile)
    }
    print(json.dumps({"revision": commit, "files": files}))


def fetch(repo: str, revision: str, wanted: str) -> None:
    """Append to each target what it lacks; `wanted` is JSON, `[path, size, target]` a file.

    `hf_hub_download` throws an interrupted file away since huggingface-hub 1.0; its own
    `http_get` goes on from where a file ends.
    """
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    # By default 10 MB wait in memory before any byte is written: lost when the download is
    # interrupted, and invisible to whoever measures its pace.
    constants.DOWNLOAD_CHUNK_SIZE = _BLOCK
    for path, size, target in json.loads(wanted):
        with Path(target).open("ab") as stream:
            http_get(
                hf_hub_url(repo, path, revision=revision),
                stream,
                resume_size=stream.tell(),
                headers=build_hf_headers(),
                expected_size=size,
            )


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if sys.argv[1] == "resolve":
        resolve(*sys.argv[2:])
    else:
        fetch(*sys.argv[2:])
