"""Understanding a video, stage by stage, as a job that survives its process.

Frames, movements, words, pictures, telling: each stage works on chunks of about three minutes
(`pictures` on one keyframe at a time) and writes each down when it is done (`store`), so a killed
run repeats one chunk at most and its result is that of an undisturbed one. Memory holds one chunk
of sound and one frame, whatever the length.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assistant.events import Progress
from assistant.interfaces import Cancel, ChatModel
from assistant.jobs import Job, Jobs, JobStatus
from assistant.languages import base
from assistant.library.records import shown
from assistant.registry import Engines
from assistant.types import Evidence, Keyframe, Transcript, VideoSummary
from assistant.video import evidence, seeing, words
from assistant.video.chunks import Chunks
from assistant.video.container import VideoFacts, check_length, probe
from assistant.video.content import content_hash
from assistant.video.engines import ready, settings
from assistant.video.measures import measures
from assistant.video.seeing import Seer
from assistant.video.store import VideoStore, name_of
from assistant.video.telling import tell
from assistant.video.understood import Understood, Working

KIND: Final = "video"
"""Of the jobs that understand videos; the subject is the resolved path."""

_ASKED: Final = "asked"  # what a job keeps for the run that resumes it: the language of the result
_LOOKING: Final = "looking 1"  # another number makes all frames be looked at anew
_TELLING: Final = "telling 5"
_SEES: Final = ("scene_describer", "vision_model", "object_detector", "image_classifier")


def understand(
    engines: Engines,
    path: Path,
    *,
    language: str | None = None,
    waiting: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Working | Understood]:
    """Yield how far it is, at last all that is known of the video. What is known is not redone.

    Args:
        language: of the result; None for that which the unfinished run before was asked for,
            else that of what is said, else English.
        waiting: told once, in a sentence, that another process is at work on the video; without
            it that is an error.

    Raises:
        InputError: no video, or one that is longer than the profile allows.
        AssistantError: the engines fail, the disk is full.
        Cancelled: by `cancel`, or by another process (`assistant video jobs cancel`).
    """
    path = path.resolve()
    facts = probe(path)
    check_length(facts, engines.profile.video.longest_hours)
    understood: Understood | None = None
    with (
        contextlib.closing(Jobs()) as jobs,
        jobs.claim(KIND, os.fspath(path), cancel=cancel, waiting=_told_once(waiting, path)) as job,
    ):
        store = VideoStore(content_hash(path, job.cancel))
        try:
            with store.alone(job.cancel):
                work = Work(engines=engines, facts=facts, store=store, job=job, language=language)
                for event in work.run():
                    if isinstance(event, Understood):
                        understood = event
                    else:
                        yield event
        except BaseException:
            store.close()
            raise
    assert understood is not None, "a run ends with what it understood"
    yield understood  # outside: who takes it and leaves has not stopped the job


def _told_once(
    waiting: Callable[[str], None] | None, path: Path
) -> Callable[[JobStatus | None], None] | None:
    told = False

    def wait(other: JobStatus | None) -> None:
        nonlocal told
        if waiting is not None and not told:
            who = f"process {other.pid}" if other is not None else "another process"
            waiting(f"{who} is at work on {shown(path)}; waiting until it has finished")
            told = True

    return wait if waiting is not None else None


class Work:
    """One run over one video. Used by one thread."""

    def __init__(
        self,
        *,
        engines: Engines,
        facts: VideoFacts,
        store: VideoStore,
        job: Job,
        language: str | None,
    ) -> None:
        self._engines = engines
        self._facts = facts
        self._store = store
        self._job = job
        self._asked = language or (job.left(_ASKED) if job.finished(_ASKED) else None)
        job.finish(_ASKED, self._asked)
        self._chunks = Chunks(engines, facts, store, job)

    def run(self) -> Iterator[Working | Understood]:
        """Yield how far it is; the last is what is known."""
        began = time.monotonic()
        if self._facts.picture:
            yield from self._chunks.frames()
            if self._follows:
                yield from self._chunks.movements()
        if self._facts.sound and self._engines.has("transcriber"):
            yield from self._chunks.words()
        segments = self._store.segments()
        transcript = words.transcript(segments)
        seer = self._seer(self._language(transcript))
        yield from self._pictures(seer)
        keyframes = seer.keyframes()
        measured = self._measured(keyframes, transcript, seer.language)
        found = evidence.gathered(
            keyframes,
            segments,
            measured,
            movements=self._store.movements() if self._follows else (),
            language=seer.language,
        )
        summary: VideoSummary | None = None
        for event in self._telling(found, seer.language):
            if isinstance(event, VideoSummary):
                summary = event
            else:
                yield event
        assert summary is not None, "telling ends with its summary"
        yield Understood(
            path=self._facts.path,
            store=self._store,
            facts=self._facts,
            end=self._chunks.end(),
            shots=self._store.shots(),
            keyframes=keyframes,
            transcript=transcript,
            evidence=found,
            summary=summary,
            faults=tuple(self._chunks.faults),
            elapsed_s=time.monotonic() - began,
        )

    @property
    def _follows(self) -> bool:
        """Whether what moves within shots is followed."""
        return self._engines.profile.video.movements and self._engines.has("object_detector")

    def _language(self, transcript: Transcript) -> str:
        """Of the result: the one asked for, else that of what is said."""
        return "zh" if base(self._asked or transcript.language) == "zh" else "en"

    # --- pictures

    def _seer(self, language: str) -> Seer:
        """Who reads and describes frames, loaded only where a frame waits."""
        read = settings(self._engines, "text_reader")
        seen = settings(self._engines, *_SEES, "text_reader")
        return Seer(
            store=self._store,
            engines=self._engines,
            reader_id=f"{_LOOKING} {read}",
            describer_id=f"{_LOOKING} {seen} {language}",
            language=language,
        )

    def _pictures(self, seer: Seer) -> Iterator[Working]:
        waiting = seer.waiting()
        self._job.begin("pictures", len(waiting))
        yield Working(stage="pictures", done=0, total=len(waiting))
        for done, (keyframe, hash) in enumerate(waiting, 1):
            seer.look(keyframe, hash, self._job.cancel)
            self._job.advance(done)
            yield Working(stage="pictures", done=done, total=len(waiting))

    # --- telling

    def _measured(
        self, keyframes: tuple[Keyframe, ...], transcript: Transcript, language: str
    ) -> list[Evidence]:
        return measures(
            self._facts,
            language=language,
            end=self._chunks.end(),
            speech=bool(transcript.text),
            dark=bool(keyframes) and all(seeing.too_dark(k.scene) for k in keyframes),
        )

    def _telling(
        self, found: tuple[Evidence, ...], language: str
    ) -> Iterator[Working | VideoSummary]:
        with_chat = self._name(found, language, "chat_model")
        known = self._store.summary(with_chat) if self._engines.has("chat_model") else None
        if known is not None:
            yield known
            return
        chat: ChatModel | None = ready(self._engines, "chat_model")
        name = with_chat if chat is not None else self._name(found, language)
        known = self._store.summary(name)
        if known is not None:
            yield known
            return
        self._job.begin("telling", 100)
        yield Working(stage="telling", done=0, total=100)
        for event in tell(
            found,
            self._facts,
            language=language,
            chat=chat,
            encoder=ready(self._engines, "text_encoder"),
            cache=_Parts(self._store, name),
            cancel=self._job.cancel,
            most_condensed=self._engines.profile.video.most_condensed,
        ):
            if isinstance(event, Progress):
                done = 100 * (event.fraction or 0.0)
                self._job.advance(round(done))
                yield Working(stage="telling", done=done, total=100)
            else:
                self._store.write_summary(name, found, event)
                yield event

    def _name(self, found: tuple[Evidence, ...], language: str, *tellers: str) -> str:
        """What a summary by these engines is kept under."""
        by = settings(self._engines, "text_encoder", *tellers)
        most = self._engines.profile.video.most_condensed if tellers else 0
        return name_of(found, language, f"{_TELLING} {most} {by}")


@dataclass(frozen=True)
class _Parts:
    """The finished parts of one tale."""

    store: VideoStore
    name: str

    def get(self, key: str) -> Any | None:
        return self.store.get(f"{self.name} {key}")

    def put(self, key: str, value: Any) -> None:
        self.store.put(f"{self.name} {key}", value)
