"""Answers to questions about a picture, from what was measured and nothing else.

An answer never holds "no", and nothing is said to be absent: what is not found may have
been missed. Asked about the way, only what is seen is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.languages import base
from assistant.types import Picture, SceneObject, TextLine
from assistant.vision import colours, nouns, sentence, signs
from assistant.vision.agreement import Observation
from assistant.vision.charts import Chart
from assistant.vision.charts import words as charting
from assistant.vision.precedence import HEDGE, groups
from assistant.vision.quality import Quality, fault
from assistant.vision.questions import Asked, TextKind
from assistant.vision.vocabulary import named

Alike = Callable[[str, Sequence[str]], str | None]
"""The one of some names that means the same as a noun in any language, or None."""

SAID = {
    "way": (sentence.CANNOT_JUDGE_WAY["en"], sentence.CANNOT_JUDGE_WAY["zh"]),
    "harm": ("I can't judge that for you.", "这个我替你判断不了。"),
    "who": ("I don't recognise people.", "我不辨认人的身份。"),
    "other": ("I can't tell from here.", "从这里我看不出来。"),
    "unnamed": (
        "I can't name what I see with any certainty.",
        "画面里的东西，我都叫不准。",
    ),
    "missing": ("I don't see one, but I often miss things.", "我没看到，但我经常会看漏。"),
    "unread": (
        "I can't read any text here; try holding it closer and still.",
        "我在这里读不出文字，请拿近一点，拿稳。",
    ),
    "text too": ("There is text too; ask me to read it.", "还有文字，可以让我读出来。"),
    "lit": ("The picture is neither dark nor very bright.", "画面不暗，也不算很亮。"),
    "lamp": ("I can't tell lamps from daylight.", "是灯光还是日光，我分不出来。"),
    "good": ("The picture is sharp and bright enough.", "画面够清晰，也够亮。"),
    "colours": ("I can't tell one colour there.", "那里看不出单一的颜色。"),
    "too dim": ("It is too dark to tell colours.", "太暗了，颜色分不清。"),
    "distance": ("I can't measure distances.", "我量不出距离。"),
    "uncounted": ("I can't count them from here.", "从这里我数不清。"),
    "price": ("I can't find a price in the text.", "文字里我找不到价格。"),
    "date": ("I can't find a date in the text.", "文字里我找不到日期。"),
    "phone": ("I can't find a phone number in the text.", "文字里我找不到电话号码。"),
    "number": ("I can't find a number in the text.", "文字里我找不到号码。"),
}  # fmt: skip
"""Fixed sentences, English and Chinese."""

_TEXT_PATTERNS: dict[TextKind, re.Pattern[str]] = {
    "price": re.compile(
        r"[$€£¥￥]\s?\d|\d\s?(元|块|美元|欧元|€|kr\b|USD|EUR|RMB)|\d+[.,]\d{2}\b", re.I
    ),
    "date": re.compile(
        r"\d{1,4}[/年-]\d{1,2}|\d{1,4}\.\d{1,2}\.\d{1,4}|\b\d{1,2}\s?(jan|feb|mar|apr|may|jun|jul|aug|sep|"
        r"oct|nov|dec)|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s?\d",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"\+?\d[\d\s()-]{5,}\d"),
    "number": re.compile(r"\d"),
}
_SURE = 0.9  # confidence of text that is told without being asked for
_LEGIBLE = 0.6  # and of text that is told when asked, flagged as unclear
_SIGNS = 2  # told in a brief description
_DIM = 0.35  # brightest luma of a picture too dark to name colours


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """All that was measured about a picture."""

    picture: Picture
    quality: Quality
    objects: tuple[SceneObject, ...] = ()  # names for the whole picture have no box
    people: int | None = None
    lines: tuple[TextLine, ...] = ()
    style: sentence.Style = "words"
    observation: Observation | None = None  # what the networks said, faint things included
    mirrored: bool = False  # the camera faces the person who hears the answer
    chart: Chart | None = None  # that the whole picture is

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines of text that are surely text; textures are often taken for a letter."""
        return tuple(line.text for line in self.lines if _surely_text(line))


