"""What speech over a reply is: a person who means to be heard, a nod, an echo, a noise."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache
from typing import Literal

from assistant import commands, templates
from assistant.types import Transcript

Kind = Literal["speech", "backchannel", "echo", "noise", "undecided"]

_BRIEF_S = 0.35  # s of speech; a cough or a click has less, and no word was heard in it
_WORD = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’][^\W_]+)*")
_ASKS = re.compile(
    r"[?？][\"”’」』）)]*$|[吗呢][。？?]?$"
)  # the assistant has just asked something
_QUESTION = frozenset(
    {
        "what", "which", "who", "whose", "where", "when", "why", "how", "is", "are", "was", "were",
        "do", "does", "did", "can", "could", "will", "would", "should",
        "什", "哪", "谁", "几", "吗", "怎", "呢", "多",
    }
)  # fmt: skip  # an echo has none that the reply has not
_ALIKE = 0.75  # share of an echo's words that follow the order of what was spoken
_ROW = 6  # letters or characters of words in a row that are no chance
_ENOUGH = 3  # words (two in a row are quoted by people, too)


def kind(heard: Transcript | None, spoken: str, *, voiced_s: float) -> Kind:
    """Judge speech over a reply; `spoken` is what the assistant said in the last seconds.

    Without a transcript, by its length alone: brief sounds are noise, the rest is undecided.
    So are one or two words of the reply itself: an echo's beginning, or a person's question.
    """
    if heard is None:
        return "noise" if voiced_s < _BRIEF_S else "undecided"
    words = tokens(heard.text)
    if not words:
        return "noise"
    if is_command(heard):
        return "speech"
    if _is_backchannel(words):
        return "speech" if _ASKS.search(spoken.strip()) else "backchannel"
    if is_echo(heard.text, spoken):
        return "echo"
    if len(words) < _ENOUGH and _quotes(words, tokens(spoken)):
        return "undecided"
    return "speech"


def is_command(heard: Transcript | None) -> bool:
    """Whether it is a control word: "stop", "再说一遍"."""
    return heard is not None and commands.match(heard.text, heard.language) is not None


def _quotes(words: list[str], said: list[str]) -> bool:
    """Whether the words stand in what was said, one after the other."""
    starts = range(len(said) - len(words) + 1)
    return any(said[i : i + len(words)] == words for i in starts)


def is_echo(text: str, spoken: str) -> bool:
    """Whether the words follow what the assistant has just said, as an echo would.

    Recognition of an echo is imperfect, so most words in order are enough; one or two words
    are not, since a person who asks back uses them too.
    """
    words, said = tokens(text), tokens(spoken)
    if len(words) < _ENOUGH or not said:
        return False
    matching = SequenceMatcher(a=said, b=words, autojunk=False).get_matching_blocks()
    runs = [block for block in matching if block.size]
    if not runs:
        return False
    covered = sum(block.size for block in runs)
    own = {block.b + i for block in runs for i in range(block.size)}
    if any(word in _QUESTION for i, word in enumerate(words) if i not in own):
        return False
    # An echo is one stretch of the reply: words picked from all over it are a person's own.
    stretch = runs[-1].a + runs[-1].size - runs[0].a
    return covered >= _ALIKE * len(words) and stretch <= 1.5 * len(words) + 1


def repeats(text: str, spoken: str) -> bool:
    """Whether some words in a row were just spoken so: an echo, unless somebody asks about them."""
    words, said = tokens(text), tokens(spoken)
    match = SequenceMatcher(a=said, b=words, autojunk=False).find_longest_match()
    row = words[match.b : match.b + match.size]
    if words and words[0] in _QUESTION and match.b > 0:
        return False
    return len("".join(row)) >= _ROW and len(row) >= _ENOUGH


def tokens(text: str) -> list[str]:
    """Words in lower case; Chinese by character."""
    return _WORD.findall(text.casefold())


def _is_backchannel(words: list[str]) -> bool:
    """Whether it is nothing but nods: "mhm", "yeah yeah", "嗯嗯"."""
    joined, joined_zh = " ".join(words), "".join(words)
    phrases = _backchannels()
    if joined in phrases or joined_zh in phrases:
        return True
    return len(words) <= 4 and all(word in phrases for word in words)


@cache
def _backchannels() -> frozenset[str]:
    content = templates.mapping("backchannels.yaml")
    return frozenset(phrase for phrases in content.values() for phrase in phrases)
