"""Arguments that need no language model: found in the request by rules, in both languages.

`by_rules` gives all arguments that a tool needs, or says which one only a language model
can find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.routing import files as file_names

Arguments = dict[str, Any]


def by_rules(tool: str, request: str, files: Sequence[Path] = ()) -> Arguments:
    """The arguments that rules find in a request; an argument they do not find is absent.

    `question`, `query` and `theme` are always found: at worst they are the request itself.
    """
    arguments: Arguments = {}
    if tool in ("ask_image", "ask_video", "inspect_part", "diagnose_product", "compare_pictures"):
        arguments["question"] = request.strip()
    if tool in ("summarize_video", "ask_video", "transcribe_audio"):
        path = file_names.mentioned(request, files)
        if path is not None:
            arguments["path"] = path
    rule = _RULES.get(tool)
    return arguments | rule(request) if rule is not None else arguments


def asked_of_model(tool: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments that the language model has to find, given those that are known."""
    return ("labels",) if tool == "classify_image" and "labels" not in arguments else ()


def _plain(request: str) -> str:
    return re.sub(r"\s+", " ", request).strip(" \t.!?,;:。！？，；：")


# --- describe_scene -------------------------------------------------------------------

_FULL = re.compile(
    r"\b(?:in (?:more |full |great |much )?detail|detailed|details|everything|thorough(?:ly)?|"
    r"at length|complete(?:ly)?|full(?:y)?|in depth|every ?thing|all you (?:can )?see)\b|"
    r"详细|仔细|具体|全部|完整|所有|尽可能多|细致|全面",
    re.IGNORECASE,
)


def _detail(request: str) -> Arguments:
    return {"detail": "full"} if _FULL.search(request) else {}


# --- classify_image -------------------------------------------------------------------

# What stands before the first label; read greedily, so the last such word counts.
_LABEL_LEAD = re.compile(
    r"^.*\b(?:is|are|was|were|it's|that's|labels|classes|categories|options|choices|tags|as|into|"
    r"between|among|from|whether|if|shows?|depicts?|contains?|belongs? to|like|call|either)\b:?"
    r"(?: (?:it|this|that|these|those|there|here|he|she|picture|photo|image|one)\b)*\s*",
    re.IGNORECASE,
)
_LABEL_TAIL = re.compile(
    r"(?: (?:in|on|to) (?:this|the|that) (?:picture|photo|image).*| that (?:i|you|we) .*| please|"
    r",? what do you think.*|,? which (?:one|is it).*)$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:(?:is (?:it|this|that)|it's|either|rather|maybe|more like|an?|the|some)\s+)+",
    re.IGNORECASE,
)
_NO_LABEL = re.compile(
    r"\b(?:this|these|that|which|image|photo|picture|one|category|class|label|it|choose|tell)\b|"
    r"[类图]|照片|标签|选项|判断|什么|哪",
    re.IGNORECASE,
)
_ZH_LEAD = re.compile(
    r"^.*(?:分类[为成到]?|归[为到类入]|属于|标签[是有为]?|类别[是有为]?|选项[是有为]?|更像|到底是|究竟是|"
    r"哪一?类|(?<!还)是|从|在)[:：]?"
)
_ZH_TAIL = re.compile(r"(?:里面?|中间?|之间|当中|这几类)(?:选|挑|哪|判断|分类|归类).*$|[呢呀啊吗]$")
_ZH_SEPARATOR = r"\s*(?:还是|或者是?|或|、|，|,|和|与|/)\s*"
_LONGEST_LABEL = 5  # English words
_LONGEST_ZH_LABEL = 8  # characters


def _labels(request: str) -> Arguments:
    """Labels in "a, b or c" and "A、B还是C"; none where the list is not plain."""
    text = _plain(request)
    if re.search(r"[\u4e00-\u9fff]", text):
        found, longest = _chinese_labels(text), _LONGEST_ZH_LABEL
        plain = all(len(label) <= longest for label in found)
    else:
        found = _english_labels(text)
        plain = all(len(label.split()) <= _LONGEST_LABEL for label in found)
    unique = list(dict.fromkeys(found))
    return {"labels": unique} if plain and len(unique) >= 2 else {}


def _english_labels(text: str) -> list[str]:
    separator = r"\s*(?:[,;/]|\bor\b|\band\b)\s*"
    first, *rest = re.split(separator, _LABEL_TAIL.sub("", text), flags=re.IGNORECASE)
    first = _LABEL_LEAD.sub("", first)
    if _NO_LABEL.search(first):
        first = ""  # "Which of these, a or b": the list begins after the comma
    labels = [_ARTICLE.sub("", part.strip()).strip() for part in (first, *rest)]
    return [label for label in labels if label]


def _chinese_labels(text: str) -> list[str]:
    listed = next((c for c in re.split("[，,。]", text) if re.search("、|还是", c)), text)
    first, *rest = re.split(_ZH_SEPARATOR, _ZH_TAIL.sub("", listed))
    first = _ZH_LEAD.sub("", first)
    if _NO_LABEL.search(first):
        first = ""
    labels = [re.sub(r"^(?:是|一[个只条张把])", "", part).strip() for part in (first, *rest)]
    return [label for label in labels if label]


