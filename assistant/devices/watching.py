"""The conversation's camera: open while somebody speaks, released when nothing happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator

from assistant.devices.camera import Camera, sharpness
from assistant.errors import AssistantError
from assistant.types import Picture
from assistant.watching.seen import Frame

_KEPT_S = 30.0  # s for which a picture serves follow-up questions
_IDLE_S = 20.0  # s without speech after which the camera is released
_FIRST_S = 2.0  # s that are waited for the first frame
_STUCK_S = 10.0  # s without a frame after which a watch ends
_EVERY_S = 0.1  # s between two frames that are looked at


class ConversationCamera:
    """The sharpest frame since speech began, taken on a thread of its own.

    A follow-up question gets a fresh frame too, where one can be had: the light that was red
    may be green. Where the camera gives none, the picture of the question before serves for
    30 s, and `fault` says so.
    """

    def __init__(self, which: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`which` is a camera's number or name, a video or a folder; opened when speech begins."""
        self._which = which
        self._clock = clock
        self._changed = threading.Condition()
        self._best: tuple[float, Picture, float] | None = None  # sharpness, frame, s when taken
        self._kept: tuple[Picture, float] | None = None  # the one before, s when taken
        self._spoken = -1e9  # s, when speech last began
        self._running = False
        self._closed = False
        self._why = ""
        self._newest: Frame | None = None
        self._wanted = 0  # watches that go on
        self._error: AssistantError | None = None
        self.fault: str | None = None
        """Why the last picture is none of now: busy, forbidden, missing, stopped, empty, kept."""

    def speech_began(self) -> None:
        """Somebody speaks: look for the sharpest frame from now on."""
        with self._changed:
            self._spoken = self._clock()
            if self._best is not None:
                self._kept = self._best[1:]
            self._best = None
            self._start()

    def frames(self) -> Generator[Frame]:
        """Frames as they come, about ten a second, the newest each time.

        They end with the camera's, and when it is closed.

        Raises:
            CameraError, InputError: it cannot be opened, or stopped.
        """
        with self._changed:
            self._wanted += 1
            self._newest, self._error = None, None
            self._start()
        try:
            while (frame := self._next()) is not None:
                yield frame
        finally:
            with self._changed:
                self._wanted -= 1
                self._spoken = self._clock()  # released after the usual time

    def _next(self) -> Frame | None:
        """The newest frame that was not given yet; None where no more come."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest is not None or not self._running, timeout=_STUCK_S
            )
            frame, self._newest = self._newest, None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def _start(self) -> None:
        if not self._running and not self._closed:
            self._running = True
            self._why = ""
            threading.Thread(target=self._watch, name="camera", daemon=True).start()

    def picture(self) -> Picture | None:
        """The sharpest frame since speech began, or one of the last 30 s; None without."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._best is not None or not self._running, timeout=_FIRST_S
            )
            self.fault = None
            if self._best is not None and self._clock() - self._best[2] <= _KEPT_S:
                return self._best[1]
            if self._kept is not None and self._clock() - self._kept[1] <= _KEPT_S:
                self.fault = "kept"
                return self._kept[0]
            self.fault = self._why or "empty"
            return None

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
                        now = self._clock()
                        if self._best is None or score > self._best[0]:
                            self._best = (score, frame, now)
                        self._newest = Frame(at=now, picture=frame)
                        self._changed.notify_all()
                        idle = now - self._spoken > _IDLE_S and not self._wanted
                        if self._closed or idle:
                            return
                    time.sleep(_EVERY_S)
        except AssistantError as error:
            self._why = getattr(error, "fault", "empty")
            self._error = error
        finally:
            with self._changed:
                self._running = False
                self._changed.notify_all()
