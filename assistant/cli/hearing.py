"""The commands `transcribe` and `speak`."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli.output import JsonOption, ProfileOption, each_file, open_engines, print_json

LanguageOption = Annotated[
    str | None, typer.Option(help="Such as en or zh; found out when left out.")
]

_LONG_S = 60.0  # s of sound from which on the course of the work is told


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(transcribe)
    app.command()(speak)


def transcribe(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    language: LanguageOption = None,
    translate: Annotated[bool, typer.Option(help="Into English.")] = False,
    words: Annotated[bool, typer.Option(help="With the time of each word.")] = False,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Write down what is said in sound or video files; Ctrl-C keeps what was heard so far."""
    from assistant.audio import Audio
    from assistant.interfaces import Options

    transcriber = open_engines(profile).get("transcriber")
    options = Options(language=language, translate=translate, words=words)
    stopped: list[Path] = []

    def work(file: Path) -> Mapping[str, Any]:
        start = time.perf_counter()
        audio = Audio.open(file)
        heard, until = _heard(transcriber, audio, options, file.name, as_json=as_json)
        row: dict[str, Any] = {
            "file": str(file),
            "text": heard.text,
            "language": heard.language,
            "duration_s": audio.duration,
            "segments": heard.segments,
        }
        if words:
            row["words"] = heard.words
        if until is not None:
            stopped.append(file)
            row["stopped_at_s"] = until
        return row | {"elapsed_s": time.perf_counter() - start}

    def show(row: Mapping[str, Any]) -> None:
        name = f"{row['file']}: " if len(files) > 1 else ""
        typer.echo(f"{name}{row['text'] or _nothing(row)}")
        for word in row.get("words", ()):
            typer.echo(f"  {word.start:7.2f} {word.end:7.2f}  {word.text}")

    try:
        each_file(itertools.takewhile(lambda _: not stopped, files), work, show, as_json=as_json)
    finally:
        if stopped and stopped[0] != files[-1]:
            print(f"files after {stopped[0]} were left out", file=sys.stderr)
    if stopped:
        raise typer.Exit(1)


def _nothing(row: Mapping[str, Any]) -> str:
    return "(nothing was written down yet)" if "stopped_at_s" in row else "(nobody speaks)"


def _heard(
    transcriber: Any, audio: Any, options: Any, name: str, *, as_json: bool
) -> tuple[Any, float | None]:
    """The transcript; where Ctrl-C stopped it, what there is so far and up to which second."""
    from assistant.types import AudioChunk, Transcript

    chunk = AudioChunk(samples=audio.samples, rate=audio.rate, start=0.0)
    heard, done = Transcript(text="", language=""), 0.0
    try:
        with _course(name, audio.duration, as_json=as_json) as reached:
            for heard in transcriber.stream([chunk], options):
                done = heard.segments[-1].end if heard.segments else done
                reached(audio.duration if heard.final else done)
    except KeyboardInterrupt:
        print(
            f"stopped: {name} was written down up to {done:.0f} s of {audio.duration:.0f} s",
            file=sys.stderr,
        )
        return heard, done
    return heard, None


def _course(name: str, seconds: float, *, as_json: bool) -> Any:
    """How far a long sound has been heard, told on stderr; nothing for a short one."""
    if seconds < _LONG_S:
        return nullcontext(lambda _: None)
    from assistant.apps.terminal import wants_plain
    from assistant.cli.progress import course

    return course(name, seconds, drawn=not as_json and not wants_plain(sys.stderr))


def speak(
    text: Annotated[str | None, typer.Argument(show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="WAV file to write.")] = None,
    voice: Annotated[str | None, typer.Option(help="One of --list-voices.")] = None,
    language: LanguageOption = None,
    rate: Annotated[float, typer.Option(help="1 is the voice's own speed.", min=0.5, max=3)] = 1.0,
    engine: Annotated[
        str | None, typer.Option(help="Speak with this engine alone, such as kokoro or coqui.")
    ] = None,
    list_voices: Annotated[bool, typer.Option("--list-voices", help="Name them and exit.")] = False,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Speak a text into a WAV file."""
    if not list_voices and (text is None or out is None):
        raise typer.BadParameter("give a text and -o OUT.wav, or --list-voices")
    if out is not None and out.suffix.lower() != ".wav":
        raise typer.BadParameter(f"{out} is not named .wav")
    from assistant.interfaces import Options
    from assistant.speech import Speaker

    engines = open_engines(profile)
    if engine is not None:
        engines = engines.speaking_with(engine)
    speaker = Speaker(engines, tell=lambda note: print(f"note: {note}", file=sys.stderr))
    if list_voices:
        for offered in speaker.voices():
            if as_json:
                print_json({"voice": offered.name, "languages": offered.languages,
                            "engine": offered.engine})  # fmt: skip
            else:
                typer.echo(f"{offered.name:20} {', '.join(offered.languages):12} {offered.engine}")
        return
    assert text is not None
    assert out is not None
    row = _spoken(speaker, text, out, Options(language=language, voice=voice, rate=rate))
    if as_json:
        print_json(row)
    else:
        typer.echo(
            f"{out}: {row['duration_s']:.1f} s, first sound after {row['first_audio_s']:.2f} s"
        )


def _spoken(speaker: Any, text: str, out: Path, options: Any) -> Mapping[str, Any]:
    import numpy as np

    from assistant.audio import Audio
    from assistant.errors import InputError
    from assistant.speech import RATE

    start = time.perf_counter()
    first: float | None = None
    pieces = []
    for chunk in speaker.speak([text], options=options):
        if first is None:
            first = time.perf_counter() - start
        pieces.append(chunk.audio.samples)
    if not pieces:
        raise InputError("there is nothing to say in the text", fix="give some words")
    audio = Audio(samples=np.concatenate(pieces), rate=RATE)
    audio.write(out)
    return {
        "file": str(out),
        "duration_s": audio.duration,
        "sample_rate": audio.rate,
        "first_audio_s": first,
        "elapsed_s": time.perf_counter() - start,
    }
