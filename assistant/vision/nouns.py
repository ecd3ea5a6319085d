"""A counted noun as it is spoken: "a dog", "two white trucks", "三只狗"."""

from __future__ import annotations

from assistant.languages import base
from assistant.vision import colours, names

_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_NUMBERS_ZH = [*"零一两三四五六七八九十", "十一", "十二"]
_SOUNDS_LIKE_YOU = ("uni", "use", "eu", "ukulele", "one-")
_SILENT_H = ("hour", "honest", "heir")
_ABOUT_FROM = 5  # a larger count from a detector is an estimate


def article(text: str) -> str:
    """`a` or `an`, by the sound that follows."""
    low = text.lower()
    if low.startswith(_SILENT_H):
        return "an"
    return "an" if low[:1] in set("aeiou") and not low.startswith(_SOUNDS_LIKE_YOU) else "a"


def number(count: int, language: str) -> str:
    """A count in words up to twelve, else in digits."""
    words = _NUMBERS_ZH if base(language) == "zh" else _NUMBERS
    return words[count] if count < len(words) else str(count)


def _plural(name: str) -> str | None:
    known = names.names().get(name)
    return known.plural if known else f"{name}s"


def _is_pair(name: str) -> bool:
    """Whether one thing is spoken of as many: scissors, jeans."""
    return _plural(name) is None and name.endswith("s")


def counted(name: str, count: int, language: str, colour: str | None = None) -> str:
    """A count, a colour and a noun: "two white trucks", "两辆白色的卡车"."""
    if base(language) == "zh":
        known = names.names().get(name)
        about = "大约" if count >= _ABOUT_FROM else ""
        shade = f"{colours.say(colour, language)}的" if colour else ""
        measure = known.measure if known else "个"
        return f"{about}{number(count, language)}{measure}{shade}{names.chinese(name)}"
    shade = f"{colour} " if colour else ""
    if count > 1:
        about = "about " if count >= _ABOUT_FROM else ""
        pairs = "pairs of " if _is_pair(name) else ""
        return f"{about}{number(count, language)} {pairs}{shade}{_plural(name) or name}"
    if _is_pair(name):
        return f"a pair of {shade}{name}"
    if _plural(name) is None:
        return f"some {shade}{name}"
    return f"{article(shade or name)} {shade}{name}"


def bare(name: str, language: str) -> str:
    """The noun alone: "truck", "卡车"."""
    return names.chinese(name) if base(language) == "zh" else name


def verb(name: str) -> str:
    """`is` or `are`, for an English name."""
    return "are" if _is_pair(name) else "is"
