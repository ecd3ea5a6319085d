"""Conditions of a request that the rules could not read, read by the language model and checked.

Only where words are left that look like a time, a place or a number of people the model is asked,
under a JSON schema. It only takes words apart: the days are reckoned here, from a time that the
rules can read, and the place is looked up. An answer counts where its words stand in the request,
its time has come and its place is in the gazetteer; else, and where there is no model, the rules'
reading stays as it is. The prompt's beginning is always the same, so that its state is kept.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from assistant import templates
from assistant.errors import AssistantError, Cancelled, DeadlineExceeded
from assistant.interfaces import Cancel, ChatModel
from assistant.library import places, times
from assistant.library.concepts import concepts
from assistant.library.query import PhotoQuery, parse
from assistant.library.times import numerals
from assistant.library.times.spans import FIRST, LAST, Span
from assistant.registry import Engines

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_LONGEST_ANSWER: Final = 90  # tokens
_PATIENCE_S: Final = 20.0  # then the rules' reading is taken
_MOST: Final = 50  # people, or units of time
_TIME: Final = re.compile(
    r"\b(?:ago|before|after|since|until|till|during|around|eve|week(?:end)?s?|months?|years?|"
    r"days?|hours?|decades?|century|holidays|easter|ramadan|diwali|hanukkah|carnival|term|semester|"
    r"\d{1,2}(?:st|nd|rd|th)|(?:18|19|20)\d\d)\b"
    r"|[\d一二两三四五六七八九十几半](?:个)?(?:天|周|月|星期|礼拜|年)|[之以]?[前后]$|前后|期间|假期|时候|"
    r"那(?:天|周|年|段|会儿|[一二两三几]年)|放[寒暑]假|学期|冬至|夏至|初[一二三四五六七八九十]",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    r"\b(?:in|at|near|from|around|outside|beyond|between|to|off|by)\s+(?:the\s+)?[A-Z][a-z]+"
    r"|在[\u4e00-\u9fff]{2,8}(?:拍|玩|照|旅|的)|附近|一带|周边|旅游|旅行|之旅|[省市县区镇州岛]的"
)
_SIDES: Final = {
    "before": re.compile(r"\b(?:before|prior|ahead|until|to|preceding|earlier)\b|前|来临|快到"),
    "after": re.compile(r"\b(?:after|past|since|following|later|from)\b|后|过完|过了"),
}  # words that an answer has to stand on
_FILLS: Final = {"time": "taken", "place": "place", "people": "people"}
_NAMED: Final = r"(?:\b[a-z]+\s+(?:the\s+)?|在)?{}(?:附近|一带|周边)?"  # a place in its words
_DAYS: Final = {"day": 1, "week": 7, "month": 30, "year": 365}
_PEOPLE: Final = re.compile(
    r"\b(?:people|persons?|of us|of them|alone|couple|trio|pair|dozen|by (?:my|him|her)self)\b"
    r"|[一二两三四五六七八九十几\d]+(?:个?人|口|位|名)|独自|单人|双人|多人|一家人",
    re.IGNORECASE,
)
_COUNT: Final = {"type": ["integer", "null"], "minimum": 0, "maximum": _MOST}
_ASKED: Final[dict[str, dict[str, Any]]] = {
    "time": {
        "event": {"type": ["string", "null"], "maxLength": 40},
        "count": _COUNT,
        "unit": {"enum": ["day", "week", "month", "year", None]},
        "side": {"enum": ["before", "after", None]},
    },
    "place": {"place": {"type": ["string", "null"], "maxLength": 40}},
    "people": {"least": _COUNT, "most": _COUNT},
}
_SHOTS: Final = (
    ("the cat two days after Christmas", "cat two days",
     {"words": "two days after Christmas", "event": "Christmas", "count": 2, "unit": "day",
      "side": "after"}),
    ("去年国庆节前一周的花", "一周的花",
     {"words": "去年国庆节前一周", "event": "去年国庆节", "count": 1, "unit": "week",
      "side": "before"}),
    ("dinner around my graduation", "dinner around my graduation",
     {"words": "", "event": None, "count": None, "unit": None, "side": None}),
    ("boats off Marseille", "boats off Marseille",
     {"words": "off Marseille", "place": "Marseille"}),
    ("a pair of hikers", "pair of hikers", {"words": "a pair of", "least": 2, "most": 2}),
)  # fmt: skip


def asked_for(
    text: str, engines: Engines, *, language: str, cancel: Cancel | None = None
) -> PhotoQuery:
    """What a request asks for now, with the profile's language model where it has one.

    Raises:
        EngineMissing: the packages of the photo library are not installed.
        Cancelled: while the model was asked.
    """
    chat = partial(engines.get, "chat_model") if engines.has("chat_model") else None
    return understood(text, language=language, now=datetime.now(), chat=chat, cancel=cancel)


def understood(
    text: str,
    *,
    language: str,
    now: datetime,
    chat: Callable[[], ChatModel] | None,
    cancel: Cancel | None = None,
) -> PhotoQuery:
    """Take a request apart by rules, and where they leave a doubt, by the language model.

    Args:
        chat: gives the model; called only in doubt. What it raises counts as no answer.

    Raises:
        EngineMissing: the packages of the photo library are not installed.
        Cancelled: while the model was asked.
    """
    query = parse(text, language=language, now=now)
    asked = doubts(query)
    if chat is None or not asked:
        return query
    try:
        answer = _answer(chat(), text, query.content, asked, cancel)
    except Cancelled:
        raise
    except (AssistantError, ValueError):
        return query
    return _filled(text, query, answer, asked, now)


def doubts(query: PhotoQuery) -> list[str]:
    """What the words that are left may still ask for: of `time`, `place`, `people`.

    A time that was read is in doubt too where such words are left ("two days after Christmas").
    """
    if query.rejected is not None:
        return []
    looks = {
        "time": _TIME.search(query.content),
        "place": query.place is None and _PLACE.search(query.content),
        "people": query.people is None and _PEOPLE.search(query.content),
    }
    return [name for name, found in looks.items() if found]


# --- asking ---------------------------------------------------------------------------


def beginning() -> list[BaseMessage]:
    """The fixed beginning of the prompt."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    messages: list[BaseMessage] = [SystemMessage(templates.render("photos/conditions.j2"))]
    for request, left, answer in _SHOTS:
        asked = templates.render("photos/doubt.j2", request=request, left=left)
        said = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        messages += [HumanMessage(asked), AIMessage(said)]
    return messages


