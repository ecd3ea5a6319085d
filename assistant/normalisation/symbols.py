"""Characters that stand for others, are not said, or are left over at the end."""

from __future__ import annotations

import re
import unicodedata

_ONE_SIGN = {
    "℃": "°C", "℉": "°F", "㎡": "m²", "㎥": "m³", "㎏": "kg", "㎎": "mg", "㎝": "cm", "㎜": "mm",
    "㎞": "km", "㎖": "ml", "℡": "Tel. ", "№": "No. ", "…": "...", "′": "'", "″": '"', "％": "%",
    "＋": "+", "－": "-", "＝": "=", "＄": "$", "￥": "¥", "＃": "#", "＆": "&", "＠": "@",
    "／": "/", "～": "~", "⇒": "→", "⟶": "→", "➔": "→", "➜": "→", "−": "-", "º": "°",
    "˚": "°", "⁄": "/", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2011": "-",
}  # fmt: skip
_HALVES = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8",
           "⅜": "3/8", "⅝": "5/8", "⅞": "7/8"}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_MATHS = "°©®™€£¥$₹₩₽₿%‰=+<>×÷±≈≠≤≥√∞→←↑↓^~&@#§"
_LEFT_OVER = re.compile(r"[*_`|~^\\{}\[\]<>#=+@&$€£¥₹₩₽₿%‰©®™←↑↓§¶†‡•·●■□▪◦○◆◇★☆※¬¦¤]+")
_SPACED = re.compile(r"\s+([,.;:!?，。；：！？、)）」』”])|([(（「『“])\s+")


def unified(text: str) -> str:
    """Digits of any script as ASCII ones, signs that have several forms in one of them.

    Raised digits that are no unit's become `^2`, circled ones and vulgar fractions plain.
    """
    text = "".join(_ONE_SIGN.get(c, c) for c in without_controls(text))
    text = re.sub(r"\d", lambda m: str(unicodedata.decimal(m[0])), text)
    for mark, written in _HALVES.items():
        text = re.sub(rf"(?<=\d) ?{mark}", f" {written}", text).replace(mark, written)
    text = re.sub(r"(?<=\d) ?° ?(?=[CF](?![A-Za-z]))", "°", text)
    text = re.sub("[₀-₉]+", lambda m: "".join(_LOWERED[c] for c in m[0]), text)
    raised = "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]"
    unit = r"(?<![A-Za-z])(?:[kcm]?m|s)"  # square and cubic metres, per second squared
    return re.sub(
        rf"(?P<unit>{unit}[²³](?!{raised}))|(?P<raised>{raised}+)|(?P<round>[①-⑳⓪])",
        _unraised,
        text,
    )


def _unraised(match: re.Match[str]) -> str:
    if match["unit"]:
        return match[0]
    if match["round"]:
        return f" {unicodedata.digit(match[0], None) or round(unicodedata.numeric(match[0]))} "
    return "^" + "".join(_RAISED[c] for c in match[0])


def without_controls(text: str) -> str:
    """The text without control and invisible characters; white space becomes blanks."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or not _is_control(c))
    return " ".join("".join(kept).split())


def without_pictographs(text: str) -> str:
    """The text with blanks for emoji and dingbats; degree, currency and arithmetic signs stay.

    A blank, so that the numbers on both sides of one do not become another number.
    """
    return "".join(" " if _is_pictograph(c) else c for c in text)


def finished(text: str) -> str:
    """Words only: no mark that is left over, no blank before a comma; empty without words."""
    text = without_controls(_LEFT_OVER.sub(" ", without_pictographs(text)))
    text = re.sub(r"\(\s*\)|（\s*）", "", text)
    text = _SPACED.sub(r"\1\2", " ".join(text.split())).strip()
    text = re.sub(r"(?<=[，。；：！？、\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "", text)
    return text if any(c.isalnum() for c in text) else ""


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn")


def _is_pictograph(character: str) -> bool:
    if character in _MATHS:
        return False
    return (
        unicodedata.category(character) in ("So", "Sk")
        or "\ufe00" <= character <= "\ufe0f"
        or character == "\u20e3"
    )
