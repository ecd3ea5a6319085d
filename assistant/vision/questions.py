"""What a question about a picture asks for, by closed patterns in English and Chinese.

Whatever touches moving about (doors, stairs, kerbs, glass, holes, crossing, whether the
way is free, traffic lights) is asked about the way and is never answered by what is or is
not seen: rule 1 of the rules of speech.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.languages import language_of
from assistant.vision.colours import CHINESE

Kind = Literal[
    "way", "harm", "who", "text", "colour", "count", "position", "light", "quality", "presence",
    "what", "other",
]  # fmt: skip
TextKind = Literal["price", "date", "phone", "number"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question, understood."""

    kind: Kind
    language: str  # of the question
    noun: str = ""  # the thing asked about, as worded; empty for "it", "this"
    text_kind: TextKind | None = None
    distance: bool = False  # "how far"
    shown: bool = False  # asked of what is held up: "this shirt"


# Moving about, whatever else the question says.
_WAY = re.compile(
    r"\b(safe\w*|clear|unsafe|danger\w*|hazard\w*|obstacles?|obstruct\w*|obstructions?|trip|"
    r"tripping|stumble|bump\w*|collide|crash|hit|fall\w*|slip\w*|block(?:ed|ing|s)?|cross\w*|"
    r"walk\w*|pass(?:age)?|way|ways|path\w*|route|coming|approaching|oncoming|driv(?:e|ing)|"
    r"proceed|free|traffic|get (?:through|past|by|across|in|out|off)|keep going|"
    r"(?:go|move|step|head|continue|turn) (?:ahead|on|forwards?|straight|through|left|right|in|"
    r"out|down|up|off|over|back)|(?:can|may|should|could) (?:i|we) (?:go|move|step|turn|enter|"
    r"leave|run|stop|wait)|anything (?:in front|ahead|before|near|around|close|"
    r"on the (?:floor|ground))|"
    r"nothing|watch out|careful|look out)\b"
    r"|安全|危险|畅通|通畅|通行|通过|障碍|阻碍|绊|摔|滑|撞|挡|堵|拦|跌|掉下|踩空|小心|"
    r"马路|过街|横穿|"
    r"穿过|走过|能走|可以走|不能走|好走|走吗|走路|直走|往前|向前|前进|继续走|进得去|能进|出得去|"
    r"能过|可以过|能不能过|过得去|过去吗|路况|道路|路上|的路|路是|路面|空旷|来车|车来|车过来|车开过来|"
    r"开车|驶|红绿灯|绿灯|红灯|信号灯|没有东西|什么都没|空着|停下|空的|(?:前|脚下|地上|周围|旁边|身边)[^，。]{0,4}有[^，。]{0,3}东西",
    re.IGNORECASE,
)
# Things that bear on the way, unless their colour or writing is asked for.
_WAY_THINGS = re.compile(
    r"\b(doors?|doorways?|gates?|entrances?|entry|exits?|stair\w*|steps?|staircase|kerbs?|curbs?|"
    r"holes?|potholes?|pits?|ditch\w*|manholes?|walls?|windows?|poles?|posts?|bollards?|"
    r"pillars?|columns?|railings?|handrails?|ramps?|ledges?|edges?|drops?|drop-offs?|platforms?|"
    r"escalators?|elevators?|lifts?|roads?|streets?|pavements?|sidewalks?|crosswalks?|puddles?|"
    r"icy?|wet|thresholds?|barriers?|fences?|cliffs?|slopes?|gaps?|floor|ground|corridor|"
    r"hallway|(?<!wine )(?<!drinking )(?<!my )glass(?! of\b)|panes?)\b"
    r"|门|楼梯|台阶|阶梯|梯子|路缘|路沿|马路牙|路肩|路牙|坑|洞|玻璃(?!杯|瓶)|窗|墙|柱|杆|扶手|斜坡|坡道|"
    r"边缘|悬崖|站台|月台|扶梯|电梯|街|人行道|斑马线|路口|水坑|积水|结冰|门槛|护栏|栅栏|井盖|出口|入口|"
    r"走廊|路",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"\b(eat|eaten|edible|drink|swallow|touch|(?:take|use) (?:it|this|these|them)|poison\w*|"
    r"toxic|allerg\w*|gone off|spoil\w*)\b"
    r"|能吃|可以吃|能喝|可以喝|能不能吃|能不能喝|有毒|过敏|变质|坏了",
    re.IGNORECASE,
)
_WHO = re.compile(r"\bwho(?:'s|se)?\b|是谁|谁的|哪位|叫什么名字", re.IGNORECASE)
_TEXT = re.compile(
    r"\b(says?|said|reads?|written|writing|text|words?|labels?|signs?|letters|title|price\w*|"
    r"costs?|how much (?:is|does|do|for|are)|expir\w*|best before|use by|dates?|phone number|"
    r"(?:what|which) number|number on|address|brand|dos(?:e|age)|flavou?r|ingredients?|menu|"
    r"headline)\b|写|文字|的字|有字|什么字|读|念|标签|价格|价钱|多少钱|日期|保质期|过期|到期|有效期|号码|"
    r"品牌|什么牌|牌子|标题|地址|配料|成分|剂量|标志",
    re.IGNORECASE,
)
_TEXT_KINDS: tuple[tuple[TextKind, re.Pattern[str]], ...] = (
    ("price", re.compile(r"\b(price\w*|costs?|how much)\b|价|多少钱", re.IGNORECASE)),
    ("date", re.compile(r"\b(expir\w*|best before|use by|dates?)\b|日期|保质|期", re.IGNORECASE)),
    ("phone", re.compile(r"\bphone\b|电话", re.IGNORECASE)),
    ("number", re.compile(r"\bnumber\b|号码", re.IGNORECASE)),
)
_COLOUR_NAMES = re.compile(
    r"\b(" + "|".join([*CHINESE, "gray"]) + r")\b|(" + "|".join(c[:-1] for c in CHINESE.values())
    + r")色",
    re.IGNORECASE,
)  # fmt: skip
_COLOUR = re.compile(r"\bcolou?r\w*\b|\bshade\b|颜色|什么色|啥色", re.IGNORECASE)
_COUNT = re.compile(r"\b(how many|number of|count)\b|几|多少|数一数|数数", re.IGNORECASE)
_POSITION = re.compile(
    r"\b(where(?:'s)?|which (?:side|direction)|how far|how close|locat\w+|position)\b"
    r"|哪里|哪儿|在哪|哪边|左边还是|右边还是|左还是右|哪个方向|什么方向|什么位置|多远|远不远|近不近",
    re.IGNORECASE,
)
_FAR = re.compile(r"\bhow (?:far|close)\b|远|多近|近不近", re.IGNORECASE)
_SHOWN = re.compile(
    r"\b(?:this|these|(?:i'm|i am|am i) (?:holding|showing)|in my hands?)\b|这|手里|手上|拿着",
    re.IGNORECASE,
)
_QUALITY = re.compile(
    r"\b(picture|photo|image|camera|shot)\b.*\b(clear|sharp|blurr?\w*|good|okay|ok|focus\w*|quality)\b"
    r"|(图|照片|画面|拍).{0,6}(清楚|清晰|模糊|糊|质量)",
    re.IGNORECASE,
)
_LIGHT = re.compile(
    r"\b(lights?|lamps?|dark|bright\w*|lit|dim|daylight|daytime|night|sunny)\b"
    r"|亮|暗|灯|光线|天黑|白天|黑夜|夜里|晚上|阳光",
    re.IGNORECASE,
)
_PRESENCE = re.compile(
    r"\b(is there|are there|there(?:'s| is| are)|do you see|can you see|see (?:a|an|any|my|the)|"
    r"any|anyone|anybody|somebody|someone|is (?:he|she|it|this|that) an?|are (?:these|they|those)|"
    r"have|has)\b|有没有|有|是不是|看到|看见|是.+吗",
    re.IGNORECASE,
)
_WHAT = re.compile(
    r"^\W*(?:so |and |please )?what\b(?!.*\b(?:kind|type|sort|breed|time|doing|happen\w*|wearing|"
    r"made|for)\b)|\bwhat (?:do|can) you see\b"
    r"|(?:是|有|看到|看见)(?:了|些)?(?:什么|啥)(?!颜|色|牌|字)",
    re.IGNORECASE,
)

