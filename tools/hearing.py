"""Saying what is said in a sound or video file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assistant.audio import Audio
from assistant.errors import InputError, ToolError
from assistant.events import Progress, Sentence, ToolEvent
from assistant.interfaces import Options
from assistant.languages import base, language_of, sentences
from assistant.tools.context import ToolContext
from assistant.tools.files import at_hand
from assistant.types import AudioChunk, ToolResult, Transcript

_LONG: Final = 30.0  # s of sound before which no word about waiting is needed
_SOUNDS: Final = {
    ".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".opus", ".oga", ".wma", ".aiff", ".amr",
    ".webm", ".mp4", ".mov", ".mkv", ".avi",
}  # fmt: skip


_NONE: Final = (
    "I have no recording yet. Give me one, or name its file.",
    "我这里还没有录音。请给我一个，或者说出文件名。",
)  # (English, Chinese)


def transcribe_audio(context: ToolContext, *, path: str | None = None) -> Iterator[ToolEvent]:
    """Say what is said in a sound or video file, word for word.

    `path` is the name of a file at hand, or a path that the user's own request holds.
    `data` has `file`, `text`, `language` and `segments`.
    """
    file = at_hand(context, path, _SOUNDS, _NONE)
    try:
        audio = Audio.open(file)
    except InputError as error:
        raise ToolError(
            _say(context, f"I can't open {file.name} as a sound.", f"我打不开{file.name}的声音。")
        ) from error
    if audio.duration > _LONG:
        yield Progress(message=_say(context, "I'm listening to it.", "我正在听。"))
    heard = Transcript(text="", language="")
    said = ""  # of the transcript, so far
    chunk = AudioChunk(samples=audio.samples, rate=audio.rate, start=0.0)
    for heard in context.engines.get("transcriber").stream([chunk], Options(), context.cancel):
        context.cancel.check()
        if heard.text.startswith(said):
            waiting = sentences(heard.text[len(said) :])
            for sentence in waiting if heard.final else waiting[:-1]:  # the last may go on
                yield from _quoted(context, sentence, first=not said)
                said = heard.text[: heard.text.index(sentence, len(said)) + len(sentence)]
    spoken = said
    if not said:
        spoken = _say(
            context, f"I hear nobody speaking in {file.name}.", f"{file.name}里没有人说话。"
        )
        yield Sentence(text=spoken, kind="measured", language=context.language)
    yield ToolResult(
        spoken=spoken,
        data={
            "file": str(file),
            "text": heard.text,
            "language": heard.language,
            "segments": [{"start": s.start, "end": s.end, "text": s.text} for s in heard.segments],
        },
    )


def _quoted(context: ToolContext, sentence: str, *, first: bool) -> Iterator[Sentence]:
    """A sentence of the file in its own language, the first one introduced in the answer's."""
    intro = _say(context, "It says:", "里面说：")
    language = language_of(sentence, context.language)
    if first and base(language) == base(context.language):
        gap = "" if base(language) == "zh" else " "
        sentence, first = f"{intro}{gap}{sentence}", False
    if first:
        yield Sentence(text=intro, kind="measured", language=context.language)
    yield Sentence(text=sentence, kind="quoted", language=language)


def _say(context: ToolContext, english: str, chinese: str) -> str:
    return chinese if base(context.language) == "zh" else english
