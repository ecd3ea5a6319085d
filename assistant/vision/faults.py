"""Faults of a picture in words: what is wrong, and the one thing that would make it better.

A key is a kind of fault, or a kind with the way in which it holds: `cut_off:left`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assistant.languages import base
from assistant.types import Fault

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "covered": (
        "Something seems to cover the lens; uncover it.",
        "镜头好像被挡住了，请把它露出来。",
    ),
    "too_dark:black": (
        "The picture is black; uncover the lens or switch on a light.",
        "画面全黑，请检查镜头是不是被挡住了，或者开一盏灯。",
    ),
    "too_dark": (
        "The picture is too dark; switch on a light.",
        "画面太暗了，请开一盏灯。",
    ),
    "too_bright": (
        "The picture is too bright; point the camera away from the light.",
        "画面太亮了，请把镜头避开光源。",
    ),
    "blank": (
        "The picture shows only an even surface; point the camera elsewhere.",
        "画面里只有一片颜色，请把镜头对准别处。",
    ),
    "low_contrast": (
        "The picture is pale, as through fog; wipe the lens.",
        "画面发白，像隔着雾，请擦一擦镜头。",
    ),
    "blurred:moved": (
        "The picture is blurred; hold the camera still for a moment.",
        "画面模糊，请把镜头拿稳一会儿。",
    ),
    "blurred": (
        "The picture is out of focus; hold the camera a little further away.",
        "画面对焦不准，请把镜头拿远一点。",
    ),
    "tilted:clockwise": (
        "The picture is tilted; turn the camera a little clockwise.",
        "画面歪了，请把镜头顺时针转一点。",
    ),
    "tilted:counterclockwise": (
        "The picture is tilted; turn the camera a little counterclockwise.",
        "画面歪了，请把镜头逆时针转一点。",
    ),
    "cut_off": (
        "It reaches over the edge of the picture; hold the camera further away.",
        "它超出了画面，请把镜头拿远一点。",
    ),
    "cut_off:left": (
        "It is cut off on the left; move the camera a little to the left.",
        "它的左边超出了画面，请把镜头向左移一点。",
    ),
    "cut_off:right": (
        "It is cut off on the right; move the camera a little to the right.",
        "它的右边超出了画面，请把镜头向右移一点。",
    ),
    "cut_off:top": (
        "It is cut off at the top; tilt the camera up a little.",
        "它的上边超出了画面，请把镜头抬高一点。",
    ),
    "cut_off:bottom": (
        "It is cut off at the bottom; tilt the camera down a little.",
        "它的下边超出了画面，请把镜头放低一点。",
    ),
    "too_small": (
        "It is small in the picture; hold the camera closer to it.",
        "它在画面里很小，请把镜头拿近一点。",
    ),
    "text_too_small": (
        "The text is too small; hold the camera closer to it.",
        "画面里的字太小了，请把镜头拿近一点。",
    ),
}
"""Key -> what is said about it in English and Chinese; the gravest first."""

_MIRRORED: Final[Mapping[str, str]] = {
    "cut_off:left": "cut_off:right",
    "cut_off:right": "cut_off:left",
    "tilted:clockwise": "tilted:counterclockwise",
    "tilted:counterclockwise": "tilted:clockwise",
}
"""The same fault to somebody whom the camera faces."""


def kind(key: str) -> str:
    """`cut_off` for `cut_off:left`."""
    return key.partition(":")[0]


def way(key: str) -> str:
    """`left` for `cut_off:left`; empty where a fault holds in one way only."""
    return key.partition(":")[2]


def fault(key: str, language: str, *, mirrored: bool = False) -> Fault:
    """The fault with its fix, in words.

    Args:
        mirrored: the camera faces the person who hears it, so left and right, and the way
            to turn, are theirs.
    """
    english, chinese = SENTENCES[_MIRRORED.get(key, key) if mirrored else key]
    return Fault(kind=kind(key), sentence=chinese if base(language) == "zh" else english)
