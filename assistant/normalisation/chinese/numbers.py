"""Chinese numbers: cardinals, digits one by one, fractions, years, codes, versions."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from assistant.normalisation.rules import NEIGHBOURS, NUMBER, Rule

# Measure words before which two is 两, not 二.
TWO = (
    "个|只|把|条|张|位|名|座|台|辆|本|杯|瓶|件|块|间|扇|棵|朵|头|匹|盘|碗|份|种|家|双|对|盒|包|袋|"
    "片|支|根|颗|粒|滴|次|遍|步|点|年(?!级)|天|周|分钟|小时|秒|米|公里|公斤|斤|元|美元|欧元|"
    "英镑|千|万|亿|倍|岁|人|排|行|幅|部|艘|架|句|段|首|项|类|层|口|顶|克|吨|升|毫升|毫克|"
    "毫米|厘米|平方米|英里|英尺|英寸|磅|箱|桶|勺|节|场|篇|封|副|群|枚|圈|趟|届|套|串|户"
)
_COUNTED = rf"(?:{TWO}|号|度|元|角|分|页|章|楼|级|名|%|毛|日元|港币|卢比|多|余|以上|以下)"
_CODE_WORDS = (
    "验证码|密码|尾号|邮编|邮政编码|编号|单号|订单号?|卡号|账号|帐号|学号|工号|证号|车牌号?|代码|编码"
    "|批号|流水号|快递|QQ|PIN|ISBN|IMEI|Lot|LOT"
)
_PRODUCTS = "Python|iOS|iPadOS|macOS|Android|Ubuntu|Java|Node|PHP|Ruby|Chrome|版本号?|鸿蒙|安卓"
_CALLED = "拨打|请拨|电话|热线|报警|急救|号码|手机号?|致电|联系方式|传真|分机|客服"


@cache
def _numerals() -> Any:
    from cn2an import An2Cn

    return An2Cn().an2cn


def cardinal(number: str) -> str:
    """`1,234.5` -> 一千二百三十四点五."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        said = digits(whole)
    else:
        said = str(_numerals()(str(int(whole or 0)), "low"))
        said = re.sub(r"^一十", "十", said)
        said = re.sub(r"^二(?=[千万亿])|(?<=[万亿])二(?=千)", "两", said)
    return f"{said}点{digits(decimals)}" if decimals else said


def counted(number: str) -> str:
    """A number before a measure word: 2 is 两."""
    return "两" if number == "2" else cardinal(number)


def digits(number: str, one: str = "一") -> str:
    """One by one; `one` is 幺 in telephone and room numbers."""
    names = dict(zip("0123456789", f"零{one}二三四五六七八九", strict=True))
    return "".join(names[d] for d in number if d.isdigit())


def year(number: str) -> str:
    """`2026` digit by digit; what is no year of our time, such as 5000, as a number."""
    return digits(number) if 1100 <= int(number) <= 2099 else cardinal(number)


def _grouped(match: re.Match[str]) -> str:
    """Digits one by one, a pause where the writer left one."""
    plus = "加" if match[0].startswith("+") else ""
    groups = re.findall(r"\d+", match[0])
    one = "幺" if sum(map(len, groups)) > 2 and any(len(group) > 2 for group in groups) else "一"
    return plus + "，".join(digits(group, one) for group in groups)


def _called(match: re.Match[str]) -> str:
    groups = match["number"].split("-")
    return match["word"] + "，".join(digits(group, "幺") for group in groups)


def _code(match: re.Match[str]) -> str:
    parts = re.findall(r"\d+|[A-Za-z]+", match["code"])
    return match["word"] + "".join(
        digits(part, "幺") if part.isdigit() else f" {part} " for part in parts
    )


def _fraction(match: re.Match[str]) -> str:
    over, under = match[1], match[2]
    if int(over) >= int(under):
        return f"{cardinal(over)}斜杠{cardinal(under)}"
    return f"{cardinal(under)}分之{cardinal(over)}"


def _version(text: str) -> str:
    return "点".join(digits(p) if p[0] == "0" else cardinal(p) for p in text.split("."))


def _dotted(match: re.Match[str]) -> str:
    parts = match[0].split(".")
    if len(parts) == 4 and all(int(part) < 256 for part in parts):
        return "点".join(digits(part, "幺") for part in parts)
    if all(len(part) == 3 for part in parts[1:]) and len(parts[0]) < 4 and parts[0][0] != "0":
        return cardinal("".join(parts))
    return _version(match[0])


def _power(match: re.Match[str]) -> str:
    exponent = match[1]
    named = {"2": "的平方", "3": "的立方"}.get(exponent)
    sign = "负" if exponent[0] == "-" else ""
    bare = exponent.lstrip("+-")
    return named or f"的{sign}{cardinal(bare) if bare.isdigit() else bare}次方"


