"""Changing how the assistant speaks, and answering without a tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from assistant import commands, templates
from assistant.events import FirstToken, Sentence, ToolEvent
from assistant.languages import base, joined, language_of
from assistant.memory import Preferences, summary
from assistant.normalisation import markup
from assistant.safety import streamed_clauses, streamed_sentences
from assistant.speech import Speaker
from assistant.tools.context import ToolContext
from assistant.types import ToolResult, Turn

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Rate = Literal["slower", "normal", "faster"]

_STEP = 1.25  # of the rate, for "faster" and "slower"
_SLOWEST, _FASTEST = 0.5, 3.0  # times the voice's own speed; as in `Preferences`
_HISTORY_TURNS = 2  # earlier turns that a reply sees, at least; at most three
_HISTORY_CHARACTERS = 120  # of each of their texts; a prompt costs about 30 ms a token
_SUMMARY_TOKENS = 120  # of what is kept of earlier turns; read in idle time while talking
_REPLY_TOKENS = {False: 160, True: 400}  # brief: three spoken sentences; full
_TELLING = {
    "reply", "read_text", "describe_scene", "identify_object", "ask_image", "classify_image",
    "compare_pictures", "transcribe_audio",
}  # fmt: skip  # tools whose answers a reply may refer to
_VERBOSITY_SAID = {
    "brief": ("I'll be brief. Say more to hear more.", "好的，我会说得简短。想多听请说“更多”。"),
    "full": ("I'll tell you all of it from now on.", "好的，以后我会说得详细。"),
}
RATE_SAID = (
    ("I'll speak faster.", "我会说快一点。"),
    ("I'll speak more slowly.", "我会说慢一点。"),
)
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
    """Change how the assistant speaks: its rate, its voice, its language, how much it tells.

    `rate` is a step or a factor of the voice's own speed; `voice` a name, or "other" for the
    next one; `language` BCP-47 or a name, "auto" for the language of each request. Without
    any of them the request itself may be one of the grammar's wishes, such as "be brief".
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
    wish = commands.wish(context.request, context.language)
    if not said and wish is not None:
        changes["verbosity"] = wish
        said.append(_VERBOSITY_SAID[wish])
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
    for text in texts:
        yield Sentence(text=text, kind="measured", language="zh" if spoken == "zh" else "en")
    yield ToolResult(spoken=joined(texts), data={"preferences": changes})


def reply(context: ToolContext, *, text: str | None = None) -> Iterator[ToolEvent]:
    """Answer without a tool; without `text` the language model says it, clause by clause."""
    spoken: list[str] = []
    begun: list[str] = []  # of the sentence that has not ended
    clauses: Iterator[tuple[str, bool]]
    if text:
        lines = markup.blocks([text], context.language)
        clauses = ((sentence, True) for sentence in streamed_sentences(lines))
    else:
        pieces = _generated(context)
        first = next(pieces, None)
        if first is not None:
            yield FirstToken()
            pieces = chain((first,), pieces)
        clauses = streamed_clauses(markup.blocks(pieces, context.language))
    for clause, ends in clauses:
        context.cancel.check()
        spoken.append(clause)
        begun.append(clause)
        language = context.language
        if base(language) in ("en", "zh"):  # small models may answer in the other one
            language = language_of(joined(begun), language)
        yield Sentence(text=clause, kind="generated", language=language, ends=ends)
        if ends:
            begun = []
    yield ToolResult(spoken=joined(spoken))


def read_ahead(context: ToolContext) -> Iterator[None]:
    """Have the language model read the beginning of the next reply's prompt, to find it done.

    It yields about every second while it reads; closing it stops the model within 2 s.

    Raises:
        EngineError, WeightsMissing
    """
    model = context.engines.get("chat_model").chat()
    with closing(model.stream(_messages(context), max_tokens=1)) as stream:
        for _ in stream:
            yield None


def beginning(context: ToolContext) -> tuple[str, ...]:
    """What the prompts of several replies begin with; a change of it has to be read anew."""
    messages = _messages(context)
    return tuple(str(message.content) for message in messages[: 2 if len(messages) > 2 else 1])


def _generated(context: ToolContext) -> Iterator[str]:
    """The pieces of the language model's answer."""
    model = context.engines.get("chat_model").chat()
    tokens = _REPLY_TOKENS[context.full]
    with closing(model.stream(_messages(context), max_tokens=tokens)) as stream:
        for chunk in stream:
            context.cancel.check()
            if text := str(chunk.text):  # the first chunk may hold nothing but a role
                yield text


def _messages(context: ToolContext) -> list[BaseMessage]:
    """System prompt, what is kept of long ago, a few earlier turns, the request.

    What tools said, and what is kept, is labelled as data. Turns in another language are left
    out, since a small model would go on in that one. The earlier turns begin at the same one
    for several requests, so that the language model finds most of its prompt computed already.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    turns = context.conversation.turns(1000) if context.conversation else []
    own = base(context.language)
    turns = [t for t in turns if t.reply and t.call.name in _TELLING and base(t.language) == own]
    turns = turns[max(0, len(turns) - _HISTORY_TURNS) // _HISTORY_TURNS * _HISTORY_TURNS :]
    system = templates.render("reply.md.j2", full=context.full)
    messages: list[BaseMessage] = [SystemMessage(system)]
    found = _kept(context, turns)  # then what tools said since the last reply
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


def _kept(context: ToolContext, shown: Sequence[Turn]) -> str:
    """The conversation's summary as marked data, without what is shown anyway."""
    if context.conversation is None:
        return ""
    seen = "\n".join(text[:_HISTORY_CHARACTERS] for t in shown for text in (t.request, t.reply))
    notes = summary.chosen(context.conversation.summary(), context.request, _SUMMARY_TOKENS, seen)
    lines = []
    told = [templates.quoted(note.text) for note in notes if note.kind == summary.TOLD]
    if told:
        lines.append(f"(I told you earlier, data: {' '.join(told)})\n")
    for note in notes:
        if note.kind != summary.TOLD:
            lines.append(f"({note.kind} gave earlier, data: {templates.quoted(note.text)})\n")
    return "".join(lines)


def _with_language(request: str, language: str) -> str:
    """A request, with the language of its answer where a small model may miss it."""
    if base(language) == "zh":
        return f"{request}\n（请用中文回答。）"
    if base(language) == base(language_of(request, language)):
        return request
    names = _LANGUAGES.get(base(language), (language,))
    return f"{request}\n(Answer in {names[0].capitalize()}.)"


def _language_code(language: str) -> str | None:
    wanted = language.casefold().strip()
    for code, words in _LANGUAGES.items():
        if wanted in words or base(wanted) == code:
            return code
    return None


def _rate(asked: Rate | float, current: float) -> float:
    steps = {"slower": current / _STEP, "faster": current * _STEP, "normal": 1.0}
    wanted = steps[asked] if isinstance(asked, str) else float(asked)
    return round(min(_FASTEST, max(_SLOWEST, wanted)), 2)


def _rate_said(rate: float, before: float) -> tuple[str, str]:
    if rate == before:
        return "I can't go further than this.", "已经不能再调了。"
    return RATE_SAID[rate < before]


def _voice(context: ToolContext, asked: str, current: str | None, language: str) -> str | None:
    """The voice that goes by this name, or the one after the current one; None without."""
    voices = Speaker(context.engines).voices()
    names = [voice.name for voice in voices if base(language) in map(base, voice.languages)]
    named = next((name for name in names if name.casefold() == asked.casefold()), None)
    if named is not None or len(names) < 2:
        return named
    place = names.index(current) if current in names else 0
    return names[(place + 1) % len(names)]
