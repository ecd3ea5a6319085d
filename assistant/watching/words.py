"""The sentences of a watch, in English and Chinese. Nothing is ever said to be absent or clear."""

from __future__ import annotations

from dataclasses import replace

from assistant.languages import base
from assistant.types import SceneObject
from assistant.vision import nouns, sentence
from assistant.vision.sentence import Style

_STARTED = {
    "surroundings": (
        "I'm watching, and I can miss things. Say stop to end.",
        "我在看着，可能会漏看。说停止就结束。",
    ),
    "read": ("I read what appears. Say stop to end.", "出现文字我就读。说停止就结束。"),
    "find": (
        "I'll tell you when I see {what}. Say stop to end.",
        "看到{what}我就告诉你。说停止就结束。",
    ),
    "aim": ("I'll guide the camera to {what}.", "我来帮你把镜头对准{what}。"),
}
_UNKNOWN = (
    "I hardly know what {what} looks like; I'll tell you if I think I see it.",
    "我不太认得{what}；觉得看到了就告诉你。",
)
_ENDED = ("No more pictures come; I have stopped watching.", "收不到画面了，我不再看了。")
_AIMS = {
    "left": ("Move the camera left.", "镜头往左移。"),
    "right": ("Move the camera right.", "镜头往右移。"),
    "up": ("Move the camera up.", "镜头往上移。"),
    "down": ("Move the camera down.", "镜头往下移。"),
    "back": ("Hold the camera further away.", "镜头拿远一点。"),
    "closer": ("Hold the camera closer.", "镜头拿近一点。"),
    "hold": ("Framed. Hold still.", "对准了，拿稳。"),
    "search": ("I don't see it yet; turn the camera slowly.", "我还没看到，请慢慢转动镜头。"),
}


def _of(pair: tuple[str, str], language: str) -> str:
    return pair[base(language) == "zh"]


def started(mode: str, target: str | None, language: str, *, known: bool = True) -> str:
    """What a watch begins with; in a conversation only, where it is ended by a word."""
    what = _what(target, language) or ("页面或物体" if base(language) == "zh" else "it")
    if mode == "find" and not known:
        return _of(_UNKNOWN, language).format(what=what)
    return _of(_STARTED[mode], language).format(what=what)


def ended(language: str) -> str:
    """That a camera or a stream gives no more pictures."""
    return _of(_ENDED, language)


def _what(target: str | None, language: str) -> str:
    """The thing that is looked for, with its article."""
    if not target:
        return ""
    plain = target.strip().rstrip(".!?。！？")
    if base(language) == "zh" or not plain.isascii():
        return plain
    first = plain.split()[0].lower() if plain.split() else ""
    taken = ("a", "an", "the", "my", "your", "some")
    return plain if first in taken or plain.endswith("s") else f"{nouns.article(plain)} {plain}"


def aim(instruction: str, language: str) -> str:
    """One of the instructions for the camera."""
    return _of(_AIMS[instruction], language)


def nearer(thing: SceneObject, language: str, style: Style) -> str:
    """That a thing grows in the picture: "A car is getting nearer, in front of you."."""
    place = sentence.where([replace(thing, proximity=None)], language, style)
    if base(language) == "zh":
        return f"{nouns.counted(thing.name, 1, language)}正在靠近，{place}。"
    what = nouns.counted(thing.name, 1, language)
    place = place.strip(" ,")
    return f"{what[0].upper()}{what[1:]} {nouns.verb(thing.name)} getting nearer, {place}."


def found(things: list[SceneObject], language: str, style: Style) -> str:
    """Things that were looked for, with their place."""
    told = sentence.first(things, language, style) or ""
    return sentence.i_see(told, language)


def whole(target: str, language: str, *, sure: bool) -> str:
    """That the thing looked for is in the picture, nobody knows where."""
    what = _what(target, language)
    if base(language) == "zh":
        return f"{'' if sure else '可能'}看到了{what}。"
    return f"I {'' if sure else 'may '}see {what}."


def written(line: str, language: str) -> str:
    """Writing that names the thing looked for."""
    return sentence.quote([line], language)
