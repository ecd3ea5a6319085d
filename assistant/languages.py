"""Which of the two first languages a text is in, and how its sentences and clauses end."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")  # kana, Han
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)?")
_FILE_NAME = re.compile(r"(?<!\S)\S+\.\w{2,4}\b")  # from its beginning only: time stays linear
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|[。！？]|\n|$)", re.DOTALL)


def language_of(text: str, default: str = "en") -> str:
    """`zh` when the text is mostly Chinese, `en` when it is mostly Latin, else `default`.

    One Han character counts like one Latin word, so that "总结 lecture.mp4" is Chinese.
    """
    han = len(_HAN.findall(text))
    latin = len(_LATIN_WORD.findall(_FILE_NAME.sub(" ", text)))
    if han == latin == 0:
        return default
    return "zh" if han >= latin else "en"


def base(language: str) -> str:
    """`zh` for `zh-CN`."""
    return language.split("-")[0].lower()


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order, stripped."""
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()]


def joined(texts: Iterable[str]) -> str:
    """Sentences or clauses as one text: a blank between them, none after a Chinese one."""
    whole = ""
    for text in texts:
        tight = whole[-1:] in "。！？；：，、”" or (
            _UNSPACED.match(whole[-1:]) and _UNSPACED.match(text[:1])
        )
        whole += ("" if tight else " ") + text
    return whole


def length(text: str, language: str) -> int:
    """Words of an English text; Han characters and Latin words of a Chinese one."""
    latin = len(re.findall(r"[^\s\u3400-\u9fff，。！？、；：,.!?;:]+", text))
    return latin + len(_HAN.findall(text)) if base(language) == "zh" else len(text.split())
