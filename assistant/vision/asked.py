"""The kind of line that a request asks for in a text: a date, a price, a telephone number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from assistant.types import TextLine

# What a request asks for, tried in this order.
_ASKED: Final = {
    "date": (
        r"\bdates?\b|expir|best before|use by|sell by|"
        r"日期|过期|到期|保质期|有效期|几月几[号日]"
    ),
    "price": (
        r"\bprices?\b|\bcosts?\b|how much|\btotal\b|to pay|"
        r"多少钱|价格|价钱|售价|合计|总共|一共|总额"
    ),
    "phone": r"\b(?:tele)?phone\b|number to call|\bcall\b|电话|手机号",
    "address": r"e-?mail|web ?site|web address|\burl\b|邮箱|网址|网站",
    "time": (
        r"what time|opening|\bopens?\b|\bcloses?\b|departs?|departure|"
        r"几点|营业时间|开门|关门|发车"
    ),
    "number": (
        r"\bnumbers?\b|\bcode\b|\bdos(?:e|age)\b|how many|\bweigh|"
        r"号码|编号|代码|剂量|多少|几号"
    ),
}
_MONTH: Final = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_HOLDS: Final = {
    "date": re.compile(
        r"\b\d{1,4}[./-]\d{1,2}(?:[./-]\d{2,4})?\b(?!%)|\d{2,4}\s*年|\d{1,2}\s*月\s*\d{1,2}|"
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\b|\b{_MONTH}\s+\d|\b(?:19|20)\d{{2}}(?:0\d|1[0-2])",
        re.IGNORECASE,
    ),
    "price": re.compile(
        r"[$€£¥￥]\s*\d|\d\s*(?:[$€£¥￥]|元|块|角|usd|eur|gbp|rmb|cny)|\b\d+[.,]\d{2}\b(?![./-]\d)",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"(?:\+|\(|\b)(?!\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b)\d(?:[\s().-]*\d){6,}"),
    "address": re.compile(r"\S+@\S+\.\w+|\bwww\.\S+|https?://\S+|\b[\w-]+\.(?:com|org|net|cn)\b"),
    "time": re.compile(
        r"\b\d{1,2}[:：h]\d{2}\b|\b\d{1,2}\s*[ap]\.?m\b|\d{1,2}\s*[点时]", re.IGNORECASE
    ),
    "number": re.compile(r"\d"),
}
# A heading whose value may stand on the next line.
_HEADING: Final = {
    "date": re.compile(
        r"expir|\bexp\b|best before|use by|sell by|日期|到期|保质期|有效期", re.IGNORECASE
    ),
    "price": re.compile(r"\bprice\b|\btotal\b|amount due|合计|总计|总额|价", re.IGNORECASE),
    "phone": re.compile(r"\btel\b|\bcall\b|phone|电话|手机|热线", re.IGNORECASE),
}


def asked_kind(request: str) -> str | None:
    """The kind of line a request asks for; None when it just wants the text."""
    return next(
        (kind for kind, words in _ASKED.items() if re.search(words, request, re.IGNORECASE)), None
    )


def matching(lines: Sequence[TextLine], kind: str) -> list[TextLine]:
    """The lines to read first: those with the heading asked for, else those that hold such a thing.

    A heading without a value ("Best before") brings the line after it.
    """
    heading, holds = _HEADING.get(kind), _HOLDS[kind]
    headed: list[TextLine] = []
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        if heading is None or line in headed or not heading.search(line.text):
            continue
        if re.search(r"\d", line.text):
            headed.append(line)
        elif after is not None and re.search(r"\d", after.text):
            headed += [line, after]
    return headed or [line for line in lines if holds.search(line.text)]
