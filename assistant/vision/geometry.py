"""Where a thing is, from its box and the camera's field of view. Pure functions, no metres.

Directions are degrees from the camera's axis, negative to the left of the person who is
spoken to. A camera that faces that person (`facing: user`) sees their left on the right
of the picture, so directions are mirrored.
"""

from __future__ import annotations

from math import atan, degrees, radians, tan
from typing import Literal

from assistant.settings import CameraSettings
from assistant.types import Box, Picture, Proximity

ASSUMED_FIELD_OF_VIEW = 65.0  # degrees across; a phone's main camera, DESIGN section 7 rule 3
_AHEAD = 5.0  # degrees either side that still count as straight ahead
_LITTLE = 16.0  # beyond this it is no longer "a little" to the side
_EDGE = 0.02  # of the picture's height: a box this near the edge is cut off by it
_NEAR = 2.0  # metres; never spoken, they only divide near from middle ...
_MIDDLE = 6.0  # ... and middle from far
_NEAR_SHARE = 0.5  # of the picture's width or height, for things of unknown size
_MIDDLE_SHARE = 0.2

_PROXIMITY: dict[str, dict[Proximity, str]] = {
    "en": {"near": "near", "middle": "some way off", "far": "far away"},
    "zh": {"near": "很近", "middle": "不远", "far": "较远"},
}
_CLOCK_ZH = ("十二", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")


def field_of_view(picture: Picture, camera: CameraSettings | None = None) -> float:
    """Degrees across the picture: what EXIF tells, else the profile, else 65."""
    if picture.field_of_view is not None:
        return picture.field_of_view
    return camera.field_of_view if camera is not None else ASSUMED_FIELD_OF_VIEW


def direction(box: Box, width: int, view: float, facing: Literal["away", "user"] = "away") -> float:
    """Degrees from the camera's axis to the box centre, negative is left.

    Pinhole camera: atan((x - cx) / (w / 2) * tan(view / 2)) (Hartley and Zisserman,
    Multiple View Geometry, 2nd edition, section 6.1).

    Args:
        width: of the picture, pixels.
        view: horizontal field of view, degrees.
        facing: `user` mirrors the answer.
    """
    offset = (box[0] + box[2]) / width - 1.0  # -1 at the left edge, 1 at the right
    angle = degrees(atan(offset * tan(radians(view) / 2)))
    return -angle if facing == "user" else angle


def proximity(
    box: Box, width: int, height: int, view: float, real_height: float | None = None
) -> Proximity:
    """Near, middle or far.

    A thing whose height is known by its kind is judged by how large it appears through
    the pinhole camera; any other by its share of the picture. A box that the picture's
    edge cuts off hides a part, so the thing is at least as near as its box says.

    Args:
        real_height: typical height of such a thing standing upright, metres.
    """
    tall = max(1, box[3] - box[1])
    share = max(tall / height, (box[2] - box[0]) / width)
    if real_height is None:
        if share >= _NEAR_SHARE:
            return "near"
        return "middle" if share >= _MIDDLE_SHARE else "far"
    focal = width / 2 / tan(radians(view) / 2)  # pixels
    distance = real_height * focal / tall
    edge = _EDGE * height
    cut = box[1] <= edge or box[3] >= height - edge
    if distance <= _NEAR or (cut and share >= _NEAR_SHARE):
        return "near"
    # A thing that fills half the picture is not far, even if it is smaller than its kind is.
    return "middle" if distance <= _MIDDLE or share >= _NEAR_SHARE else "far"


def direction_words(
    angle: float, language: str = "en", style: Literal["words", "clock"] = "words"
) -> str:
    """A direction as it is spoken: "a little to your left", "在你左边", "at 1 o'clock".

    Args:
        angle: degrees, negative is left.
        style: `clock` counts 30 degrees an hour, twelve straight ahead.
    """
    chinese = language.split("-")[0] == "zh"
    if style == "clock":
        hour = round(angle / 30) % 12
        return f"在{_CLOCK_ZH[hour]}点钟方向" if chinese else f"at {hour or 12} o'clock"
    if abs(angle) <= _AHEAD:
        return "在你前方" if chinese else "in front of you"
    if chinese:
        side = "左" if angle < 0 else "右"
        return f"在你{side}前方" if abs(angle) <= _LITTLE else f"在你{side}边"
    side = "left" if angle < 0 else "right"
    return f"a little to your {side}" if abs(angle) <= _LITTLE else f"to your {side}"


def proximity_words(value: Proximity, language: str = "en") -> str:
    """A proximity as it is spoken: "near", "不远"."""
    return _PROXIMITY["zh" if language.split("-")[0] == "zh" else "en"][value]