def say(key: str, language: str) -> str:
    """A fixed sentence in a language."""
    return SAID[key][1 if base(language) == "zh" else 0]


def answer(asked: Asked, facts: Facts, language: str, alike: Alike | None = None) -> list[str]:
    """The sentences that answer a question.

    Args:
        alike: finds a seen name for a noun that no word list knows.
    """
    if facts.quality.unreadable:
        return _faults(facts, language)
    if asked.kind in ("way", "harm"):
        return [say(asked.kind, language), *_surroundings(facts, language)]
    if asked.kind == "who":
        people = [o for o in facts.objects if o.name == "person"]
        return [say("who", language), *_seen(people, facts, language)]
    if asked.kind == "text":
        return _text(asked, facts, language)
    if asked.kind == "light":
        light = sentence.light(facts.quality, language) or say("lit", language)
        return [light, say("lamp", language)]
    if asked.kind == "quality":
        return _faults(facts, language) or [say("good", language)]
    if asked.kind == "what":
        return what(facts, language)
    wanted, known = _wanted(asked.noun, facts, alike)
    if asked.kind == "colour":
        return _colour(asked, wanted, known, facts, language)
    if asked.kind == "other" or not (wanted or known):
        return [say("other", language)]
    if not wanted:
        return [say("missing", language)]
    if asked.kind == "count":
        return _count(wanted, language)
    extra = [say("distance", language)] if asked.distance else []
    return [*_seen(wanted, facts, language), *extra]


def _faults(facts: Facts, language: str) -> list[str]:
    keys = facts.quality.faults
    return [fault(key, language, mirrored=facts.mirrored).sentence for key in keys]


def what(facts: Facts, language: str) -> list[str]:
    """What the picture shows, in one sentence, its signs, and other text when that is short; where
    nothing was recognised, its colours. Of a chart its type and title, then its main message."""
    if facts.chart is not None:
        return charting.brief(facts.chart, language)
    told = sentence.first(facts.objects, language, facts.style)
    written, shades = writing(facts, language), None
    if told is None:
        told = sentence.cannot_tell(facts.quality, bool(written), language)
        shades = None if written else overall_colours(facts, language)
    return [part for part in (told, *written, shades) if part]


def writing(facts: Facts, language: str, *, full: bool = False) -> list[str]:
    """The text in a picture: what signs say, then the rest, which is announced when it is long.

    Args:
        full: the first lines of a long rest are quoted instead.
    """
    found = signs.find([line for line in facts.lines if _surely_text(line)], facts.objects)
    told = [signs.told(sign, language) for sign in found]
    spoken = [text for sign in found for text in sign.texts]
    rest = list(facts.texts)
    for text in spoken:
        rest.remove(text)
    if full:
        return [*told, *([sentence.quote(rest, language)] if rest else [])]
    brief = sentence.brief_text(rest, language)
    return [*told[:_SIGNS], *([brief] if brief else [])]


def of_chart(question: str, asked: Asked, facts: Facts, language: str) -> list[str] | None:
    """The answer to a question about a chart; None for any other question or picture."""
    if facts.chart is None or asked.kind in ("way", "harm", "who"):
        return None
    return charting.answer(facts.chart, question, language)


def overall_colours(facts: Facts, language: str) -> str | None:
    """The main colours of the whole picture, in a sentence."""
    return sentence.overall_colours(colours.whole(facts.picture), language)


def measured_colour(found: SceneObject, picture: Picture) -> SceneObject:
    """The same thing with its colour, when it has one; people are given none.

    Grey is left for questions: it is what shade and shine look like.
    """
    if found.box is None or found.name == "person":
        return found
    main = colours.of_thing(picture, found.box)
    return replace(found, colour=main[0] if len(main) == 1 and main[0] != "grey" else None)


def _surroundings(facts: Facts, language: str) -> list[str]:
    """What is seen, without a word on what is not; text is announced, never quoted here."""
    told = _seen(facts.objects, facts, language) or [say("unnamed", language)]
    return [*told, say("text too", language)] if facts.texts else told


