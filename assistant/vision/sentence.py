"""What was seen, in words: one short sentence first, details after, by rules alone.

What stands ahead and near comes first, then people and vehicles, signs and doors, and the rest
(`precedence`). Nothing is said about what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.languages import base, length
from assistant.types import SceneObject
from assistant.vision import colours, geometry, nouns
from assistant.vision.precedence import HEDGE, Group, groups
from assistant.vision.quality import Quality

Style = Literal["words", "clock"]

LIMITS = {"en": 20, "zh": 40}
"""Words of the first English sentence, characters of the first Chinese one."""
CANNOT_TELL = {
    "en": "I can't tell what this is; try holding the camera closer, or more light.",
    "zh": "我看不出这是什么，请把镜头拿近一点，或者让光线更亮。",
}
CANNOT_TELL_IN_LIGHT = {
    "en": "I can't tell what this is; try holding the camera closer, or another side of it.",
    "zh": "我看不出这是什么，请把镜头拿近一点，或者换一面。",
}
CANNOT_TELL_BUT_TEXT = {
    "en": "I can't tell what this is, but I see text.",
    "zh": "我看不出这是什么，但有文字。",
}
CANNOT_JUDGE_WAY = {
    "en": "Without a vision model I can't judge the way.",
    "zh": "未装视觉模型，我判断不了路况。",
}
VISION_MODEL_HINT = {
    "en": "A vision model can be installed, so that I can say more about pictures.",
    "zh": "可以安装一个视觉模型，这样我能说得更多。",
}
"""For the agent to say once a conversation, not for every answer."""
VISION_MODEL_FAILED = {
    "en": "The vision model gave no answer, so I tell only what I can measure.",
    "zh": "视觉模型没有回答，我只说能测量到的。",
}
"""For the agent to say once a conversation, when basic vision stood in for the model."""

FROM_LEFT_ZH = "从左到右"  # before several things in different places
_DIM = 0.28  # median luma below which more light would help
_QUOTED_WORDS = 12  # a longer text is announced in a brief description, not read
_QUOTED_CHARACTERS = 30
_DETAIL_OBJECTS = 8
_QUOTED_LINES = 3
_QUOTE = re.compile(
    r'(?:It reads(?:, in part unclear)?|A sign reads|There seems to be a sign that reads): ".*"'
    r"(?: and there is more)?\."
    r"|(?:上面写着(?:（部分看不清）)?|有个牌子写着|好像有个牌子，写着)：“.*”(?:，后面还有)?。",
    re.DOTALL,
)


def key(language: str) -> str:
    """`zh` or `en`, for tables with both."""
    return "zh" if base(language) == "zh" else "en"


def first(objects: Sequence[SceneObject], language: str, style: Style = "words") -> str | None:
    """The first sentence about what was seen, or None when nothing was.

    At most 20 English words or 40 Chinese characters: phrases that do not fit are left
    to the details, and "and more" says that there are some.
    """
    found = groups(objects)
    whole = sorted((o for o in objects if o.box is None), key=lambda o: -o.confidence)[:1]
    if not found:
        return looks_like(whole[0], language) if whole else None
    all_unsure = len(found) > 1 and not any(g.sure for g in found)
    phrases = _phrases(found, language, style, hedge=not all_unsure)
    if whole:
        phrases.append(_overall(whole[0], language))
    for kept in range(len(phrases), 0, -1):
        sentence = _join(phrases[:kept], language, all_unsure, more=kept < len(phrases))
        if length(sentence, language) <= LIMITS[key(language)]:
            return sentence
    return _join(phrases[:1], language, all_unsure, more=False)


def looks_like(found: SceneObject, language: str) -> str:
    """A name that holds for the whole picture, as a sentence."""
    sure = found.confidence >= HEDGE
    if base(language) == "zh":
        return f"看起来{'' if sure else '可能'}是{nouns.bare(found.name, language)}。"
    thing = nouns.counted(found.name, 1, language, found.colour).removeprefix("some ")
    return f"It looks like {thing}." if sure else f"It may be {thing}."


def identified(found: SceneObject, language: str) -> str:
    """One thing that was shown to be named: "It looks like a yellow cup."."""
    if base(language) == "zh" and found.colour:
        maybe = "" if found.confidence >= HEDGE else "可能"
        shade = colours.say(found.colour, language)
        return f"看起来{maybe}是{shade}的{nouns.bare(found.name, language)}。"
    return looks_like(found, language)


def _overall(found: SceneObject, language: str) -> str:
    """A name that holds for the whole picture, after the things in it."""
    told = looks_like(found, language)
    return f"整体{told[:-1]}" if base(language) == "zh" else f"overall it{told[2:-1]}"


def where(objects: Sequence[SceneObject], language: str, style: Style = "words") -> str:
    """Directions of things of one group, left to right, and how near they are."""
    placed = sorted((o for o in objects if o.direction is not None), key=_angle)
    words = list(
        dict.fromkeys(geometry.direction_words(_angle(o), language, style) for o in placed)
    )
    near = {o.proximity for o in objects}
    proximity = next(iter(near)) if len(near) == 1 else None
    if base(language) == "zh":
        place = _directions_zh(words)
        return place + {"near": "近处", "far": "稍远处"}.get(proximity or "", "")
    place = _directions_en(words)
    return place + {"near": ", near", "far": ", further off"}.get(proximity or "", "")


def detail_sentences(
    objects: Sequence[SceneObject], language: str, style: Style = "words"
) -> list[str]:
    """Each thing with its colour, direction and proximity, at most eight sentences."""
    told = []
    for group in groups(objects):
        sets = [(o,) for o in group.objects] if len(group.objects) <= 3 else [group.objects]
        for things in sets:
            shades = {o.colour for o in things}
            shade = next(iter(shades)) if len(shades) == 1 else None
            part = Group(name=group.name, objects=things)
            phrases = _phrases([part], language, style, hedge=True, colour=shade)
            told.append(_join(phrases, language, False))
    whole = [looks_like(o, language) for o in objects if o.box is None]
    return list(dict.fromkeys([*told[:_DETAIL_OBJECTS], *whole]))


def cannot_tell(quality: Quality, text: bool, language: str) -> str:
    """That nothing was recognised, and what would help."""
    if text:
        return CANNOT_TELL_BUT_TEXT[key(language)]
    return (CANNOT_TELL if quality.median < _DIM else CANNOT_TELL_IN_LIGHT)[key(language)]


def light(quality: Quality, language: str) -> str | None:
    """That the picture is dark, dim or bright; None for what lies between."""
    chinese = base(language) == "zh"
    if quality.median < 0.12:
        return "画面很暗。" if chinese else "The picture is dark."
    if quality.median < _DIM:
        return "画面有些暗。" if chinese else "The picture is rather dim."
    if quality.median > 0.7:
        return "画面很亮。" if chinese else "The picture is bright."
    return None


def overall_colours(found: Sequence[colours.Share], language: str) -> str | None:
    """The colours that make up a fifth of the picture and more, when they are most of it."""
    main = [colours.say(s.name, language) for s in found if s.share >= 0.2][:3]
    if not main or (len(main) == 1 and found[0].share < 0.5):
        return None
    if base(language) == "zh":
        return f"主要颜色是{'、'.join(main)}。"
    return (
        f"The main colours are {and_(main)}."
        if len(main) > 1
        else f"The picture is mostly {main[0]}."
    )


def and_(words: Sequence[str]) -> str:
    """English words joined: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def quote(
    texts: Sequence[str], language: str, lines: int = _QUOTED_LINES, *, unclear: bool = False
) -> str:
    """The first lines of the text in the picture, verbatim."""
    joined, rest = " ".join(texts[:lines]), len(texts) > lines
    if base(language) == "zh":
        start = "上面写着（部分看不清）" if unclear else "上面写着"
        return f"{start}：“{joined}”" + ("，后面还有。" if rest else "。")
    start = "It reads, in part unclear" if unclear else "It reads"
    return f'{start}: "{joined}"' + (" and there is more." if rest else ".")


