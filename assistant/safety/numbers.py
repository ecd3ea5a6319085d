"""Numbers in a text, however they are written, and whether OCR read them too.

A vision-language model invents prices, dates and doses; so a number is spoken only when the
text reader found the same one. A count of things seen ("two people") stays; but in a clause
about what is written, priced, dosed or timed, every number word counts as one that was read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from assistant.safety.number_words import (
    DIGITS,
    HAN,
    IDIOMS,
    NUMBER,
    ONES,
    ORDINALS,
    PART,
    TENS,
    WORD,
    in_digits,
    normal,
    plain_digits,
    values,
)

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS_EN = {
    "dollars": r"dollars?|bucks?|usd",
    "euros": r"euros?|eur",
    "pounds": r"pounds?|gbp",
    "yuan": r"yuan|rmb|cny|yen",
    "rupees": r"rupees?",
    "cents": r"cents?|pence",
    "mass of drug": r"mg|milligrams?|micrograms?|mcg",
    "tablets": r"pills?|tablets?",
    "capsules": r"capsules?",
    "doses": r"doses?|puffs|strength",
    "spoons": r"drops|teaspoons?|tablespoons?",
    "weight": r"g|grams?|kg|kilograms?|kilos?|ounces?|oz|lbs?",
    "volume": r"ml|millilit(?:er|re)s?|lit(?:er|re)s?|cl|fl|pints?|gallons?",
    "share": r"percent|per\s+cent",
    "clock": r"o'?clock|am|pm|a\.m|p\.m|hours?|minutes?|seconds",
    "date": r"years?|months?|weeks?|days?",
    "times": r"times",
    "length": r"met(?:er|re)s?|cm|centimet(?:er|re)s?|mm|km|kilomet(?:er|re)s?|feet|foot"
    r"|inch(?:es)?|yards?|miles?|steps|paces",
    "heat": r"degrees|celsius|fahrenheit|calories|kcal|volts?|watts?",
}
_UNITS_ZH = {
    "dollars": "美元",
    "euros": "欧元",
    "pounds": "英镑",
    "yuan": "元|块钱|块|人民币",
    "cents": "毛钱|角|分钱",
    "mass of drug": "毫克|微克",
    "tablets": "片",
    "capsules": "粒|颗药|颗",
    "doses": "袋药",
    "spoons": "滴|勺|匙",
    "times": "次",
    "weight": "克|公斤|千克|斤",
    "volume": "毫升|升",
    "clock": "点钟|点半|点|个小时|小时|个钟头|分钟|秒",
    "date": "年|个月|月|日|号|天|周|个星期|星期",
    "length": "米|厘米|毫米|公里|千米|英尺|步远|步",
    "heat": "度|摄氏度|卡路里|伏|瓦",
}
# What tells numbers apart where it was read, though it makes no count of things a number.
_COUNTED = {"things": "件|个|只|瓶|袋|盒|支|张|位|人", "floor": "楼|层", "route": "路"}
_SYMBOLS = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yuan", "%": "share", "°": "heat"}

_UNIT_EN = "|".join(_UNITS_EN.values())
_UNIT_ZH = "|".join(sorted("|".join(_UNITS_ZH.values()).split("|"), key=len, reverse=True))
_VALUED = rf"(?:{NUMBER}|(?:a\s+)?(?:{PART})(?:\s+of)?)"
_WORDED_EN = re.compile(
    rf"\b(?:a\s+)?{_VALUED}[\s-]+(?:(?:and\s+a\s+half|point\s+\w+|more|full|us|american|whole|an?"
    rf"|of\s+an?)\s+)?(?:{_UNIT_EN})\b"
)
_NUMBERED = (
    r"platform|gate|room|bus|line|route|flight|page|chapter|floor|level|exit|track|seat|row|flat"
    r"|apartment|channel|volume|version|size|lot|cab|taxi|number|no\.|extension|part|lane|bay|table"
)
_DATED_EN = re.compile(
    rf"\b(?:{'|'.join(_MONTHS)})\s+(?:the\s+)?(?:{'|'.join([*ORDINALS, *ONES, *TENS])})\b"
    rf"|\b(?:{'|'.join(ORDINALS)})(?:\s+of)?\s+(?:{'|'.join(_MONTHS)}|floor|stor(?:e?y)|avenue"
    rf"|street|edition|century)\b|\b(?:mid-)?(?:{'|'.join(set(_MONTHS) - {'may', 'march'})})\b"
    rf"|\b(?:nineteen|twenty)\s+(?:{'|'.join([*TENS, *ONES])})\b|\b(?:one|two)\s+thousand\b"
    rf"|\b(?:half|quarter|{NUMBER})\s+(?:past|to)\s+(?:{WORD})\b|\b(?:{WORD})[\s-]+(?:thirty|fifteen"
    rf"|forty[\s-]five|seven)\b"
    rf"|\b(?:{_NUMBERED})\s+(?:{WORD})\b|\b(?:{WORD})\s+point\s+(?:{WORD})\b"
    rf"|\b(?:{'|'.join(ONES)})(?:[\s-]+(?:{'|'.join(ONES)})){{2,}}\b"
    r"|\b(?:once|twice|thrice)\s+(?:a|per|every|daily|weekly)\b"
    rf"|\b(?:{'|'.join(_DAYS)})\b|\bevery\s+other\b|\b(?:half|double|triple)\s+(?:price|off|dose)\b"
    rf"|\b(?:in|for|within)\s+an?\s+(?:{_UNITS_EN['date']}|hour)\b|\ban?\s+(?:year|month|week)\s+old\b"
    r"|\b(?:an?|one)\s+(?:five|ten|twenty|fifty|hundred|thousand)(?:\s+(?:note|bill))?\s*[.,;]?$"
    r"|\b(?:fiver|tenner)s?\b|\b\w+ties\b(?<=twenties|thirties|eighties|nineties)|\bquarter\s+coin\b"
    r"|\bthe\s+(?:forties|fifties|sixties|seventies)\b|\bbuy\s+one\s+get\b"
)
_WORDED_ZH = re.compile(
    rf"百分之{HAN}+|第?(?:{HAN}+|\d+)(?:点{HAN}+)?(?:多|几)?(?:{_UNIT_ZH})|[零〇一二三四五六七八九幺]{{3,}}"
    rf"|{HAN}+[折成]|星期[一二三四五六日天]|(?:下|上|本|每)?周[一二三四五六日]|{HAN}+点{HAN}+"
    rf"|半(?:价|片|粒|颗|升|斤|公斤|年|天|个?小时|个?月|点|勺|瓶)|{HAN}+(?:片|粒|颗|点|个?小时|升|斤|年)半"
    rf"|[一三]刻|{HAN}+(?:号|路(?!上)|楼|号线|比{HAN}+)|第{HAN}+(?:站台|层|页|章|版|条|期)|第{HAN}+$"
    rf"|{HAN}+十?年代|[初廿]{HAN}+|[几数][十百千万](?:元|块|年|个)"
)
# Clauses about what is written, priced, dosed, timed: every number in them must have been read.
_ABOUT_EN = re.compile(
    r"\b(?:says?|said|reads?|states?|labell?ed|printed|marked|costs?|prices?|priced|totals?|amount"
    r"|number|dos(?:e|age)|limit|scores?|extension|clock|display|scale|thermometer|dated?"
    r"|expir\w+|best\s+before|use\s+by|opens?\s+(?:at|from)|closes?\s+(?:at|by)|worth|bill|coin"
    r"|(?:the|number|licen[cs]e)\s+plate|discount|phone|call|ends\s+in|begins\s+with|per)\b"
)
_ABOUT_ZH = re.compile(
    r"价|钱|标着|写着|印着|(?<!图片)(?<!画面)(?<!照片)(?<!图中)显示|总计|合计|限速|尾号|车牌|门牌|号码|电话|热线|请拨|拨打|尺码|比分|编号|余额|电量"
    r"|密码|房号|房间是|温度|保质期|有效期|农历|日期|每次|一次|每日|每天|一天|早晚|口服|服用|服[一二两三四五]|吃[一二两三四五半]"
    r"|用量|剂量|只要|大约|净含量|规格"
)
_PIECES = re.compile(r"[一二两三四五六七八九十]+(?:片|块|颗|粒)(?=[\u4e00-\u9fff])(?![药钱半的])")
_NOT_A_UNIT = re.compile(r"第?一(?:次|天|步|块|片|点|日|分|号)")
_TOLD_EN = re.compile(rf"\b(?:{WORD}|{PART}|{'|'.join(ORDINALS)})\b")
_TOLD_ZH = re.compile(rf"{HAN}|半")
_DIGITS_UNIT = re.compile(
    rf"(\d+(?:[.,]\d+)*)\s*-?\s*(%|°|(?:{_UNIT_EN})\b|{_UNIT_ZH}|{'|'.join(_COUNTED.values())})"
)
_DATE_DIGITS = re.compile(r"\d+([-/.])\d+\1\d+|\d+年\d+月\d+")
_SIGN_DIGITS = re.compile(r"([$€£¥])\s*(\d+(?:[.,]\d+)*)")
_PLATE = re.compile(r"plates?\b|车牌|licen[cs]e", re.IGNORECASE)
_CODE = re.compile(r"[\u4e00-\u9fff]?[A-Z0-9]+(?:[ ·.-]?[A-Z0-9]+)*")
_CODE_ZH = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]·?[A-Z0-9]{4,6}"
)


class ReadNumbers:
    """The numbers that the text reader found in the pictures of a turn."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = list(texts)
        whole = "\n".join(normal(text) for text in texts)
        self._numbers = {value for found in values(whole) for value in found}
        self._runs = {re.sub(r"\D", "", run) for run in re.findall(r"[\d ().+/:-]+", whole)}
        self._families: dict[str, set[str]] = {}
        for number, family in _with_units(whole):
            self._families.setdefault(number, set()).add(family)
        self._months = {n for n, month in enumerate(_MONTHS, 1) if month[:3] in whole}
        self._days = {day for day in _DAYS if re.search(rf"\b{day[:3]}", whole)}
        self._compact = "".join(_compact(text) for text in texts)

    def hold(self, clause: str) -> bool:
        """Whether every number of a clause was read, with no other unit than there."""
        text = normal(clause)
        run = "".join(re.findall(r"\d", text))
        if not all(found & self._numbers for found in values(text)) and not (
            len(run) > 4 and run in self._runs
        ):
            return False
        if any(_compact(code) not in self._compact for code in _codes(clause)):
            return False
        months = {n for n, month in enumerate(_MONTHS, 1) if re.search(rf"\b{month}\b", text)}
        if any(n not in self._months and str(n) not in self._numbers for n in months):
            return False
        if any(re.search(rf"\b{day}\b", text) and day not in self._days for day in _DAYS):
            return False
        if re.search(r"\bevery other\b|\ban? (?:year|month|week|day)\b", text):
            return False
        return all(
            family == "things" or family in self._families.get(number, {family})
            for number, family in _with_units(text)
        )


