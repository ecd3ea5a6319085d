"""Devices by name: what there is, which one is meant, and which names are near a wrong one."""

from __future__ import annotations

import ctypes
import ctypes.util
import difflib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from assistant.devices.pulse import PulseDevices, pulse_devices
from assistant.errors import InputError

Kind = Literal["input", "output"]
CALLED: Final[Mapping[Kind, str]] = {"input": "microphone", "output": "loudspeaker"}
_OPTIONS: Final = {"microphone": "--mic", "loudspeaker": "--speaker", "camera": "--camera"}
_NEAR: Final = 3  # names that an error offers
_CARD: Final = re.compile(r" \(hw:\d+,\d+\)$")  # ALSA's; another one after a device came back
_CAMERAS: Final = Path("/sys/class/video4linux")
_LIST: Final = (
    "import json, sounddevice; print(json.dumps([dict(d) for d in sounddevice.query_devices()]))"
)


def library() -> Any:
    """`sounddevice`, with ALSA's own messages off the terminal.

    Raises:
        InputError: the package or PortAudio is missing.
    """
    _silence_alsa()
    try:
        import sounddevice
    except ImportError as error:
        raise InputError("sounddevice is missing", fix="pip install 'assistant[live]'") from error
    except OSError as error:
        raise InputError(
            "PortAudio is missing", fix="sudo apt-get install libportaudio2"
        ) from error
    return sounddevice


@cache
def _silence_alsa() -> Any:
    """Drop ALSA's messages (underruns, missing cards).

    The handler must live as long as the library, so it is kept by the cache.
    """
    name = ctypes.util.find_library("asound")
    if name is None:
        return None
    kind = ctypes.CFUNCTYPE(
        None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
    )
    handler = kind(lambda *words: None)
    ctypes.CDLL(name).snd_lib_error_set_handler(handler)
    return handler


def list_devices() -> dict[str, list[str]]:
    """Names of microphones, loudspeakers and cameras, as they can be given.

    Raises:
        InputError: PortAudio is missing.
    """
    devices, pulse = library().query_devices(), pulse_devices() or PulseDevices()
    return {
        "microphones": [*_of(devices, "input").values(), *pulse.microphones],
        "speakers": [*_of(devices, "output").values(), *pulse.sinks],
        "cameras": [f"{number}: {name}" for number, name in cameras().items()],
    }


def cameras() -> dict[int, str]:
    """Number and name of each camera, where the system tells them (Linux)."""
    found = {}
    for path in _CAMERAS.glob("video*"):
        try:
            if (path / "index").read_text(encoding="utf-8").strip() != "0":
                continue  # a second node of the same camera: descriptions, no pictures
        except OSError:
            pass
        name = (path / "name").read_text(encoding="utf-8").strip()
        found[int(path.name.removeprefix("video"))] = name
    return dict(sorted(found.items()))


def camera_number(which: str) -> int | None:
    """The number of the camera that a name, a part of it, or a listed "0: name" means."""
    number, colon, _ = which.partition(":")
    if which.isdigit() or (colon and number.isdigit()):
        return int(number)
    found = chosen(which, cameras().values())
    return next((number for number, name in cameras().items() if name == found), None)


def chosen(wanted: str, names: Iterable[str]) -> str | None:
    """The name that is meant: itself, else one that it is a part of; letters' case is free."""
    known, part = list(names), _CARD.sub("", wanted).casefold()
    same = (name for name in known if name.casefold() == wanted.casefold())
    return next(same, next((name for name in known if part in name.casefold()), None))


def unknown(what: str, wanted: str, names: Iterable[str]) -> InputError:
    """The error for a name that is not there; it offers the nearest ones."""
    by_name = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(wanted.casefold(), by_name, n=_NEAR, cutoff=0.3)
    offered = [by_name[name] for name in near] or list(by_name.values())[:_NEAR]
    option = _OPTIONS[what]
    if not offered:
        return InputError(f"there is no {what} {wanted!r}", fix="plug one in")
    choices = " or ".join(f"{option} {name!r}" for name in offered)
    return InputError(f"there is no {what} {wanted!r}", fix=f"{choices}; --list-devices names all")


def number(devices: Iterable[Any], kind: Kind, wanted: str | None) -> int | None:
    """PortAudio's number of a device by its name, a part of it, or its number; None if absent."""
    there = _of(devices, kind)
    if wanted is not None and wanted.isdigit() and int(wanted) in there:
        return int(wanted)
    name = chosen(wanted, there.values()) if wanted is not None else None
    return next((number for number, full in there.items() if full == name), None)


def names(devices: Iterable[Any], kind: Kind) -> list[str]:
    """PortAudio's names of microphones or loudspeakers."""
    return list(_of(devices, kind).values())


def _of(devices: Iterable[Any], kind: Kind) -> dict[int, str]:
    return {
        number: device["name"]
        for number, device in enumerate(devices)
        if device[f"max_{kind}_channels"]
    }


class Lookout:
    """Asks a fresh process which devices there are.

    PortAudio learns of new devices only when it begins anew, which ends every stream; so that
    is done only when the device is known to be back.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def devices(self) -> list[dict[str, Any]] | None:
        """What PortAudio would find now; None while the answer is awaited."""
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-c", _LIST],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        if self._child.poll() is None:
            return None
        text, _ = self._child.communicate()
        self._child = None
        try:
            return list(json.loads(text))
        except ValueError:
            return []

    def close(self) -> None:
        """End a question that is under way."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None
