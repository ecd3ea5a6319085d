"""Plain sentences from what a vision model writes: thoughts, markup, JSON and refusals taken off.

Whatever the text says is data: nothing in it is followed, and sentences that give orders to a
program are dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from assistant import languages

_THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning|reflection|scratchpad)>.*?(?:</\1>|\Z)", re.S | re.I
)
_THOUGHT_END = re.compile(r"^.*?</(?:think|thinking|thought|reasoning)>", re.S | re.I)
_SPECIAL = re.compile(r"<\|[^|>]*\|>|</?(?:s|answer|output|image|img|p|br|b|i|strong)\s*/?>", re.I)
_ROLE = re.compile(r"^\s*(?:assistant|answer|description|output|回答|描述|答)\s*[:：]\s*", re.I)
_FENCE = re.compile(r"^\s*```\w*\s*$", re.M)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s.*|\*\*[^*\n]{1,40}\*\*\s*:?|__[^_\n]{1,40}__\s*:?|[-=*_]{3,})\s*$"
)
_ITEM = re.compile(r"^\s*(?:[-*+•·–]|\(?\d{1,2}[.)、]|[①-⑨])\s+")
_LABEL = re.compile(r"^(?:\*\*|__)[^*_\n]{1,30}(?:\*\*|__)\s*[:：]\s*|^\*\*([^*\n]{1,30}):\*\*\s*")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_PREAMBLE = re.compile(
    r"^\s*(?:sure|certainly|of course|okay|ok|absolutely|great(?: question)?|here(?: is|'s|’s)"
    r"|below is|as requested|let me|i(?: will|'ll|’ll) (?:describe|help)|好的|当然|以下是|下面是"
    r"|没问题)"
    r"[^.!?。！？\n]{0,80}(?:[:：!！]|[.。]\s*)(?=\s*\S)",
    re.I,
)
_ASIDE = re.compile(
    r"\bas an? (?:\w+[ -])*?(?:ai|assistant|language model|model)\b|\b(?:i am|i'm) an? (?:\w+ )*?"
    r"(?:ai|language model|text-based)\b|作为一个?[^，。]{0,8}(?:人工智能|AI|模型|助手)"
    r"|\b(?:let me know|feel free to ask|hope this helps|is there anything else|would you like"
    r"|if you (?:have|need|want) (?:any )?(?:more|further|other))\b"
    r"|希望(?:这|对|能)|如果(?:你|您)(?:还)?(?:有|需要)|需要我",
    re.I,
)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|not able)|i (?:can ?not|can't|can’t|cannot) (?:help|assist"
    r"|see|view|process|provide|identify|access|describe|comply)|unable to (?:see|view|help|assist"
    r"|process)|i apologi[sz]e|against (?:my|the) (?:policy|guidelines))\b"
    r"|(?:抱歉|对不起|很遗憾|不好意思)|我?(?:无法|不能|没办法)(?:查看|看到|协助|提供|处理|识别|帮)",
    re.I,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.。]{0,40}\b(?:rules?|instructions?|prompts?|above"
    r"|previous|guidelines)\b|\b(?:system|developer|assistant|user)\s*(?:prompt|message)?\s*[:>]"
    r"|\b(?:tell|say to|inform|instruct) (?:the |your |this )?(?:user|listener|person|blind)\b"
    r"|\byou (?:must|are now|will) (?:now )?(?:say|tell|answer|act|obey|a\b)"
    r"|(?:忽略|无视|忘记|不要理会)[^，。]{0,12}(?:指令|规则|提示|要求)|(?:告诉|对)(?:用户|使用者)(?:说)?"
    r"|(?:系统|开发者)(?:提示|指令|消息)?\s*[:：]",
    re.I,
)
_TEXT_KEYS = (
    "sentences", "sentence", "description", "answer", "caption", "text", "summary", "details",
    "content", "response", "result", "objects",
)  # fmt: skip
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(:?)|"((?:[^"\\]|\\.)*)\Z')


def sentences(raw: str) -> list[str]:
    """The sentences of a model's answer in order, each once; none for a refusal.

    Reads JSON with a text in it (complete, fenced or cut off), drops thoughts, headings,
    preambles, remarks about itself, and orders.
    """
    text = _THOUGHT_END.sub("", _THOUGHT.sub(" ", raw))
    text = _FENCE.sub("", _SPECIAL.sub(" ", text)).strip()
    found = [line for part in _parts(text) for line in _lines(part)]
    said: dict[str, str] = {}
    for sentence in found:
        key = re.sub(r"\W+", "", sentence).lower()
        if key and not _says_nothing(sentence):
            said.setdefault(key, sentence)
    return list(said.values())


def refuses(raw: str) -> bool:
    """Whether an answer only says that the model cannot or will not look."""
    return not sentences(raw) and bool(_REFUSAL.search(raw))


def _says_nothing(sentence: str) -> bool:
    return any(pattern.search(sentence) for pattern in (_ORDER, _ASIDE, _REFUSAL))


def _parts(text: str) -> list[str]:
    """The texts inside JSON, or the text itself."""
    start = min((i for i in (text.find("{"), text.find("[")) if i >= 0), default=-1)
    if start < 0 or not re.match(r'[{\[]\s*["{\[}\]]', text[start:]):
        return [text]
    try:
        value, end = json.JSONDecoder().raw_decode(text[start:])
    except ValueError:
        return [text[:start], *_broken(text[start:])]
    after = text[start + end :]
    return [text[:start], *_texts(value), *(_parts(after) if after.strip() else [])]


def _texts(value: Any, key: str = "sentences") -> Iterator[str]:
    """The strings in a JSON value that are meant to be read."""
    if isinstance(value, str):
        if key in _TEXT_KEYS:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, str(name).lower())


def _broken(text: str) -> Iterator[str]:
    """The values of JSON that does not parse; keys are left out, a last cut-off clause too."""
    for found in _STRING.finditer(text):
        value, colon, cut = found[1], found[2], found[3]
        if cut is not None:  # ends in the middle of a sentence
            value = cut[: max(cut.rfind(mark) for mark in ".。!！?？") + 1]
        if value and not colon and (" " in value or not value.isascii()):
            yield value.replace('\\"', '"').replace("\\n", "\n")


def _lines(text: str) -> Iterator[str]:
    """The sentences of plain text or Markdown."""
    text = _PREAMBLE.sub("", _ROLE.sub("", text))
    for line in text.splitlines():
        if not line.strip() or _HEADING.match(line):
            continue
        item = _ITEM.match(line)
        plain = _EMPHASIS.sub(r"\2", _LABEL.sub("", _ITEM.sub("", line)).strip())
        plain = _ROLE.sub("", plain).strip(" |>")
        if not item and plain.endswith((":", "：")):
            continue  # introduces a list
        for sentence in languages.sentences(plain):
            yield sentence if sentence[-1] in '.!?。！？"”' else sentence + _stop(sentence)


def _stop(sentence: str) -> str:
    return "。" if languages.language_of(sentence) == "zh" else "."
