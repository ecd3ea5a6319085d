"""A video's summary as files: JSON, subtitles, Markdown with thumbnails, one accessible page.

Claims keep the numbers of their evidence, and the evidence is listed, so that each can be looked
up. What was said, written or named in the video is escaped wherever it goes.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from assistant.errors import InputError
from assistant.types import Evidence, Keyframe, Picture, Segment, VideoSummary
from assistant.video import subtitles
from assistant.video.measures import Facts
from assistant.video.seeing import told
from assistant.video.wording import chinese

if TYPE_CHECKING:
    from jinja2 import Template

    from assistant.video.understood import Understood

_LONGER_SIDE: Final = 320  # px of a thumbnail
_QUALITY: Final = 80  # of JPEG
_KINDS: Final = {
    "speech": ("heard", "听到"),
    "text": ("on screen", "画面文字"),
    "scene": ("seen", "看到"),
    "action": ("seen to happen", "看到发生"),
    "measure": ("measured", "测得"),
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is written about one video."""

    file: str  # the name that is shown
    facts: Facts
    summary: VideoSummary
    evidence: Sequence[Evidence]
    keyframes: Sequence[Keyframe]
    transcript: Sequence[Segment]
    picture: Callable[[Keyframe], Picture | None] = lambda _: None  # None where it has gone


def of(understood: Understood, file: str) -> Report:
    """The report of a video that was understood, under a name that is shown."""
    return Report(
        file=file,
        facts=understood.facts,
        summary=understood.summary,
        evidence=understood.evidence,
        keyframes=understood.keyframes,
        transcript=understood.transcript.segments,
        picture=understood.store.picture,
    )


def row(report: Report) -> dict[str, Any]:
    """The JSON of the command line: topic, timeline, summary, keyframes, transcript, and more.

    Numbers of evidence mean its `sources`.
    """
    summary = report.summary
    return {
        "topic": summary.topic.text,
        "timeline": [
            {"start": one.start, "end": one.end, "event": one.text, "evidence": list(one.evidence)}
            for one in summary.timeline
        ],
        "summary": [one.text for one in summary.sentences],
        "keyframes": [
            {"time": one.time, "text": shown(one, summary.language)} for one in report.keyframes
        ],
        "transcript": [
            {"start": one.start, "end": one.end, "text": one.text} for one in report.transcript
        ],
        "chapters": [
            {"start": one.start, "end": one.end, "title": one.title, "evidence": list(one.evidence)}
            for one in summary.chapters
        ],
        "claims": {
            "topic": list(summary.topic.evidence),
            "summary": [list(one.evidence) for one in summary.sentences],
        },
        "sources": [
            {
                "number": one.number,
                "kind": one.kind,
                "start": one.start,
                "end": one.end,
                "text": one.text,
            }
            for one in report.evidence
        ],
        "language": summary.language,
        "engine": summary.engine,
    }


def shown(keyframe: Keyframe, language: str) -> str:
    """What is seen and read in a keyframe, in one line; empty where nothing can be told."""
    seen = told(keyframe.scene, language) if keyframe.scene else []
    scene = " ".join(seen)
    read = " / ".join(line.text for line in keyframe.reading.lines) if keyframe.reading else ""
    return " ".join(part for part in (scene, f"[{read}]" if read else "") if part)


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write STEM.json, .srt, .vtt, .md with STEM-frames/, and .html; returns the files.

    Raises:
        InputError: the folder cannot be written to.
    """
    pictures = [(one, small(report.picture(one))) for one in report.keyframes]
    images = {one.time: data for one, data in pictures if data is not None}
    frames = folder / f"{stem}-frames"
    names = {time: f"{round(time * 1000):08d}.jpg" for time in images}
    texts = {
        f"{stem}.json": json.dumps(row(report), ensure_ascii=False, indent=2) + "\n",
        f"{stem}.srt": subtitles.srt(report.transcript),
        f"{stem}.vtt": subtitles.vtt(report.transcript),
        f"{stem}.md": markdown(report, {t: f"{frames.name}/{name}" for t, name in names.items()}),
        f"{stem}.html": page(report, images),
    }
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if images:
            frames.mkdir(exist_ok=True)
        for time, data in images.items():
            (frames / names[time]).write_bytes(data)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
            written.append(folder / name)
    except OSError as error:
        raise InputError(
            f"the report cannot be written to {folder}: {error.strerror or error}",
            fix="name another folder with --out",
        ) from error
    return written


def markdown(report: Report, images: dict[float, str]) -> str:
    """The report as Markdown.

    Args:
        images: of keyframes, by their time: where the thumbnail lies.
    """
    return _template("report.md.j2").render(
        **_content(report),
        images={time: place.replace(" ", "%20") for time, place in images.items()},
    )


def page(report: Report, images: dict[float, bytes]) -> str:
    """The report as one HTML page that loads nothing.

    Args:
        images: JPEGs of keyframes, by their time.
    """
    encoded = {time: base64.b64encode(data).decode("ascii") for time, data in images.items()}
    return _template("report.html.j2").render(**_content(report), images=encoded)


def small(picture: Picture | None) -> bytes | None:
    """A picture as a small JPEG."""
    if picture is None:
        return None
    image = Image.fromarray(np.asarray(picture.pixels, np.uint8))
    image.thumbnail((_LONGER_SIDE, _LONGER_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _content(report: Report) -> dict[str, Any]:
    own = chinese(report.summary.language)
    return {
        "zh": own,
        "report": report,
        "summary": report.summary,
        "clock": clock,
        "shown": lambda keyframe: shown(keyframe, report.summary.language),
        "kind": lambda one: _KINDS[one.kind][own],
    }


def clock(seconds: float) -> str:
    """A time as players show it: 1:05, 1:02:05."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    flat = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|>~-])", r"\\\1", flat)


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("assistant.video", ""),
        undefined=StrictUndefined,
        autoescape=name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = _plain
    return environment.get_template(name)