_STOP = frozenset(
    re.findall(
        r"\S+",
        "a an the this that these those is are was were be there here do does did you i we he she "
        "it they me my your his her our their its see can could would please tell if whether any "
        "some what which where who how many much number of count colour color coloured colored "
        "shade on in at by near to from with and or not have has had anyone anybody somebody "
        "someone picture photo image camera front behind left right side middle centre center now "
        "just about look looks like kind sort type one ones thing things far close away position "
        "located location direction exactly visible holding held hand hands wearing sitting "
        "standing lying up out 's s shown scene view room for got show shows ",
    )
)
_FRAME_ZH = re.compile(
    r"请问|请|告诉我|帮我看看|帮我看一下|帮我|看看|看一下|这张|那张|图片|照片|画面|图|里面|里|中|上面|上|"
    r"这里|那里|面前|前面|前方|附近|旁边|左边|右边|到底|现在|大概|一共|总共|你能|能不能|能|你|我|的时候"
)
_NOUN_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        r"什么颜色的(?P<n>[^，。？?吗呢啊]+)",
        r"(?P<n>[^，。？?]+?)(?:穿|是|戴)?(?:的是|的)?(?:什么颜色|的颜色|啥色)",
        r"(?P<n>[^，。？?]+?)是?(?:[红橙黄绿蓝紫粉棕米灰黑白]|青绿)色?的?(?:吗|么|？|\?|$)",
        r"(?:几|多少)(?P<n>[^，。？?吗呢啊在]+)",
        r"(?P<n>[^，。？?]+?)(?:在哪|在什么|在我?的?[左右]|有多远|离|在?还是)",
        r"(?:有没有|有|看到|看见|是不是|是)(?:了|一)?(?P<n>[^，。？?吗呢啊么什哪在或和还]+)",
    )
)
"""Where the thing stands; a measure word before it does no harm, its end is what counts."""
_PRONOUN_ZH = re.compile(r"^(这|那|它|这个|那个|这是|那是|手上?的?)$")


