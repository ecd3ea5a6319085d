"""The demo's main job: three spoken questions about pictures, answered aloud.

`python -m assistant.apps.demo [--audio Q.wav --image P.jpg] [--out DIR] [--json] [--quiet]`
Everything is real: recorded questions are heard, routed, answered from the picture and
spoken into WAV files, and played where a speaker exists.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from assistant import turns
from assistant.agent import Agent
from assistant.cli.ask import turn_row
from assistant.cli.output import open_engines, print_json, report
from assistant.errors import AssistantError, InputError
from assistant.events import TurnDone
from assistant.memory import Memory
from assistant.playback import Loudspeaker, Sink, SoundFile
from assistant.registry import Engines
from assistant.routing import Router, prepare
from assistant.speech import Speaker
from assistant.types import Audio, Picture, SpokenChunk, Turn

DEMO = Path(__file__).resolve().parents[2] / "demo"
NEXT = """
Worth trying next:
  .venv/bin/assistant web
  .venv/bin/assistant ask "how many dogs are there" --image demo/dogs.jpg
  .venv/bin/assistant describe demo/street.jpg --detail full"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A spoken question and the picture that it is about."""

    audio: Path
    image: Path


def questions(audio: Path | None, image: Path | None) -> list[Question]:
    """The caller's own question, or the three that come with the project.

    Raises:
        InputError: only one of the two was given.
    """
    if audio is None and image is None:
        names = ("sign", "street", "dogs")
        return [Question(audio=DEMO / f"{n}.flac", image=DEMO / f"{n}.jpg") for n in names]
    if audio is None or image is None:
        raise InputError(
            "the demo needs a question and a picture", fix="make demo AUDIO=q.wav IMAGE=p.jpg"
        )
    return [Question(audio=audio, image=image)]


def answer(engines: Engines, question: Question, speech: Path, *, aloud: bool) -> Turn:
    """One spoken turn, written to `speech` and played where a speaker exists.

    Raises:
        AssistantError: the question or the picture cannot be used, or hearing failed.
    """
    memory = Memory()
    agent = Agent(engines=engines, router=Router(engines), memory=memory)
    asked = turns.Question(
        audio=Audio.open(question.audio), pictures=[Picture.open(question.image)]
    )
    done: Turn | None = None
    with ExitStack() as stack:
        stack.callback(memory.close)
        sinks: list[Sink] = [stack.enter_context(SoundFile(speech))]
        if aloud:
            sinks.append(stack.enter_context(Loudspeaker()))
        for event in turns.spoken_turn(
            agent, asked, transcriber=engines.get("transcriber"), speaker=Speaker(engines)
        ):
            if isinstance(event, SpokenChunk):
                for sink in sinks:
                    sink.put(event.audio)
            elif isinstance(event, TurnDone):
                done = event.turn
    assert done is not None, "a turn ends with TurnDone"
    return done


def load(engines: Engines) -> float:
    """Load what the questions need before the first is asked; returns seconds."""
    began = time.monotonic()
    for capability in ("transcriber", "text_encoder", "scene_describer", "text_reader"):
        engines.get(capability)
    prepare(engines)
    for language in ("en", "zh"):
        engines.synthesizer(language)
    return time.monotonic() - began


def show(question: Question, turn: Turn, speech: Path) -> None:
    """What was heard, chosen and answered, for people and screen readers: one fact a line."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in turn.call.arguments.items())
    print(f"\npicture: {question.image}")
    print(f"heard:   {turn.request}")
    print(f"tool:    {turn.call.name}({arguments})")
    print(f"answer:  {turn.reply}")
    print(f"spoken:  {speech}", flush=True)


def table(rows: list[tuple[str, Turn]]) -> None:
    """Seconds of each step, counted from the end of the question."""
    from rich.console import Console
    from rich.table import Table

    steps = {
        "stt_s": "hear",
        "route_s": "route",
        "tool_s": "look",
        "first_audio_s": "first sound",
        "total_s": "in all",
    }
    shown = Table("seconds", *steps.values(), title="Timings", box=None, pad_edge=False)
    for name, turn in rows:
        shown.add_row(name, *(f"{turn.timings.get(step, 0):.2f}" for step in steps))
    print()
    Console(width=100).print(shown)


def main() -> None:
    """Answer the questions and print what happened.

    Raises:
        SystemExit: code 1 when a question could not be answered.
    """
    parser = argparse.ArgumentParser(description="Three spoken questions, answered aloud.")
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--image", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/demo"))
    parser.add_argument("--json", action="store_true", help="one JSON object a turn")
    parser.add_argument("--quiet", action="store_true", help="write the speech, play nothing")
    arguments = parser.parse_args()
    failed = False
    rows: list[tuple[str, Turn]] = []
    engines = open_engines("embedded")
    try:
        asked = questions(arguments.audio, arguments.image)
        seconds = load(engines)
        if not arguments.json:
            print(f"==> engines loaded in {seconds:.1f} s", flush=True)
        for question in asked:
            speech = arguments.out / f"{question.audio.stem}.wav"
            try:
                turn = answer(engines, question, speech, aloud=not arguments.quiet)
            except AssistantError as error:
                failed = True
                report(error)
                continue
            rows.append((question.audio.stem, turn))
            if arguments.json:
                print_json(turn_row(turn, str(speech)))
            else:
                show(question, turn, speech)
    except AssistantError as error:
        failed = True
        report(error)
    finally:
        engines.close()
    if rows and not arguments.json:
        table(rows)
        print(NEXT)
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()
