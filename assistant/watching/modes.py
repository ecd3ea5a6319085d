"""The modes by name."""

from __future__ import annotations

from assistant.errors import ToolError
from assistant.languages import base
from assistant.settings import CameraSettings
from assistant.watching.aiming import Aiming
from assistant.watching.finding import Finding
from assistant.watching.reading import Reading
from assistant.watching.seen import Mode, ModeName
from assistant.watching.surroundings import Surroundings


def mode(name: ModeName, target: str | None, language: str, camera: CameraSettings) -> Mode:
    """A mode at the beginning of its watch.

    Raises:
        ToolError: nothing to find was named; the message can be spoken.
    """
    if name == "read":
        return Reading(language)
    if name == "aim":
        return Aiming(language, mirrored=camera.facing == "user")
    if name == "surroundings":
        return Surroundings(language, camera.directions)
    if not (target or "").strip():
        zh = base(language) == "zh"
        raise ToolError(
            "要我找什么？" if zh else "What shall I look for?", fix="add --target, such as door"
        )
    return Finding(str(target), language, camera.directions)
