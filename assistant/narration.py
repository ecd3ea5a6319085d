"""A watch put together: engines, frames, a voice and a place for its sound."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.devices import footage
from assistant.errors import AssistantError, InputError
from assistant.interfaces import Cancel, Float32, Options
from assistant.outlets import Loudspeaker, Outlet, Recording
from assistant.registry import Engines
from assistant.session.player import RATE
from assistant.speech import Speaker
from assistant.watching import words
from assistant.watching.live import Inline, Said, Silent, Threaded, Voice, said, watch
from assistant.watching.modes import mode
from assistant.watching.narrator import Narrator
from assistant.watching.seen import ModeName, Remark
from assistant.watching.sight import Sight

_TAIL_S = 8.0  # s that the last remark may take after the last frame


@dataclass
class _Saying:
    remark: Remark
    cancel: Cancel = field(default_factory=Cancel)
    made: bool = False  # whether all of its speech is made
    began: bool = False


class Aloud:
    """Speaks remarks with the voices of a profile, one at a time; a new one cuts the old short."""

    def __init__(
        self, engines: Engines, language: str, place: Outlet, options: Options, *, inline: bool
    ) -> None:
        """`inline` makes speech in no time on the watch's clock, for files at full speed."""
        self._speaker = Speaker(engines)
        self._language = language
        self._options = options
        self._place = place
        self._inline = inline
        self._jobs: queue.SimpleQueue[_Saying | None] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[tuple[_Saying, Float32 | None]] = queue.SimpleQueue()
        self._now: _Saying | None = None
        self.failed: AssistantError | None = None
        if not inline:
            threading.Thread(target=self._run, name="watch-voice", daemon=True).start()

    def warm(self) -> None:
        """Load the voice, so that the first remark is as quick as the next.

        Raises:
            EngineError, WeightsError: no voice can speak the language.
        """
        self._speaker.warm(self._language)

    def sounding(self, now: float) -> Remark | None:
        saying = self._now
        if saying is None:
            return None
        if saying.made and self._made.empty() and not self._place.playing(now):
            self._now = None
            return None
        return saying.remark

    def say(self, remark: Remark, now: float) -> None:
        self.hush(now)
        self._now = _Saying(remark)
        if self._inline:
            self._make(self._now)
        else:
            self._jobs.put(self._now)

    def hush(self, now: float) -> None:
        """Stop what sounds."""
        if self._now is not None:
            self._now.cancel.set()
            self._place.stop(now)
            self._now = None

    def begun(self, now: float) -> list[Said]:
        found = []
        while not self._made.empty():
            saying, samples = self._made.get()
            if saying is not self._now:
                continue
            if samples is None:
                saying.made = True
                continue
            if not saying.began:
                saying.began = True
                found.append(said(saying.remark, now))
            self._place.add(samples, now)
        if self.failed is not None:
            raise self.failed
        return found

    def close(self) -> None:
        self._jobs.put(None)

    def _run(self) -> None:
        while (saying := self._jobs.get()) is not None:
            self._make(saying)

    def _make(self, saying: _Saying) -> None:
        text = saying.remark.text
        try:
            for chunk in self._speaker.speak([text], self._language, self._options, saying.cancel):
                self._made.put((saying, chunk.audio.resampled(RATE).samples))
        except AssistantError as error:
            if not saying.cancel.is_set:
                self.failed = error
        self._made.put((saying, None))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be watched, and how."""

    source: str
    mode: ModeName = "surroundings"
    target: str | None = None
    language: str = "en"
    speak: bool = True
    out: Path | None = None
    speaker: str | None = None  # a loudspeaker's name, a part of it, or its number
    speaker_remembered: bool = False  # from before: it may be unplugged now
    real_time: bool = True
    seconds: float | None = None
    options: Options = field(default_factory=Options)


def prepare(engines: Engines, wanted: Wanted) -> Sight:
    """The looks of a watch, with the engines that it needs loaded.

    Raises:
        EngineError, WeightsError: one of them is missing.
    """
    needs = {
        "surroundings": ("object_detector", "image_classifier", "text_reader"),
        "read": ("text_reader",),
        "find": ("object_detector", "image_classifier"),
        "aim": ("object_detector",),
    }[wanted.mode]
    for capability in needs:
        if engines.has(capability):
            engines.get(capability)
    return Sight(engines, wanted.language, wanted.target)


def narrate(
    engines: Engines,
    wanted: Wanted,
    *,
    keys: Callable[[], tuple[str, ...]] = tuple,
    ready: Callable[[], None] | None = None,
) -> Iterator[Said]:
    """Watch a source until it ends; yield what is said as it begins to sound.

    Raises:
        InputError: the source cannot be read, or there is no loudspeaker.
        EngineError, WeightsError: an engine is missing, or failed.
    """
    live = footage.is_live(wanted.source)
    timed = live or wanted.real_time
    if not live:
        next(footage.footage(wanted.source))  # a bad file is told before anything is loaded
    with ExitStack() as stack:
        sight = prepare(engines, wanted)
        voice, aloud = _voice(engines, wanted, stack, inline=not timed)
        profile = engines.profile
        chosen = mode(wanted.mode, wanted.target, wanted.language, profile.camera)
        narrator = Narrator(chosen, wanted.language, profile.speech)
        if ready is not None:
            ready()
        started = time.monotonic()

        def clock() -> float:
            return time.monotonic() - started

        if live:
            frames = footage.live(wanted.source, clock)
        else:
            frames = footage.footage(wanted.source, footage.paced(clock) if timed else None)
        stop = Cancel()
        frames = _until(frames, wanted.seconds, keys, aloud, stop)
        now = clock if timed else None
        gone: InputError | None = None
        try:
            yield from watch(
                frames, sight, narrator, voice, Threaded() if timed else Inline(),
                clock=now, cancel=stop,
            )  # fmt: skip
        except InputError as error:
            gone = error
        over = stop.is_set or (wanted.seconds is not None and clock() >= wanted.seconds)
        if live and not over:
            voice.say(_ended(wanted.language, clock()), clock())
            yield from voice.begun(clock())
        if timed and aloud is not None and not stop.is_set:
            yield from _rest(aloud, clock)
        if gone is not None:
            raise gone


def _ended(language: str, now: float) -> Remark:
    """Told aloud, since silence would seem to say that nothing changes."""
    return Remark(text=words.ended(language), topic="notice", kind="measured", since=now)


def _voice(
    engines: Engines, wanted: Wanted, stack: ExitStack, *, inline: bool
) -> tuple[Voice, Aloud | None]:
    if not wanted.speak and wanted.out is None:
        return Silent(wanted.language, wanted.options.rate), None
    place: Outlet
    if wanted.out is not None:
        place = Recording(wanted.out)
    else:
        place = Loudspeaker(wanted.speaker, expected=wanted.speaker_remembered)
    stack.callback(place.close)
    aloud = Aloud(engines, wanted.language, place, wanted.options, inline=inline)
    stack.callback(aloud.close)
    aloud.warm()
    return aloud, aloud


def _until(
    frames: Iterator[Any],
    seconds: float | None,
    keys: Callable[[], tuple[str, ...]],
    aloud: Aloud | None,
    stop: Cancel,
) -> Iterator[Any]:
    """Frames until so many seconds are over or a key ends it; any other key stops speech."""
    for frame in frames:
        pressed = keys()
        if "quit" in pressed:
            stop.set()
        elif pressed and aloud is not None:
            aloud.hush(frame.at)
        if seconds is not None and frame.at >= seconds:
            return
        yield frame


def _rest(aloud: Aloud, clock: Callable[[], float]) -> Iterator[Said]:
    """Let the last remark be heard to its end."""
    until = clock() + _TAIL_S
    while clock() < until:
        yield from aloud.begun(clock())
        if aloud.sounding(clock()) is None:
            return
        time.sleep(0.05)
