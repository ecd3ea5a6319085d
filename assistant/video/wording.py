"""How things about a video are put into words, in English and Chinese.

What somebody said or wrote is quoted with an introduction, never told as a fact of our own; it
may be in another language than the sentence around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from assistant.languages import base, language_of, length
from assistant.safety.sentences import shortened
from assistant.types import EvidenceKind
from assistant.video.statements import Statement

Where = Literal["whole", "first", "later", "last"]

_QUOTE: Final = {"en": 40, "zh": 80}  # words or characters of a quote; a longer one is cut
_SAID: Final[dict[Where, tuple[str, str]]] = {
    "whole": ("A voice says: ", "有人说："),
    "first": ("At first a voice says: ", "开头说："),
    "later": ("Later a voice says: ", "接着说："),
    "last": ("Near the end a voice says: ", "最后说："),
}
_SHOWN: Final = ("On screen: ", "画面上写着：")
_MARKS: Final = re.compile(r"[\"“”]")


def chinese(language: str) -> bool:
    """Whether sentences of our own are Chinese; in any other language they are English."""
    return base(language) == "zh"


def quote(text: str, language: str) -> str:
    """A text in quotation marks of the language around it, cut where it is too long."""
    own = language_of(text, language)
    limit = _QUOTE["zh" if own == "zh" else "en"]
    flat = _MARKS.sub("'", " ".join(text.split()))
    if length(flat, own) > limit:
        flat = shortened(flat, own, limit)[0].rstrip(".。") + " …"
    return f"“{flat}”" if chinese(language) else f'"{flat}"'


def said(statements: Sequence[Statement], language: str, where: Where = "whole") -> str:
    """That something is said, as one sentence of quotes."""
    intro = _SAID[where][chinese(language)]
    together = joined_texts([one.text for one in statements])
    return ended(intro + quote(together, language), language)


def written(statements: Sequence[Statement], language: str) -> str:
    """That something stands on screen."""
    lines = list(dict.fromkeys(one.text for one in statements))
    text = ("；" if chinese(language) else "; ").join(lines)
    return ended(_SHOWN[chinese(language)] + quote(text, language), language)


def seen(statement: Statement, language: str) -> str:
    """A sentence about what is seen; one in another language is quoted."""
    if base(statement.language) == base(language):
        return ended(statement.text, language)
    intro = "画面：" if chinese(language) else "The picture: "
    return ended(intro + quote(statement.text, language), language)


def told(statement: Statement, language: str, where: Where = "whole") -> str:
    """One statement as a sentence, worded after its kind."""
    kind: EvidenceKind = statement.kind
    if kind == "speech":
        return said([statement], language, where)
    return written([statement], language) if kind == "text" else seen(statement, language)


def ended(text: str, language: str) -> str:
    """A sentence with its full stop."""
    if re.search(r"[.!?。！？…][\"”'）)]*$", text):
        return text
    return text + ("。" if chinese(language) else ".")


def joined_texts(texts: Sequence[str]) -> str:
    """Sentences one after the other, unfinished ones with a mark between."""
    whole = ""
    for text in texts:
        if whole:
            wide = language_of(whole) == "zh"
            finished = re.search(r"[.!?。！？…，,；;][\"”'）)]*$", whole)
            whole += ("" if wide else " ") if finished else ("，" if wide else ". ")
        whole += text
    return whole


def sentence_of(parts: Sequence[str], language: str) -> str:
    """Sentences as one text."""
    return ("" if chinese(language) else " ").join(part for part in parts if part)


def clock(seconds: float, language: str) -> str:
    """A time of a video as it is spoken: "1 minute 5 seconds", "1分5秒"."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if chinese(language):
        parts = [f"{hours}小时" if hours else "", f"{minutes}分" if minutes else ""]
        parts.append(f"{rest}秒" if rest or not (hours or minutes) else "")
        text = "".join(parts)
        return text + "钟" if text.endswith("分") else text
    named = (("hour", hours), ("minute", minutes), ("second", rest))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in named if count]
    return " ".join(parts) or "0 seconds"


def at(seconds: float, language: str) -> str:
    """When something is, within a sentence: "at 6 seconds", "at the beginning"; "6秒", "开头"."""
    if round(seconds) < 1:
        return "开头" if chinese(language) else "at the beginning"
    when = clock(seconds, language)
    return when if chinese(language) else f"at {when}"


def opening(seconds: float, language: str) -> str:
    """The same before a sentence: "At 6 seconds: ", "6秒处，"."""
    when = at(seconds, language)
    return f"{when}处，" if chinese(language) else f"A{when[1:]}: "