CODES: list[Rule] = [
    (re.compile(r"(?<![\w.])\.(?=\d)"), lambda m: "0."),
    (re.compile(rf"(?<![A-Za-z\d.])({NUMBER})[eE]([+-]\d+)(?!\w)"), lambda m: f"{m[1]}×10^{m[2]}"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)"), _dotted),
    (re.compile(rf"(?P<word>(?:{_CODE_WORDS})(?:号码|号)?\s*[:：是为]?\s*)"
                r"(?P<code>(?=[A-Z]*\d)[A-Z\d]{3,})(?![\w.]*\d)"), _code),
    (re.compile(
        r"(?<![\d.])(?:\+\d{1,3}(?:[ -]\d{2,4}){2,4}"
        r"|(?:\+?86[ -]?)?1\d{2}[ -]\d{4}[ -]\d{4}"
        r"|0\d{2,3}[ -]\d{7,8}(?:-\d{1,5})?|0\d{2,3}[ -]\d{3,4}[ -]\d{4}"
        r"|[48]00[ -]\d{3,4}[ -]\d{3,4})(?![\d.])"), _grouped),
    (re.compile(r"(?<![\d-])\d+(?:-\d+){2,}(?![\d-])"), _grouped),
    (re.compile(rf"(?<![\d.,])\+?\d{{7,}}(?![\d.,]\d|\d| ?{_COUNTED})"), _grouped),
    (re.compile(rf"(?P<word>(?:{_CALLED})[:：是为]? ?|打(?=(?:1\d\d|9\d{{4}})(?!\d)))"
                rf"(?P<number>\d{{3}}-\d{{4,8}}|\d{{3,6}})(?!\d)(?! ?{_COUNTED})"), _called),
    (re.compile(r"(?<![\d.])(\d{3,4})(?=路|室|房|号房|号楼|号车厢|次列车|次航班|航班)"), _grouped),
    (re.compile(rf"(?<=[元层楼座栋幢])(\d{{3,4}})(?!\d|[.,]\d| ?{_COUNTED})"), _grouped),
    (re.compile(r"(?<=号)(\d+)-(\d+)(?![\d-])"), lambda m: f"{cardinal(m[1])}杠{cardinal(m[2])}"),
    (re.compile(rf"({_PRODUCTS}) ?(\d+(?:\.\d+)+)(?!\w)"), lambda m: f"{m[1]} {_version(m[2])}"),
    (re.compile(r"(?<![A-Za-z])[vV](\d+(?:\.\d+)+)"), lambda m: f"版本{_version(m[1])}"),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}"), _dotted),
]  # fmt: skip

FRACTIONS: list[Rule] = [
    (re.compile(r"(?<!\d)(\d+)(?:又| )(\d+)/(\d+)(?![\d/])"),
     lambda m: f"{cardinal(m[1])}又{cardinal(m[3])}分之{cardinal(m[2])}"),
    (re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?= ?mmHg)"),
     lambda m: f"{cardinal(m[1])}比{m[2]}"),
    (re.compile(r"(?<![\d/.])(\d{1,3})/(\d{1,3})(?![\d/.]\d|\d)"), _fraction),
    (re.compile(r"(?<!\d)(\d+)分之(\d+)"), lambda m: f"{cardinal(m[1])}分之{cardinal(m[2])}"),
]  # fmt: skip

WORDS: list[Rule] = [
    (re.compile(r"(?<=[零一二三四五六七八九十百千万亿]) +(?=\d)"), lambda m: "，"),
    (re.compile(r"第(\d+)"), lambda m: f"第{cardinal(m[1])}"),
    (re.compile(r"(?:(?<!\d)#|№ ?|(?<![A-Za-z])[Nn][Oo]\. ?)(\d+)"),
     lambda m: f"{cardinal(m[1])}号"),
    (re.compile(r"(\d+)#(?!\d)"), lambda m: f"{cardinal(m[1])}号"),
    (re.compile(rf"(?:(?<=^)|(?<=[\s(（=，：:；。、到至在是为约于温低高达减加]))-(?={NUMBER})"),
     lambda m: "负"),
    (re.compile(rf"(?<![\d.,A-Za-z负])2(?= ?(?:{TWO}))"), lambda m: "两"),
    (re.compile(r" ?\^\{?([+-]?(?:\d+|[a-z]))\}?"), _power),
    (NEIGHBOURS, lambda m: "，"),
    (re.compile(r"(?<=[A-Za-z])-(?=\d)|(?<=\d)-(?=[A-Za-z])"), lambda m: " "),
    (re.compile(r"(?<=[\u3400-\u9fff])-(?=\d)"), lambda m: ""),
    (re.compile(r"(?<=[A-Z])(\d{3,})(?!\d|[.,]\d)"), lambda m: digits(m[1], "幺")),
    (re.compile(r"(?<![\w.(（])(\d+)[.)）](?=\s|[\u3400-\u9fff])"),
     lambda m: f"{cardinal(m[1])}、"),
    (re.compile(NUMBER), lambda m: cardinal(m[0])),
]  # fmt: skip