# --- find_photos, make_album ----------------------------------------------------------

_POLITE = (
    r"^(?:please |can you |could you |would you |i want to see |i'd like to see |i want |i'd like |"
    r"help me |let me see |let's |do i have |do we have |have i got |are there |is there |"
    r"where(?:'s| is| are) )*"
)
_PICTURES = r"(?:photos?|pictures?|pics?|images?|shots?|snapshots?|snaps?|photographs?|selfies?)"
_QUERY_LEAD = re.compile(
    _POLITE
    + r"(?:i'm looking for\b|(?:find|search|show|look|get|pull|bring|give|fetch|list|display|"
    r"locate|see)\b(?: (?:up|for|through|me|us|out|in|at))*)?\s*"
    r"(?:(?:all|any|some|every|the|my|our|those|a|an|of|me|gallery|library|album|collection|for|"
    rf"{_PICTURES})\s+)*(?:(?:of|with|showing|that|which|where|from|taken|containing|i took)\s+)*",
    re.IGNORECASE,
)
_ZH_QUERY_LEAD = re.compile(
    r"^(?:请|帮我|麻烦|给我|我想|我要|把|在|从)*(?:相册|图库|照片库|手机)?(?:里面?|中)?"
    r"(?:有没有|找一找|找一下|找找|找出|找到|查找|查一下|搜索一?下?|搜一下|搜|找|查|看看?|显示|调出)?"
    r"(?:一下|所有|全部|那张|一张)*"
)
_ZH_QUERY_TAIL = re.compile(
    r"的?(?:照片|图片|相片|图|影像|自拍)?(?:有吗|在哪里?|有哪些|给我看看?|调出来|帮我找出来|吗|找出来)*$"
)
_THEME_LEAD = re.compile(
    _POLITE
    + r"(?:make|create|build|compile|put|choose|pick|select|assemble|start|turn|organi[sz]e|"
    r"prepare|gather|curate|lay|design|arrange|collect)?\b.*?\b(?:album|book|slideshow|collection|"
    r"gallery|scrapbook|calendar|story|set|selection)\b\s*"
    r"(?:(?:about|of|on|for|from|with|called|named|showing)\s+)*(?:(?:the|all|our|my)\s+)*",
    re.IGNORECASE,
)
_ZH_THEME = re.compile(
    r"(?:关于|以|用|把|叫做?|名为)?(?:一本|一个)?(?P<theme>[^，。做]{1,20}?)(?:为主题|主题)?的?"
    r"(?:照片|相片|图片)?(?:做|制作|整理|弄|编|集中|做成|生成)?(?:成)?(?:一[本个])?(?:主题)?"
    r"(?:相册|影集|幻灯片|纪念册|合集|精选集|集)"
)
_ZH_THEME_LEAD = re.compile(
    r"^(?:请|帮我|给我|我想要?|麻烦)*(?:做|制作|创建|新建|整理|弄|编|生成|建)?(?:出|个)?(?:一[本个])?(?:关于|叫)?"
)


def _query(request: str) -> Arguments:
    text = _plain(request)
    if re.search(r"[\u4e00-\u9fff]", text):
        shorter = _ZH_QUERY_TAIL.sub("", _ZH_QUERY_LEAD.sub("", text))
    else:
        shorter = _QUERY_LEAD.sub("", text)
    return {"query": shorter.strip() or text}


def _theme(request: str) -> Arguments:
    text = _plain(request)
    if re.search(r"[\u4e00-\u9fff]", text):
        found = _ZH_THEME.search(_ZH_THEME_LEAD.sub("", text))
        return {"theme": found["theme"].strip() if found else text}
    return {"theme": _THEME_LEAD.sub("", text).strip() or text}


# --- extract_fields -------------------------------------------------------------------

_KINDS = {
    "statement": r"\bstatements?\b|对账单|流水",
    "invoice": r"\binvoices?\b|\bbills?\b|发票|账单|水电费",
    "receipt": r"\breceipts?\b|\btickets?\b|收据|小票|票据",
    "business card": r"\b(?:business|visiting) cards?\b|名片",
    "identity card": r"\b(?:id|identity) cards?\b|\bpassports?\b|\blicen[cs]es?\b|身份证|护照|驾照",
    "form": r"\bforms?\b|\bapplications?\b|\bquestionnaires?\b|表单|申请表|报名表|登记表",
    "order": r"\b(?:purchase )?orders?\b|\bdelivery notes?\b|订单|送货单",
}


def _kind(request: str) -> Arguments:
    for kind, pattern in _KINDS.items():
        if re.search(pattern, request, re.IGNORECASE):
            return {"kind": kind}
    return {}


# --- watch_scene ----------------------------------------------------------------------

