"""Times in Chinese: 去年国庆, 上周末, 两年前的夏天, 2020年5月到7月."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.library.times import chinese_named, chinese_relative, spans
from assistant.library.times.chinese_named import ONLY_JOINED
from assistant.library.times.chinese_relative import PARTS
from assistant.library.times.found import Clock, Found, adjacent, between, lowered
from assistant.library.times.spans import FIRST, LAST, ImpossibleError, Period, once

_HOUR = re.compile(r"[\d一二三四五六七八九十两]{1,3}点(?:半|多|左右|钟)?")
"""Passed over, since nobody recalls an hour that exactly."""
_TAIL = re.compile(r"(?:的时候|期间|那一?天|那一?年|里面?|当天|时)?")

RULES = (*chinese_named.RULES, *chinese_relative.RULES)


def find(text: str, clock: Clock) -> Iterator[Found]:
    """The times in a text, from left to right, each with what belongs to it."""
    low = lowered(text)
    start = 0
    while start < len(low):
        found = _found(low, start, clock) if not _inside_number(low, start) else None
        if found is None:
            start += 1
            continue
        yield found
        start = max(found.end, start + 1)


def _inside_number(text: str, start: int) -> bool:
    return start > 0 and text[start].isdigit() and text[start - 1].isdigit()


_LEAD = re.compile(r"(?:拍摄于|摄于|拍于|自从|从|自|于|在|到|是|大约|大概|差不多|约)")
_JOINED = re.compile(r"(?:的时候)?\s*(?:到|至|-|~|和|与|、|或)\s*")
_AFTERWARDS = re.compile(
    r"(?P<before>(?:以|之)?前(?!后)|为止)|(?P<since>以来|起|开始|至今|到现在|到今天)|(?P<after>(?:以|之)?后)"
)
_AROUND = re.compile(r"(?:的时候|那一?天|当天)?(?:前后|左右)(?:几天|那几天|那阵子?)?")
_WITHIN = re.compile(r"(?:之间|期间|这段时间)?")


def _found(text: str, start: int, clock: Clock) -> Found | None:
    lead = _LEAD.match(text, start)
    for begin in dict.fromkeys((start, lead.end() if lead else start)):
        try:
            met = _range(text, begin, clock)
        except ImpossibleError as fault:
            return Found(start=start, end=len(text), fault=fault)
        if met is not None:
            period, end = met
            return Found(start=start, end=_TAIL.match(text, end).end(), period=period)  # type: ignore[union-attr]
    return None


def _range(text: str, start: int, clock: Clock) -> tuple[Period, int] | None:
    """One period, two joined by "to", or what is before, since or after one."""
    first = _period(text, start, clock)
    if first is None:
        return None
    period, end = first
    joint = _JOINED.match(text, end)
    second = _period(text, joint.end(), clock, joined=True) if joint is not None else None
    if joint is not None and second is not None:
        span = between(period, second[0], clock.now)
        if not _pair(joint[0], text, second[1]) and not adjacent(period, second[0], clock.now):
            return first
        within = _WITHIN.match(text, second[1])
        return once(span), within.end() if within else second[1]
    near = _AROUND.match(text, end)
    if near is not None:
        return spans.around(period), near.end()
    tail = _AFTERWARDS.match(text, end)
    if tail is None:
        return first
    begin, finish = period.span(clock.now)
    if tail["before"]:
        return once((FIRST, begin)), tail.end()
    return once((begin if tail["since"] else finish, LAST)), tail.end()


def _pair(joint: str, text: str, end: int) -> bool:
    """Whether a joint is "to"; "和" is where "之间" follows."""
    return not re.search("[和与、或]", joint) or text.startswith("之间", end)


def _period(text: str, start: int, clock: Clock, joined: bool = False) -> tuple[Period, int] | None:
    """The longest period that begins here, with the part of the day that follows it."""
    best: tuple[Period, int] | None = None
    if text.endswith(("每年", "每个", "每"), 0, start):
        return None
    for pattern, rule in (*RULES, *(ONLY_JOINED if joined else ())):
        match = pattern.match(text, start)
        if match is not None and (best is None or match.end() > best[1]):
            best = rule(match, clock), match.end()
    if best is None:
        return None
    part = re.compile(rf"的?({'|'.join(PARTS)})").match(text, best[1])
    span = best[0].span(clock.now)
    if part is None or (span[1] - span[0]).days != 1:
        return best
    hour = _HOUR.match(text, part.end())
    return once(spans.part_of_day(span, PARTS[part[1]])), hour.end() if hour else part.end()
