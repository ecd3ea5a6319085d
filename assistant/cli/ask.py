"""The command `ask`: one turn, in writing or aloud, about pictures, sounds or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.camera import CameraOption, WithCamera
from assistant.cli.output import (
    JsonOption,
    ProfileOption,
    existing,
    open_engines,
    print_json,
    report,
)
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.registry import Engines
    from assistant.turns import Question
    from assistant.types import Picture, Turn


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command(cls=WithCamera)(ask)


def ask(
    text: Annotated[str, typer.Argument(help="The question; or give --audio.")] = "",
    audio: Annotated[Path | None, typer.Option(help="A recording of the question.")] = None,
    image: Annotated[list[Path] | None, typer.Option(help="A picture; may be repeated.")] = None,
    camera: CameraOption = None,
    video: Annotated[list[Path] | None, typer.Option(help="A video or sound file.")] = None,
    library: Annotated[Path | None, typer.Option(help="A folder of photos.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the spoken answer here (WAV).")] = None,
    language: Annotated[str | None, typer.Option(help="Of question and answer: en, zh.")] = None,
    profile: ProfileOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Don't speak the answer.")] = False,
    resume: Annotated[
        bool, typer.Option("--continue", help="Go on with the last conversation.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a question; the answer is printed and spoken."""
    if not text.strip() and audio is None:
        raise typer.BadParameter("give the question as TEXT, or a recording with --audio FILE")
    from assistant.turns import Question
    from assistant.types import Audio

    seen = _Pictures()
    seen.open(image or ())
    seen.take(camera)
    question = Question(
        text=text,
        audio=Audio.open(audio) if audio is not None else None,
        pictures=seen.pictures,
        files=[existing(path) for path in (*(video or ()), *((library,) if library else ()))],
        language=language,
    )
    engines = open_engines(profile)
    try:
        turn = _turn(engines, question, resume=resume, out=out, quiet=quiet)
    finally:
        engines.close()
    speech = str(out) if out is not None and out.is_file() else None
    if as_json:
        print_json(turn_row(turn, speech))
    else:
        _show(turn, speech)
    if seen.failed:
        raise typer.Exit(1)


@dataclass
class _Pictures:
    """The pictures of a question; one that cannot be used is reported, the rest go on."""

    pictures: list[Picture] = field(default_factory=list)
    failed: bool = False

    def open(self, images: Iterable[Path]) -> None:
        from assistant.types import Picture

        for path in images:
            try:
                self.pictures.append(Picture.open(path))
            except AssistantError as error:
                report(error)
                self.failed = True
        if self.failed and not self.pictures:
            raise typer.Exit(1)

    def take(self, camera: str | None) -> None:
        if camera is None:
            return
        from assistant.devices import Camera

        with Camera.open(camera) as opened:
            self.pictures.append(opened.take())


def _turn(
    engines: Engines, question: Question, *, resume: bool, out: Path | None, quiet: bool
) -> Turn:
    """One turn, spoken into `out`, else through the speaker where there is one."""
    from assistant.agent import Agent
    from assistant.events import TurnDone
    from assistant.memory import Memory
    from assistant.playback import Loudspeaker, Sink, SoundFile
    from assistant.routing import Router
    from assistant.speech import Speaker
    from assistant.turns import spoken_turn
    from assistant.types import SpokenChunk

    memory = Memory()
    earlier = memory.latest()
    agent = Agent(engines=engines, router=Router(engines), memory=memory, earlier=earlier)
    if resume:
        agent.conversation = earlier or agent.conversation
    sink: Sink = SoundFile(out) if out is not None else Loudspeaker()
    done: Turn | None = None
    with sink:
        for event in spoken_turn(
            agent,
            question,
            transcriber=engines.get("transcriber") if question.audio is not None else None,
            speaker=None if quiet and out is None else Speaker(engines),
        ):
            if isinstance(event, SpokenChunk):
                sink.put(event.audio)
            elif isinstance(event, TurnDone):
                done = event.turn
    memory.close()
    assert done is not None, "a turn ends with TurnDone"
    return done


def turn_row(turn: Turn, speech: str | None) -> dict[str, Any]:
    """The JSON of design section 8."""
    names = ("stt_s", "route_s", "tool_s", "first_audio_s", "total_s")
    return {
        "question": turn.request,
        "tool": turn.call.name,
        "arguments": turn.call.arguments,
        "answer": turn.reply,
        "speech": speech,
        "timings": {name: turn.timings[name] for name in names if name in turn.timings},
    }


def _show(turn: Turn, speech: str | None) -> None:
    """What was heard, the tool, the answer."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in turn.call.arguments.items())
    print(f"heard:  {turn.request or '(nothing)'}")
    print(f"tool:   {turn.call.name}({arguments})")
    print(f"answer: {turn.reply}")
    if speech is not None:
        print(f"speech: {speech}")
