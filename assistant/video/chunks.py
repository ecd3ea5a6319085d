"""The frames and the words of a video, chunk by chunk, each written down when it is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Final

from assistant.audio import HEARING_RATE
from assistant.errors import InputError
from assistant.interfaces import Float32
from assistant.jobs import Job
from assistant.registry import Engines
from assistant.video import words
from assistant.video.container import VideoFacts, check_length, sound
from assistant.video.cutting import cut
from assistant.video.engines import ready, settings
from assistant.video.movements import Movement
from assistant.video.observing import observed
from assistant.video.store import VideoStore
from assistant.video.understood import Stage, Working

_CUTTING: Final = "cutting 2"  # another number makes all videos be cut anew
_MOVING: Final = "moving 1"
_HEARING: Final = "hearing 2"
_LEFT_S: Final = 0.5  # a shorter rest of a video is no chunk of its own

_Chunk = Generator[float, None, tuple[float, bool]]
"""Yields the s of the video up to which it is done; returns its end and whether it was the last."""


class Chunks:
    """One run over one video. Used by one thread."""

    def __init__(self, engines: Engines, facts: VideoFacts, store: VideoStore, job: Job) -> None:
        self._engines = engines
        self._limits = engines.profile.video
        self._facts = facts
        self._store = store
        self._job = job
        self.faults: list[str] = json.loads(store.fact("faults") or "[]")
        """What could not be watched or heard, by this run and by those before it."""
        if facts.fault is not None:
            self._fault(facts.fault)

    def end(self) -> float:
        """Where the video ends, s: what it says, or what could be watched or heard of it."""
        if self._facts.duration is not None and not self.faults:
            return self._facts.duration
        segments = self._store.segments()
        return max(self._store.watched(), segments[-1][0].end if segments else 0.0)

    def frames(self) -> Iterator[Working]:
        self._store.begin("frames", self._cutting)
        yield from self._chunks("frames", self._cut)

    def movements(self) -> Iterator[Working]:
        """Nothing where the detector is not there: the rest of the video is told all the same."""
        detector = settings(self._engines, "object_detector")
        self._store.begin("movements", f"{_MOVING} {detector} {self._cutting}")
        if self._store.finished("movements") or ready(self._engines, "object_detector") is None:
            return
        yield from self._chunks("movements", self._follow)

    def words(self) -> Iterator[Working]:
        self._store.begin("words", f"{_HEARING} {settings(self._engines, 'transcriber')}")
        yield from self._chunks("words", self._hear)

    @property
    def _cutting(self) -> str:
        """How shots and keyframes are found."""
        return f"{_CUTTING} {self._limits.most_per_minute} {self._limits.chunk_s}"

    def _chunks(
        self, stage: Stage, work: Callable[[float, float, bool], _Chunk]
    ) -> Iterator[Working]:
        """Work on what is left of a stage.

        `work` is given a chunk's start, its longest end and whether it is the last.
        """
        duration, limits = self._facts.duration, self._limits
        self._job.begin(stage, None if duration is None else round(duration))
        start, over = self._store.reached(stage), self._store.finished(stage)
        yield Working(stage=stage, done=start, total=duration)
        while not over:
            # Of a file that does not tell its duration.
            check_length(replace(self._facts, duration=start), limits.longest_hours)
            until = start + limits.chunk_s
            last = duration is not None and until >= duration - _LEFT_S
            chunk = work(start, duration if last and duration is not None else until, last)
            while True:
                try:
                    done = next(chunk)
                except StopIteration as stop:
                    before, (start, over) = start, stop.value
                    break
                self._job.advance(round(done))
                yield Working(stage=stage, done=done, total=duration)
            assert over or start > before, f"{stage} stands still at {start} s"
            self._job.advance(round(start))
            yield Working(stage=stage, done=start, total=duration)

    def _cut(self, start: float, until: float, last: bool) -> _Chunk:
        most = self._limits.most_per_minute
        found = None
        try:
            found = yield from cut(
                self._facts.path, self._store, start=start, until=until, last=last,
                going_on=self._store.going_on(), most_per_minute=most,
                cancel=self._job.cancel, on_fault=self._fault,
            )  # fmt: skip
        except InputError as error:
            if start == 0.0 and not self._facts.sound:
                raise
            self._fault(str(error))
            last = True
        if found is None:  # one frame may stay for long, as in recordings of a screen
            last = last or self._facts.duration is None
            self._store.write_still((start, until), shown=not self.faults, last=last)
            return until, last
        self._store.write_frames(
            (start, found.end), found.shots, found.keyframes,
            goes_on=found.goes_on, begins=found.begins, last=last,
        )  # fmt: skip
        return found.end, last

    def _follow(self, start: float, until: float, last: bool) -> _Chunk:
        """What moves within the shots that were found."""
        last = last or until >= self._store.watched()
        shots = [shot for shot in self._store.shots() if shot.end > start and shot.start < until]
        found: list[Movement] = []
        try:
            for event in observed(
                self._facts.path, self._engines.get("object_detector"), shots,
                start=start, until=until, cancel=self._job.cancel,
            ):  # fmt: skip
                if isinstance(event, list):
                    found += event
                else:
                    yield event
        except InputError as error:  # what can be seen of the rest was found with the shots
            self._fault(str(error))
        self._store.write_movements((start, until), found, last=last)
        return until, last

    def _hear(self, start: float, until: float, last: bool) -> _Chunk:
        try:
            heard = words.gathered(
                sound(self._facts.path, start=start, end=until, cancel=self._job.cancel),
                start,
                until,
            )
        except InputError as error:
            if start == 0.0 and not self._facts.picture:
                raise
            self._fault(str(error))
            self._store.write_words((start, start), (), "", last=True)
            return start, True
        if not last:
            heard, until = self._to_a_pause(heard, start, until)
            last = self._facts.duration is None and not len(heard)
        found = words.Heard()
        if len(heard):
            found = yield from words.hear(
                self._engines.get("transcriber"), heard,
                start=start, before=self._spoken(), cancel=self._job.cancel,
            )  # fmt: skip
        self._store.write_words((start, until), found.segments, found.language, last=last)
        return until, last

    def _to_a_pause(self, heard: Float32, start: float, until: float) -> tuple[Float32, float]:
        """A chunk's sound up to its last long pause, and where that is, s."""
        length = len(heard) / HEARING_RATE
        if length < until - start - _LEFT_S:  # the sound ends before: a pause already
            return heard, until
        pause = words.chunk_end(heard, self._engines.get("voice_detector"), length)
        return heard[: round(pause * HEARING_RATE)], start + pause

    def _spoken(self) -> str:
        """The language of what was said last."""
        segments = self._store.segments()
        return segments[-1][1] if segments else ""

    def _fault(self, what: str) -> None:
        if what not in self.faults:
            self.faults.append(what)
            self._store.note("faults", json.dumps(self.faults))
