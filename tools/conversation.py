"""How the assistant speaks, moving about in what was said, and answering without a tool."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from assistant import templates
from assistant.events import Sentence, ToolEvent
from assistant.languages import base, joined, language_of
from assistant.memory import Preferences
from assistant.safety import streamed_sentences
from assistant.speech import Speaker
from assistant.tools.context import ToolContext
from assistant.types import SentenceKind, ToolResult, Turn
from assistant.vision.sentence import is_quote

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Command = Literal["stop", "repeat", "more", "next", "previous", "spell", "forget", "cancel", "help"]
Rate = Literal["slower", "normal", "faster"]

_STEP = 1.25  # of the rate, for "faster" and "slower"
_DETAILS = 3  # sentences that one "more" speaks
_HISTORY_TURNS = 3  # earlier turns that a reply sees, at least; at most five
_HISTORY_CHARACTERS = 240  # of each of their texts; a prompt costs about 30 ms a token
_REPLY_TOKENS = 160  # three spoken sentences
_LANGUAGES = {
    "en": ("english", "英语", "英文"),
    "zh": ("chinese", "mandarin", "中文", "汉语", "普通话", "华语"),
    "es": ("spanish", "西班牙语"),
    "fr": ("french", "法语"),
    "de": ("german", "德语"),
    "it": ("italian", "意大利语"),
    "ja": ("japanese", "日语"),
}


def set_speech(
    context: ToolContext,
    *,
    rate: Rate | float | None = None,
    voice: str | None = None,
    language: str | None = None,
) -> Iterator[ToolEvent]:
    """Change how the assistant speaks: its rate, its voice, its language.

    `rate` is a step or a factor of the voice's own speed; `voice` a name, or "other" for the
    next one; `language` BCP-47 or a name, "auto" for the language of each request.
    """
    preferences = Preferences.model_validate(dict(context.preferences))
    changes: dict[str, Any] = {}
    said: list[tuple[str, str]] = []
    spoken = context.language
    if language is not None:
        code = _language_code(language)
        if code is None and language.casefold() != "auto":
            said.append(("I don't know that language.", "我不会这种语言。"))
        else:
            changes["language"] = code
            spoken = code or spoken
            said.append(("All right, in this language from now on.", "好的，以后用这种语言。"))
    if rate is not None:
        changes["rate"] = _rate(rate, preferences.rate)
        said.append(_rate_said(changes["rate"], preferences.rate))
    if voice is not None:
        name = _voice(context, voice, preferences.voice, spoken)
        if name is None:
            said.append(("I have only one voice here.", "我在这里只有一种声音。"))
        else:
            changes["voice"] = name
            said.append((f"My voice is now {name}.", f"现在的声音是 {name}。"))
    if not said:
        said.append(
            (
                "Say faster, slower, another voice, or a language.",
                "请说快一点、慢一点、换声音或换语言。",
            )
        )
    if context.conversation is not None and changes:
        context.conversation.memory.prefer(**changes)
    texts = [pair[spoken == "zh"] for pair in said]
    yield from _sentences(texts, "measured", "zh" if spoken == "zh" else "en")
    yield ToolResult(spoken=joined(texts), data={"preferences": changes})


def control(context: ToolContext, *, command: Command) -> Iterator[ToolEvent]:
    """Move about in the conversation: stop, repeat, more, next, spell, forget and so on."""
    turns = context.conversation.turns() if context.conversation else []
    yield from _COMMANDS[command](context, turns)


def reply(context: ToolContext, *, text: str | None = None) -> Iterator[ToolEvent]:
    """Answer without a tool; without `text` the language model says it, sentence by sentence."""
    spoken = []
    pieces = iter([text]) if text else _generated(context)
    for sentence in streamed_sentences(pieces):
        context.cancel.check()
        spoken.append(sentence)
        language = context.language
        if base(language) in ("en", "zh"):  # small models may answer in the other one
            language = language_of(sentence, language)
        yield Sentence(text=sentence, kind="generated", language=language)
    yield ToolResult(spoken=joined(spoken))


def _generated(context: ToolContext) -> Iterator[str]:
    """The pieces of the language model's answer."""
    model = context.engines.get("chat_model").chat()
    for chunk in model.stream(_messages(context), max_tokens=_REPLY_TOKENS):
        context.cancel.check()
        yield chunk.text if isinstance(chunk.text, str) else str(chunk.content)


