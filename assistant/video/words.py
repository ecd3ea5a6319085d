"""What is said in a video, chunk by chunk, each ended in a pause.

The transcriber hears one chunk at a time, so memory is bounded and a killed run repeats one
chunk. Windows are decoded one after the other, not in batches: batches lose the sentences after
a window that was decoded too short (`engines.stt_faster_whisper`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from assistant.audio import HEARING_RATE, Audio, AudioChunk
from assistant.interfaces import Cancel, Float32, Options, Transcriber, VoiceDetector
from assistant.languages import sentences
from assistant.listening import joined
from assistant.types import Segment, Transcript, Word
from assistant.voiced import quietest

PAUSE_S: Final = 30.0
"""Seconds at the end of a chunk in which its pause is looked for."""
_BRIEF_S: Final = 12.0  # s of speech that do not overrule the language heard before
_SHORTENED: Final = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Jr|Sr|vs|etc|[A-Z])\.$")
_FLAT: Final = 1e-4  # peak of digital silence: no transcriber need hear it


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What is said in a chunk."""

    segments: tuple[Segment, ...] = ()  # times of the video
    language: str = ""  # BCP-47; empty when nothing is said


def gathered(chunks: Iterable[AudioChunk], start: float, end: float) -> Float32:
    """The sound between two times as one, [n] at 16 kHz; silence where the file has none.

    It ends with the last sound before `end`.
    """
    sound = np.zeros(round((end - start) * HEARING_RATE), np.float32)
    filled = 0
    for chunk in chunks:
        at = max(0, round((chunk.start - start) * HEARING_RATE))
        part = chunk.samples[: len(sound) - at]
        sound[at : at + len(part)] = part
        filled = max(filled, at + len(part))
    return sound[:filled]


def chunk_end(sound: Float32, detector: VoiceDetector, longest: float) -> float:
    """Where a chunk of at most `longest` s ends: in the longest pause of its last part, s."""
    first = longest - min(PAUSE_S, longest / 2)
    tail = sound[round(first * HEARING_RATE) : round(longest * HEARING_RATE)]
    probabilities = detector.probabilities(Audio(samples=tail, rate=HEARING_RATE))
    return first + quietest(probabilities, 0.0, len(tail) / HEARING_RATE)


def hear(
    transcriber: Transcriber,
    sound: Float32,
    *,
    start: float,
    before: str = "",
    cancel: Cancel | None = None,
) -> Generator[float, None, Heard]:
    """Return what is said in a chunk of sound that starts at `start` s of the video; yield the s
    of the video up to which it was heard.

    The language is found anew in each chunk; a few words that seem to be in another one than
    `before` are heard again as that, since short speech misleads.

    Args:
        before: BCP-47, of the chunk before; empty where nothing was said yet.

    Raises:
        Cancelled, EngineError
    """
    if float(np.abs(sound).max(initial=0.0)) < _FLAT:
        return Heard()
    heard = yield from _transcribed(transcriber, sound, start, Options(words=True), cancel)
    spoken = sum(segment.end - segment.start for segment in heard.segments)
    if before and heard.language not in ("", before) and spoken < _BRIEF_S:
        again = Options(language=before, words=True)
        heard = yield from _transcribed(transcriber, sound, start, again, cancel)
    return Heard(
        language=heard.language,
        segments=tuple(
            Segment(text=s.text, start=round(start + s.start, 2), end=round(start + s.end, 2))
            for segment in heard.segments
            for s in by_sentence(segment, heard.words)
            if s.text.strip()
        ),
    )


def by_sentence(segment: Segment, words: Sequence[Word]) -> list[Segment]:
    """The sentences of a segment, each with the times of its own words.

    Without times of words a sentence has the share of the time that it has of the letters.
    """
    parts = _sentences(segment.text)
    if len(parts) < 2:
        return [segment]
    own = [word for word in words if segment.start <= (word.start + word.end) / 2 <= segment.end]
    marks = [0, *accumulate(len(_letters(word.text)) for word in own)]  # letters before each word
    whole = max(1, len(_letters(segment.text)))
    starts, ends = [segment.start], []
    for before in [*accumulate(len(_letters(part)) for part in parts)][:-1]:
        first = next((n for n, mark in enumerate(marks[:-1]) if n and mark >= before), None)
        shared = segment.start + (segment.end - segment.start) * before / whole
        ends.append(shared if first is None else own[first - 1].end)
        starts.append(shared if first is None else own[first].start)
    return [
        Segment(text=text, start=start, end=max(start, end))
        for text, start, end in zip(parts, starts, [*ends, segment.end], strict=True)
    ]


def _sentences(text: str) -> list[str]:
    """The sentences of a text; "Dr." ends none."""
    found: list[str] = []
    for part in sentences(text):
        if found and _SHORTENED.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def transcript(segments: Iterable[tuple[Segment, str]]) -> Transcript:
    """All that is said, in the language in which most of it is."""
    found = list(segments)
    spoken: dict[str, float] = {}
    for segment, language in found:
        spoken[language] = spoken.get(language, 0.0) + segment.end - segment.start
    return Transcript(
        text=joined([segment.text for segment, _ in found]),
        language=max(spoken, key=spoken.__getitem__) if spoken else "",
        segments=tuple(segment for segment, _ in found),
    )


def _transcribed(
    transcriber: Transcriber,
    sound: Float32,
    start: float,
    options: Options,
    cancel: Cancel | None,
) -> Generator[float, None, Transcript]:
    heard = Transcript(text="", language="")
    whole = AudioChunk(samples=sound, rate=HEARING_RATE, start=0.0)
    for heard in transcriber.stream([whole], options, cancel):
        if heard.segments:
            yield start + heard.segments[-1].end
    return heard
