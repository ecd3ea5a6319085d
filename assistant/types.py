"""The values that flow between layers. Frozen, keyword-only, units beside each field.

A box is (x1, y1, x2, y2) in integer pixels of the oriented picture. Languages are
BCP-47 (`en`, `zh`). Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.audio import Audio, AudioChunk
from assistant.picture import Picture

__all__ = [
    "Audio",
    "AudioChunk",
    "Box",
    "Chapter",
    "Claim",
    "Evidence",
    "EvidenceKind",
    "Fault",
    "Keyframe",
    "Picture",
    "Reading",
    "Scene",
    "SceneObject",
    "Segment",
    "SentenceKind",
    "Shot",
    "SpokenChunk",
    "TextLine",
    "ToolCall",
    "ToolResult",
    "Transcript",
    "Turn",
    "VideoEvent",
    "VideoSummary",
    "Word",
]

Box = tuple[int, int, int, int]
Proximity = Literal["near", "middle", "far"]
SentenceKind = Literal["quoted", "measured", "generated"]
EvidenceKind = Literal["speech", "text", "scene", "action", "measure"]


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of a transcript."""

    text: str
    start: float  # s
    end: float  # s
    confidence: float = 1.0  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of speech between pauses."""

    text: str
    start: float  # s
    end: float  # s


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What was said. `text` is empty when nothing was."""

    text: str
    language: str  # BCP-47; empty when nothing was said
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    confidence: float = 1.0  # 0 to 1
    final: bool = True  # False for a partial transcript of a stream


@dataclass(frozen=True, kw_only=True)
class SpokenChunk:
    """A piece of synthesised speech, in playing order."""

    audio: Audio
    text: str  # the words in this chunk, as written
    words: tuple[Word, ...] = ()  # times relative to the chunk's start
    timing: Literal["exact", "estimated"] = "estimated"


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line of text found in a picture."""

    text: str  # verbatim
    box: Box
    confidence: float  # 0 to 1
    unclear: bool = False  # under the reader's confidence threshold
    parts: tuple[tuple[str, Box], ...] = ()  # text and place of each piece, where it has several


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The text of a picture, in reading order."""

    lines: tuple[TextLine, ...] = ()
    text: str = ""  # the lines joined: newline within a paragraph, blank line between
    unread: tuple[Box, ...] = ()  # writing was found there but could not be read


@dataclass(frozen=True, kw_only=True)
class SceneObject:
    """A thing seen in a picture."""

    name: str  # speakable English name, singular
    confidence: float  # 0 to 1
    box: Box | None  # None for a name that holds for the whole picture
    direction: float | None  # degrees, negative is left of the camera's axis
    proximity: Proximity | None
    colour: str | None = None  # English colour name, measured inside the box


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with a picture, and the one thing that would fix it."""

    kind: str  # e.g. "too_dark", "blurred"
    sentence: str  # spoken: the fault and the fix, in the scene's language


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A description of a picture in one language."""

    sentence: str  # the first sentence, at most 20 words or 40 Chinese characters
    details: tuple[str, ...] = ()  # further sentences, spoken when asked
    objects: tuple[SceneObject, ...] = ()
    people: int | None = None  # None when it cannot be told
    texts: tuple[str, ...] = ()  # verbatim, from OCR
    faults: tuple[Fault, ...] = ()
    engine: str = ""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """What a request became."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """What a tool found. With `final`, no language model rephrases it."""

    spoken: str  # the sentences that were yielded, joined
    data: Mapping[str, Any] = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()  # paths of files that were written
    final: bool = True


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One request and its answer, as it is remembered."""

    request: str
    call: ToolCall
    result: ToolResult | None
    reply: str  # what was really spoken
    language: str = "en"
    timings: Mapping[str, float] = field(default_factory=dict)  # s
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What a camera took without a cut."""

    start: float  # s
    end: float  # s


@dataclass(frozen=True, kw_only=True)
class Keyframe:
    """The frame that stands for a stretch of a video, and what is seen and read in it."""

    time: float  # s
    start: float  # s; the stretch it stands for, near-identical frames after it included
    end: float  # s
    scene: Scene | None = None  # None before it was looked at
    reading: Reading | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing that a video shows or says. Claims are made of nothing else, and name it."""

    number: int  # from 1, in order of time, unique within a video
    kind: EvidenceKind  # heard; read on screen; seen; seen to happen; measured of the file itself
    start: float  # s
    end: float  # s
    text: str  # speech and text verbatim; of the other kinds one sentence each
    language: str  # BCP-47, of the text


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence about a video and the numbers of the evidence that carry it, never none."""

    text: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class VideoEvent:
    """Something that happens in a video."""

    start: float  # s
    end: float  # s
    text: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A part of a video with a title of its own."""

    start: float  # s
    end: float  # s
    title: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class VideoSummary:
    """What a video is about, in one language."""

    topic: Claim
    sentences: tuple[Claim, Claim, Claim]
    timeline: tuple[VideoEvent, ...]  # in order of time
    chapters: tuple[Chapter, ...]  # in order of time, without gaps
    language: str  # BCP-47
    engine: str  # the language model's name, or "extractive"
