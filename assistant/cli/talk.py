"""The commands `talk` and `replay`: a conversation, and a recorded one computed again."""

from __future__ import annotations

import difflib
import json
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.output import JsonOption, ProfileOption, open_engines, print_json
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.devices import Sound
    from assistant.memory import Preferences

_FILES = frozenset(
    {".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".mp4", ".webm", ".mov", ".mkv"}
)
"""Suffixes of sounds and videos that stand in for a device."""

_HELP = {
    False: "Press Enter, speak, press Enter again. Space stops speech; "
    "o opens the microphone for good; q ends.",
    True: "Just speak. Space or Enter stops speech; o closes the microphone; q ends.",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(talk)
    app.command()(replay)


def talk(
    mic: Annotated[str | None, typer.Option(help="Microphone: a name, or a sound file.")] = None,
    speaker: Annotated[str | None, typer.Option(help="Loudspeaker: a name, or a file.")] = None,
    camera: Annotated[str | None, typer.Option(help="Camera: a name, number or video.")] = None,
    image: Annotated[list[Path] | None, typer.Option(help="A picture to talk about.")] = None,
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
        _list_devices(as_json=as_json)
        return
    from assistant.apps import terminal
    from assistant.apps.talk import Talk
    from assistant.apps.talk import talk as conversation
    from assistant.types import Picture

    pictures = [Picture.open(path) for path in image or ()]
    liked = _remembered(open_mic, wake, verbosity)
    from_file = mic is not None and _is_file(mic)
    is_open = liked.open_microphone or from_file
    _check_camera(camera)
    sound = _sound(
        mic, speaker, liked, monitor=is_open if monitor is None else monitor, real_time=real_time
    )
    _remember_devices(microphone=mic, speaker=speaker, camera=camera)
    engines = open_engines(profile)
    wanted = Talk(
        pictures=pictures,
        camera=camera if camera is not None else liked.camera,
        open_microphone=is_open,
        wake_word=liked.wake_word,
        record=record,
        resume=resume,
    )
    view: terminal.View = (
        terminal.Plain() if plain or as_json or terminal.wants_plain() else terminal.Drawn()
    )

    quiet = as_json or from_file
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: all is kept

    try:
        with terminal.keyboard() as keys, view, ExitStack() as loading:
            if not quiet:
                view.state("loading")
            loading.enter_context(keys.while_loading())

            def ready() -> None:
                loading.close()
                if not quiet:
                    print(_HELP[is_open], flush=True)

            events = conversation(
                engines,
                sound,
                wanted,
                keys=tuple if from_file else keys,
                fast=from_file and not real_time,
                ready=ready,
            )
            for event in events:
                if as_json:
                    from assistant.trace import event_row

                    print_json(event_row(event))
                else:
                    view.show(event)
    except KeyboardInterrupt:
        pass
    finally:
        sound.close()
        engines.close()


def _remembered(open_mic: bool | None, wake: str | None, verbosity: str | None) -> Preferences:
    """The user's preferences, after those that this command changes."""
    changes: dict[str, object] = {}
    if open_mic is not None:
        changes["open_microphone"] = open_mic
    if wake is not None:
        changes["wake_word"] = wake.strip() or None
    if verbosity is not None:
        changes["verbosity"] = verbosity
    return _prefer(changes)


def _remember_devices(**given: str | None) -> None:
    """Use these devices from now on; files that stand in for one are for once."""
    _prefer({n: device for n, device in given.items() if device and not _is_file(device)})


def _prefer(changes: Mapping[str, object]) -> Preferences:
    from assistant.memory import Memory

    with closing(Memory()) as memory:
        return memory.prefer(**changes) if changes else memory.preferences()


def _is_file(name: str) -> bool:
    """Whether a file or a folder is meant; devices' names have dots, too."""
    return Path(name).exists() or Path(name).suffix.casefold() in _FILES


def _check_camera(camera: str | None) -> None:
    """A wrong name is told before anything is loaded; the camera itself is not opened.

    Raises:
        InputError: there is no such camera.
    """
    from assistant.devices.names import camera_number, cameras, unknown

    if camera is not None and not _is_file(camera) and camera_number(camera) is None:
        raise unknown("camera", camera, cameras().values())


def _sound(
    mic: str | None, speaker: str | None, liked: Preferences, *, monitor: bool, real_time: bool
) -> Sound:
    """The devices, or files that stand in for them; remembered ones may be plugged in later."""
    from assistant.devices import FileSound

    if mic is not None and _is_file(mic):
        if not Path(mic).is_file():
            raise InputError(f"there is no file {mic}", fix="assistant talk --list-devices")
        out = Path(speaker) if speaker is not None else None
        return FileSound(Path(mic), out, realtime=real_time)
    if speaker is not None and _is_file(speaker):
        raise InputError("a sound file can only take the speech of one", fix="give --mic FILE too")
    from assistant.devices.names import Kind
    from assistant.devices.portaudio import DeviceSound

    wait: list[Kind] = []
    if mic is None and liked.microphone:
        wait.append("input")
    if speaker is None and liked.speaker:
        wait.append("output")
    return DeviceSound(
        mic or liked.microphone, speaker or liked.speaker, monitor=monitor, wait=wait
    )


def _list_devices(*, as_json: bool) -> None:
    from assistant.devices.names import list_devices

    devices = list_devices()
    if as_json:
        print_json(devices)
        return
    for kind, names in devices.items():
        print(f"{kind}:")
        for name in names:
            print(f"  {name}")
        if not names:
            print("  none found")


def replay(
    folder: Annotated[Path, typer.Argument(help="A folder that `talk --record` made.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a recorded session again and show where its events differ."""
    from assistant.session.front import Front
    from assistant.trace import recorded_events
    from assistant.trace import replay as again

    before = recorded_events(folder)
    engines = open_engines(profile)
    after = list(again(folder, Front.of(engines)))
    if as_json:
        print_json({"folder": str(folder), "events": len(after), "same": before == after})
    else:
        old, new = ([json.dumps(r, ensure_ascii=False) for r in rows] for rows in (before, after))
        for line in difflib.unified_diff(old, new, "recorded", "replayed", lineterm="", n=1):
            print(line)
        if before == after:
            print(f"{len(after)} events, all the same.")
    sys.stdout.flush()
    if before != after:
        raise typer.Exit(1)
