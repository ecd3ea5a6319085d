"""A child process of an environment, asked over its standard input and output.

A request is one line of JSON. A reply is one line of JSON; where that says `"bytes": n`, n bytes
follow it. The first reply, which comes unasked, says `"ready": true`.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import Cancelled, DeadlineExceeded, EngineError
from assistant.interfaces import Cancel

_LOOK_S = 0.05  # s between looks at a cancel
_PATIENCE_S = 0.5  # s after a cancel in which the reply may still come
_LOAD_S = 300.0  # s
_REPLY_S = 300.0  # s, where the caller names no deadline
_READ = 1 << 16  # bytes

Header = Mapping[str, Any]


class Died(Exception):
    """The child is gone; the text is the last that it wrote to standard error."""


class Child:
    """One child, loaded once and kept; not thread-safe. POSIX only.

    It is ended by `close`, when this object or this program goes, and ends itself when this
    program was killed. A call stops within 0.6 s of a cancel: a child that is still at work
    then is killed, and another begins to load.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], name: str) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._name = name
        self._buffer = bytearray()
        self._running: list[subprocess.Popen[bytes]] = []  # none or one
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._loaded: Header | None = None
        self._end = weakref.finalize(self, _end_all, self._running)

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._running[0].pid if self._running else None

    def ready(self) -> Header:
        """What the child said when it had loaded, after waiting for that.

        Raises:
            EngineError: it cannot load.
        """
        try:
            return self._ready()
        except Died as error:
            self.close()
            raise self._failed(str(error)) from error

    def ask(
        self,
        request: Mapping[str, Any],
        cancel: Cancel | None = None,
        deadline_s: float | None = None,
    ) -> tuple[Header, bytes]:
        """The reply to a request. A child that died is started once more and asked again.

        Raises:
            Cancelled
            DeadlineExceeded: no reply came in time.
            EngineError: it died twice, or cannot load.
        """
        for attempt in (1, 2):
            try:
                self._ready(cancel)
                return self._asked(request, cancel, deadline_s or _REPLY_S)
            except Died as error:
                self.close()
                if attempt == 2:
                    raise self._failed(str(error)) from error
            except DeadlineExceeded:
                self.close()
                raise
            except Cancelled:
                if self._loaded is not None:  # else it is loading, which may go on
                    self.close()
                    self._start()
                raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the child; another is started when it is needed."""
        _end_all(self._running)
        self._buffer.clear()
        self._loaded = None

    def _failed(self, reason: str) -> EngineError:
        return EngineError(f"{self._name} failed: {reason}", fix="assistant doctor")

    def _start(self) -> None:
        self._errors.seek(0)
        self._errors.truncate()
        self._running.append(
            subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, **self._environment},
                start_new_session=True,  # a Ctrl-C is for this program to answer
            )
        )

    def _ready(self, cancel: Cancel | None = None) -> Header:
        if self._loaded is None:
            if not self._running:
                self._start()
            header, _ = self._reply(cancel, _LOAD_S)
            if not header.get("ready"):
                raise Died(str(header.get("error", "it did not say that it is ready")))
            self._loaded = header
        return self._loaded

    def _asked(
        self, request: Mapping[str, Any], cancel: Cancel | None, limit: float
    ) -> tuple[Header, bytes]:
        stdin = self._running[0].stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise Died(self._last_words()) from error
        return self._reply(cancel, limit)

    def _reply(self, cancel: Cancel | None, limit: float) -> tuple[Header, bytes]:
        until = time.monotonic() + limit
        while (end := self._buffer.find(b"\n")) < 0:
            self._more(until, cancel)
        line = self._taken(end + 1)
        try:
            header = json.loads(line)
            size = int(header.get("bytes", 0))
        except (ValueError, AttributeError) as error:
            raise Died(f"it wrote {line[:80]!r} in place of a reply") from error
        while len(self._buffer) < size:
            self._more(until, cancel)
        return header, self._taken(size)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self, until: float, cancel: Cancel | None) -> None:
        """Wait for bytes, and take them."""
        stdout = self._running[0].stdout
        assert stdout is not None
        cancelled: float | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while not selector.select(_LOOK_S):
                now = time.monotonic()
                if now > until:
                    raise DeadlineExceeded(f"{self._name} took too long", fix="shorten the text")
                if cancel is not None and cancel.is_set:
                    cancelled = now if cancelled is None else cancelled
                    if now - cancelled > _PATIENCE_S:
                        raise Cancelled
        read = os.read(stdout.fileno(), _READ)
        if not read:
            raise Died(self._last_words())
        self._buffer += read

    def _last_words(self) -> str:
        """The last line that the child wrote to standard error, and how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._running[0].wait(timeout=1)
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 4096))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else f"exit code {self._running[0].returncode}"


def _end_all(running: list[subprocess.Popen[bytes]]) -> None:
    while running:
        process = running.pop()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
