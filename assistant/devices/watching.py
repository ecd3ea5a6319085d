"""The conversation's camera: open while somebody speaks, released when nothing happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from assistant.devices.camera import Camera, sharpness
from assistant.errors import AssistantError
from assistant.types import Picture

_KEPT_S = 30.0  # s for which a picture serves follow-up questions
_IDLE_S = 20.0  # s without speech after which the camera is released
_FIRST_S = 2.0  # s that are waited for the first frame
_EVERY_S = 0.1  # s between two frames that are looked at


class ConversationCamera:
    """The sharpest frame since speech began, taken on a thread of its own."""

    def __init__(self, which: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`which` is a camera's number or name, a video or a folder; opened when speech begins."""
        self._which = _numbered(which)
        self._clock = clock
        self._changed = threading.Condition()
        self._best: tuple[float, Picture] | None = None  # sharpness and frame
        self._taken = 0.0  # s, when
        self._spoken = -1e9  # s, when speech last began
        self._running = False
        self._closed = False
        self.trouble: str | None = None  # why there is no picture

    def speech_began(self) -> None:
        """Somebody speaks: look for the sharpest frame from now on."""
        with self._changed:
            self._spoken = self._clock()
            self._best = None
            self.trouble = None
            if not self._running and not self._closed:
                self._running = True
                threading.Thread(target=self._watch, name="camera", daemon=True).start()

    def picture(self) -> Picture | None:
        """The sharpest frame since speech began, or one of the last 30 s; None without."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._best is not None or not self._running, timeout=_FIRST_S
            )
            if self._best is None or self._clock() - self._taken > _KEPT_S:
                return None
            return self._best[1]

    def close(self) -> None:
        """Release the camera."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _watch(self) -> None:
        try:
            with Camera.open(self._which) as camera:
                for frame in camera.frames():
                    score = sharpness(frame.pixels)
                    with self._changed:
                        if self._best is None or score > self._best[0]:
                            self._best = (score, frame)
                            self._taken = self._clock()
                            self._changed.notify_all()
                        if self._closed or self._clock() - self._spoken > _IDLE_S:
                            return
                    time.sleep(_EVERY_S)
        except AssistantError as error:
            self.trouble = f"{error}; {error.fix}"
        finally:
            with self._changed:
                self._running = False
                self._changed.notify_all()


def _numbered(which: str) -> str:
    """A camera's number for its name, where the system tells names (Linux)."""
    if which.isdigit() or Path(which).exists():
        return which
    for path in sorted(Path("/sys/class/video4linux").glob("video*")):
        name = (path / "name").read_text(encoding="utf-8").strip()
        if which.casefold() in name.casefold():
            return path.name.removeprefix("video")
    return which