def is_quote(text: str) -> bool:
    """Whether a sentence is a quote of a text in the picture: one of `quote`'s or of a sign."""
    return bool(_QUOTE.fullmatch(text))


def i_see(told: str, language: str) -> str:
    """A sentence of `first` as an answer: "I see a dog, near."; a doubt stays as it is."""
    if base(language) == "zh" or told.startswith(("Maybe", "I ", "It ")):
        return told
    return f"I see {told[0].lower()}{told[1:]}"


def brief_text(texts: Sequence[str], language: str) -> str | None:
    """A short text quoted, a longer one announced; None when there is none."""
    if not texts:
        return None
    joined = " ".join(texts)
    if len(joined.split()) <= _QUOTED_WORDS and len(joined) <= _QUOTED_CHARACTERS * 2:
        return quote(texts, language, len(texts))
    if base(language) == "zh":
        return f"有{nouns.number(len(texts), language)}行文字，可以让我读出来。"
    lines = "line" if len(texts) == 1 else "lines"
    count = nouns.number(len(texts), language)
    return f"There are {count} {lines} of text; ask me to read them."


def _angle(found: SceneObject) -> float:
    return found.direction or 0.0


def _directions_en(words: list[str]) -> str:
    if len(words) > 2:
        return ", from your left to your right"
    if len(words) == 2:
        start = words[1].rpartition(" ")[0]  # "a little to your left and right"
        second = words[1][len(start) + 1 :] if words[0].startswith(start) else words[1]
        return f", {words[0]} and {second}"
    if not words:
        return ""
    return f", {words[0]}" if words[0].startswith("a little") else f" {words[0]}"