def _seen(objects: Sequence[SceneObject], facts: Facts, language: str) -> list[str]:
    told = sentence.first(objects, language, facts.style)
    return [sentence.i_see(told, language)] if told else []


def _wanted(noun: str, facts: Facts, alike: Alike | None) -> tuple[list[SceneObject], bool]:
    """The seen things that a noun means, and whether the noun is in the vocabulary."""
    targets = named(noun)
    seen = {o.name for o in facts.objects}
    if not targets and alike is not None and noun and seen:
        close = alike(noun, sorted(seen))
        targets = frozenset({close}) if close else targets
    return [o for o in facts.objects if o.name in targets], bool(targets)


def _count(wanted: list[SceneObject], language: str) -> list[str]:
    placed = [o for o in wanted if o.box is not None]
    if not placed:
        return [sentence.looks_like(wanted[0], language), say("uncounted", language)]
    sure = [o for o in placed if o.confidence >= HEDGE]
    by_name = groups(sure or placed)
    chinese = base(language) == "zh"
    things = [nouns.counted(g.name, len(g.objects), language) for g in by_name]
    if chinese:
        return [f"我{'' if sure else '可能'}看到{'、'.join(things)}，也许还有我没看到的。"]
    verb = "see" if sure else "may see"
    return [f"I {verb} {sentence.and_(things)}; there may be more."]


def _surely_text(line: TextLine) -> bool:
    return not line.unclear and line.confidence >= _SURE and sum(map(str.isalnum, line.text)) > 1


def _text(asked: Asked, facts: Facts, language: str) -> list[str]:
    readable = [x for x in facts.lines if _surely_text(x) or x.confidence >= _LEGIBLE]
    if not readable:
        return [say("unread", language)]
    lines, before = readable, []
    if asked.text_kind is not None:
        pattern = _TEXT_PATTERNS[asked.text_kind]
        lines = [line for line in lines if pattern.search(line.text)]
        if not lines:
            lines, before = readable, [say(asked.text_kind, language)]
    unclear = any(line.unclear for line in lines)
    texts = [line.text for line in lines]
    return [*before, sentence.quote(texts, language, len(texts), unclear=unclear)]


def _colour(
    asked: Asked, wanted: list[SceneObject], known: bool, facts: Facts, language: str
) -> list[str]:
    """The colour inside the thing's box; of what is held up, else the middle's.

    A thing that is asked for by name and not seen has no colour to tell: the middle may be
    anything's.

    The clothes of somebody in the picture are left out: their place inside a person's box
    is not known well enough (measured on photos, their colour came out wrong).
    """
    if facts.quality.high < _DIM:
        return [say("too dim", language)]
    if known and not wanted and facts.people:
        return [say("other", language)]
    if asked.noun and not wanted and not asked.shown:
        return [say("missing" if known else "other", language)]
    before = [say("missing", language)] if known and not wanted else []
    main, subject = _measured(wanted, facts, language)
    if not main:
        return [*before, say("colours", language)]
    words = [colours.say(name, language) for name in main]
    if base(language) == "zh":
        return [*before, f"{subject}主要是{'和'.join(words)}。"]
    return [*before, f"{subject} mostly {sentence.and_(words)}."]


def _measured(
    wanted: list[SceneObject], facts: Facts, language: str
) -> tuple[tuple[str, ...], str]:
    """The main colours of the part asked about, and what the part is called, with its verb."""
    chinese, picture = base(language) == "zh", facts.picture
    boxed = [o for o in wanted if o.box is not None]
    if boxed:
        thing = max(boxed, key=_area)
        assert thing.box is not None
        word = nouns.bare(thing.name, language)
        largest = ("最大的" if chinese else "largest ") if len(boxed) > 1 else ""
        subject = f"{largest}{word}" if chinese else f"The {largest}{word} {nouns.verb(thing.name)}"
        return colours.of_thing(picture, thing.box), subject
    middle = "画面中间" if chinese else "The middle of the picture is"
    return colours.main_colours(colours.region(picture)), middle


def _area(found: SceneObject) -> int:
    x1, y1, x2, y2 = found.box or (0, 0, 0, 0)
    return (x2 - x1) * (y2 - y1)
