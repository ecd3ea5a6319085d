"""Which lines of text stand on a sign, and how that is said.

A line is a sign's where the detector boxes a sign around it, or where the whole line is what
signs say ("EXIT", "Platform 4", 小心地滑) and the picture is no page. The second is a guess by
words alone, so it is told as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assistant.languages import base
from assistant.types import Box, SceneObject, TextLine
from assistant.vision.precedence import SIGNS

_PAGE: Final = 8  # lines from which a text is a page, on which "exit" is but a word
_GAP: Final = 1.0  # of a line's height: lines closer to each other stand on one sign
_MOST: Final = 3  # lines of one sign that are told
_NUMBER_EN: Final = r"(?: ?[a-z]?\d{1,3}[a-z]?| [a-z])?"
_WORDS_EN: Final = re.compile(
    rf"(?:(?:emergency |fire )?(?:exit|door)(?: only)?{_NUMBER_EN}|way (?:in|out)|entr(?:ance|y)"
    rf"|no (?:entry|exit|smoking|parking|stopping|swimming|dogs|trespassing|access|admittance"
    rf"|pedestrians|cycling|photography|food or drink)|push|pull|(?:push|pull) (?:bar|to exit)"
    rf"|(?:public )?(?:toilets?|restrooms?|wc)|ladies|gents|men|women|(?:elevators?|lifts?|stairs"
    rf"|escalators?)|(?:platform|gate|terminal|level|floor|track|bay|lane|aisle){_NUMBER_EN}"
    r"|stop|give way|yield|slow|one way|dead end|road (?:closed|works?)|detour|(?:cycl\w+|"
    r"pedestrians) (?:only|crossing)|(?:caution|danger|warning|attention|beware of (?:the )?dog)"
    r"|(?:caution )?(?:wet|slippery) floor|(?:mind|watch) (?:the |your )?(?:gap|step|head)|keep out"
    r"|keep (?:left|right|clear|door (?:shut|closed))|do not enter|authori[sz]ed personnel only"
    r"|staff only|private(?: property)?|out of (?:order|service)|high voltage|first aid|reception"
    r"|information|tickets?|check-?in|baggage(?: claim)?|arrivals|departures|open|closed|sale"
    r"|bus stop|taxis?|parking|reserved|ring the bell|please (?:ring|knock|queue here|wait here))"
)
_WORDS_ZH: Final = re.compile(
    r"(?:安全|紧急|消防)?(?:出口|入口|通道)[A-Za-z0-9]{0,3}|出入口|[推拉]|请[推拉]|(?:公共)?(?:卫生间|洗手间|厕所)"
    r"|[男女]厕?|电梯|扶梯|楼梯|请?(?:小心|当心|注意)(?:地滑|台阶|碰头|触电|玻璃|脚下|安全|行人|车辆|落石|恶犬|夹手)"
    r"|(?:禁止|请勿|严禁|不准)(?:吸烟|入内|通行|停车|拍照|触摸|攀爬|游泳|倚靠|跨越|烟火|驶入|鸣笛|打扰)|闲人免进|非请勿入"
    r"|(?:施工|道路)(?:中|封闭|重地)|有电危险|高压危险|危险|警告|停|让|慢|单行道|此路不通|绕行"
    r"|(?:\d{1,3}|[一二三四五六七八九十]{1,3})号?(?:站台|登机口|检票口|楼|层|出口|窗口)|服务台|咨询处|售票处|收银台|候车室"
    r"|公交站|出租车|停车场|营业中|休息中|暂停(?:服务|使用|营业)|故障|急救|先下后上|排队处|无障碍(?:通道|设施|卫生间)"
)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """The lines that stand on one sign."""

    texts: tuple[str, ...]  # verbatim, in reading order
    boxed: bool  # a detector saw the sign itself


def find(lines: Sequence[TextLine], objects: Sequence[SceneObject] = ()) -> list[Sign]:
    """The signs of a picture in reading order, boxed ones first."""
    boxes = [thing.box for thing in objects if thing.name in SIGNS and thing.box is not None]
    boxed = [[line for line in lines if _inside(line.box, box)] for box in boxes]
    taken = {id(line) for group in boxed for line in group}
    free = [line for line in lines if id(line) not in taken]
    worded = [line for line in free if says_sign(line.text)] if len(lines) < _PAGE else []
    return [
        *(_sign(group, boxed=True) for group in boxed if group),
        *(_sign(group, boxed=False) for group in _together(worded)),
    ]


def says_sign(text: str) -> bool:
    """Whether a whole line is what signs say."""
    plain = " ".join(re.sub(r"[^\w'-]+", " ", text).lower().split())
    together = plain.replace(" ", "")
    return bool(_WORDS_EN.fullmatch(plain) or _WORDS_ZH.fullmatch(together))


def told(sign: Sign, language: str) -> str:
    """A sign's words as a quote: 'A sign reads: "EXIT".'."""
    words = " ".join(sign.texts[:_MOST])
    if base(language) == "zh":
        return f"{'有个牌子写着' if sign.boxed else '好像有个牌子，写着'}：“{words}”。"
    start = "A sign reads" if sign.boxed else "There seems to be a sign that reads"
    return f'{start}: "{words}".'


def _sign(lines: Sequence[TextLine], *, boxed: bool) -> Sign:
    return Sign(texts=tuple(line.text for line in lines), boxed=boxed)


def _inside(line: Box, box: Box) -> bool:
    x, y = (line[0] + line[2]) / 2, (line[1] + line[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _together(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines right below one another as one sign's."""
    found: list[list[TextLine]] = []
    for line in lines:
        if found and _below(found[-1][-1].box, line.box):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _below(upper: Box, lower: Box) -> bool:
    height = max(1, upper[3] - upper[1])
    overlaps = min(upper[2], lower[2]) > max(upper[0], lower[0])
    return overlaps and -height / 2 <= lower[1] - upper[3] <= _GAP * height
