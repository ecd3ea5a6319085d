"""English abbreviations in full, where they cannot be something else."""

from __future__ import annotations

import re

from assistant.normalisation.rules import Rule, alternatives

_ANY_CASE = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus",
    "approx.": "approximately", "incl.": "including", "excl.": "excluding", "exp.": "expires",
    "qty.": "quantity", "tel.": "telephone", "ext.": "extension", "w/o": "without", "w/": "with",
    "dept.": "department", "govt.": "government", "assoc.": "association", "avg.": "average",
    "est.": "established", "misc.": "miscellaneous", "temp.": "temperature",
    "a.k.a.": "also known as", "blvd.": "boulevard", "apt.": "apartment", "c/o": "care of",
}  # fmt: skip
_WITHOUT_STOP = {
    "etc": "et cetera", "vs": "versus", "approx": "approximately", "aka": "also known as",
}  # fmt: skip
_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Jr": "Junior",
    "Sr": "Senior", "Inc": "Incorporated", "Ltd": "Limited", "Co": "Company", "Corp": "Corporation",
    "Ave": "Avenue", "Rd": "Road", "Capt": "Captain", "Sgt": "Sergeant", "Lt": "Lieutenant",
    "Gen": "General", "Rev": "Reverend", "Hon": "Honourable", "Gov": "Governor", "Sen": "Senator",
}  # fmt: skip
_BEFORE_NAMES = {"St": "Saint", "Dr": "Doctor", "Mt": "Mount", "Ft": "Fort"}
_AFTER_NAMES = {"St": "Street", "Dr": "Drive", "Mt": "Mountain", "Ft": "Fort"}
_BEFORE_NUMBERS = {
    "pp": "pages", "p": "page", "fig": "figure", "figs": "figures", "vol": "volume",
    "ch": "chapter", "sec": "section", "no": "number", "nos": "numbers", "ver": "version",
    "art": "article",
    "eq": "equation", "pt": "part", "rm": "room", "fl": "floor",
}  # fmt: skip


def _saint_or_street(match: re.Match[str]) -> str:
    """`St. Mary` is a saint, `Main St.` a street."""
    name = match["name"] is not None
    return (_BEFORE_NAMES if name else _AFTER_NAMES)[match["short"]]


def _initials(match: re.Match[str]) -> str:
    """`U.S.A.` -> U S A; the last stop stays where it may end the sentence."""
    stop = "." if not match.string[match.end() :].strip() else ""
    return " ".join(match[0].replace(".", "")) + stop


ABBREVIATIONS: list[Rule] = [
    (re.compile(rf"(?<![\w.])({alternatives(_BEFORE_NUMBERS)})\. ?(?=\d)", re.I),
     lambda m: f"{_BEFORE_NUMBERS[m[1].lower()]} "),
    (re.compile(r"(?<![\w.])No\.? ?(?=\d)"), lambda m: "number "),
    (re.compile(rf"(?<![\w.])(?:{alternatives(_ANY_CASE)})(?!\w)", re.I),
     lambda m: _ANY_CASE[m[0].lower()]),
    (re.compile(r"(?<![\w.])(?<!\d )(max|min)\.(?!\w)", re.I),
     lambda m: {"max": "maximum", "min": "minimum"}[m[1].lower()]),
    (re.compile(rf"\b({alternatives(_WITHOUT_STOP)})\b(?!\.\w)"), lambda m: _WITHOUT_STOP[m[1]]),
    (re.compile(r"\b(?:EXP|Exp|exp)(?: ?: ?| )(?=\d|[A-Z][a-z]+ tw)"), lambda m: "expires "),
    (re.compile(rf"\b({alternatives(_TITLES)})\.(?!\w)"), lambda m: _TITLES[m[1]]),
    (re.compile(r"\b(?P<short>St|Dr|Mt|Ft)\.(?P<name>(?= [A-Z]))?(?!\w)"), _saint_or_street),
    (re.compile(r"(?<![\w.])(?:[A-Z]\.){2,}(?!\w)"), _initials),
]  # fmt: skip
