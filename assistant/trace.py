"""Sessions written down and played again.

A recording is a folder: `microphone.flac` and `reference.flac` (16 kHz, 16 bit, as the session
saw them), `inputs.jsonl` (what else the steps depended on), `events.jsonl` (what followed) and
`session.json` (the rules). Since a session's step depends on its inputs alone, a replay
gives the same events, or shows what a change of the code changed: the echo canceller, the
voice detector and every decision are computed again; transcripts and answers are the recorded
ones, at the step at which they arrived.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import soundfile
from pydantic import TypeAdapter

from assistant.audio import HEARING_RATE
from assistant.devices import BLOCK, Block
from assistant.errors import InputError
from assistant.events import (
    Announcement,
    FirstToken,
    Progress,
    Routed,
    Sentence,
    SessionEvent,
    TurnDone,
)
from assistant.interfaces import Cancel
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.parts import Heard, Inputs, Mind, Prosody
from assistant.session.player import Player, Position
from assistant.session.workers import Broken, Done, Item, Job, Lane
from assistant.settings import TurnRules
from assistant.types import Audio, SpokenChunk, ToolResult, Transcript, Turn, Word

VERSION = 1
_KINDS = (Heard, Prosody, Routed, FirstToken, Sentence, ToolResult, TurnDone, Progress)
_ENDS = (Done, Broken, Announcement)
_VALUES: Mapping[str, Any] = {kind.__name__: kind for kind in (*_KINDS, *_ENDS)}


def event_row(event: SessionEvent) -> dict[str, Any]:
    """An event as JSON."""
    row = {"event": type(event).__name__, **dataclasses.asdict(event)}
    return dict(json.loads(json.dumps(row, ensure_ascii=False, default=str)))


class Recorder:
    """Writes a session down; a context manager."""

    def __init__(
        self,
        folder: Path,
        rules: TurnRules,
        *,
        open_microphone: bool,
        wake_word: str | None,
        language: str = "en",
    ) -> None:
        """Start a recording.

        Raises:
            InputError: the folder holds one already, or cannot be written.
        """
        if (folder / "session.json").exists():
            raise InputError(f"{folder} holds a recording already", fix="name another folder")
        self._files = ExitStack()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._sounds = [
                self._files.enter_context(
                    soundfile.SoundFile(
                        folder / f"{name}.flac", "w", HEARING_RATE, 1, subtype="PCM_16"
                    )
                )
                for name in ("microphone", "reference")
            ]
            self._inputs, self._events = (
                self._files.enter_context((folder / f"{name}.jsonl").open("w", 1, "utf-8"))
                for name in ("inputs", "events")
            )
        except OSError as error:
            self._files.close()
            raise InputError(f"cannot write to {folder}: {error}", fix="name another") from error
        header = {
            "version": VERSION,
            "open_microphone": open_microphone,
            "wake_word": wake_word,
            "language": language,
            "rules": rules.model_dump(),
        }
        (folder / "session.json").write_text(json.dumps(header, indent=2), encoding="utf-8")
        self._step = 0
        self._at = Position()

    def watching(self, mind: Mind) -> Mind:
        """The same mind; the phrases that it has for a tool that takes long are noted."""
        return cast("Mind", _Watched(mind, self._fillers))

    def _fillers(self, chunks: Sequence[SpokenChunk]) -> None:
        rows = [_chunk_row(chunk) for chunk in chunks]
        self._write(self._inputs, {"step": self._step, "fillers": rows})

    def add(self, inputs: Inputs, events: list[SessionEvent]) -> None:
        """Write a step down."""
        for file, samples in zip(
            self._sounds, (inputs.block.microphone, inputs.block.reference), strict=True
        ):
            file.write(samples)
        row: dict[str, Any] = {}
        if inputs.keys:
            row["keys"] = inputs.keys
        if inputs.items:
            row["items"] = [_item_row(item) for item in inputs.items]
        if inputs.position != self._at:
            self._at = inputs.position
            row["position"] = [self._at.piece, self._at.samples]
        if inputs.block.notices:
            row["notices"] = inputs.block.notices
        if row:
            self._write(self._inputs, {"step": self._step, **row})
        for event in events:
            self._write(self._events, {"step": self._step, **event_row(event)})
        self._step += 1

    def _write(self, file: Any, row: Mapping[str, Any]) -> None:
        file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()


def recorded_events(folder: Path) -> list[dict[str, Any]]:
    """The events of a recording, as rows.

    Raises:
        InputError: it is no recording.
    """
    return _rows(folder, "events.jsonl")


def replay(folder: Path, front: Front) -> Iterator[dict[str, Any]]:
    """Yield the rows of the events that the recorded inputs give now.

    Raises:
        InputError: it is no recording, or one of a newer version.
    """
    header = _header(folder)
    rows: dict[int, dict[str, Any]] = {}
    mind = _RecordedMind()
    for row in _rows(folder, "inputs.jsonl"):
        if "fillers" in row:
            mind.phrases[row["step"]] = [_chunk(chunk) for chunk in row["fillers"]]
        else:
            rows[row["step"]] = row
    session = Session(
        rules=TurnRules.model_validate(header["rules"]),
        front=front,
        ears=_NoEars(),
        mind=mind,
        player=Player(),
        workers=_NoWorkers(),
        open_microphone=header["open_microphone"],
        wake_word=header["wake_word"],
        language=header.get("language", "en"),
    )
    position = Position()
    for step, (microphone, reference) in enumerate(_blocks(folder)):
        row = rows.get(step, {})
        mind.step = step
        if "position" in row:
            piece, samples = row["position"]
            position = Position(piece=piece, samples=samples)
        notices = tuple(row.get("notices", ()))
        inputs = Inputs(
            block=Block(microphone=microphone, reference=reference, played=0, notices=notices),
            keys=tuple(row.get("keys", ())),
            items=tuple(_item(item) for item in row.get("items", ())),
            position=position,
        )
        for event in session.step(inputs):
            yield {"step": step, **event_row(event)}


def _header(folder: Path) -> dict[str, Any]:
    try:
        header = dict(json.loads((folder / "session.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        fix = "name a folder that `assistant talk --record` made"
        raise InputError(f"{folder} is no recording", fix=fix) from error
    if header["version"] > VERSION:
        raise InputError(f"{folder} was recorded by a newer version", fix="update the assistant")
    return header


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    try:
        text = (folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / name} cannot be read", fix="record it again") from error


def _blocks(folder: Path) -> Iterator[tuple[Any, Any]]:
    with ExitStack() as files:
        sounds = [
            files.enter_context(soundfile.SoundFile(folder / f"{name}.flac"))
            for name in ("microphone", "reference")
        ]
        while True:
            blocks = [file.read(BLOCK, dtype="float32") for file in sounds]
            if any(len(block) < BLOCK for block in blocks):
                return
            yield blocks[0], blocks[1]


# --- items as JSON ---------------------------------------------------------------------------


def _item_row(item: Item) -> dict[str, Any]:
    value = item.value
    speech = isinstance(value, SpokenChunk)
    content = _chunk_row(value) if speech else dataclasses.asdict(value)
    kind = type(value).__name__
    return {"lane": item.lane, "generation": item.generation, "type": kind, "value": content}


def _item(row: Mapping[str, Any]) -> Item:
    value: Any
    if row["type"] == "SpokenChunk":
        value = _chunk(row["value"])
    else:
        value = TypeAdapter(_VALUES[row["type"]]).validate_python(row["value"])
    return Item(lane=row["lane"], generation=row["generation"], value=value)


def _chunk_row(chunk: SpokenChunk) -> dict[str, Any]:
    words = [dataclasses.asdict(word) for word in chunk.words]
    sound = {"samples": len(chunk.audio.samples), "rate": chunk.audio.rate}
    return {"text": chunk.text, "words": words, "timing": chunk.timing, **sound}


def _chunk(row: Mapping[str, Any]) -> SpokenChunk:
    """A chunk of the recorded length; its sound is in `reference.flac`."""
    return SpokenChunk(
        audio=Audio(samples=np.zeros(row["samples"], np.float32), rate=row["rate"]),
        text=row["text"],
        words=tuple(Word(**word) for word in row["words"]),
        timing=row["timing"],
    )


class _NoWorkers:
    """Nothing is at work in a replay; results come from the recording."""

    def start(self, lane: Lane, generation: int, job: Job) -> None: ...

    def cancel(self, lane: Lane) -> None: ...

    def tell(self, value: Any) -> None: ...

    def items(self) -> list[Item]:
        return []

    def close(self) -> None: ...


class _NoEars:
    def hear(self, sound: Audio, language: str | None, cancel: Cancel) -> Transcript:
        raise AssertionError("a replay transcribes nothing")

    def finished(self, sound: Audio) -> float:
        raise AssertionError("a replay judges no melody")


class _Watched:
    """A mind whose fillers are noted."""

    def __init__(self, mind: Mind, note: Callable[[Sequence[SpokenChunk]], None]) -> None:
        self._mind = mind
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mind, name)

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        found = self._mind.fillers(tool, language)
        if found:
            self._note(found)
        return found


class _RecordedMind:
    """Gives the recorded fillers; writes nothing down."""

    def __init__(self) -> None:
        self.phrases: dict[int, list[SpokenChunk]] = {}  # step -> what there was to choose from
        self.step = 0

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        raise AssertionError("a replay routes nothing")

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        raise AssertionError("a replay answers nothing")

    def say(self, text: str, language: str, cancel: Cancel) -> Iterator[SpokenChunk]:
        raise AssertionError("a replay says nothing")

    def fillers(self, tool: str, language: str) -> Sequence[SpokenChunk]:
        return self.phrases.get(self.step, ())

    def looks(self, tool: str) -> bool:
        return False

    def remember(self, turn: Turn) -> None: ...

    def look(self, cancel: Cancel) -> Iterator[Any]:
        raise AssertionError("a replay looks at nothing")

    def idle(self, cancel: Cancel) -> Iterator[Any]:
        raise AssertionError("a replay works on nothing ahead")
