"""What a request for photos wants to see, without the words that only ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

GAP = "\x00"
"""Stands where a filter was taken out."""

_PICTURES = r"(?:photo(?:graph)?s?|pictures?|pics?|images?|shots?|snapshots?|snaps?)"
_ASKING = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|assistant|can|could|would|will|you|kindly|help me|"
    r"i(?:'d| would) like(?: to see)?|i(?:'m| am) looking for|i want(?: to see)?|i need|"
    r"let me see|let's see|"
    r"(?:do|did) (?:i|we) (?:have|take|get)|have (?:i|we)(?: got)?(?: taken)?|are there|is there|"
    r"where(?:'s| is| are)|who(?:'s| is) (?:that|this|it)|how many|which|"
    r"what(?:'s| is| are| did)?|find|search|show|look|get|pull|bring|give|fetch|list|"
    r"display|locate|see|open|up|for|through|me|us|out)\b[\s,]*)+",
    re.IGNORECASE,
)
_THINGS = re.compile(
    rf"^(?:(?:all|any|some|every|everything|anything|each|the|my|our|those|these|that|this|an?|few|"
    rf"more|one|ones|of|other|old|recent|latest|{_PICTURES}|gallery|library|album)\b[\s,]*)+",
    re.IGNORECASE,
)
_TAKING = re.compile(
    r"\b(?:(?:that|which) )?(?:i|we|you)(?:'ve| have|'d| had)? (?:took|taken|made|shot|"
    r"photographed|"
    r"snapped|captured|had|saw|got|took|did|went|were|was|visited|met)\b"
    r"|\b(?:taken|photographed|shot|captured|made)(?= *(?:$|\x00|,|in\b|at\b|on\b|near\b|"
    r"with\b|by\b))",
    re.IGNORECASE,
)
_FOOD = re.compile(
    r"\b(?:what|things?|everything) (?:did )?(?:i|we) (?:had|have|eat|ate|cooked?|ordered)"
    r"(?: for (?:breakfast|lunch|dinner))?\b",
    re.IGNORECASE,
)
_TRIP = re.compile(
    r"\b(?:(?:from|on|during|of|at) )?(?:our|my|the|a|that|this) (?:\w+ )?"
    r"(?:trip|holiday|vacation|visit|journey|tour|travels?|honeymoon|stay)s?(?= *(?:\x00|$))",
    re.IGNORECASE,
)
_TIME_WE = re.compile(
    r"\b(?:that|the|last|first) time (?:when )?(?:i|we) (?:went|were|visited)(?: to)?"
    r"(?= *(?:\x00|$))|"
    r"\bdid (?:i|we) (?:take|make|shoot|photograph|get)\b",
    re.IGNORECASE,
)
_PRAISED = re.compile(
    rf"\b(?:best|nicest|nice|good|great|favou?rite|beautiful|latest|newest|prettiest) "
    rf"(?={_PICTURES}\b)",
    re.IGNORECASE,
)
_IN_IT = re.compile(r"\x00 *(?:in|on|of|with) (?:it|them|there)\b", re.IGNORECASE)
_PLAIN_LEAD = re.compile(
    r"^(?!in front)(?:(?:of|with|showing|that (?:shows?|has|have|contains?)|"
    r"which (?:shows?|has|have)|where|from|in|on|at|by|to|and|or|is|are|was|were|there|"
    r"containing|featuring|about|near|we|i|us|last|the|an?|some|my|our|any|all)\b[\s,]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"(?:[\s,]+(?:of|with|from|in|on|at|by|and|or|to|the|an?|that|which|where|please|is|are|was|"
    rf"were|for me|if (?:you|we) (?:can|have any)|we|i|{_PICTURES}|near|around|during|thanks|"
    rf"thank you|some ?time|back|then|taken))+[\s,]*$",
    re.IGNORECASE,
)
_ZH_ASKING = re.compile(
    r"^(?:(?:请问?|麻烦你?您?|劳驾|你好|您好|喂|助手)[，,\s]*)*"
    r"(?:你|您)?(?:能不能|能否|可不可以|可以|能)?"
    r"(?:帮我|帮忙|替我|给我|为我|我想要?|我要|想要?|让我)*"
    r"(?:找一?找|找一下|找出来?|找到|查找|寻找|找|搜索一?下?|搜一?搜|搜一下|查一?查|查一下|翻一?翻|翻出来?|看看|"
    r"看一?下|看一看|(?<=想)看|(?<=要)看|(?<=我)看|显示|展示|调出来?|打开|列出|把)?(?:一下|出来)?"
    r"(?:有没有|有哪些|有什么|哪些是|哪张是|是不是有)?"
)
_ZH_THINGS = re.compile(
    r"^(?:(?:所有|全部|任何|那些|这些|那几张|这几张|几张|一些|一张|那张|这张|一组|那个|一下)的?|"
    r"(?:我们|咱们|我|咱|他们|大家)(?:家)?(?:拍摄?(?:过|到|下)?的|的)?|"
    r"(?:相册|图库|手机|照片库)(?:里面?|中)?的?|关于|包含|含有|拍摄?(?:到|过|下)?(?:了)?的|的|了|"
    r"(?:在|于)(?!一起)|和(?![服平尚谐])|与|跟|有(?![轨机])|是|上次|那次|那时候?|，|、|,|\s)+"
)
_ZH_PICTURES = r"(?:照片|图片|相片|影像|合影|合照|(?<=的)[相图])"
_ZH_TAIL = re.compile(
    rf"(?:的?{_ZH_PICTURES}|有吗|(?:所有|全部|任何)的?$|在哪里?|在哪儿|有哪些|给我看?看?|调出来|帮我找出来|找出来|拿出来|都|吗|呢|吧|"
    r"谢谢|好吗|拍摄的?|拍下的|拍过的?|拍到的|拍的|(?<![自航街偷])拍|照的|的|，|。|、|,|(?<!小)时候|时|，|\s|我们|在|和|与|有|是|里有|中有)+$"
)
_ZH_DOING = re.compile(
    r"^(?:(?:看|坐|吃|买|见|玩|住|喝|爬|遇|拍|照|去|逛|参观|游)(?:到|过|了|见)?的)+(?=.)"
)
_ZH_ONLY_DOING = re.compile(r"[爬去玩逛游看拍照坐住]|旅游|旅行|拍照|玩耍|度假|出差|出去玩")
_HAN = re.compile(r"[\u3400-\u9fff]")


def without(text: str, parts: Iterable[tuple[int, int, str]]) -> str:
    """The text with some parts (start, end, what stands there instead) taken out."""
    result, end = [], 0
    for start, stop, instead in sorted(parts):
        if stop <= end:
            continue
        result += [text[end : max(start, end)], GAP, instead]
        end = stop
    return "".join((*result, text[end:]))


def content(rest: str) -> str:
    """What is left of a request as a caption: "dog at the beach", "海边的狗"; may be empty."""
    if _HAN.search(rest):
        return _chinese(rest)
    text = re.sub(r"[\s,;]*\x00[\s,;]*", " \x00 ", rest)
    text = re.sub(r"^[\s\x00,.;:!?]+", "", text)
    text = _FOOD.sub("food", text)
    text = _PRAISED.sub("", _TRIP.sub(" ", _TIME_WE.sub(" ", text)))
    text = _IN_IT.sub(" ", text)
    text = _THINGS.sub("", _ASKING.sub("", text)) if text else text
    text = _TAKING.sub(" ", text).replace(GAP, " ")
    text = re.sub(r"\s+", " ", text).strip(" ,.;:!?-\"'")
    for _ in range(3):
        text = _TAIL.sub("", " " + text).strip(" ,.;:!?-\"'")
        text = _PLAIN_LEAD.sub("", _ASKING_AGAIN.sub("", text)).strip(" ,.;:!?-")
        text = _THINGS.sub("", text + " ").strip() if _only_things(text) else text
    return text


_ASKING_AGAIN = re.compile(rf"^(?:{_PICTURES}\b\s*)+", re.IGNORECASE)


def _only_things(text: str) -> bool:
    return not _THINGS.sub("", text + " ").strip()


def _chinese(rest: str) -> str:
    text = re.sub(r"\s*\x00\s*", GAP, rest)
    text = re.sub(r"\x00(?:的|，|、|,|拍的?)+|(?:在|于|和|从)?\x00", GAP, text)
    parts = [part for part in text.split(GAP) if part.strip()]
    cleaned = [_part(part, asks=number == 0) for number, part in enumerate(parts)]
    return "，".join(part for part in cleaned if part) if len(parts) > 1 else "".join(cleaned)


def _part(text: str, asks: bool) -> str:
    bare = text.strip(" ，。、！？,.!?；：")
    if asks:
        bare = _ZH_ASKING.sub("", bare)
    for _ in range(3):
        bare = _ZH_TAIL.sub("", bare)
        bare = _ZH_DOING.sub("", _ZH_THINGS.sub("", bare))
    bare = bare.strip(" ，。、！？,.!?；：")
    return "" if _ZH_ONLY_DOING.fullmatch(bare) else bare
