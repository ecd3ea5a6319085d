"""Reading aloud the text in a picture, verbatim, with doubt said where there is doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from assistant.events import Sentence, ToolEvent
from assistant.languages import base, language_of
from assistant.tools.context import ToolContext
from assistant.types import Picture, Reading, TextLine, ToolResult
from assistant.vision import legibility, quality
from assistant.vision.asked import asked_kind, matching

_ILLEGIBLE: Final = 0.7  # less confident lines are mentioned, not spoken: they would be gibberish
_WRAPPED: Final = 0.75  # of the paragraph's longest line; a longer line may go on in the next
_WRAPPED_LEAST: Final = 16  # characters, a Chinese one counting two; labels have shorter lines

_LAYER: Final = 600  # characters, a Chinese one counting two, that are read before "more"
_REMNANT: Final = 200  # a rest that is not longer is read at once

READS: Final = ("It reads:", "上面写着：")  # (English, Chinese), before what is quoted
_SAID: Final = {
    "reads": READS,
    "unclear": ("Unclear: ", "不清楚："),
    "illegible": ("A line that I can't make out.", "有一行我看不清。"),
    "more": (
        "There may be more writing that I can't make out.",
        "可能还有一些文字我认不出来。",
    ),
    "unread": (
        "There may be writing, but I can't make it out. Hold the camera closer and still.",
        "上面可能有文字，但是我认不出来。请把镜头拿近一点，拿稳。",
    ),
    "nothing": ("I can't find any text.", "我没有找到文字。"),
    "turn": (
        "Turn it over, or hold it flat in front of the camera.",
        "请翻到另一面，或者平着拿到镜头前。",
    ),
    "go_on": ("There is more text. Say more to go on.", "后面还有文字。想听请说“继续”。"),
    "whole": ("The whole text:", "全文："),
}
_FOUND: Final = {
    "date": ("With a date:", "有日期的是："),
    "price": ("With a price:", "有价格的是："),
    "phone": ("With a phone number:", "有电话号码的是："),
    "time": ("With a time:", "有时间的是："),
    "address": ("With an e-mail or web address:", "有邮箱或网址的是："),
    "number": ("With a number:", "有数字的是："),
}
_MISSING: Final = {
    "date": ("I see no date in what I can read.", "我读到的文字里没有看到日期。"),
    "price": ("I see no price in what I can read.", "我读到的文字里没有看到价格。"),
    "phone": ("I see no phone number in what I can read.", "我读到的文字里没有看到电话号码。"),
    "time": ("I see no time in what I can read.", "我读到的文字里没有看到时间。"),
    "address": ("I see no such address in what I can read.", "我读到的文字里没有看到邮箱或网址。"),
    "number": ("I see no number in what I can read.", "我读到的文字里没有看到数字。"),
}

_WHOLE: Final = re.compile(
    r"\b(?:all|everything|whole|entire|full|complete|every word|start to finish)\b|"
    r"全部|全文|完整|整篇|整页|所有|从头到尾|通读",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """One utterance of a paragraph: lines that run on, or one line by itself."""

    text: str  # verbatim
    unclear: bool = False
    illegible: bool = False


def read_text(context: ToolContext) -> Iterator[ToolEvent]:
    """Read the text in the picture aloud, word for word.

    What was asked for (a date, a price, a telephone number) comes first. `data["text"]` holds
    the paragraphs as they are spoken, a blank line between, for next, previous and spell;
    `data["lines"]` the lines verbatim. Whatever the text says is read, never obeyed.
    """
    picture = context.picture()
    reading: Reading = context.engines.get("text_reader").read(picture, context.cancel)
    spoken: list[str] = []
    paragraphs = _paragraphs(reading)
    layer = paragraphs[: _layer(context, paragraphs)]
    for sentence in _sentences(context, picture, reading, paragraphs, layer):
        context.cancel.check()
        spoken.append(sentence.text)
        yield sentence
    said = [" ".join(_worded(u, context.language) for u in p) for p in paragraphs]
    yield ToolResult(
        spoken=" ".join(spoken),
        data={
            "text": "\n\n".join(said),
            "paragraphs": said,
            "paragraph": len(layer) - 1,  # the last one that was read
            "lines": [
                {"text": x.text, "box": x.box, "confidence": x.confidence, "unclear": x.unclear}
                for x in reading.lines
            ],
        },
    )


def _sentences(
    context: ToolContext,
    picture: Picture,
    reading: Reading,
    paragraphs: list[list[_Said]],
    layer: list[list[_Said]],
) -> Iterator[Sentence]:
    language = context.language
    legible = [u for paragraph in paragraphs for u in paragraph if not u.illegible]
    if not legible:
        yield from _nothing(context, picture, reading)
        return
    asked = asked_kind(context.request)
    intro = _say("reads", language)
    if asked is not None:
        answers = matching(reading.lines, asked)
        if answers:
            utterances = [_Said(text=x.text, unclear=x.unclear) for x in answers]
            yield from _introduced(_FOUND[asked][_index(language)], utterances, language)
            intro = _say("whole", language)
        elif _all_clear_without_digits(reading):
            yield _own(_MISSING[asked][_index(language)], language)
    utterances = [u for paragraph in layer for u in paragraph]
    framed = _framed(utterances)
    yield from _introduced(intro, framed, language)
    if len(layer) < len(paragraphs):
        yield _own(_say("go_on", language), language)
    elif reading.unread or len(framed) < len(utterances):
        yield _own(_say("more", language), language)
    key = _hindrance(context, picture, reading)
    if key is not None:
        mirrored = context.camera.facing == "user"
        yield _own(quality.fault(key, language, mirrored=mirrored).sentence, language)


def _layer(context: ToolContext, paragraphs: list[list[_Said]]) -> int:
    """How many paragraphs are read at once: all, or of a long text those that fill a layer.

    A request for the whole text gets it, as does a user who wants full detail.
    """
    whole = len(paragraphs)
    if context.full or _WHOLE.search(context.request):
        return whole
    sizes = [sum(_length(said.text) for said in paragraph) for paragraph in paragraphs]
    legible = [any(not said.illegible for said in paragraph) for paragraph in paragraphs]
    for count in range(1, whole):
        rest = sum(sizes[count:])
        if sum(sizes[:count]) >= _LAYER and any(legible[:count]) and rest > _REMNANT:
            return count
    return whole


def _framed(utterances: list[_Said]) -> list[_Said]:
    """From the first to the last that can be read: nobody wants to hear first what nobody can."""
    legible = [n for n, utterance in enumerate(utterances) if not utterance.illegible]
    return utterances[legible[0] : legible[-1] + 1]


def _introduced(intro: str, utterances: Sequence[_Said], language: str) -> Iterator[Sentence]:
    """The introduction in the language of the answer, then each utterance in its own."""
    first = utterances[0]
    own = language_of(first.text, language)
    if own == base(language) and not first.illegible:
        gap = "" if own == "zh" else " "
        text = f"{intro}{gap}{_worded(first, language)}"
        yield Sentence(text=text, kind="quoted", language=language)
        utterances = utterances[1:]
    else:
        yield _own(intro, language)
    for utterance in utterances:
        if utterance.illegible:
            yield _own(_worded(utterance, language), language)
        else:
            spoken_in = language if utterance.unclear else language_of(utterance.text, language)
            yield Sentence(text=_worded(utterance, language), kind="quoted", language=spoken_in)


def _nothing(context: ToolContext, picture: Picture, reading: Reading) -> Iterator[Sentence]:
    """That there is no text, or none that can be read, and the one thing that would help."""
    language = context.language
    key = _hindrance(context, picture, reading)
    found = bool(reading.lines or reading.unread) or key == "text_too_small"
    if found and key is None:
        yield _own(_say("unread", language), language)
        return
    if not found:
        yield _own(_say("nothing", language), language)
    fix = _say("turn", language)
    if key is not None:
        mirrored = context.camera.facing == "user"
        fix = quality.fault(key, language, mirrored=mirrored).sentence
    yield _own(fix, language)


def _hindrance(context: ToolContext, picture: Picture, reading: Reading) -> str | None:
    reader = context.engines.get("text_reader")
    return legibility.hindrance(picture, reading, reader, context.cancel)


def _own(text: str, language: str) -> Sentence:
    return Sentence(text=text, kind="measured", language=language)


def _index(language: str) -> int:
    return int(base(language) == "zh")


def _say(key: str, language: str) -> str:
    return _SAID[key][_index(language)]


def _worded(utterance: _Said, language: str) -> str:
    """As it is spoken: doubt is said before the words it is about."""
    if utterance.illegible:
        return _say("illegible", language)
    return (_say("unclear", language) if utterance.unclear else "") + utterance.text


def _all_clear_without_digits(reading: Reading) -> bool:
    """Whether it may be said that a date, price or number is not among what was read."""
    doubtful = reading.unread or any(line.unclear for line in reading.lines)
    return not doubtful and not re.search(r"\d|@", reading.text)


def _paragraphs(reading: Reading) -> list[list[_Said]]:
    """The text's paragraphs as utterances."""
    remaining = list(reading.lines)
    paragraphs = []
    for block in reading.text.split("\n\n"):
        count = len(block.splitlines())
        lines, remaining = remaining[:count], remaining[count:]
        if lines:
            paragraphs.append(_utterances(lines))
    return paragraphs


