"""An OpenAI-compatible chat server on a loopback port: streams, fails, stalls, breaks off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FakeOpenAi:
    """Answers `POST /v1/chat/completions`; `script` says how, request by request.

    A step is a status ("503"), "stall", "slow", "break" or "answer"; after the last all are
    "answer".
    """

    def __init__(self, pieces: Sequence[str] = ("A red ", "car.")) -> None:
        self.pieces = list(pieces)
        self.script: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.sent = 0  # pieces that were written
        self.closing = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.requests.append(body)
                fake.headers.append(dict(self.headers))
                fake.times.append(time.monotonic())
                fake.answer(self, fake.script.pop(0) if fake.script else "answer")

            def log_message(self, *_: Any) -> None:
                """Tests print what they need."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, step: str) -> None:
        if step.isdigit():
            content = json.dumps({"error": {"message": "no", "type": "test"}}).encode()
            request.send_response(int(step))
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)
            return
        if step == "stall":
            self.closing.wait(30)
            return
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        try:
            for number, piece in enumerate(self.pieces):
                if step == "break" and number == 1:
                    request.connection.close()
                    return
                self._send(request, piece)
                if step == "slow" and self.closing.wait(0.1):
                    return
            self._send(request, "", "stop")
            request.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            return  # the client closed the connection

    def _send(self, request: BaseHTTPRequestHandler, piece: str, reason: str | None = None) -> None:
        chunk = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "fake",
            "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": reason}],
        }
        request.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        request.wfile.flush()
        self.sent += 1
