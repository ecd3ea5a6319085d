"""How many people a request wants to see, in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.library.times.numerals import CHINESE, chinese, english

People = tuple[int, int | None]
_COUNT = (
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
)
_OP = (
    r"(?P<op>at least|more than|over|fewer than|less than|at most|up to|no more than|exactly|"
    r"only|just)"
)
_NOUN = r"(?:people|persons?|faces)"
_LEAD = r"(?P<lead>with|of|showing|containing|where there (?:are|is)|that (?:show|have|contain)s?)"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A number of people at `text[start:end]`; `rest` stays in the content."""

    start: int
    end: int
    people: People
    rest: str = ""


_ENGLISH = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:{_LEAD} )?(?:between )?(?P<n>{_COUNT}) "
        rf"(?:to|or|and) (?P<m>{_COUNT}) {_NOUN}\b(?P<op>)",
        rf"\b(?:{_LEAD} )?(?P<n>{_COUNT}) (?P<op>or more|or fewer) {_NOUN}\b",
        rf"\b(?:{_LEAD} )?(?:{_OP} )?(?:a group of )?(?P<n>{_COUNT})(?P<plus>\+)? "
        rf"(?:other )?{_NOUN}\b",
        rf"\b(?:{_LEAD} )?(?:all )?(?:{_OP} )?(?:the )?(?P<n>{_COUNT}) of us\b",
        rf"\b(?:{_LEAD} )?us (?P<n>two|three|four|five|six|seven|eight)\b(?P<op>)",
        r"\b(?:(?P<lead>with|of) )?(?P<both>both of us|the pair of us)\b",
        r"\b(?:(?P<lead>with(?:out)?|where|that have|showing) )?"
        r"(?P<none>(?:any|no) (?:people|person|humans?|one|body|faces)|nobody|anyone|anybody|"
        r"people)"
        r"\b(?: (?:in (?:it|them|sight)|around))?",
    )
)
_CHINESE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:里面?|上面?|画面)?(?P<none>没有?任何人|没有人|没人|空无一人|无人(?!机)|不要有?人)(?:在?里面?|出现)?",
        rf"(?:有|带|带着)?(?P<n>{CHINESE})(?:到|至|-|或者?)(?P<m>{CHINESE})(?:个|位|名)?人(?P<op>)(?P<tail>)",
        rf"(?:有|带|带着)?(?P<op>至少有?|不少于|超过|多于|不到|少于|最多有?|不超过|正好|刚好|只有|仅有?)?"
        rf"(?:我们|咱们)?(?P<n>{CHINESE})(?:个|位|名)人(?P<tail>以上|及以上|或以上|以下|以内)?",
        rf"(?P<op>)(?:我们|咱们)?(?P<n>{CHINESE})人(?=合影|合照|照|的|在|一起|以上|$)(?P<tail>以上|以下)?",
        r"(?:我们|咱们?|你们|他们)?(?P<both>俩人?|两口子|双人)(?:人)?",
        r"(?:我们|咱们)(?P<n>[两三四五六七八九十])个?(?![月年周天])(?P<op>)(?P<tail>)",
        r"一家(?P<n>[三四五六七八])口(?P<op>)(?P<tail>)",
        r"(?P<single>单人)(?=照|的)",
    )
)


def find(text: str) -> Found | None:
    """The number of people that a request names, or None."""
    for pattern in _ENGLISH:
        match = pattern.search(text)
        if match is not None and (found := _english(match, text)) is not None:
            return found
    for pattern in _CHINESE:
        match = pattern.search(text)
        if match is not None:
            return _chinese(match)
    return None


def _english(match: re.Match[str], text: str) -> Found | None:
    groups = match.groupdict()
    lead = (groups.get("lead") or "").casefold()
    if groups.get("none"):
        none = groups["none"].casefold()
        if not (none.startswith("no") or lead == "without"):
            return None
        return Found(start=match.start(), end=match.end(), people=(0, 0))
    people: People
    if groups.get("both"):
        people = (2, 2)
    elif groups.get("m"):
        people = _ordered(english(groups["n"].lower()), english(groups["m"].lower()))
    else:
        op = (groups.get("op") or ("or more" if groups.get("plus") else "")).casefold()
        people = _bounded(english(groups["n"].lower()), op)
    follows = re.match(r"\s+\w", text[match.end() :])
    named = not lead and follows and groups.get("n") and "us" not in match[0].lower().split()
    kept = "" if not named else "person" if people == (1, 1) else "people"
    return Found(start=match.start(), end=match.end(), people=people, rest=kept)


def _ordered(first: int, second: int) -> People:
    return min(first, second), max(first, second)


def _bounded(number: int, op: str) -> People:
    if op in ("at least", "or more"):
        return number, None
    if op in ("more than", "over"):
        return number + 1, None
    if op in ("fewer than", "less than"):
        return 0, max(0, number - 1)
    if op in ("at most", "up to", "no more than", "or fewer"):
        return 0, number
    return number, number


def _chinese(match: re.Match[str]) -> Found:
    groups = match.groupdict()
    people: People
    if groups.get("none"):
        people = (0, 0)
    elif groups.get("single"):
        people = (1, 1)
    elif groups.get("both"):
        people = (2, 2)
    elif groups.get("m"):
        people = _ordered(chinese(groups["n"]), chinese(groups["m"]))
    elif re.fullmatch("[一二两三四五六七八九]{2}", groups["n"]):  # 三四个人
        people = _ordered(*(chinese(digit) for digit in groups["n"]))
    else:
        people = _chinese_bounds(chinese(groups["n"]), groups.get("op") or "", groups["tail"] or "")
    return Found(start=match.start(), end=match.end(), people=people)


def _chinese_bounds(number: int, op: str, tail: str) -> People:
    if op.startswith(("至少", "不少于")) or "以上" in tail:
        return number, None
    if op in ("超过", "多于"):
        return number + 1, None
    if op in ("不到", "少于"):
        return 0, max(0, number - 1)
    if op.startswith(("最多", "不超过")) or tail in ("以下", "以内"):
        return 0, number
    return number, number
