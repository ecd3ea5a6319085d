"""The command `doctor`: per capability the engine, whether it is ready, and what would fix it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.output import JsonOption, print_json

if TYPE_CHECKING:
    from assistant.settings import EngineSettings, Profile
    from assistant.weights import Store

Row = dict[str, Any]
"""`ready`, `detail`, `fix`; engines also `engine`."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(doctor)


def doctor(
    profile: Annotated[
        str | None, typer.Option("--profile", help="Settings to look at (default: as chosen).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what works on this machine and the one command that fixes what does not."""
    found = diagnosis(profile)
    if as_json:
        print_json(found)
        return
    print(f"profile {found['profile']}: {found['reason']}")
    print(f"machine: {found['machine']}")
    for host in found["hosts"]:
        print(f"sends to: {host}")
    width = max(len(name) for name in found["engines"])
    for name, row in found["engines"].items():
        _print_row(name.ljust(width), row, row["engine"])
    for name, row in found["devices"].items():
        _print_row(name.ljust(width), row, "")
    for warning in found["warnings"]:
        print(f"warning: {warning}")


def diagnosis(asked: str | None) -> Row:
    """Everything that `doctor` tells, read from the disk and the registry; no engine is imported.

    Raises:
        SettingsError: there is no such profile, or it is wrong.
    """
    from assistant.profiles import choose, engines_of, remote_hosts, this_machine
    from assistant.settings import models_folder
    from assistant.weights import Store

    choice, store = choose(asked), Store(models_folder())
    devices = {"microphone": _sound("input"), "speaker": _sound("output"), "camera": _camera()}
    engines = {
        name: engine_state(name.partition(":")[0], settings, store)
        for name, settings in engines_of(choice.profile)
    }
    return {
        "profile": choice.profile.name,
        "reason": choice.reason,
        "machine": str(this_machine()),
        "hosts": remote_hosts(choice.profile),
        "engines": engines,
        "devices": devices,
        "warnings": _warnings(choice.profile, store),
    }


def engine_state(capability: str, settings: EngineSettings, store: Store) -> Row:
    """Whether an engine's module, packages, programs, weights and key are here."""
    from assistant.errors import AssistantError
    from assistant.registry import engine_row

    def state(ready: bool, detail: str, fix: str = "") -> Row:
        return {"engine": settings.engine, "ready": ready, "detail": detail, "fix": fix}

    try:
        row = engine_row(capability, settings.engine)
        if importlib.util.find_spec(row.target.partition(":")[0]) is None:
            return state(False, "this build does not have it", "choose another in the profile")
        missing = row.missing()
        if missing is not None:
            return state(False, missing, row.fix())
        if settings.engine in ("langchain", "chat"):
            return state(*_elsewhere(settings))
        if settings.weights is None:
            return state(True, "ready")
        if not store.complete(settings.weights):
            fix = f"assistant models pull {settings.weights}"
            return state(False, f"the weights {settings.weights} are not all here", fix)
        return state(True, f"weights {settings.weights}")
    except AssistantError as error:
        return state(False, str(error), error.fix)


def _elsewhere(settings: EngineSettings) -> tuple[bool, str, str]:
    """A chat or vision model behind LangChain: its package, its key, its host."""
    from assistant.providers import remote_host, service

    provider = str(settings.options.get("provider") or "openai")
    behind = service(provider)
    if importlib.util.find_spec(behind.package.replace("-", "_")) is None:
        return (
            False,
            f"the package {behind.package} is not installed",
            f"pip install {behind.package}",
        )
    if not behind.has_key and not settings.options.get("base_url"):
        return False, f"there is no key for {provider}", f"export {behind.key}=YOUR-KEY"
    host = remote_host({**settings.options, "provider": provider})
    return True, f"sends what you ask to {host}" if host else "a server on this machine", ""


def _sound(direction: str) -> Row:
    """The default microphone (`input`) or speaker (`output`), through PortAudio."""
    install = "pip install 'assistant[live]'"
    if sys.platform == "linux":
        install = f"sudo apt-get install libportaudio2 && {install}"
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        return {"ready": False, "detail": f"sound needs sounddevice ({error})", "fix": install}
    try:
        found = sounddevice.query_devices(kind=direction)
    except (sounddevice.PortAudioError, ValueError):
        kind = "microphone" if direction == "input" else "speaker"
        return {"ready": False, "detail": f"no {kind} was found", "fix": f"connect a {kind}"}
    return {"ready": True, "detail": str(found["name"]), "fix": ""}


def _camera() -> Row:
    """Camera devices, without opening one: that would light its lamp."""
    if sys.platform != "linux":
        return {"ready": True, "detail": "not looked for on this system", "fix": ""}
    found = sorted(Path("/dev").glob("video*"))
    if not found:
        return {"ready": False, "detail": "no camera was found", "fix": "connect a camera"}
    return {"ready": True, "detail": ", ".join(map(str, found)), "fix": ""}


def _warnings(profile: Profile, store: Store) -> list[str]:
    from assistant.profiles import this_machine, uses_gpu

    found = []
    gpus = this_machine().gpus
    if gpus and not uses_gpu(profile):
        other = "assistant models pull --profile local"
        found.append(f"{gpus[0][0]} lies idle; larger models could use it: {other}")
    lacking = _no_vision_model(profile, store)
    return [*found, lacking] if lacking else found


def _no_vision_model(profile: Profile, store: Store) -> str | None:
    """That no vision model is here, and how to get one; asks whether a hub answers."""
    from assistant.vision_weights import ASKED, here
    from assistant.weights.hub import Hub

    settings = profile.engines.get("vision_model")
    if settings is None and here(store) is not None:
        return None
    if settings is not None and (settings.weights is None or store.complete(settings.weights)):
        return None
    basic = "no vision model is here, so basic vision is used"
    closed = Hub().closed
    if closed is not None:
        return f"{basic}; none can be fetched, since {closed}"
    return f"{basic}; a hub answers: assistant models pull {ASKED}"


def _print_row(name: str, row: Row, engine: str) -> None:
    mark = "ok" if row["ready"] else "--"
    fix = f"; fix: {row['fix']}" if row["fix"] else ""
    print(f"{mark}  {name}  {engine:18}  {row['detail']}{fix}")