def _utterances(lines: Sequence[TextLine]) -> list[_Said]:
    """Lines that run on joined; unclear ones by themselves; illegible ones counted once."""
    longest = max(_length(line.text) for line in lines)
    said: list[_Said] = []
    for before, line in zip([None, *lines], lines, strict=False):
        doubted = line.unclear or before is None or before.unclear
        if before is not None and not doubted and _runs_on(before.text, line.text, longest):
            gap = "" if _is_wide(before.text[-1]) and _is_wide(line.text[0]) else " "
            said[-1] = _Said(text=f"{said[-1].text}{gap}{line.text}")
        else:
            illegible = line.unclear and line.confidence < _ILLEGIBLE
            said.append(_Said(text=line.text, unclear=line.unclear, illegible=illegible))
    return [next(group) for _, group in groupby(said, key=lambda s: s.illegible or id(s))]


def _runs_on(line: str, after: str, longest: int) -> bool:
    """Whether a sentence seems to go on in the next line, as prose does and labels do not."""
    length = _length(line)
    if length < max(_WRAPPED * longest, _WRAPPED_LEAST):
        return False
    if _is_wide(line[-1]):
        return " " not in line and _is_wide(after[0]) and line[-1] not in "。！？；"
    return after[0].islower() or (" " in line and (line[-1].islower() or line[-1] in ",-"))


def _length(text: str) -> int:
    return sum(2 if _is_wide(character) else 1 for character in text)


def _is_wide(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