def _directions_zh(words: list[str]) -> str:
    if len(words) > 2:
        return FROM_LEFT_ZH
    if not words:
        return ""
    return "和".join([words[0], *(w.removeprefix("在你").removeprefix("在") for w in words[1:])])


def _phrases(
    found: Sequence[Group], language: str, style: Style, *, hedge: bool, colour: str | None = None
) -> list[str]:
    """ "two people, a little to your left and to your right", without full stops.

    Single things at the same place share a phrase: "a table and a cup in front of you, near".
    """
    merged: dict[tuple[str, bool], list[str]] = {}
    for group in found:
        total, sure = len(group.objects), group.sure
        things = nouns.counted(group.name, sure or total, language, colour)
        if 0 < sure < total:
            things += "（可能更多）" if base(language) == "zh" else ", maybe more"
        place = where(group.objects, language, style)
        if things.endswith("maybe more") and place and not place.startswith(","):
            place = f",{place}"
        merged.setdefault((place, hedge and not sure), []).append(things)
    if base(language) == "zh":
        return [
            f"{place}{'可能' if maybe else ''}有{'、'.join(things)}"
            for (place, maybe), things in merged.items()
        ]
    return [
        f"{'maybe ' if maybe else ''}{and_(things)}{place}"
        for (place, maybe), things in merged.items()
    ]


def _join(phrases: list[str], language: str, all_unsure: bool, *, more: bool = False) -> str:
    """Phrases as one sentence; a doubt that all share is said once."""
    if base(language) == "zh":
        rest = [p.removeprefix("在你") for p in phrases[1:]]
        text = "，".join([phrases[0], *rest]) + ("，还有别的" if more else "")
        return ("不太确定：" if all_unsure else "") + text + "。"
    text = "; ".join(phrases) + ("; and more" if more else "")
    text = f"I may see {text}" if all_unsure else text
    return text[0].upper() + text[1:] + "."
