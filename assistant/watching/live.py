"""A watch put together: frames are looked at on a worker, and what follows is given to a voice.

The worker always gets the newest frame; frames that came while it was busy are never queued.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from assistant.errors import Cancelled
from assistant.interfaces import Cancel
from assistant.languages import base
from assistant.watching.attention import Attention
from assistant.watching.narrator import Narrator
from assistant.watching.seen import Frame, Remark, Seen, Subject, Topic

_RATE: Final = {"en": 14.0, "zh": 4.5}  # characters a second, of a voice at its own speed
_CALM_S: Final = 0.4  # s after the estimated end of a remark


@dataclass(frozen=True, kw_only=True)
class Said:
    """A remark that begins to sound."""

    at: float  # s on the watch's clock
    text: str
    kind: Topic
    latency_s: float  # s since what it tells appeared before the camera
    remark: Remark


class Voice(Protocol):
    """Says remarks. All methods are called on one thread."""

    def sounding(self, now: float) -> Remark | None:
        """What is being said, or made to be said."""

    def say(self, remark: Remark, now: float) -> None:
        """Say this instead of whatever sounds."""

    def begun(self, now: float) -> list[Said]:
        """What began to sound since the last call."""


class Silent:
    """A voice without a sound, which takes as long as one would."""

    def __init__(self, language: str, rate: float = 1.0) -> None:
        self._per_s = _RATE["zh" if base(language) == "zh" else "en"] * rate
        self._remark: Remark | None = None
        self._until = 0.0
        self._begun: list[Said] = []

    def sounding(self, now: float) -> Remark | None:
        if now >= self._until:
            self._remark = None
        return self._remark

    def say(self, remark: Remark, now: float) -> None:
        self._remark = remark
        self._until = now + len(remark.text) / self._per_s + _CALM_S
        self._begun.append(said(remark, now))

    def begun(self, now: float) -> list[Said]:
        found, self._begun = self._begun, []
        return found


def said(remark: Remark, now: float) -> Said:
    """A remark that begins to sound now."""
    return Said(
        at=round(now, 3),
        text=remark.text,
        kind=remark.topic,
        latency_s=round(max(0.0, now - remark.since), 3),
        remark=remark,
    )


Look = Callable[[Cancel], Seen]
Looked = tuple[Seen, float]
"""What was seen, and what it took of one core, s."""


class Eyes(Protocol):
    """Where looks run."""

    @property
    def idle(self) -> bool:
        """Whether a look may begin."""

    def start(self, look: Look) -> None:
        """Begin a look."""

    def results(self) -> list[Looked]:
        """What looks have found; raises what they raised."""

    def close(self) -> None:
        """Stop as soon as the engine can."""


class Inline:
    """Looks that take no time on the watch's clock, for files at full speed."""

    idle = True

    def __init__(self) -> None:
        self._results: list[Looked] = []

    def start(self, look: Look) -> None:
        self._results.append((look(Cancel()), 0.0))

    def results(self) -> list[Looked]:
        found, self._results = self._results, []
        return found

    def close(self) -> None:
        """Nothing is at work."""


class Threaded:
    """Looks on a thread of their own."""

    def __init__(self) -> None:
        self._looks: queue.SimpleQueue[Look | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Looked | Exception] = queue.SimpleQueue()
        self._waiting = 0
        self._cancel = Cancel()
        threading.Thread(target=self._run, name="watch-eyes", daemon=True).start()

    @property
    def idle(self) -> bool:
        return self._waiting == 0

    def start(self, look: Look) -> None:
        self._waiting += 1
        self._looks.put(look)

    def results(self) -> list[Looked]:
        found: list[Looked] = []
        while True:
            try:
                result = self._results.get_nowait()
            except queue.Empty:
                return found
            self._waiting -= 1
            if isinstance(result, Cancelled):
                continue
            if isinstance(result, Exception):
                raise result
            found.append(result)

    def close(self) -> None:
        self._cancel.set()
        self._looks.put(None)

    def _run(self) -> None:
        while (look := self._looks.get()) is not None:
            began = time.process_time()
            try:
                seen = look(self._cancel)
            except Exception as error:
                self._results.put(error)
            else:
                self._results.put((seen, time.process_time() - began))


class Looks(Protocol):
    """What `Sight` does."""

    def look(
        self, subject: Subject, frame: Frame, *, since: float, scene: int, cancel: Cancel
    ) -> Seen:
        """What one look finds in a frame."""


def watch(
    frames: Iterable[Frame],
    sight: Looks,
    narrator: Narrator,
    voice: Voice,
    eyes: Eyes,
    *,
    clock: Callable[[], float] | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Said]:
    """Watch until the frames end or somebody cancels; yield what begins to be said.

    Args:
        clock: s, the one that frames are timed by; without it their own time is the time.

    Raises:
        EngineError, WeightsError, InputError: looking, or getting frames, failed.
    """
    attention = Attention(narrator.mode.wants)
    try:
        for frame in frames:
            if cancel is not None and cancel.is_set:
                return
            now = clock() if clock is not None else frame.at
            narrator.glimpse(attention.frame(frame))
            _look(frame, attention, sight, eyes)
            for seen, took_s in eyes.results():
                attention.rest(now, took_s)
                narrator.see(seen)
            remark = narrator.next(now, voice.sounding(now))
            if remark is not None:
                voice.say(remark, now)
            yield from voice.begun(now)
    finally:
        eyes.close()


def _look(frame: Frame, attention: Attention, sight: Looks, eyes: Eyes) -> None:
    """Begin a look at this frame where one is due and nothing is looked at."""
    if not eyes.idle:
        return
    wanted = attention.wanted()
    if wanted is None:
        return
    subject, since = wanted
    scene = attention.scene
    attention.looked(subject)

    def look(cancel: Cancel) -> Seen:
        return sight.look(subject, frame, since=since, scene=scene, cancel=cancel)

    eyes.start(look)