_TARGET = re.compile(
    r"\b(?:see|spot|notice|find|locate|detect|(?:look|watch|search|scan)(?:ing)?(?: out)? for|"
    r"(?:when|once|until|as soon as|if)(?: there(?:'s| is))?|to)\s+"
    r"(?:(?:a|an|the|my|any|some|nearest|closest|next|free|you|i|see|spot|find|notice)\s+)*"
    r"(?P<target>[a-z][a-z -]*?)"
    r"(?=\s+(?:comes?|appears?|shows?|walks?|gets?|is|are|arrives?|enters?|in|with|while|and|on|near|"
    r"ahead|tell|pulls?)\b|[,.!?]|$)",
    re.IGNORECASE,
)
_ZH_TARGET = re.compile(
    r"(?:看到|看见|发现|找到|寻找|找|留意|注意到?|出现|遇到|等|如果有|有)(?:了|我的|最近的|一个|一辆)*"
    r"(?P<target>[\u4e00-\u9fff]{1,8}?)"
    r"(?=的?时候|来了?|就|时|出现|马上|立刻|告诉|提醒|叫|说|喊|通知|进来|靠近|经过|，|,|。|$)"
)


def _watch(request: str) -> Arguments:
    chinese = re.search(r"[\u4e00-\u9fff]", request) is not None
    found = (_ZH_TARGET if chinese else _TARGET).search(request)
    return {"target": found["target"].strip()} if found else {}


# --- set_speech -----------------------------------------------------------------------

_LANGUAGE_NAMES = {
    "en": r"\benglish\b|英语|英文",
    "zh": r"\bchinese\b|\bmandarin\b|中文|汉语|普通话|国语|华语",
    "es": r"\bspanish\b|西班牙语",
    "fr": r"\bfrench\b|法语|法文",
    "de": r"\bgerman\b|德语|德文",
    "it": r"\bitalian\b|意大利语",
    "ja": r"\bjapanese\b|日语|日文",
}
_FACTORS = (
    (r"\b(?:double|twice)\b|(?:两|二)倍", 2.0),
    (r"\b(?:one and a half|1 and a half)\b|一倍半|一点五倍", 1.5),
    (r"\bhalf\b|减半|一半", 0.5),
)
_NUMBER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(%|percent|times|x|倍)?", re.IGNORECASE)
_HAN_NUMBER = re.compile(r"([零一二两三])点([零一二三四五六七八九])")
_SLOWER = re.compile(
    r"slow|reduce|lower the (?:speed|pace)|too fast|less fast|rush|calm|take it easy|慢|"
    r"(?:太|那么|这么)快",
    re.I,
)
_FASTER = re.compile(r"fast|quick|speed up|hurry|too slow|brisk|快|太慢|加速", re.I)
_NORMAL = re.compile(r"\b(?:normal|default|usual|regular|reset)\b|正常|默认|恢复|原来", re.I)
_VOICE = re.compile(
    r"\bvoices?\b|\bspeaker\b|\bsound like\b|\bsounding\b|"
    r"声音|嗓音|女声|男声|嗓子|播音员|音色|换个人",
    re.I,
)
_SLOWEST, _FASTEST = 0.5, 3.0  # of the voice's own speed


def _speech(request: str) -> Arguments:
    """Rate (a step or a factor), voice ("other": the next one), language (BCP-47)."""
    arguments: Arguments = {}
    rate = _rate(request)
    if rate is not None:
        arguments["rate"] = rate
    if _VOICE.search(request) and not re.search(r"speed|pace|rate|语速", request, re.I):
        arguments["voice"] = "other"
    for code, pattern in _LANGUAGE_NAMES.items():
        if re.search(pattern, request, re.IGNORECASE):
            arguments["language"] = code
            break
    return arguments


def _rate(request: str) -> float | str | None:
    factor = _factor(request)
    if factor is not None:
        return max(_SLOWEST, min(_FASTEST, factor))
    # "too fast" asks for slower, "too slow" for faster.
    if re.search(r"too slow|太慢", request, re.I):
        return "faster"
    if _SLOWER.search(request):
        return "slower"
    if _FASTER.search(request):
        return "faster"
    return "normal" if _NORMAL.search(request) else None


def _factor(request: str) -> float | None:
    spoken = _HAN_NUMBER.search(request)
    if spoken:
        digits = "零一二三四五六七八九"
        whole = digits.index(spoken[1].replace("两", "二"))
        return whole + digits.index(spoken[2]) / 10
    number = _NUMBER.search(request)
    if number:
        value = float(number[1]) / (100 if number[2] in ("%", "percent") else 1)
        return value if 0.2 <= value <= 5 else None
    return next((f for pattern, f in _FACTORS if re.search(pattern, request, re.I)), None)


_RULES: Mapping[str, Callable[[str], Arguments]] = {
    "describe_scene": _detail,
    "classify_image": _labels,
    "find_photos": _query,
    "make_album": _theme,
    "extract_fields": _kind,
    "watch_scene": _watch,
    "set_speech": _speech,
}
