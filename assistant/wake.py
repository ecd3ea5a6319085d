"""The wake phrase, spotted in the transcript: recognisers write names as they hear them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from assistant.overlap import tokens

_ALIKE = 0.83  # of letters (or pinyin), so that "hey assistance" and "hay assistant" are meant
_SPLIT = 0.92  # the same where it was heard as one word more or less
_OPENERS = frozenset(
    {
        "hey", "hay", "hi", "hello", "ok", "okay", "oh", "so", "um", "uh", "well",
        "喂", "嗨", "嗯", "你", "好",
    }
)  # fmt: skip
_HAN = re.compile(r"[\u4e00-\u9fff]")  # a language that writes no blanks
_AFTER = re.compile(r"^[\s,.!?;:，。！？；：、…-]+")


def strip(text: str, phrase: str) -> str | None:
    """The request without the wake phrase at its beginning; None where it was not said.

    A greeting before the phrase, or instead of the phrase's own, does not matter; without any,
    a pause must follow, since "assistant managers" are not addressed.
    """
    wanted = _core(tokens(phrase))
    if not wanted:
        return text
    words = list(_placed(text))
    skipped = 0
    while skipped < len(words) and words[skipped][0] in _OPENERS and skipped < 2:
        skipped += 1
    for size in (len(wanted), len(wanted) + 1, len(wanted) - 1):
        part = words[skipped : skipped + size]
        if size < 1 or len(part) < size:
            continue
        least = _ALIKE if size == len(wanted) else _SPLIT
        rest = text[part[-1][1] :]
        called = skipped or not rest or _AFTER.match(rest.lstrip(" ")) or _HAN.search(phrase)
        if called and _likeness([word for word, _ in part], wanted) >= least:
            return _AFTER.sub("", rest)
    return None


def _core(words: list[str]) -> list[str]:
    """The phrase without its greeting, unless it is nothing else."""
    rest = [word for word in words if word not in _OPENERS]
    return rest or words


def _placed(text: str) -> list[tuple[str, int]]:
    """The words with the place where each ends in the text."""
    found, at = [], 0
    folded = text.casefold()
    for word in tokens(text):
        at = folded.index(word, at) + len(word)
        found.append((word, at))
    return found


def _likeness(words: list[str], wanted: list[str]) -> float:
    heard, meant = _sounds(words), _sounds(wanted)
    return SequenceMatcher(a=heard, b=meant, autojunk=False).ratio()


def _sounds(words: list[str]) -> str:
    """Letters, with Chinese characters by their pinyin where that is to be had."""
    joined = "".join(words)
    if not re.search(r"[\u4e00-\u9fff]", joined):
        return joined
    try:
        from pypinyin import lazy_pinyin
    except ImportError:  # comes with the Chinese voice
        return joined
    return "".join(lazy_pinyin(joined))
