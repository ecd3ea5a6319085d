"""Moving about in the conversation: stop, repeat, more, next, previous, spell, forget, help.

Answered at once from what was said before, without a language model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from assistant.events import Sentence, ToolEvent
from assistant.languages import joined
from assistant.tools.context import ToolContext
from assistant.types import SentenceKind, ToolResult, Turn
from assistant.vision.sentence import is_quote

Command = Literal["stop", "repeat", "more", "next", "previous", "spell", "forget", "cancel", "help"]

_DETAILS = 3  # sentences that one "more" speaks


def control(context: ToolContext, *, command: Command) -> Iterator[ToolEvent]:
    """Move about in the conversation: stop, repeat, more, next, spell, forget and so on."""
    turns = context.conversation.turns() if context.conversation else []
    yield from _COMMANDS[command](context, turns)


def _stop(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    yield ToolResult(spoken="")


def _cancel(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    yield from _say(context, "All right.", "好的。")


def _repeat(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    for turn in reversed(turns):
        if turn.reply and not _is_control(turn, "cancel", "forget", "help"):
            yield Sentence(text=turn.reply, kind="quoted", language=turn.language)
            yield ToolResult(spoken=turn.reply)
            return
    yield from _say(context, "I haven't said anything yet.", "我还没有说过什么。")


def _more(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    """The next details of the last answer, or the next paragraph of a text."""
    turn, after = _last_answer(turns)
    if turn is None:
        yield from _say(context, "I haven't said anything yet.", "我还没有说过什么。")
        return
    if turn.call.name == "read_text":
        yield from _paragraph(context, turns, 1)
        return
    details = [str(text) for text in (turn.result.data.get("details", ()) if turn.result else ())]
    told = sum(t.result.data.get("details_told", 0) for t in after if t.result)
    rest = details[told : told + _DETAILS]
    if rest:
        data = turn.result.data if turn.result else {}
        measured = data.get("details_kind") == "measured" or data.get("engine") == "basic"
        kinds = data.get("details_kinds", ())[told:]  # of each, where the tool says so
        for place, text in enumerate(rest):
            kind: SentenceKind = "measured" if measured else "generated"
            kind = "quoted" if is_quote(text) else kind
            kind = kinds[place] if place < len(kinds) else kind
            yield Sentence(text=text, kind=kind, language=turn.language)
        yield ToolResult(spoken=joined(rest), data={"details_told": len(rest)})
        return
    yield from _say(context, "That's all I can tell.", "我能说的就是这些。")


def _next(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    yield from _paragraph(context, turns, 1)


def _previous(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    yield from _paragraph(context, turns, -1)


def _paragraph(context: ToolContext, turns: Sequence[Turn], step: int) -> Iterator[ToolEvent]:
    """The paragraph after or before the one that was read last."""
    reading = next(
        (n for n in range(len(turns) - 1, -1, -1) if turns[n].call.name == "read_text"), None
    )
    paragraphs = paragraphs_of(turns[reading]) if reading is not None else []
    if reading is None or not paragraphs:
        yield from _say(context, "I haven't read a text yet.", "我还没有读过文字。")
        return
    position = _read_so_far(turns[reading], paragraphs)
    result = turns[reading].result
    if result is not None:  # a line that was asked for may stand far below what was read
        position = min(position, int(result.data.get("paragraph", position)))
    for turn in turns[reading + 1 :]:
        if turn.result and "paragraph" in turn.result.data:
            position = int(turn.result.data["paragraph"])
    position += step
    if position >= len(paragraphs):
        yield from _say(context, "That was the last paragraph.", "刚才是最后一段。")
    elif position < 0:
        yield from _say(context, "That was the first paragraph.", "刚才是第一段。")
    else:
        text = paragraphs[position]
        yield Sentence(text=text, kind="quoted", language=turns[reading].language)
        yield ToolResult(spoken=text, data={"paragraph": position})


def paragraphs_of(turn: Turn) -> list[str]:
    """The paragraphs of a turn that read a text."""
    found = turn.result.data.get("paragraphs", ()) if turn.result else ()
    return [str(part) for part in found]


def _read_so_far(turn: Turn, paragraphs: Sequence[str]) -> int:
    """The number of the last paragraph that was really spoken."""
    spoken = _letters(turn.reply)
    heard = [n for n, text in enumerate(paragraphs) if _letters(text) in spoken]
    return heard[-1] if heard else 0


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _spell(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    """The letters of the word asked for, else of the last word that was spoken."""
    word = _asked_word(context.request)
    if word is None:
        words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", _last_words(turns))
        if not words:
            yield from _say(context, "I haven't said a word yet.", "我还没有说过什么。")
            return
        word = words[-1]
    letters = [character.upper() for character in word if character.isalnum()]
    chinese = context.language == "zh"
    text = f"{word}：{'、'.join(letters)}。" if chinese else f"{word}: {', '.join(letters)}."
    yield Sentence(text=text, kind="quoted", language=context.language)
    yield ToolResult(spoken=text, data={"word": word, "letters": letters})


def _last_words(turns: Sequence[Turn]) -> str:
    """What was told last: of a text its last paragraph that was read, not what follows it."""
    told = [
        turn
        for turn in turns
        if turn.reply and not _is_control(turn, "stop", "spell", "forget", "cancel", "help")
    ]
    if not told:
        return ""
    turn, paragraphs = told[-1], paragraphs_of(told[-1])
    if turn.interrupted or not paragraphs:
        return turn.reply
    return paragraphs[_read_so_far(turn, paragraphs)]


def _asked_word(request: str) -> str | None:
    """The word that "spell knight", "how is knight spelled" or "知怎么拼" names."""
    word = r"[\"“'‘]?([A-Za-z][\w'’-]*|[\u4e00-\u9fff]{1,4}?)[\"”'’]?"
    for pattern in (
        rf"\bspell(?: out)?(?: the (?:word|name))? {word}[.?!]*$",
        rf"\bhow (?:do|would) (?:you|i) spell(?: the (?:word|name))? {word}[.?!]*$",
        rf"\bhow is(?: the (?:word|name))? {word} spelled[.?!]*$",
        rf"(?:拼写?(?:一下)?(?:单词)?|怎么拼(?:写)?) ?{word}[。？！]*$",
        rf"{word} ?(?:这个词|这个单词)?怎么(?:拼写?|写)[。？！]*$",
    ):
        found = re.search(pattern, request.strip(), re.IGNORECASE)
        if found and found[1].casefold() not in _POINTERS:
            return found[1]
    return None


_POINTERS = {"it", "that", "this", "out", "word", "这个", "那个", "它", "这", "那", "出来", "一下"}


def _forget(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    if context.conversation is not None:
        context.conversation.forget()
    yield from _say(context, "I have forgotten this conversation.", "我已经忘掉了这次对话。")


def _help(context: ToolContext, turns: Sequence[Turn]) -> Iterator[ToolEvent]:
    texts = {
        "en": [
            "I can describe a picture, read its text, name things, compare pictures, and chat.",
            "At any time say stop, repeat, more, next, previous, spell, forget or cancel.",
        ],
        "zh": [
            "我可以描述图片、读出文字、辨认东西、比较图片，也能聊天。",
            "随时可以说：停、再说一遍、继续、下一段、上一段、拼一下、忘掉这次对话、取消。",
        ],
    }["zh" if context.language == "zh" else "en"]
    yield from _sentences(texts, "measured", "zh" if context.language == "zh" else "en")
    yield ToolResult(spoken=joined(texts))


_COMMANDS: dict[str, Callable[[ToolContext, Sequence[Turn]], Iterator[ToolEvent]]] = {
    "stop": _stop,
    "repeat": _repeat,
    "more": _more,
    "next": _next,
    "previous": _previous,
    "spell": _spell,
    "forget": _forget,
    "cancel": _cancel,
    "help": _help,
}


def _last_answer(turns: Sequence[Turn]) -> tuple[Turn | None, Sequence[Turn]]:
    """The last turn that was no control word, and the control turns after it."""
    for n in range(len(turns) - 1, -1, -1):
        if turns[n].call.name != "control":
            return turns[n], turns[n + 1 :]
    return None, ()


def _is_control(turn: Turn, *commands: str) -> bool:
    return turn.call.name == "control" and turn.call.arguments.get("command") in commands


def _say(context: ToolContext, english: str, chinese: str) -> Iterator[ToolEvent]:
    text = chinese if context.language == "zh" else english
    yield from _sentences([text], "measured", "zh" if context.language == "zh" else "en")
    yield ToolResult(spoken=text)


def _sentences(texts: Sequence[str], kind: SentenceKind, language: str) -> Iterator[ToolEvent]:
    for text in texts:
        yield Sentence(text=text, kind=kind, language=language)
