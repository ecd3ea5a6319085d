"""Times in English: "last summer", "three weeks ago", "between May and July 2020"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.library.times import english_named, english_relative, spans
from assistant.library.times.english_named import PART
from assistant.library.times.found import Clock, Found, adjacent, between, lowered
from assistant.library.times.spans import FIRST, LAST, ImpossibleError, Period, once

_LEAD = re.compile(
    r"(?:(?:taken|made|shot|photographed|back|some ?time|from|in|on|at|during|over|of|for|around|"
    r"within|the|all|whole|entire|dated|just|throughout)\s+)+"
)
_PREPOSITION = re.compile(
    r"\b(?:from|in|on|at|during|over|for|around|since|before|after|until|till|by|between|"
    r"throughout)\s+(?:the\s+)?$"
)
_ENDS = re.compile(
    r"\s*(?:$|[^\w\s'-]|\b(?:in|at|on|near|with|of|from|to|and|or|until|till|through|where|when|by|"
    r"taken|that|which|please|i|we|my|our|photos?|pictures?|pics?|images?|shots?|holidays?|"
    r"vacation|trip|without|around|using|shot|showing)\b)"
)

RULES = (*english_named.RULES, *english_relative.RULES)


@dataclass(frozen=True, kw_only=True)
class _Met:
    """A period that ends at `end`; a weak one is a time only after a preposition."""

    period: Period
    end: int
    weak: bool = False


def find(text: str, clock: Clock) -> Iterator[Found]:
    """The times in a text, from left to right, each with its prepositions."""
    low = lowered(text)
    place = 0
    starts = [match.start() for match in re.finditer(r"(?<![\w-])(?=[\w'])", low)]
    for start in starts:
        if start < place:
            continue
        found = _found(low, start, clock)
        if found is not None:
            yield found
            place = found.end


def _found(text: str, start: int, clock: Clock) -> Found | None:
    lead = _LEAD.match(text, start)
    for begin in dict.fromkeys((start, lead.end() if lead else start)):
        try:
            met = (
                _operation(text, begin, clock)
                or _day_part(text, begin, clock)
                or _range(text, begin, clock)
            )
        except ImpossibleError as fault:
            return Found(start=start, end=len(text), fault=fault)
        if met is None or _in_word(text, met.end):
            continue
        if met.weak and not (_PREPOSITION.search(text, 0, begin) and _ENDS.match(text, met.end)):
            continue
        period = spans.around(met.period) if _AROUND.search(text, start, begin) else met.period
        return Found(start=start, end=_tail(text, met.end), period=period)
    return None


_AROUND = re.compile(r"\baround\s+(?:the\s+)?$")
_AFTER = re.compile(
    r"(?:'s\b|,? at (?:about )?\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)\b)?"
)


def _tail(text: str, end: int) -> int:
    """Where "yesterday's" ends; an hour is passed over, since nobody recalls it that exactly."""
    after = _AFTER.match(text, end)
    return after.end() if after is not None else end


def _in_word(text: str, end: int) -> bool:
    return end < len(text) and text[end - 1 : end + 1].isalnum()


_OPERATION = re.compile(
    r"(?P<since>since|from|starting(?: in| from| on)?)\b(?= )|(?P<before>before|prior to|"
    r"earlier than|until|"
    r"till|up to|no later than|older than)\b|(?P<after>after|later than|newer than)\b"
)
_ONWARDS = re.compile(r"\s*(?:onwards?|on|(?:to|until|till|up to) (?:now|today))\b(?! the)")
_JOINED = re.compile(r"\s*(?:-|\b(?:to|until|till|through|up to|and|or)\b)\s*(?:the )?")


def _operation(text: str, start: int, clock: Clock) -> _Met | None:
    """since, before, after; between ... and, from ... to."""
    pair = re.compile(r"(?:between|from)\s+(?:the )?").match(text, start)
    if pair is not None:
        whole = _range(text, pair.end(), clock, joined=True)
        if whole is not None:
            return whole
    match = _OPERATION.match(text, start)
    if match is None:
        return None
    inner = re.compile(r"\s+(?:the )?").match(text, match.end())
    met = _period(text, inner.end(), clock) if inner is not None else None
    if met is None:
        return None
    begin, end = met.period.span(clock.now)
    if match["before"]:
        over = match["before"] in ("until", "till", "up to", "no later than")
        return _Met(period=once((FIRST, end if over else begin)), end=met.end)
    if match["after"]:
        return _Met(period=once((end, LAST)), end=met.end)
    tail = _ONWARDS.match(text, met.end)
    if match["since"] == "from" and tail is None:
        return None
    return _Met(period=once((begin, LAST)), end=tail.end() if tail else met.end)


def _range(text: str, start: int, clock: Clock, joined: bool = False) -> _Met | None:
    """A period, or two with "to" between them; `joined` demands the second."""
    first = _period(text, start, clock)
    if first is None:
        return None
    joint = _JOINED.match(text, first.end)
    second = _period(text, joint.end(), clock) if joint is not None else None
    if joint is None or second is None:
        return None if joined else first
    span = between(first.period, second.period, clock.now)
    either = re.search("and|or", joint[0]) and not joined
    if either and not adjacent(first.period, second.period, clock.now):
        return first
    return _Met(period=once(span), end=second.end)


def _period(text: str, start: int, clock: Clock) -> _Met | None:
    """The longest period that begins here, with the part of the day that follows it."""
    best: _Met | None = None
    for pattern, rule in RULES:
        match = pattern.match(text, start)
        if match is None or (best is not None and match.end() <= best.end):
            continue
        period, weak = rule(match, clock)
        best = _Met(period=period, end=match.end(), weak=weak)
    return _with_part(text, best, clock) if best is not None else None


_PART_AFTER = re.compile(rf",?\s+(?:in the |at |around )?({PART})\b(?!')")


_PART_BEFORE = re.compile(rf"(?:the )?({PART}) (?:of|on) (?:the )?")


def _day_part(text: str, start: int, clock: Clock) -> _Met | None:
    """The evening of a day."""
    part = _PART_BEFORE.match(text, start)
    met = _period(text, part.end(), clock) if part is not None else None
    if part is None or met is None:
        return None
    span = met.period.span(clock.now)
    if (span[1] - span[0]).days != 1:
        return None
    return _Met(period=once(spans.part_of_day(span, part[1])), end=met.end)


def _with_part(text: str, met: _Met, clock: Clock) -> _Met:
    part = _PART_AFTER.match(text, met.end)
    if part is None:
        return met
    span = met.period.span(clock.now)
    if (span[1] - span[0]).days != 1:
        return met
    return _Met(period=once(spans.part_of_day(span, part[1])), end=part.end())
