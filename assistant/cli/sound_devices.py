"""Devices as commands name them: by name or number, or files that stand in for them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.output import print_json
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.devices import Sound
    from assistant.memory import Preferences

_FILES = frozenset(
    {".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".mp4", ".webm", ".mov", ".mkv"}
)
"""Suffixes of sounds and videos that stand in for a device."""


def is_file(name: str) -> bool:
    """Whether a file or a folder is meant; devices' names have dots, too."""
    return Path(name).exists() or Path(name).suffix.casefold() in _FILES


def check_camera(camera: str | None) -> None:
    """A wrong name is told before anything is loaded; the camera itself is not opened.

    Raises:
        InputError: there is no such camera.
    """
    from assistant.devices.names import camera_number, cameras, unknown

    if camera is not None and not is_file(camera) and camera_number(camera) is None:
        raise unknown("camera", camera, cameras().values())


def open_sound(
    mic: str | None, speaker: str | None, liked: Preferences, *, monitor: bool, real_time: bool
) -> Sound:
    """The devices, or files that stand in for them; remembered ones may be plugged in later."""
    from assistant.devices import FileSound

    if mic is not None and is_file(mic):
        if not Path(mic).is_file():
            raise InputError(f"there is no file {mic}", fix="assistant talk --list-devices")
        out = Path(speaker) if speaker is not None else None
        return FileSound(Path(mic), out, realtime=real_time)
    if speaker is not None and is_file(speaker):
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


def print_devices(*, as_json: bool) -> None:
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


def remember_devices(**given: str | None) -> None:
    """Use these devices from now on; files that stand in for one are for once."""
    prefer({n: device for n, device in given.items() if device and not is_file(device)})


def prefer(changes: Mapping[str, object]) -> Preferences:
    """The user's preferences, after these changes."""
    from assistant.memory import Memory

    with closing(Memory()) as memory:
        return memory.prefer(**changes) if changes else memory.preferences()