def _answer(
    model: ChatModel,
    request: str,
    left: str,
    asked: list[str],
    cancel: Cancel | None,
) -> dict[str, Any]:
    from langchain_core.messages import HumanMessage

    fields = {"words": {"type": "string", "maxLength": 80}}
    for name in asked:
        fields |= _ASKED[name]
    schema = {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
    start = beginning()
    chat = model.prefixed(start).bind(
        response_format={"type": "json_schema", "json_schema": {"name": "left", "schema": schema}},
        max_tokens=_LONGEST_ANSWER,
        temperature=0.0,
    )
    prompt = templates.render("photos/doubt.j2", request=request, left=left)
    said, until = "", time.monotonic() + _PATIENCE_S
    with closing(chat.stream([*start, HumanMessage(prompt)])) as stream:  # type: ignore[type-var]
        for chunk in stream:
            if cancel is not None:
                cancel.check()
            if time.monotonic() > until:
                raise DeadlineExceeded("the language model took too long", fix="ask again")
            said += str(chunk.content)
    answer = json.loads(said)
    if not isinstance(answer, dict):
        raise ValueError("not an object")
    return answer


# --- checking -------------------------------------------------------------------------


def _filled(
    text: str, query: PhotoQuery, answer: dict[str, Any], asked: list[str], now: datetime
) -> PhotoQuery:
    """The query with what an answer says, as far as it can be true."""
    words = " ".join(str(answer.get("words", "")).split())
    if not words or words.lower() not in text.lower():
        return query
    found: dict[str, Any] = {}
    if "time" in asked:
        found["taken"] = _span(answer, words, now, query.taken)
    if "place" in asked:
        found["place"] = _place(answer, words)
    if "people" in asked and _PEOPLE.search(words):
        found["people"] = _people(answer)
    found = {name: value for name, value in found.items() if value is not None}
    if not found:
        return query
    for condition in (re.escape(words), _NAMED.format(re.escape(str(answer.get("place"))))):
        rest = re.sub(condition, " ", text, count=1, flags=re.IGNORECASE)
        plain = parse(rest, language=query.language, now=now)
        # What is left must not be in doubt itself, as the rest of a condition read in part.
        whole = not {name for name in doubts(plain) if _FILLS[name] in found}
        if rest != text and whole and not plain.rejected and _things(plain) == _things(query):
            return replace(plain, **found)
    return query


def _things(query: PhotoQuery) -> set[str]:
    """The things that a query names, but people: no condition may swallow one."""
    return {c.word for c in concepts(query.content) if "person" not in c.tags}


def _span(answer: dict[str, Any], words: str, now: datetime, read: Span | None) -> Span | None:
    """So long before or after a time that the rules have read; the model does not reckon.

    Some days are all of them, since "three days before" may mean either; of weeks, months and
    years it is the last one.
    """
    event, count = str(answer.get("event") or "").lower(), answer.get("count")
    unit, side = answer.get("unit"), answer.get("side")
    if event not in words.lower() or unit not in _DAYS or side not in _SIDES:
        return None
    rest = words.lower().replace(event, " ")
    if not isinstance(count, int) or not 1 <= count <= _MOST or count != _said(rest):
        return None
    # A bare name of a festival is no time to the rules ("Christmas cake").
    own = times.find(event, now=now).span or times.find(f"during {event}", now=now).span
    if own is None or own[0] == FIRST or own[1] == LAST or not _SIDES[side].search(rest):
        return None
    ahead, step = (1 if side == "after" else -1), timedelta(days=_DAYS[unit])
    border = own[1] if ahead > 0 else own[0]
    if read is not None and (read[1] == LAST if ahead > 0 else read[0] == FIRST):
        border = read[0] if ahead > 0 else read[1]  # "after Easter last year", read whole
    elif read is not None and (own[0] >= read[1] or own[1] <= read[0]):
        return None
    nearer = border if unit == "day" else border + ahead * (count - 1) * step
    start, end = sorted((nearer, border + ahead * count * step))
    return (start, end) if start <= now else None


def _said(words: str) -> int:
    """The number that words hold, first or last; 1 where they hold none."""
    english = re.search(rf"\b(?:{numerals.ENGLISH}|{numerals.ORDINAL})\b", words)
    if english is not None:
        return numerals.english(english[0])
    chinese = re.search(numerals.CHINESE, words)
    return numerals.chinese(chinese[0]) if chinese is not None else 1


def _place(answer: dict[str, Any], words: str) -> places.Place | None:
    """A place that the request names and the gazetteer knows."""
    name = str(answer.get("place") or "").strip()
    if not name or name.lower() not in words.lower():
        return None
    with suppress(AssistantError):
        return places.resolved(name)
    return None


def _people(answer: dict[str, Any]) -> tuple[int, int | None] | None:
    least, most = answer.get("least"), answer.get("most")
    if not isinstance(least, int) or not 0 <= least <= _MOST:
        return None
    if not isinstance(most, int):
        return least, None
    return (least, most) if least <= most <= _MOST else None
