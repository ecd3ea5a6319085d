"""The command `watch`: live narration of a camera, a stream, a video or a folder of frames."""

from __future__ import annotations

import signal
from contextlib import ExitStack, closing, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.describe import Language
from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json
from assistant.cli.sound_devices import is_file, prefer, remember_devices

if TYPE_CHECKING:
    from assistant.narration import Wanted
    from assistant.registry import Engines

_TOLD = ("at", "text", "kind", "latency_s")  # of what is said, with --json


class ModeChoice(StrEnum):
    """What to tell."""

    SURROUNDINGS = "surroundings"
    READ = "read"
    FIND = "find"
    AIM = "aim"


def register(app: typer.Typer) -> None:
    """Add the command of this module to the app."""
    app.command()(watch)


def watch(
    source: Annotated[
        str, typer.Argument(help="Camera number or name, video, stream URL, or folder of frames.")
    ] = "0",
    mode: Annotated[ModeChoice, typer.Option(help="What to tell.")] = ModeChoice.SURROUNDINGS,
    target: Annotated[
        str | None, typer.Option(help="What to find, or to aim at: door, page, cup.")
    ] = None,
    language: Annotated[Language, typer.Option(help="What to tell it in.")] = Language.en,
    speak: Annotated[bool, typer.Option("--speak/--no-speak", help="Say it aloud.")] = True,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the speech to this WAV instead.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option(help="Loudspeaker: a name or number; remembered.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Only the words, one line each; for screen readers.")
    ] = False,
    real_time: Annotated[
        bool,
        typer.Option("--real-time/--as-fast-as-possible", help="How a file's frames are played."),
    ] = True,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="End after so long.")] = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Tell live what a camera sees: what is new, hazards first, each thing once."""
    if mode is ModeChoice.FIND and not (target or "").strip():
        raise typer.BadParameter("name what to find: --target door")
    _check(source)
    aloud = speak and out is None
    if speaker is not None:
        _check_speaker(speaker, aloud=aloud)
    from assistant.apps import terminal
    from assistant.interfaces import Options
    from assistant.narration import Wanted

    liked = prefer({})
    wanted = Wanted(
        source=source,
        mode=mode.value,
        target=target,
        language=language.value,
        speak=speak,
        out=out,
        real_time=real_time,
        seconds=seconds,
        options=Options(voice=liked.voice, rate=liked.rate),
        speaker=speaker or liked.speaker,
        speaker_remembered=speaker is None,
    )
    with closing(open_engines(profile)) as engines:
        _tell(engines, wanted, words_only=plain or terminal.wants_plain(), as_json=as_json)


def _tell(engines: Engines, wanted: Wanted, *, words_only: bool, as_json: bool) -> None:
    """Watch until the source ends or the user does, and show what is said."""
    from assistant.apps import terminal
    from assistant.narration import narrate

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with suppress(KeyboardInterrupt), terminal.keyboard() as keys, ExitStack() as loading:
        loading.enter_context(keys.while_loading())

        def ready() -> None:
            loading.close()
            if not as_json:
                print("Watching. Space stops speech; q ends.", flush=True)

        for said in narrate(engines, wanted, keys=keys, ready=ready):
            if as_json:
                print_json({name: getattr(said, name) for name in _TOLD})
            else:
                print(said.text if words_only else f"{said.at:7.1f} s  {said.text}", flush=True)


def _check_speaker(speaker: str, *, aloud: bool) -> None:
    """A wrong name is told before anything is loaded; a right one is used from now on.

    Raises:
        InputError: there is no such loudspeaker.
    """
    if is_file(speaker):
        raise typer.BadParameter(f"write the speech to a file with -o {speaker}")
    if not aloud:
        raise typer.BadParameter("--speaker needs speech: leave --no-speak and -o out")
    from assistant.outlets import check_loudspeaker

    check_loudspeaker(speaker)
    remember_devices(speaker=speaker)


def _check(source: str) -> None:
    """A wrong source is told before anything is loaded; a camera itself is not opened.

    Raises:
        InputError: there is no such camera, video or folder.
    """
    from assistant.devices.footage import footage, is_live
    from assistant.devices.names import camera_number, cameras, unknown
    from assistant.errors import InputError

    if not is_live(source):
        footage(source)
    elif "://" not in source and camera_number(source) is None:
        error = unknown("camera", source, cameras().values())
        raise InputError(f"{source} is no camera, video or folder", fix=error.fix)
