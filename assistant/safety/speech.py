"""Applies the rules of speech to every sentence of a turn, in the order they are said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from assistant.events import Sentence
from assistant.languages import base, joined, sentences
from assistant.safety import claims, english, people
from assistant.safety.beginnings import held_back, may_begin
from assistant.safety.clearance import (
    Clearance,
    bare_answer,
    clearance_in,
    clearance_in_reply,
    invites,
)
from assistant.safety.numbers import ReadNumbers, tells_number
from assistant.safety.plain import speakable, without_controls
from assistant.safety.sentences import clauses, shortened
from assistant.settings import SpeechRules
from assistant.vision.checking.foreign import other_language

INSTEAD = {
    "way": ("I can't judge the way.", "我无法判断路况。"),
    "harm": ("I can't judge that; please make sure another way.", "我无法判断这一点，请另外确认。"),
    "absence": ("I can't tell; I may well miss things.", "我说不准，可能会漏看。"),
    "person": ("I don't say who people are.", "我不说人的身份。"),
    "empty": ("I can't tell.", "我看不出来。"),
    "look": (
        "I haven't looked. Ask me to describe the picture, and I will.",
        "我还没有看。请让我描述这张图片。",
    ),
    "show": (
        "I can't see that yet. Give me a picture, then ask what it shows.",
        "我现在看不到。请先给我一张图片，再问我里面是什么。",
    ),
}  # (English, Chinese): short, and free of "no", "clear" and "safe"

_QUOTE = re.compile(r'"[^"]*"|“[^”]*”|「[^」]*」|《[^》]*》')
_SIGHTING = re.compile(
    r"^(?:but |and |so |while |although |though )?(?:there(?: is| are|'s|’s)|i (?:can )?see"
    r"|an? |the |one |two |three "
    r"|several |some |many |on |in |at |to your |behind |near |your |people |cars? |he |she "
    r"|they |it (?:looks like|shows|has) )",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:but|and|so|while|although|though|但是|但|不过|而且|并且|所以|因此)\s*", re.IGNORECASE
)
_SIGHTING_ZH = re.compile(r"有|看到|看见|站|坐|停|放|躺|是|在")
_DEPENDENT_ZH = re.compile(r"^(?:所以|因此|如果|只要|要是|因为|既然|那么|这样)")


@dataclass
class SpeechFilter:
    """The rules of one turn. `sentence` takes what a tool yields and gives what may be spoken.

    `about` is "scene" for whatever a tool tells and "reply" for words without a tool. `texts`
    reads the turn's pictures; it is called only when somebody else's words hold a number.
    `clears` tells by meaning whether a sentence that no pattern caught is a clearance; it is
    asked about a model's words about a scene.
    """

    about: Literal["scene", "reply"]
    request: str = ""
    has_picture: bool = False
    limits: SpeechRules = field(default_factory=SpeechRules)
    texts: Callable[[], Iterable[str]] = tuple
    clears: Callable[[str], bool] | None = None
    _meant: dict[str, bool] = field(default_factory=dict)
    _spoken: int = 0  # sentences
    _said: set[str] = field(default_factory=set)  # replacements, each once a turn
    _asked: str = ""  # a question that the answer itself repeats
    _begun: str = ""  # the sentence so far, of which not all has arrived
    _released: str = ""  # what of it may be spoken

    def sentence(self, sentence: Sentence) -> Iterator[Sentence]:
        """What may be spoken of a sentence, in pieces; nothing where nothing may be."""
        if sentence.kind == "quoted":
            text = without_controls(sentence.text)
            if text:
                self._spoken += 1
                yield replace(sentence, text=text)
            return
        if self._begun or not sentence.ends:
            yield from self._clause(sentence)
            return
        yield from self._whole(sentence)

    def _whole(self, sentence: Sentence) -> Iterator[Sentence]:
        for part in sentences(speakable(sentence.text)):
            for text in self._allowed(part, sentence):
                yield from self._short(replace(sentence, text=text))

    def finish(self, language: str) -> Iterator[Sentence]:
        """What was held back of a sentence, or what to say when rules left nothing."""
        if self._begun:
            yield from self._clause(Sentence(text="", kind="generated", language=language))
        if self._spoken == 0:
            yield Sentence(text=self._words("empty", language), kind="measured", language=language)

    def _clause(self, sentence: Sentence) -> Iterator[Sentence]:
        """What may be spoken of a sentence now that one more clause of it has arrived.

        A clause is released once all of the sentence up to it may be spoken whatever follows;
        the rest with the last clause, when the whole sentence passes the rules.
        """
        begun = joined([text for text in (self._begun, sentence.text) if text])
        if not sentence.ends:
            self._begun = begun
            early = self.about == "reply" and not self._holds
            if early and may_begin(begun, self.request, has_picture=self.has_picture):
                rest = begun[len(self._released) :].strip()
                self._released = begun
                self._spoken += 1
                yield replace(sentence, text=rest)
            return
        released, self._begun, self._released = self._released, "", ""
        whole = replace(sentence, text=begun)
        if not released:
            yield from self._whole(whole)
            return
        rest = speakable(begun[len(released) :])
        parts = (begun, *sentences(speakable(begun)), rest)  # the rest is heard alone, too
        fault = next(filter(None, map(self._fault, parts)), None)
        if fault is None:
            if rest:
                yield replace(sentence, text=rest)
            return
        for text in self._instead(fault, sentence.language):
            yield replace(sentence, text=text)

    def _allowed(self, text: str, sentence: Sentence) -> Iterator[str]:
        if self.about == "reply":
            yield from self._reply(text, sentence.language)
            return
        if sentence.kind == "generated":
            if other_language(_QUOTE.sub(" ", text), sentence.language):
                return  # no rule here could judge it
            text = self._about_people(text, sentence.language)
            text = self._with_read_numbers(text, sentence.language)
        if not text:
            return
        yield from self._without_clearance(text, sentence)

    def _reply(self, text: str, language: str) -> Iterator[str]:
        fault = self._fault(text)
        yield from self._instead(fault, language) if fault else (text,)

    def _fault(self, text: str) -> str | None:
        """What a sentence of a reply must be replaced with, by the rule that it breaks."""
        if claims.claims(text, self.request, has_picture=self.has_picture):
            return "look" if self.has_picture else "show"
        found = clearance_in_reply(text, self.request)
        return "way" if found == "absence" else found

    @cached_property
    def _holds(self) -> bool:
        return held_back(self.request, has_picture=self.has_picture)

    def _without_clearance(self, text: str, sentence: Sentence) -> Iterator[str]:
        found = self._clearance(text, sentence)
        if english.QUESTION.search(english.normalised(text)):
            self._asked = text
        if found is None:
            yield text
            if sentence.kind != "quoted" and invites(text):
                yield from self._instead("way", sentence.language)
            return
        kept = [part for part in clauses(text) if self._stands(part, sentence)]
        rest = _joined(kept, sentence.language)
        if rest and self._clearance(rest, sentence) is None:
            yield rest
        yield from self._instead(found, sentence.language)

    def _clearance(self, text: str, sentence: Sentence) -> Clearance | None:
        asked = f"{self.request} {self._asked}"
        found = clearance_in(text, measured=sentence.kind == "measured")
        if found is not None or sentence.kind != "generated":
            return found
        found = bare_answer(text, asked)
        return "way" if found is None and self._means_clearance(text) else found

    def _means_clearance(self, text: str) -> bool:
        if self.clears is None:
            return False
        if text not in self._meant:
            self._meant[text] = self.clears(text)
        return self._meant[text]

    def _stands(self, clause: str, sentence: Sentence) -> bool:
        """Whether a clause tells something seen, and can be said alone."""
        if self._clearance(clause, sentence) is not None:
            return False
        if base(sentence.language) == "zh":
            return (
                len(clause) >= 4
                and bool(_SIGHTING_ZH.search(clause))
                and not _DEPENDENT_ZH.search(clause)
            )
        return len(clause.split()) >= 3 and bool(_SIGHTING.search(clause))

    def _about_people(self, text: str, language: str) -> str:
        text = people.neutral(text)
        if people.identifies(text):
            kept = [part for part in clauses(text) if not people.identifies(part)]
            return _joined([*kept, self._words("person", language)], language)
        if people.judges(text):
            return _joined([part for part in clauses(text) if not people.judges(part)], language)
        return text

    def _with_read_numbers(self, text: str, language: str) -> str:
        if not tells_number(text):
            return text
        kept = [part for part in clauses(text) if not tells_number(part) or self._read.hold(part)]
        if len(kept) == len(clauses(text)):
            return text
        return _joined(kept, language)

    @cached_property
    def _read(self) -> ReadNumbers:
        return ReadNumbers(self.texts())

    def _short(self, sentence: Sentence) -> Iterator[Sentence]:
        """A scene's first sentence within its limit; what is left over follows as the next one."""
        if self._spoken == 0 and self.about == "scene":
            zh = base(sentence.language) == "zh"
            limit = self.limits.max_characters if zh else self.limits.max_words
            head, tail = shortened(sentence.text, sentence.language, limit)
            self._spoken += 1
            yield replace(sentence, text=head)
            if tail:
                yield replace(sentence, text=tail)
            return
        self._spoken += 1
        yield sentence

    def _instead(self, kind: str, language: str) -> Iterator[str]:
        if kind not in self._said:
            self._said.add(kind)
            yield self._words(kind, language)

    def _words(self, kind: str, language: str) -> str:
        return INSTEAD[kind][base(language) == "zh"]


def _joined(parts: list[str], language: str) -> str:
    """Clauses as one sentence again."""
    if not parts:
        return ""
    if base(language) == "zh":
        return "，".join(_OPENING.sub("", part).strip("，。") for part in parts) + "。"
    text = ", ".join(_OPENING.sub("", part).strip(" ,.") for part in parts)
    return text[0].upper() + text[1:] + "."