def parse(question: str) -> Asked:
    """What a question asks for; `other` where no pattern holds."""
    language = language_of(question)
    kind = _kind(question)
    return Asked(
        kind=kind,
        language=language,
        noun=_noun_zh(question) if language == "zh" else _noun_en(question),
        text_kind=_text_kind(question) if kind == "text" else None,
        distance=kind == "position" and bool(_FAR.search(question)),
        shown=bool(_SHOWN.search(question)),
    )


def _kind(question: str) -> Kind:
    if _QUALITY.search(question):
        return "quality"
    if _HARM.search(question):
        return "harm"
    if _WAY.search(question):
        return "way"
    ordered: tuple[tuple[Kind, bool], ...] = (
        ("who", bool(_WHO.search(question))),
        ("text", bool(_TEXT.search(question))),
        ("colour", bool(_COLOUR.search(question) or _COLOUR_NAMES.search(question))),
        ("way", bool(_WAY_THINGS.search(question))),
        ("light", bool(_LIGHT.search(question))),
        ("count", bool(_COUNT.search(question))),
        ("position", bool(_POSITION.search(question))),
        ("what", bool(_WHAT.search(question))),
        ("presence", bool(_PRESENCE.search(question))),
    )
    return next((kind for kind, holds in ordered if holds), "other")


def _text_kind(question: str) -> TextKind | None:
    return next((kind for kind, pattern in _TEXT_KINDS if pattern.search(question)), None)


def _noun_en(question: str) -> str:
    """The first run of words that are no question words: "coffee mug"."""
    plain = re.sub(r"\b\w+'s\b(?=\s+\w)", " ", question.lower())
    plain = _COLOUR_NAMES.sub(" ", plain)
    run: list[str] = []
    for word in re.findall(r"[a-z][a-z-]*|[,.?!]", plain):
        if word in _STOP or not word[0].isalpha():
            if run:
                break
        else:
            run.append(word)
    if not run and re.search(r"\b(any|some)(one|body)\b", plain):
        return "person"
    return " ".join(run[:3])


def _noun_zh(question: str) -> str:
    """The thing asked about: 狗 of "图里有几只狗"."""
    plain = _FRAME_ZH.sub("", question)
    for pattern in _NOUN_ZH:
        found = pattern.search(plain)
        if found:
            noun = found.group("n").rpartition("的")[2].strip()
            return "" if _PRONOUN_ZH.match(noun) else noun
    return ""
