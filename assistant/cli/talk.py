"""The command `talk`: a conversation."""

from __future__ import annotations

import signal
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, existing, open_engines, print_json
from assistant.cli.sound_devices import (
    check_camera,
    is_file,
    open_sound,
    prefer,
    print_devices,
    remember_devices,
)

if TYPE_CHECKING:
    from assistant.apps.talk import Talk
    from assistant.devices import Sound
    from assistant.memory import Preferences
    from assistant.registry import Engines

_HELP = {
    False: "Press Enter, speak, press Enter again. Space stops speech; "
    "o opens the microphone for good; q ends.",
    True: "Just speak. Space or Enter stops speech; o closes the microphone; q ends.",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module to the app."""
    app.command()(talk)


def talk(
    mic: Annotated[str | None, typer.Option(help="Microphone: a name, or a sound file.")] = None,
    speaker: Annotated[str | None, typer.Option(help="Loudspeaker: a name, or a file.")] = None,
    camera: Annotated[str | None, typer.Option(help="Camera: a name, number or video.")] = None,
    image: Annotated[list[Path] | None, typer.Option(help="A picture to talk about.")] = None,
    video: Annotated[list[Path] | None, typer.Option(help="A video to talk about.")] = None,
    open_mic: Annotated[
        bool | None,
        typer.Option("--open-mic/--push-to-talk", help="Listen all the time; remembered."),
    ] = None,
    wake: Annotated[
        str | None, typer.Option(help="Answer only after this phrase; '' for none; remembered.")
    ] = None,
    verbosity: Annotated[
        str | None, typer.Option(help="brief, or full: all detail at once; remembered.")
    ] = None,
    monitor: Annotated[
        bool | None,
        typer.Option(
            "--monitor/--no-monitor",
            help="Cancel other programs' sound too; by default while the microphone is open.",
        ),
    ] = None,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="Play a sound file at its own speed.")
    ] = False,
    list_devices: Annotated[
        bool, typer.Option("--list-devices", help="Name the devices, and end.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="One line an event; for screen readers.")
    ] = False,
    record: Annotated[Path | None, typer.Option(help="Write the session down here.")] = None,
    resume: Annotated[
        bool, typer.Option("--continue", help="Go on with the last conversation.")
    ] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Talk to the assistant."""
    if list_devices:
        print_devices(as_json=as_json)
        return
    from assistant.apps.talk import Talk
    from assistant.types import Picture

    pictures = [Picture.open(path) for path in image or ()]
    videos = [existing(path) for path in video or ()]
    liked = _remembered(open_mic, wake, verbosity)
    from_file = mic is not None and is_file(mic)
    is_open = liked.open_microphone or from_file
    check_camera(camera)
    sound = open_sound(
        mic, speaker, liked, monitor=is_open if monitor is None else monitor, real_time=real_time
    )
    remember_devices(microphone=mic, speaker=speaker, camera=camera)
    wanted = Talk(
        pictures=pictures,
        files=videos,
        camera=camera if camera is not None else liked.camera,
        open_microphone=is_open,
        wake_word=liked.wake_word,
        record=record,
        resume=resume,
    )
    with closing(open_engines(profile)) as engines, closing(sound):
        _converse(
            engines, sound, wanted,
            from_file=from_file, real_time=real_time, plain=plain, as_json=as_json,
        )  # fmt: skip


def _converse(
    engines: Engines,
    sound: Sound,
    wanted: Talk,
    *,
    from_file: bool,
    real_time: bool,
    plain: bool,
    as_json: bool,
) -> None:
    """Talk until the user ends it, and show what happens."""
    from assistant.apps import terminal
    from assistant.apps.talk import talk as conversation
    from assistant.trace import event_row

    view: terminal.View = (
        terminal.Plain() if plain or as_json or terminal.wants_plain() else terminal.Drawn()
    )
    quiet = as_json or from_file
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: all is kept
    with suppress(KeyboardInterrupt), terminal.keyboard() as keys, view, ExitStack() as loading:
        if not quiet:
            view.state("loading")
        loading.enter_context(keys.while_loading())

        def ready() -> None:
            loading.close()
            if not quiet:
                print(_HELP[wanted.open_microphone], flush=True)

        for event in conversation(
            engines,
            sound,
            wanted,
            keys=tuple if from_file else keys,
            fast=from_file and not real_time,
            ready=ready,
        ):
            if as_json:
                print_json(event_row(event))
            else:
                view.show(event)


def _remembered(open_mic: bool | None, wake: str | None, verbosity: str | None) -> Preferences:
    """The user's preferences, after those that this command changes."""
    changes: dict[str, object] = {}
    if open_mic is not None:
        changes["open_microphone"] = open_mic
    if wake is not None:
        changes["wake_word"] = wake.strip() or None
    if verbosity is not None:
        changes["verbosity"] = verbosity
    return prefer(changes)
