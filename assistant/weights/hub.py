"""Files of a model hub (Hugging Face's, or the user's own mirror named by HF_ENDPOINT)."""

from __future__ import annotations

import hashlib
import json
import ssl
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.settings import hub_closed, hub_endpoint
from assistant.weights.attempt import Attempt, HashDiffers, SourceFailed
from assistant.weights.manifest import HubSource
from assistant.weights.records import Locked
from assistant.weights.store import sha256_of

_PROBE = 3.0  # s
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "0",  # asked for once, in `Hub.closed`
    "HF_HUB_DISABLE_XET": "1",  # its downloads cannot go on after an interruption
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@dataclass(frozen=True, kw_only=True)
class HubFile:
    """A file as the hub describes it."""

    path: str
    revision: str  # commit
    size: int  # bytes
    sha256: str | None  # of files in large-file storage
    blob_id: str  # git's SHA-1 of the others

    def check(self, file: Path) -> str:
        """The SHA-256 of a file that is what the hub reports.

        Raises:
            HashDiffers: it is something else.
        """
        sha256 = sha256_of(file)
        same = sha256 == self.sha256 if self.sha256 else git_blob_id(file) == self.blob_id
        if file.stat().st_size != self.size or not same:
            raise HashDiffers(f"{self.path}: its hash is not the one that the hub reports")
        return sha256


class Hub:
    """The hub of one run: probed once, asked once about each source."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, ...], dict[str, HubFile]] = {}

    @cached_property
    def closed(self) -> str | None:
        """Why the hub is left out, in one sentence, or None when it answers within 3 s."""
        if hub_closed():
            return "HF_HUB_OFFLINE is set, so no model hub is asked"
        answers: list[bool] = []
        # Looking up a name can take longer than any timeout given to it.
        probe = threading.Thread(target=lambda: answers.append(_answers(hub_endpoint())))
        probe.daemon = True
        probe.start()
        probe.join(_PROBE)
        return None if answers == [True] else f"no model hub answers at {hub_endpoint()}"

    def files(
        self, source: HubSource, attempt: Attempt, revision: str | None
    ) -> dict[str, HubFile]:
        """What the hub says about each file of a source, at a locked revision or the newest.

        Raises:
            SourceFailed: the repository, revision or a file is not there.
        """
        if _key(source) not in self._files:
            answer = self._resolve(source, attempt, revision)
            lacking = sorted(set(source.files.values()) - set(answer["files"]))
            if lacking:
                raise SourceFailed(f"{source.repo} has no {lacking[0]}")
            self._files[_key(source)] = {
                name: HubFile(path=path, revision=answer["revision"], **answer["files"][path])
                for name, path in source.files.items()
            }
        return self._files[_key(source)]

    def fetch(self, source: HubSource, files: Iterable[str], attempt: Attempt) -> None:
        """Bring these files into the staging folder; an interrupted one goes on.

        Raises:
            SourceFailed, DiskFull
        """
        wanted: dict[str, list[tuple[str, int, str]]] = {}
        for name in files:
            described = self._files[_key(source)][name]
            target = staged(attempt.staging, name, described)
            here = target.stat().st_size if target.is_file() else 0
            if here > described.size:
                target.unlink()
            if here != described.size:
                row = (described.path, described.size, str(target))
                wanted.setdefault(described.revision, []).append(row)
        for revision, rows in wanted.items():
            with attempt.workplace() as folder:
                command = _child("fetch", source.repo, revision, json.dumps(rows))
                attempt.run(command, folder, _ENVIRONMENT)

    def _resolve(self, source: HubSource, attempt: Attempt, revision: str | None) -> Any:
        wanted = revision or source.revision
        with attempt.workplace() as folder:
            command = _child("resolve", source.repo, wanted, *source.files.values())
            try:
                return json.loads(attempt.run(command, folder, _ENVIRONMENT))
            except SourceFailed:
                if wanted == source.revision:
                    raise
        return self._resolve(source, attempt, None)  # the locked commit is gone


def staged(staging: Path, name: str, described: HubFile) -> Path:
    """Where an unfinished hub file grows; its name carries the hash it must get."""
    return staging / f"{(described.sha256 or described.blob_id)[:16]}--{name}"


def locked(source: HubSource, described: HubFile, sha256: str) -> Locked:
    """What the lock file remembers of a fetched file."""
    return Locked(repo=source.repo, revision=described.revision, size=described.size, sha256=sha256)


def git_blob_id(file: Path) -> str:
    """Git's object id of a file's content: SHA-1 over a header and the bytes."""
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _key(source: HubSource) -> tuple[str, ...]:
    return (source.repo, source.revision, *source.files.values())


def _child(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "assistant.weights.hub_child", *arguments]


def _answers(endpoint: str) -> bool:
    """Whether a server answers there, through the user's proxy if there is one."""
    try:
        with urllib.request.urlopen(endpoint, timeout=_PROBE):
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError as error:
        # The client has certificates of its own and may do better.
        return isinstance(error.reason, ssl.SSLError)
    except (OSError, ValueError):
        return False
