"""A model hub on a loopback port: fast, slow, stalled, or without a file; answers ranges."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

LARGE = 1000  # bytes; longer files are in large-file storage, whose SHA-256 the hub tells
_BLOCK = 4096  # bytes


class FakeHub:
    """Serves `repos[repo][path] = content`; the behaviour can be changed while it runs."""

    def __init__(self, repos: Mapping[str, Mapping[str, bytes]]) -> None:
        self.repos = {repo: dict(files) for repo, files in repos.items()}
        self.speed: float | None = None  # bytes a second
        self.stall_after: int | None = None  # bytes of an answer, then silence
        self.tampers = False  # serves other bytes than it reports
        self.ranges: list[str] = []  # Range headers that were asked for
        self.downloads = 0
        self.commit = "c" * 40
        self._closing = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.get(self)

            def do_HEAD(self) -> None:
                hub.get(self)

            def do_POST(self) -> None:
                hub.post(self)

            def log_message(self, *_: Any) -> None:
                """Tests print what they need."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        """`/`, `/api/models/REPO/revision/REV`, `/REPO/resolve/REV/PATH`."""
        path = unquote(urlsplit(request.path).path)
        if path in ("", "/"):
            return self._json(request, {})
        owner_name, _, rest = path.removeprefix("/api/models/").strip("/").partition("/revision/")
        if rest:
            if owner_name not in self.repos or rest not in ("main", self.commit):
                return self._json(request, {"error": "Revision Not Found"}, status=404)
            return self._json(request, {"id": owner_name, "sha": self.commit})
        repo, _, rest = path.strip("/").partition("/resolve/")
        content = self.repos.get(repo, {}).get(rest.partition("/")[2])
        if content is None:
            return self._json(request, {"error": "Entry not found"}, status=404)
        return self._send(request, content)

    def post(self, request: BaseHTTPRequestHandler) -> None:
        """`/api/models/REPO/paths-info/REV`."""
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        is_json = "json" in request.headers.get("Content-Type", "")
        paths = json.loads(body)["paths"] if is_json else parse_qs(body)["paths"]
        repo = request.path.removeprefix("/api/models/").partition("/paths-info/")[0]
        files = self.repos.get(repo, {})
        self._json(request, [self._described(p, files[p]) for p in paths if p in files])

    def _described(self, path: str, content: bytes) -> dict[str, Any]:
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        row: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": blob}
        if len(content) > LARGE:
            sha256 = hashlib.sha256(content).hexdigest()
            row["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
        return row

    def _send(self, request: BaseHTTPRequestHandler, content: bytes) -> None:
        asked = request.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        if asked:
            self.ranges.append(asked)
        if self.tampers:
            content = bytes(len(content))
        request.send_response(206 if asked else 200)
        request.send_header("Content-Length", str(len(content) - start))
        request.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        request.send_header("X-Repo-Commit", self.commit)
        if asked:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        request.end_headers()
        if request.command == "HEAD":
            return
        self.downloads += 1
        try:
            for at in range(start, len(content), _BLOCK):
                if self.stall_after is not None and at - start >= self.stall_after:
                    request.wfile.flush()
                    self._closing.wait(60)
                    return
                request.wfile.write(content[at : at + _BLOCK])
                if self.speed is not None:
                    time.sleep(_BLOCK / self.speed)
        except OSError:
            request.close_connection = True  # the client was ended

    def _json(self, request: BaseHTTPRequestHandler, answer: Any, *, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        request.send_response(status)
        if status == 404:
            code = "RevisionNotFound" if "/revision/" in request.path else "EntryNotFound"
            request.send_header("X-Error-Code", code)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)
