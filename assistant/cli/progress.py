"""Progress bars of a pull, of a long sound, of many files. Imported only by commands that draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from assistant.weights.delivery import Show


@contextmanager
def bars() -> Iterator[Show]:
    """Progress bars on stderr where a person looks at it, else plain sentences."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, Any] = {}
        sizes: dict[str, int] = {}

        def start(name: str, size: int) -> None:
            sizes[name] = size
            tasks[name] = progress.add_task(name, total=size)
            if not console.is_terminal:
                console.print(f"Fetching {name} ...", soft_wrap=True)

        def staged(name: str, size: int) -> None:
            # Staging holds parts beside the file that they become, so it can exceed the total.
            if name in tasks:
                done = progress.tasks[tasks[name]].completed
                progress.update(tasks[name], completed=max(done, min(size, sizes[name])))

        def end(name: str) -> None:
            if name in tasks:
                progress.update(tasks[name], completed=sizes[name])

        def say(sentence: str) -> None:
            console.print(sentence, soft_wrap=True, markup=False)

        yield Show(say=say, start=start, staged=staged, end=end)


@contextmanager
def course(name: str, seconds: float, *, drawn: bool) -> Iterator[Callable[[float], None]]:
    """Yield a function that is told how many of a sound's seconds are done.

    On stderr, with the time left: a bar that is redrawn, or a line after every tenth.
    """
    console = Console(stderr=True, highlight=False)
    if not drawn:
        yield _Lines(name, seconds, console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=seconds)
        yield lambda done: progress.update(task, completed=done)


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a stage is shown."""

    title: str
    amount: Callable[[float], str] = "{:.0f}".format  # what is done, or the total
    rate: Callable[[float], str] = lambda _: ""  # of what is done in a second


@dataclass
class Counted:
    """Shows how far each stage of long work is."""

    say: Callable[[str], None]
    at: Callable[[str, float, float | None], None]  # stage, done, total


PHOTOS: Mapping[str, Course] = {
    "scan": Course(title="Looking through the folder"),
    "read": Course(title="Indexing", rate="{:.1f} files a second".format),
    "arrange": Course(title="Arranging"),
}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _as_it_plays(rate: float) -> str:
    return f"{rate:.1f} times as fast as it plays"


VIDEOS: Mapping[str, Course] = {
    "frames": Course(title="Watching", amount=_clock, rate=_as_it_plays),
    "movements": Course(title="Following what moves", amount=_clock, rate=_as_it_plays),
    "words": Course(title="Listening", amount=_clock, rate=_as_it_plays),
    "pictures": Course(
        title="Looking at frames", rate=lambda rate: f"{1 / max(rate, 1e-9):.1f} s a frame"
    ),
    "telling": Course(title="Summing up", amount="{:.0f} %".format),
}


@contextmanager
def counted(*, drawn: bool, stages: Mapping[str, Course] = PHOTOS) -> Iterator[Counted]:
    """How far long work is, with its rate and the time left, on stderr.

    A bar that is redrawn where a person looks at it, else a line every ten seconds.
    """
    console = Console(stderr=True, highlight=False)

    def say(sentence: str) -> None:
        console.print(sentence, soft_wrap=True, markup=False)

    if not (drawn and console.is_terminal):
        yield Counted(say=say, at=_Rate(say, stages))
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}", markup=False),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def at(stage: str, done: float, total: float | None) -> None:
            course = stages[stage]
            if stage not in tasks:
                tasks[stage] = progress.add_task(
                    course.title, total=total, completed=int(done), amount="", rate=""
                )
            speed = progress.tasks[tasks[stage]].speed
            amount = course.amount(done) + ("" if total is None else f"/{course.amount(total)}")
            rate = course.rate(speed) if speed else ""
            progress.update(tasks[stage], completed=done, total=total, amount=amount, rate=rate)

        yield Counted(say=say, at=at)


_LINE_EVERY_S = 10.0


class _Rate:
    """A line every ten seconds: how much, how fast, how long still."""

    def __init__(self, say: Callable[[str], None], stages: Mapping[str, Course]) -> None:
        self._say = say
        self._stages = stages
        self._stage = ""
        self._first = 0.0  # what an earlier run had done
        self._began = self._told = time.monotonic()

    def __call__(self, stage: str, done: float, total: float | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._told, self._first = stage, now, now, done
        if now - self._told < _LINE_EVERY_S:
            return
        self._told = now
        course = self._stages[stage]
        rate = (done - self._first) / max(now - self._began, 1e-9)
        if total is None:
            self._say(f"{course.title}: {course.amount(done)}")
            return
        parts = [f"{course.amount(done)} of {course.amount(total)}"]
        if rate:
            parts += [said for said in (course.rate(rate),) if said]
            parts.append(f"about {(total - done) / rate:.0f} s left")
        self._say(f"{course.title}: {', '.join(parts)}")


class _Lines:
    """One line after every tenth of the way."""

    def __init__(self, name: str, seconds: float, console: Console) -> None:
        self._name = name
        self._seconds = seconds
        self._console = console
        self._told = 0  # tenths
        self._began = time.monotonic()

    def __call__(self, done: float) -> None:
        tenths = min(10, int(10 * done / self._seconds))
        if tenths <= self._told:
            return
        self._told = tenths
        spent = time.monotonic() - self._began
        left = spent * (self._seconds / done - 1)
        rest = f", about {left:.0f} s left" if tenths < 10 else ""
        text = f"{self._name}: {10 * tenths} %{rest}"
        self._console.print(text, soft_wrap=True, markup=False)
