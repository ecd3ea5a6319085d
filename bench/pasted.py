"""A video told the way video-analyzer does it, with this project's engines, as a baseline.

Written after reading byjlw/video-analyzer at commit 2b095fa (`frame.py`, `analyzer.py`, `cli.py`,
`audio_processor.py`); its code is not used. As there:

- frames are sampled evenly, twice as many as wanted; one whose grey picture differs from the
  sample before it by more than 10 levels in the mean is a candidate, and all candidates stay in
  memory at full size; those that differ most are kept, at most 60 a minute (its defaults);
- all of the sound is read at once and transcribed with beam 5, word times and its filter for
  silence;
- every frame is described by itself;
- all descriptions and the transcript are pasted into one prompt, and the answer, at most 1,000
  tokens at temperature 0, is the result.

What differs: the describer is the profile's (theirs is a vision model that is given all
descriptions before it too), Whisper's weights are the profile's in 8 bits (theirs: medium in
float32), and the prompt is shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.audio import Audio
from assistant.errors import AssistantError
from assistant.interfaces import Options
from assistant.languages import sentences
from assistant.registry import Engines
from assistant.types import Picture

_PER_MINUTE: Final = 60
_DIFFERENT: Final = 10.0  # grey levels of 255
_TOKENS: Final = 1000
_PROMPT: Final = """These are notes on the frames of a video, in order of time, and its transcript.

{notes}

Transcript:
{transcript}

Write a summary of the video: what it is about, what happens from beginning to end, how it closes. \
Be specific and stay with the notes and the transcript."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A frame that is kept in memory."""

    time: float  # s
    pixels: NDArray[np.uint8]  # [h, w, 3] BGR
    difference: float  # grey levels from the sample before it


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """What came out, and what went in."""

    text: str  # empty where the model could not be asked
    error: str  # why it could not
    frames: int
    held_mb: float  # of raw frames in memory at once
    prompt_words: int

    @property
    def claims(self) -> list[str]:
        """The sentences of the result; none of them names evidence."""
        lines = [line.strip(" #*-") for line in self.text.splitlines()]
        return [one for line in lines if line for one in sentences(line)]


def told(path: Path, engines: Engines, language: str) -> Pasted:
    """Tell a video in one prompt."""
    transcript = transcribed(path, engines, language)
    candidates, wanted = candidate_frames(path)
    held = sum(one.pixels.nbytes for one in candidates) / 2**20
    best = sorted(candidates, key=lambda one: one.difference, reverse=True)[:wanted]
    chosen = sorted(best, key=lambda one: one.time)
    describer = engines.get("scene_describer")
    notes = []
    for number, one in enumerate(chosen):
        picture = Picture.from_array(np.ascontiguousarray(one.pixels[:, :, ::-1]))
        scene = describer.describe(picture, "full", Options(language=language))
        text = " ".join((scene.sentence, *scene.details, *scene.texts))
        notes.append(f"Frame {number} ({one.time:.2f}s):\n{text}")
    prompt = _PROMPT.format(notes="\n\n".join(notes), transcript=transcript)
    text, error = "", ""
    try:
        text = _answered(prompt, engines)
    except AssistantError as problem:
        error = str(problem)
    except Exception as problem:  # of the client's library: the prompt may be too long
        error = f"{type(problem).__name__}: {problem}"
    return Pasted(
        text=text,
        error=error[:300],
        frames=len(chosen),
        held_mb=held,
        prompt_words=len(prompt.split()),
    )


def candidate_frames(path: Path) -> tuple[list[Candidate], int]:
    """All frames that differ from the sample before them, and how many of them are wanted."""
    capture = cv2.VideoCapture(str(path))
    try:
        rate = capture.get(cv2.CAP_PROP_FPS)
        total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        wanted = max(1, min(int(total / rate / 60 * _PER_MINUTE), total))
        every = max(1, total // (2 * wanted))
        found: list[Candidate] = []
        before: Any = None
        for number in range(total):
            there, pixels = capture.read()
            if not there:
                break
            if number % every:
                continue
            grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
            # The first sample has nothing before it and is never a candidate, as there.
            difference = float(np.mean(cv2.absdiff(grey, before))) if before is not None else 0.0
            if difference > _DIFFERENT:
                frame = np.asarray(pixels, np.uint8)
                found.append(Candidate(time=number / rate, pixels=frame, difference=difference))
            before = grey
        return found, wanted
    finally:
        capture.release()


def transcribed(path: Path, engines: Engines, language: str) -> str:
    """All of the sound at once; empty without sound."""
    from faster_whisper import WhisperModel

    try:
        audio = Audio.open(path)
    except AssistantError:
        return ""
    settings = engines.profile.engines["transcriber"]
    same = settings.weights if settings.engine == "faster-whisper" else None
    folder = engines.locator.folder(same or "whisper-base")
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    segments, _ = model.transcribe(
        audio.samples,
        language=language,
        beam_size=5,
        word_timestamps=True,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 500},
    )
    return " ".join(segment.text.strip() for segment in segments)


def _answered(prompt: str, engines: Engines) -> str:
    from langchain_core.messages import HumanMessage

    chat = engines.get("chat_model").chat().bind(temperature=0, max_tokens=_TOKENS)
    return str(chat.invoke([HumanMessage(content=prompt)]).content)
