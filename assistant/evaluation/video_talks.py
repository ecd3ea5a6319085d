"""Scripted talks with planted facts and absences: what is shown, said, true and untrue.

`talks_dev.yaml` holds three that may be looked at while summaries are made, `talks_frozen.yaml`
ten that are scored and on which nothing is tuned. `video_making` turns them into videos.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from assistant.errors import SettingsError
from assistant.settings import Strict, read_yaml

Set = Literal["dev", "frozen"]


class Fact(Strict):
    """Something that a summary or timeline is to tell."""

    fact: str  # in words, for people
    words: tuple[str, ...]  # each "a|b": one alternative of each must be in the claim
    by: Literal["said", "shown"] = "said"


class Part(Strict):
    """A stretch with one picture: a slide, or a photo or clip of the development media."""

    say: str
    slide: tuple[str, ...] = ()  # title, then lines
    photo: str = ""
    clip: str = ""
    start: float = 0.0  # s into the clip
    facts: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _one_picture(self) -> Part:
        if sum(map(bool, (self.slide, self.photo, self.clip))) != 1:
            raise ValueError("a part has one of slide, photo, clip")
        return self

    @property
    def file(self) -> str:
        """The file of the media that it shows; empty for a slide."""
        return self.photo or self.clip


class Absent(Strict):
    """A question about what is neither said nor shown."""

    ask: str
    never: tuple[str, ...]  # each "a|b": no claim has any of them


class Present(Strict):
    """A question that a part answers."""

    ask: str
    part: int  # from 1
    words: tuple[str, ...]


class Talk(Strict):
    """A talk of a minute or two, and what is true of it."""

    name: str
    language: Literal["en", "zh"]
    voice: str
    topic: tuple[str, ...]  # words of a right topic
    parts: tuple[Part, ...] = Field(min_length=2)
    absent: tuple[Absent, ...]
    present: tuple[Present, ...]

    @model_validator(mode="after")
    def _parts_exist(self) -> Talk:
        if any(not 1 <= question.part <= len(self.parts) for question in self.present):
            raise ValueError("`part` counts from 1 to the number of parts")
        return self

    @cached_property
    def facts(self) -> tuple[tuple[int, Fact], ...]:
        """All facts with the place of their part, from 0."""
        return tuple((n, fact) for n, part in enumerate(self.parts) for fact in part.facts)


def talks(chosen: Set) -> Iterator[Talk]:
    """The talks of a set.

    Raises:
        SettingsError: a talk holds a key or value that is not allowed.
    """
    path = Path(__file__).with_name(f"talks_{chosen}.yaml")
    for name, content in read_yaml(path).items():
        try:
            yield Talk.model_validate({"name": name, **content})
        except ValidationError as error:
            raise SettingsError(f"talk {name}: {error}", fix=f"correct {path}") from error


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """When a part is shown and spoken in the video that was made of it."""

    start: float  # s
    end: float  # s
    speech_start: float  # s
    speech_end: float  # s


@dataclass(frozen=True, kw_only=True)
class Made:
    """A talk as a video file."""

    talk: Talk
    file: Path
    stretches: tuple[Stretch, ...]  # one a part, without gaps

    @property
    def cuts(self) -> tuple[float, ...]:
        """Where the picture changes, s."""
        return tuple(stretch.start for stretch in self.stretches[1:])

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.stretches[-1].end


def stretches(rows: list[Mapping[str, Any]]) -> tuple[Stretch, ...]:
    """Stretches from their JSON."""
    names = [field.name for field in fields(Stretch)]
    return tuple(Stretch(**{name: row[name] for name in names}) for row in rows)
