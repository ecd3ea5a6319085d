"""The control words and wishes: a closed grammar a language, matched before anything else.

The phrases live in `prompts/commands.yaml`. Only a whole utterance matches, so that "stop
the video" or "help me read this" stay requests; polite words around it do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant import templates
from assistant.languages import base
from assistant.types import Turn

COMMANDS = (
    "stop",
    "repeat",
    "more",
    "next",
    "previous",
    "spell",
    "forget",
    "cancel",
    "help",
)

WISHES = ("brief", "full")
"""How much the assistant is to tell from now on; `Preferences.verbosity`."""

REREAD = "reread"
READINGS = ("read", REREAD)
"""To read the text in the picture; the second only means it right after a text was read."""

VIDEO = "video"
"""Among what a conversation admits where a video was the last thing spoken of."""

_LONGEST = 60  # characters; no phrase of the grammar comes near
_GROUP = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")


def match(
    text: str, language: str | None = None, allowed: Collection[str] | None = None
) -> str | None:
    """The command that the whole utterance is, or None.

    `language` is looked at first, the other one after it: people mix them. `allowed` names the
    commands that make sense now; any other is not matched.
    """
    found = _found(text, language)
    return found if found in COMMANDS and (allowed is None or found in allowed) else None


def admitted(turns: Sequence[Turn]) -> frozenset[str]:
    """What makes sense after these turns: commands, and REREAD and VIDEO where they do."""
    allowed = {"stop", "cancel", "help", "forget"}
    if any(turn.reply for turn in turns):
        allowed |= {"repeat", "more", "spell"}
    if any(turn.call.name == "read_text" for turn in turns):
        allowed |= {"next", "previous"}
    answers = [turn.call.name for turn in turns if turn.call.name != "control"]
    if answers[-1:] == ["read_text"]:
        allowed |= {REREAD}
    if answers[-1:] and answers[-1] in ("summarize_video", "ask_video"):
        allowed |= {VIDEO}
    return frozenset(allowed)


def wish(text: str, language: str | None = None) -> str | None:
    """How much to tell from now on, "brief" or "full", where the whole utterance says so."""
    found = _found(text, language)
    return found if found in WISHES else None


def reads(text: str, language: str | None = None, *, again: bool = False) -> bool:
    """Whether the whole utterance asks to read the text in the picture: "start reading".

    `again` where a text was the last thing read, so that "start over" means that text.
    """
    for grammar in _ordered(text, language):
        found = grammar.match(text, grammar.readings)
        if found is not None:
            return found == "read" or again
    return False


def _found(text: str, language: str | None) -> str | None:
    """The command or wish that the whole utterance is."""
    for grammar in _ordered(text, language):
        found = grammar.match(text, grammar.phrases)
        if found is not None:
            return found
    return None


def _ordered(text: str, language: str | None) -> list[_Grammar]:
    """The grammars to try, that of the language first; none for a long text."""
    grammars = _grammars()
    first = base(language) if language else ""
    names = sorted(grammars, key=lambda name: name != first)
    return [grammars[name] for name in names] if len(text) <= _LONGEST else []


@dataclass(frozen=True, kw_only=True)
class _Grammar:
    """One language's phrases."""

    phrases: Mapping[str, str]  # normalised phrase -> command or wish
    readings: Mapping[str, str]  # normalised phrase -> one of READINGS
    before: tuple[str, ...]  # polite words, longest first
    after: tuple[str, ...]
    space: str  # what stands between two words
    fold: Mapping[int, str]  # traditional to simplified characters

    def match(self, text: str, phrases: Mapping[str, str]) -> str | None:
        """What an utterance says by some phrases, polite words left out only where needed."""
        seen: set[str] = set()
        waiting = [self.normalise(text)]
        while waiting:
            current = waiting.pop(0)
            if current in phrases:
                return phrases[current]
            for shorter in self._shorter(current):
                if shorter and shorter not in seen:
                    seen.add(shorter)
                    waiting.append(shorter)
        return None

    def normalise(self, text: str) -> str:
        """Case, punctuation and, in Chinese, spaces do not matter."""
        plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
        words = re.sub(r"[^\w']+", " ", plain).replace("_", " ").split()
        return self.space.join(words).translate(self.fold)

    def _shorter(self, text: str) -> Iterator[str]:
        for words in self.before:
            if text.startswith(words + self.space):
                yield text[len(words) :].strip()
        for words in self.after:
            if text.endswith(self.space + words):
                yield text[: -len(words)].strip()


@cache
def _grammars() -> Mapping[str, _Grammar]:
    content = templates.mapping("commands.yaml")
    pairs = content["traditional"]
    fold = dict(zip(map(ord, pairs["from"]), pairs["to"], strict=True))
    return {
        "en": _grammar(content["en"], space=" ", fold={}),
        "zh": _grammar(content["zh"], space="", fold=fold),
    }


def _grammar(rows: Mapping[str, Any], *, space: str, fold: Mapping[int, str]) -> _Grammar:
    empty = _Grammar(phrases={}, readings={}, before=(), after=(), space=space, fold=fold)

    def phrases(keys: Collection[str]) -> Mapping[str, str]:
        return {
            empty.normalise(phrase): key
            for key in keys
            for pattern in rows[key].splitlines()
            for phrase in _expanded(pattern)
        }

    def polite(key: str) -> tuple[str, ...]:
        words = (empty.normalise(w) for w in rows[key].split(","))
        return tuple(sorted(words, key=len, reverse=True))

    return _Grammar(
        phrases=phrases((*COMMANDS, *WISHES)),
        readings=phrases(READINGS),
        before=polite("before"),
        after=polite("after"),
        space=space,
        fold=fold,
    )


def _expanded(pattern: str) -> Iterator[str]:
    """Every phrase of a pattern, innermost groups first."""
    group = _GROUP.search(pattern)
    if group is None:
        yield pattern
        return
    choices = group[1].split("|") if group[1] is not None else ["", *group[2].split("|")]
    for choice in choices:
        yield from _expanded(pattern[: group.start()] + choice + pattern[group.end() :])