def tells_number(clause: str) -> bool:
    """Whether a clause holds digits, or number words that tell a price, a date, a dose, a time,
    a code, or anything that is said to be written."""
    text = normal(clause)
    if DIGITS.search(text) or _WORDED_EN.search(text) or _DATED_EN.search(text) or _codes(clause):
        return True
    if _ABOUT_EN.search(text) and _TOLD_EN.search(text):
        return True
    bare = IDIOMS.sub("", text)
    if _ABOUT_ZH.search(bare) and _TOLD_ZH.search(_ABOUT_ZH.sub("", bare)):
        return True
    return bool(_WORDED_ZH.search(_NOT_A_UNIT.sub("", _PIECES.sub("", bare))))


def _codes(clause: str) -> list[str]:
    """Plates as a clause tells them: letters and digits that must have been read as they are."""
    plain = unicodedata.normalize("NFKC", clause)
    found = _CODE_ZH.findall(plain)
    if _PLATE.search(plain):
        found += [code for code in _CODE.findall(plain) if len(_compact(code)) >= 3]
    return found


def _compact(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper()


def _with_units(text: str) -> Iterator[tuple[str, str]]:
    """Numbers of a normalised text with the family of their unit."""
    text = in_digits(text)
    for found in _DATE_DIGITS.finditer(text):
        for digits in DIGITS.findall(re.sub(r"\D", " ", found[0])):
            yield digits.lstrip("0"), "date"
    for found in _SIGN_DIGITS.finditer(text):
        for value in plain_digits(found[2]):
            yield value, _SYMBOLS[found[1]]
    for found in _DIGITS_UNIT.finditer(text):
        for value in plain_digits(found[1]):
            yield value, _family(found[2])


def _family(unit: str) -> str:
    if unit in _SYMBOLS:
        return _SYMBOLS[unit]
    for families in (_UNITS_EN, _UNITS_ZH, _COUNTED):
        for family, pattern in families.items():
            if re.fullmatch(pattern, unit):
                return family
    return ""
