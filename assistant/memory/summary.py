"""What is kept of a long conversation: the user's own statements, verbatim, chosen by rules.

The summary is a selection: what the user said about themselves, their people, things and
plans, and the last few findings of tools. Nothing in it is worded anew, so nothing in it is
invented, and it takes no time of the language model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from assistant.languages import language_of
from assistant.types import Turn

TOLD: Final = "told"

_LONGEST: Final = 160  # characters of a statement; a longer one is cut
_MOST: Final = 40  # statements that are stored
_FINDINGS: Final = 3  # of tools, the newest
_FOUND_BY: Final = {
    "read_text", "describe_scene", "identify_object", "ask_image", "classify_image",
    "compare_pictures", "transcribe_audio",
}  # fmt: skip  # tools whose findings may be asked for again


class Note(NamedTuple):
    """One thing that is kept."""

    kind: str  # `TOLD` by the user, else the tool that found it
    text: str


_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|(?<=[;；])\s*|\n+")

# --- English: a statement is a clause that asks and orders nothing -------------------------------

_LEAD = re.compile(
    r"^(?:(?:and|so|but|well|oh|ok|okay|yes|no|hey|hi|hello|um|uh|also|by the way|just|please|"
    r"actually|sorry|now|assistant|thanks|thank you|you know|i mean|for your information|"
    r"just so you know|before i forget)\b[,.!:\s]*)+",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:what|who|whom|whose|which|when|where|why|how|is|are|am|was|were|do|does|did|can|could|"
    r"will|would|should|shall|may|might|have|has|had|isn't|aren't|don't|doesn't|didn't|can't|"
    r"tell|read|describe|show|find|search|look|give|make|say|speak|talk|stop|repeat|spell|"
    r"explain|name|list|count|write|translate|summari[sz]e|compare|check|help|let|let's|try|"
    r"forget|delete|continue|go|start|turn|set|change|use|take|put|play|open|close|call|ask|"
    r"answer|suggest|recommend|any|anything|anyone)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^i(?:'d| would| want| need| wish|'m looking| am looking)\b.{0,12}\b(?:you to|to (?:know|hear|"
    r"see|ask|find)|(?:like|love) (?:you|to (?:know|hear|see|ask|find)))|"
    r"^i (?:said|mean|meant|asked|can't (?:hear|see|understand)|didn't (?:hear|catch|get)|"
    r"don't (?:know|understand|get)|wonder|think so|guess|see|understand|know)\b|"
    r"^(?:i'm|i am) (?:sorry|sure|not sure|fine|ok|okay|good|asking|wondering|curious|done)\b",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"^(?:please )?(?:remember|keep in mind|note|make a note|don't forget|bear in mind|call me)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:i|i'm|i've|i'll|i'd|my|mine|me|we|we're|we've|we'll|our|ours|us)\b", re.IGNORECASE
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|will|has|have|had|lives?|works?|comes?|costs?|starts?|ends?|opens?|"
    r"closes?|arrives?|leaves?|likes?|loves?|hates?|needs?|wants?|plays?|called|named|\w+'s|\w+'ll|"
    r"got|moved|bought|went|sent|gave|said|told|means?)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:it|that|this|these|those|they|you|you're|he|she|here|what|which)\b", re.IGNORECASE
)

# --- Chinese --------------------------------------------------------------------------------

_ZH_LEAD = re.compile(
    r"^(?:(?:嗯|哦|噢|啊|那|那么|好|好的|对|对了|对了呢|是的|不是|不对|顺便说一下|顺便说一句|"
    r"顺便|你知道吗|另外|还有|你好|谢谢|其实|跟你说|告诉你)[，,、。！!\s]*)+(?=[^，,、。！!\s])"
)
_ZH_ASKS = re.compile(
    r"[?？]$|[吗呢么][。.!！]?$|什么|怎么|怎样|为什么|为何|哪[里儿个些位天种]|几(?!乎)|多少|多大|多久|"
    r"多远|谁|是不是|有没有|能不能|可不可以|会不会|要不要|好不好|啥|吧[。.!！]?$"
)
_ZH_ORDER = re.compile(
    r"^(?:请|帮|给我|告诉我|跟我说|读|念|看|描述|说|讲|找|搜|解释|翻译|总结|比较|停|继续|重复|"
    r"换|用|把|让|别|不要|忘|删|再|下一|上一|能|可以|可否|麻烦|推荐|介绍)|"
    r"^我(?:想(?:知道|问|听|看|请)|要(?:听|看|问)|需要你|说的是|没听|听不|不知道|不懂|不明白|明白|知道了|"
    r"看不)"
)
_ZH_MARKED = re.compile(r"^(?:请|你|帮我|麻烦)*(?:记住|记一下|记下|记得|别忘了|不要忘了|记着)")
_ZH_ABOUT = re.compile(r"我|咱")
_ABOUT_USER = re.compile(rf"{_ABOUT.pattern}|{_ZH_ABOUT.pattern}", re.IGNORECASE)
_ZH_VERB = re.compile(r"是|叫|有|在|住|要|会|喜欢|爱|怕|对.+过敏|来|去|到|开始|结束|姓|岁|生日")
_ZH_EMPTY = re.compile(r"^(?:这|那|它|你|他们|她们|他|她|您)")

_SHORTEST: Final = {"en": 3, "zh": 4}  # words, characters
_CORRECTS = re.compile(
    r"\b(?:actually|i meant|not anymore|changed|instead|moved|correction|i was wrong|no longer)\b|"
    r"^(?:no|sorry|wait)\b|不对|其实|说错|改成|改到|改为|更正|搬到|不再|现在",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9'’]+|[\u4e00-\u9fff]")
_OLD_STAYS: Final = 3  # words that a correction has to share with what it takes the place of


def notes_of(turn: Turn) -> list[Note]:
    """What a turn leaves behind: the statements in its request; what its tool found."""
    kept = [Note(TOLD, text) for text in statements(turn.request)]
    if turn.call.name in _FOUND_BY and turn.reply:
        kept.append(Note(turn.call.name, _cut(turn.reply)))
    return kept


def statements(request: str) -> list[str]:
    """The sentences of a request that tell something, as they were said.

    Questions, orders and talk about the talk itself are left out, but not what the user says
    of themselves before a comma ("I'm allergic to nuts, what can I eat?"). A sentence counts
    when it speaks of the user ("my", "I", 我), names somebody or something and tells of it
    ("The plumber comes on Friday"), or asks to be remembered.
    """
    found = []
    for sentence in _END.split(request):
        text = " ".join(sentence.split()).strip(" -–—")
        if _tells_something(text):
            found.append(_cut(text))
            continue
        clauses = [clause.strip() for clause in re.split(r"(?:，|,(?=\s))", text)]
        first = [clause for clause in clauses[:-1] if _ABOUT_USER.search(clause)]
        found += [_cut(clause) for clause in first if _tells_something(clause)]
    return found


def _tells_something(text: str) -> bool:
    if not text:
        return False
    return _tells_zh(text) if language_of(text) == "zh" else _tells(text)


def _tells(sentence: str) -> bool:
    text = sentence.replace("’", "'")
    core = _LEAD.sub("", text)
    if len(core.split()) < _SHORTEST["en"] or text.endswith("?"):
        return False
    if _MARKED.match(core):
        return True
    if _ORDER.match(core) or _WISH.match(core):
        return False
    if _ABOUT.search(core):
        return True
    return not _EMPTY.match(core) and bool(_VERB.search(core))


def _tells_zh(text: str) -> bool:
    core = _ZH_LEAD.sub("", text)
    if _ZH_MARKED.match(core):
        return len(core) > _SHORTEST["zh"] and not text.endswith(("?", "？"))
    if len(core) < _SHORTEST["zh"] or _ZH_ASKS.search(core) or _ZH_ORDER.match(core):
        return False
    if _ZH_ABOUT.search(core):
        return True
    return not _ZH_EMPTY.match(core) and bool(_ZH_VERB.search(core))


def merged(notes: Sequence[Note], new: Iterable[Note]) -> list[Note]:
    """The summary so far and what came since, oldest first, bounded.

    Said again moves to the end; a correction takes the place of what it corrects; of more
    than can be kept the oldest go.
    """
    told = [note for note in notes if note.kind == TOLD]
    findings = [note for note in notes if note.kind != TOLD]
    for note in new:
        if note.kind != TOLD:
            findings = [old for old in findings if old != note] + [note]
            continue
        told = [old for old in told if not _replaces(note.text, old.text)] + [note]
    return told[-_MOST:] + findings[-_FINDINGS:]


def _replaces(new: str, old: str) -> bool:
    """Whether a statement is the same as an earlier one, or corrects it."""
    if new == old:
        return True
    if not _CORRECTS.search(new):
        return False
    words, before = (_WORD.findall(_plain(text).casefold()) for text in (new, old))
    shared = 0
    for a, b in zip(words, before, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _OLD_STAYS and len(before) - shared <= _OLD_STAYS


def _plain(text: str) -> str:
    """A statement without the words before it, and without what marks a correction."""
    text = _ZH_LEAD.sub("", _LEAD.sub("", text))
    return re.sub(r"\b(?:actually|now)\b\s*|现在|其实", "", text, flags=re.IGNORECASE)


# --- what of it a reply is shown -----------------------------------------------------------------


def chosen(notes: Sequence[Note], request: str, tokens: int, seen: str = "") -> list[Note]:
    """The notes for a prompt, in order, for at most about so many of its tokens.

    What stands in `seen`, the part of the conversation that the prompt shows anyway, is left
    out. Where not all have room, those that share most words with the request come first,
    then the newest.
    """
    notes = [note for note in notes if note.text not in seen]
    asked = _words(request)

    def worth(place: int) -> tuple[int, bool, int]:
        note = notes[place]
        return len(_words(note.text) & asked), note.kind == TOLD, place

    taken, room = set(), float(tokens)
    order: Iterable[int] = range(len(notes))
    if sum(_tokens(note.text) for note in notes) > room:
        order = sorted(order, key=worth, reverse=True)
    for place in order:
        cost = _tokens(notes[place].text)
        if cost <= room:
            taken.add(place)
            room -= cost
    return [note for place, note in enumerate(notes) if place in taken]


def _tokens(text: str) -> float:
    """About how many tokens a text has: Qwen2.5's has 4 Latin letters or 1.4 Han characters."""
    han = len(re.findall(r"[\u3000-\u9fff\uff00-\uffef]", text))
    return 4 + (len(text) - han) / 4 + han / 1.4


_COMMON: Final = frozenset(
    re.findall(
        r"[a-z']+|[\u4e00-\u9fff]",
        "a an and are as at be by can did do does for from have he her his how i in is it me my of "
        "on or our she that the their they this to was we what what's when where which who will "
        "with you your 的了是我你在有什么吗呢他她它们这那个不和也都就说几谁哪里",
    )
)


def _words(text: str) -> set[str]:
    """The words of a text, or Han characters, without those that every text has."""
    return {word.casefold() for word in _WORD.findall(text)} - _COMMON


def _cut(text: str) -> str:
    """At most `_LONGEST` characters on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
