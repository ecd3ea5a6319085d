"""Which file a request names: by pattern, checked against the files at hand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

VIDEO = ("mp4", "mov", "mkv", "avi", "webm", "m4v", "mpg", "mpeg", "wmv", "flv", "3gp", "ts")
AUDIO = ("wav", "mp3", "m4a", "flac", "ogg", "opus", "aac", "wma", "aiff", "amr")
DOCUMENT = ("pdf", "docx", "xlsx", "csv", "txt")
PICTURE = ("jpg", "jpeg", "png", "webp", "heic", "bmp", "tif", "tiff", "gif", "avif")

_EXTENSION = rf"(?:{'|'.join((*VIDEO, *AUDIO, *DOCUMENT, *PICTURE))})"
_END = r"(?![A-Za-z0-9_])"  # a Chinese word may follow at once
_SPOKEN_DOT = re.compile(rf"(?<=\w)\s*(?:\bdot\b|点)\s*(?={_EXTENSION}{_END})", re.IGNORECASE)
_QUOTED = re.compile(
    rf"[\"“”'‘’「『《`]([^\"“”'‘’「」『』《》`]+?\.{_EXTENSION})[\"“”'‘’」』》`]", re.IGNORECASE
)
_WORD = re.compile(
    rf"[^\s\"“”‘’「」『』《》`，。！？、；：,!?;()（）<>]+\.{_EXTENSION}{_END}", re.IGNORECASE
)
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
# Words that stand right before a file name in Chinese, where no space parts them.
_LEAD_IN = re.compile(
    r"^.*(?:视频|影片|录像|录音|音频|语音|文件|短片|片子|图片|照片|总结|概括|概述|归纳|转写|听写|听|看看|"
    r"看|一下|把|将|给|在|从|请|帮我|介绍|描述|说说|关于|这个|那个|段|叫|的)(?=.+\.)"
)


def mentioned(request: str, files: Sequence[Path] = ()) -> str | None:
    """The file that a request names, exactly as it is called, or None.

    A file at hand wins, by its name or (where the name has at least four letters) without
    its ending; it is given as its whole path. Else the name is what the request says: in
    quotes, or the longest run that ends in a known ending. Spoken "dot" counts as a dot.
    """
    text = _SPOKEN_DOT.sub(".", unicodedata.normalize("NFC", request))
    known = _known(text, files)
    if known is not None:
        return str(known)
    span = next(_spans(text), None)
    return text[span[0] : span[1]].strip() if span is not None else None


def replaced(request: str) -> str:
    """The request with file names replaced by a plain word for their kind.

    What a file is called says nothing about what is wanted of it.
    """
    text = unicodedata.normalize("NFC", request)
    text = _SPOKEN_DOT.sub(".", text)
    for start, end in sorted(_spans(text), reverse=True):
        text = f"{text[:start]} {_kind(text[start:end])} {text[end:]}"
    return text


_KINDS = {"video.mp4": VIDEO, "audio.wav": AUDIO, "document.pdf": DOCUMENT, "picture.jpg": PICTURE}


def _kind(name: str) -> str:
    ending = name.rpartition(".")[2].casefold()
    return next(kind for kind, endings in _KINDS.items() if ending in endings)


def _known(text: str, files: Sequence[Path]) -> Path | None:
    folded = text.casefold()
    by_length = sorted(files, key=lambda file: len(file.name), reverse=True)
    for file in by_length:
        if unicodedata.normalize("NFC", file.name).casefold() in folded:
            return file
    for file in by_length:
        stem = unicodedata.normalize("NFC", file.stem).casefold().replace("_", " ")
        pattern = re.escape(stem) if re.search(f"[{_HAN}]", stem) else rf"\b{re.escape(stem)}\b"
        if len(stem) >= 4 and re.search(pattern, folded.replace("_", " ")):
            return file
    return None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where file names stand in a text, in order, quoted ones first."""
    quoted = [match.span(1) for match in _QUOTED.finditer(text)]
    yield from quoted
    for match in _WORD.finditer(text):
        start, end = match.span()
        if not any(start < last and first < end for first, last in quoted):
            yield end - len(_without_lead_in(match[0])), end


def _without_lead_in(word: str) -> str:
    """A name cut out of running Chinese: "总结视频lecture.mp4" names lecture.mp4."""
    latin = re.search(rf"[{_HAN}]([A-Za-z0-9_~][A-Za-z0-9_\-./\\~]*)$", word)
    if latin is not None:
        return latin[1]
    return _LEAD_IN.sub("", word) if re.match(f"[{_HAN}]", word) else word