def _messages(context: ToolContext) -> list[BaseMessage]:
    """System prompt, a few earlier turns, the request; what tools said is labelled as data.

    The earlier turns begin at the same one for several requests, so that the language model
    finds most of its prompt computed already.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    turns = context.conversation.turns(1000) if context.conversation else []
    turns = [t for t in turns if t.reply and t.call.name not in ("control", "set_speech")]
    turns = turns[max(0, len(turns) - _HISTORY_TURNS) // _HISTORY_TURNS * _HISTORY_TURNS :]
    messages: list[BaseMessage] = [SystemMessage(templates.render("reply.md.j2"))]
    found = ""  # what tools said since the last reply
    for turn in turns:
        request = _with_language(turn.request[:_HISTORY_CHARACTERS], turn.language)
        if turn.call.name == "reply":
            answer = turn.reply[:_HISTORY_CHARACTERS]
            messages += [HumanMessage(found + request), AIMessage(answer)]
            found = ""
        else:
            asked, said = (templates.quoted(t, _HISTORY_CHARACTERS) for t in (request, turn.reply))
            found += f"(Asked {asked}, {turn.call.name} gave data: {said})\n"
    request = _with_language(context.request, context.language)
    messages.append(HumanMessage(found + request))
    return messages


def _with_language(request: str, language: str) -> str:
    """A request, with the language of its answer where that is another one."""
    if base(language) == "zh":
        return f"{request}\n（请用中文回答。）"
    if base(language) == base(language_of(request, language)):
        return request
    names = _LANGUAGES.get(base(language), (language,))
    return f"{request}\n(Answer in {names[0].capitalize()}.)"


# --- control -----------------------------------------------------------------------------


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
        basic = turn.result is not None and turn.result.data.get("engine") == "basic"
        for text in rest:
            kind: SentenceKind = "measured" if basic else "generated"
            kind = "quoted" if is_quote(text) else kind
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
        replies = [t for t in turns if t.reply and not _is_control(t, *_COMMANDS)]
        words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", replies[-1].reply) if replies else []
        if not words:
            yield from _say(context, "I haven't said a word yet.", "我还没有说过什么。")
            return
        word = words[-1]
    letters = [character.upper() for character in word if character.isalnum()]
    chinese = context.language == "zh"
    text = f"{word}：{'、'.join(letters)}。" if chinese else f"{word}: {', '.join(letters)}."
    yield Sentence(text=text, kind="quoted", language=context.language)
    yield ToolResult(spoken=text, data={"word": word, "letters": letters})


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


# --- speech ------------------------------------------------------------------------------


def _language_code(language: str) -> str | None:
    wanted = language.casefold().strip()
    for code, words in _LANGUAGES.items():
        if wanted in words or base(wanted) == code:
            return code
    return None


def _rate(asked: Rate | float, current: float) -> float:
    steps = {"slower": current / _STEP, "faster": current * _STEP, "normal": 1.0}
    wanted = steps[asked] if isinstance(asked, str) else float(asked)
    return round(min(2.0, max(0.5, wanted)), 2)


def _rate_said(rate: float, before: float) -> tuple[str, str]:
    if rate == before:
        return "I can't go further than this.", "已经不能再调了。"
    if rate > before:
        return "I'll speak faster.", "我会说快一点。"
    return "I'll speak more slowly.", "我会说慢一点。"


def _voice(context: ToolContext, asked: str, current: str | None, language: str) -> str | None:
    """The voice that goes by this name, or the one after the current one; None without."""
    voices = Speaker(context.engines).voices()
    names = [voice.name for voice in voices if base(language) in map(base, voice.languages)]
    named = next((name for name in names if name.casefold() == asked.casefold()), None)
    if named is not None or len(names) < 2:
        return named
    place = names.index(current) if current in names else 0
    return names[(place + 1) % len(names)]


def _say(context: ToolContext, english: str, chinese: str) -> Iterator[ToolEvent]:
    text = chinese if context.language == "zh" else english
    yield from _sentences([text], "measured", "zh" if context.language == "zh" else "en")
    yield ToolResult(spoken=text)


def _sentences(texts: Sequence[str], kind: SentenceKind, language: str) -> Iterator[ToolEvent]:
    for text in texts:
        yield Sentence(text=text, kind=kind, language=language)
