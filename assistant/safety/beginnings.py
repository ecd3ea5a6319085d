"""Whether the beginning of a reply's sentence may be spoken before its end is known.

Stricter than the rules for whole sentences: a beginning is spoken only where no ending could
turn it into a clearance or a claim, and where it gives none as it stands.
"""

from __future__ import annotations

import re

from assistant.languages import length, sentences
from assistant.safety import chinese, claims, english
from assistant.safety.clearance import asks_here, clearance_in, clearance_in_reply

# What half a sentence may hurt with: ways, vehicles, food, medicine, current, heights.
_RISKY_EN = re.compile(
    r"\b(?:cross(?:ing)?|walk(?:ing)?|roads?|streets?|traffic|path(?:way)?s?|way|pavement"
    r"|side ?walk|stairs?|steps?|k[ue]rb|curb|ladder|edge|platform|lights?|driv(?:e|es|ing)|cars?"
    r"|bus(?:es)?|trains?|bikes?|cycl(?:e|ing)|swim(?:ming)?|climb(?:ing)?"
    r"|eat(?:ing|en)?|edible|drink(?:ing)?|swallow(?:ing)?|food|milk|meat|mushrooms?|berr(?:y|ies)"
    r"|pills?|tablets?|medicines?|medications?|drugs?|dos(?:e|es|age)|allerg\w+|poison\w*|toxic"
    r"|insulin|paracetamol|ibuprofen|aspirin|knife|knives|fire|gas|stove|electric\w*|wires?"
    r"|safe(?:ly|ty)?|danger(?:ous)?|harm(?:ful)?|risk[sy]?|obstacles?|expired?|fresh|hot)\b"
)
_RISKY_ZH = re.compile(
    r"路|街|走|车|驾|开过|骑|楼梯|台阶|站台|灯|吃|喝|食|药|片剂|剂量|服用|过敏|毒|蘑菇|安全|危险|障碍|通过|过期|新鲜|变质|电线|煤气"
    r"|火|烫|刀|游泳|爬"
)
_DEPENDENT_EN = re.compile(
    r"^\W*(?:(?:but|and|so|then|well|only|even|just|except|also|perhaps|maybe) )*(?:if|unless"
    r"|when(?:ever)?|as long as|as soon as|once|provided|providing|assuming|suppos\w+|given|in case"
    r"|although|though|while|whereas|until|till|before|after|without|except|were|had|should"
    r"|because|since|not|never|neither|nor|no|nothing|nobody|none|hardly|contrary|instead)\b"
)
_DEPENDENT_ZH = re.compile(
    r"^\W*(?:但是?|不过|而且|那么?|所以)*(?:如果|要是|只要|只有|除非|假如|假设|倘若|若|一旦|当|等|虽然|尽管|即使|就算|哪怕|因为|由于|既然"
    r"|在[^，。]{1,8}(?:之前|之后|以前|以后|时)|不|没|无|别|并非|并不|未)"
)
_MARKUP = re.compile(r"[*_`#\[\]{}<>|\\~]|https?:|www\.|^\s*[-+•]\s")
_LEAST = 3  # words or Han characters
_PAIRS = (("(", ")"), ("（", "）"), ("“", "”"), ("「", "」"), ("《", "》"))


def held_back(request: str, *, has_picture: bool = False) -> bool:
    """Whether every sentence of the reply to a request is judged whole.

    So it is where the request is about a way, a danger, food or medicine, asks for a yes or
    a no about what is there, or needs a look.
    """
    asked, asked_zh = english.normalised(request), chinese.normalised(request)
    return (
        claims.needs_look(request, has_picture=has_picture)
        or asks_here(request)
        or any(
            pattern.search(asked)
            for pattern in (
                english.ASKS_CLEARANCE, english.ASKS_PRESENCE, english.ASKS_DANGER, _RISKY_EN
            )
        )
        or any(
            pattern.search(asked_zh)
            for pattern in (chinese.ASKS_CLEARANCE, chinese.ASKS_PRESENCE, _RISKY_ZH)
        )
    )  # fmt: skip


def may_begin(text: str, request: str, *, has_picture: bool = False) -> bool:
    """Whether the beginning of a sentence may be spoken now; `held_back` was asked before."""
    if length(text, "zh") < _LEAST:
        return False  # not yet clear how it opens
    if _MARKUP.search(text) or any(text.count(a) > text.count(b) for a, b in _PAIRS):
        return False  # what is spoken of it depends on what follows
    if text.count('"') % 2:
        return False
    plain, plain_zh = english.normalised(text), chinese.normalised(text)
    if english.YES.search(plain) or english.NO.search(plain) or _DEPENDENT_EN.search(plain):
        return False
    if chinese.YES.search(plain_zh) or chinese.NO.search(plain_zh):
        return False
    if _DEPENDENT_ZH.search(plain_zh) or _RISKY_EN.search(plain) or _RISKY_ZH.search(plain_zh):
        return False
    # As it stands and as a sentence of its own, under the rules of scenes too.
    for said in (text, _closed(text), *sentences(text)):
        if clearance_in(said) is not None or clearance_in_reply(said, request) is not None:
            return False
        if claims.claims(said, request, has_picture=has_picture):
            return False
    return True


def _closed(text: str) -> str:
    """A beginning with the full stop that a listener hears when nothing follows."""
    full_stop = "。" if re.search(r"[\u4e00-\u9fff]\W*$", text) else "."
    return text.rstrip(" ,;:，；：、—–-") + full_stop
