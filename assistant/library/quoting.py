"""The words that have to stand in a picture: "the sign that says exit", 写着出口的牌子."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SAYS = (
    r"(?:(?:that|which|where it|it) (?:says?|said|reads?|is (?:labell?ed|marked|titled)|mentions?)|"
    r"saying|mentioning|"
    r"(?:(?:with|has|containing|bearing) )?the (?:words?|text|letters|title|inscription|"
    r"number|name)"
    r"(?: of)?|labell?ed|with the writing)"
)
_SIGNED = (
    r"(?:(?<=sign )|(?<=signs )|(?<=board )|(?<=poster )|(?<=banner )|(?<=label )|(?<=note )|"
    r"(?<=plate )|(?<=shirt )|(?<=screen )|(?<=paper )|(?<=page )|(?<=receipt )|(?<=slide ))"
    r"(?:reading|says|with)"
)
_OPEN, _CLOSE = '"“”«「『《', '"“”»」』》'
_QUOTED = re.compile(
    rf"(?P<lead>\b(?:{_SAYS}|reading|titled|called|named|marked|with)\s*[:,]?\s+)?"
    rf"(?:(?:上面?|里面?)?(?:写着|写有|写了|写的是|印着|印有|标着|标有|刻着|贴着|带有?|含有?|有|是)?(?:文字)?)?"
    rf"(?:[{_OPEN}](?P<a>[^{_OPEN}{_CLOSE}]+)[{_CLOSE}]|(?<![\w'’])['‘](?P<b>[^'‘’]+)['’](?!\w))"
    r"(?:(?:这|那)?[几一二两三四五六]?个?(?:字样?|词)的?|的(?=[^的]))?"
    r"(?:\s+(?:written|printed) on (?:it|them))?",
    re.IGNORECASE,
)
_SPOKEN = re.compile(rf"\b(?:{_SAYS}|{_SIGNED})\s*:?\s+(?P<words>\S.*)$", re.IGNORECASE | re.DOTALL)
_WRITTEN = re.compile(
    r"\b(?:with|that (?:has|have)|which (?:has|have)|having) (?:the words? )?"
    r"(?P<words>[^,.]+?) (?:written|printed) on (?:it|them|top)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:上面?|里面?)?(?:写着|写有|写了|写的是|标题[是为]|题为|印着|印有|标着|标有|刻着|显示着?)(?P<words>[^，。,!！?？]+?)"
    r"(?:字样|[几一二两三四五六]个字)?(?:的(?=[^的，。]*(?:[，。]|$))|(?=[，。,]|$))"
)
_CHINESE_HAS = re.compile(
    r"(?:带有?|含有?|有)(?P<words>[^，。,的有带含]{1,20}?)(?:这|那)?(?:字样|[几两三四五六]个字)的?"
)
_LEAD = re.compile(r"^(?:the |an? |words? |text )+(?=\S)", re.IGNORECASE)
_TRAIL = re.compile(
    r"\s+(?:(?:written |printed )?(?:in|on) (?:it|them)|somewhere|please)$", re.IGNORECASE
)
_MOST = 8  # phrases


@dataclass(frozen=True, kw_only=True)
class Found:
    """Words at `text[start:end]`, with what names them as such; quoted ones end for certain."""

    start: int
    end: int
    words: str
    quoted: bool = False
    begins: int = 0  # where the words themselves do


def find(text: str) -> list[Found]:
    """The phrases that have to stand in the picture, from left to right.

    One that is not in quotes may reach too far: up to the end of an English request, whatever
    follows; the caller cuts it where a time or place begins.
    """
    quoted = [found for match in _QUOTED.finditer(text) if (found := _of(match, text)) is not None]
    if quoted:
        return quoted[:_MOST]
    for pattern in (_WRITTEN, _CHINESE, _CHINESE_HAS, _SPOKEN):
        match = pattern.search(text)
        if match is not None and match["words"].strip():
            words = match["words"]
            return [
                Found(
                    start=match.start(),
                    end=match.end(),
                    words=plain(words),
                    begins=match.start("words"),
                )
            ]
    return []


def _of(match: re.Match[str], text: str) -> Found | None:
    name = "a" if match["a"] is not None else "b"
    words = match[name].strip()
    if not words:
        return None
    return Found(
        start=match.start(), end=match.end(), words=words, quoted=True, begins=match.start(name)
    )


def plain(words: str) -> str:
    """Words as they are looked for: no article before, no stop behind."""
    bare = _TRAIL.sub("", _LEAD.sub("", words.strip())).strip(" .,!?;:。，！？；：的\"'“”")
    return bare or words.strip()


def pieces(found: list[Found]) -> Iterator[str]:
    """The phrases, each once."""
    yield from dict.fromkeys(one.words for one in found)
