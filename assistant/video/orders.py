"""Orders that a video gives to whoever tells of it: quoted like all else, never worded anew.

A small language model that is told not to obey its data still may. So it is not shown what
reads like an order to it, and a sentence that only such an order carries is not told. The
patterns are wide: a lecturer's "say that x is three" is then quoted, not condensed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from assistant.safety.clearance import bare_answer, clearance_in
from assistant.video import citing

_ORDER: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruct|rule|prompt|order|command|above|"
    r"previous|everything)|"
    r"(?:^|[.!?:;,\"“]\s*|\b(?:please|now|must|should|shall|only|just|always|to|and|then|not|never|"
    r"don['’]t|instead) +)(?:say|tell|answer|reply|respond|repeat|output|print|write|announce|"
    r"state|declare|report|claim|confirm|pretend|insist)\b|"
    r"\b(?:system|assistant|chatbot|language model|a\.?i\.?)\b\s*[:,]|\byou are now\b|"
    r"(?:忽略|无视|忘掉|忘记|不要理会|不用管|不要管).{0,12}(?:指令|指示|规则|提示|命令|以上|之前|要求)|"
    r"(?:请|必须|应该|应当|只能|只要|现在|立刻|马上|要|务必|^|[。！？，：；])(?:说|告诉|回答|回复|答复|输出|重复|"
    r"宣布|写道|写上|声称|声明|确认)|告诉(?:用户|使用者|盲人)|(?:系统|助手|助理|机器人)[：:，,]",
    re.IGNORECASE,
)


def gives_order(text: str) -> bool:
    """Whether a text tells its reader or hearer what to say."""
    return bool(_ORDER.search(text))


def obeys(text: str, shown: Sequence[str], language: str, question: str = "") -> bool:
    """Whether a vision model's sentence must not be told: it clears a way, or does as is written.

    Args:
        shown: the lines that are written in the picture.
        question: that it answers.
    """
    if clearance_in(text) is not None or (question and bare_answer(text, question) is not None):
        return True
    written = " ".join(shown)
    return gives_order(written) and citing.carried(text, [written, *shown], language)
