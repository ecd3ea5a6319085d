"""What a clause claims: things, their number and colour, texts, digits, directions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.vision import colours
from assistant.vision.vocabulary import named, words

_NUMBERS = {
    **{word: n for n, word in enumerate(
        re.findall(r"\S+", "zero one two three four five six seven eight nine ten eleven twelve"))},
    "a": 1, "an": 1, "both": 2, "couple": 2, "dozen": 12, "single": 1, "pair": 1,
}  # fmt: skip
_NUMBERS_ZH = {**{c: n for n, c in enumerate("零一二三四五六七八九十")}, "两": 2, "俩": 2, "单": 1}
_MEASURE = "个只条辆位名匹头台架艘座张把本部支根双对块片盘碗杯瓶群棵朵列件顶间栋幅"
_COUNT_ZH = re.compile(rf"([零一二三四五六七八九十两俩]|\d{{1,2}})[{_MEASURE}]")
_ENDS_A_COUNT = frozenset(re.findall(r"\S+", "a an the his her its their of and with in on no"))
_GROUPS = frozenset({"crowd", "group", "family", "several", "many", "few", "some", "multiple"})
_COLOURS = {name: name for name in colours.CHINESE} | {
    "gray": "grey", "golden": "yellow", "silver": "grey", "teal": "turquoise", "violet": "purple",
    "navy": "blue", "crimson": "red", "tan": "beige",
}  # fmt: skip
_COLOURS_ZH = {value[:-1]: key for key, value in colours.CHINESE.items()} | {"金": "yellow"}
_COLOUR_ZH = re.compile(rf"({'|'.join(_COLOURS_ZH)})色?的?")
_SHADE_ZH = re.compile(rf"({'|'.join(_COLOURS_ZH)})色")
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」|『([^』]+)』|‘([^’]{3,})’|《([^》]+)》')
_DIGITS = re.compile(r"[$€£¥#]?\s?\d[\d.,:/()\s-]*\d|\d")
_CAPITALS = re.compile(r"\b(?:[A-Z]{4,}|(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{3,})\b")
_NAMED_TEXT = re.compile(
    r"\b(?:says?|reads?|reading|titled|labell?ed|spells?|printed|written|inscribed|engraved)\b"
    r"(?:\s+(?:as|with|the words?|the text|on it|in it|is))*\s*:?\s+((?:[A-Z][\w'&-]*\s?){1,6})"
)
_DIRECTION = re.compile(
    r",?\s*\b(?:(?:on|to|at|in|from|toward|towards)\s+(?:the|your|its)?\s*(?:far\s+|upper\s+|lower\s+"
    r"|bottom\s+|top\s+)?(?:left|right)(?:[ -]hand)?(?:\s+(?:side|corner|edge|half))?"
    r"(?:\s+of\s+(?:the\s+)?(?:picture|image|photo|frame|scene|view|you))?"
    r"|at\s+\w+\s+o'?clock)\b"
)
_DIRECTION_ZH = re.compile(
    r"(?:在)?(?:画面|图片|照片|你|您)?(?:的)?(?:左|右)(?:边|侧|面|方|手边|前方|上角|下角|上方|下方)"
)
_SIDE_LEFT = re.compile(r"\bleft\b|左")
# Words before which a noun is no thing in the picture, or that only look like one.
_NOT_A_THING = frozenset(
    re.findall(
        r"\S+",
        "background foreground side front back top bottom middle center centre end kind type way "
        "view picture image photo scene line word words name text number light right left stand "
        "stands sign signs label labels notice banner "
        "lies lie sits sit rides ride holds hold plays watch watches runs run crosses cross says "
        "reads read shows show parks park rail board leaves fall falls cut cuts swims swim drive "
        "drives face faces head hand hands top waits wait open close it is are with poster korean "
        "chinese english french german japanese italian spanish latin russian american",
    )
)
_LIKENESS = frozenset(
    re.findall(
        r"\S+",
        "toy rubber plastic stuffed model miniature statue sculpture cartoon drawn painted drawing "
        "painting silhouette logo icon picture",
    )
)
_LIKENESS_ZH = re.compile(r"玩具|塑料|橡皮|毛绒|模型|雕像|卡通|画的|图标")
_HEAD = re.compile(r"[a-z][a-z'-]*")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A thing that a clause names."""

    word: str
    meant: frozenset[str]  # speakable names; empty where none is known
    number: int | None = None  # None where the clause does not count it
    colour: str | None = None  # English
    likeness: bool = False  # a toy, a statue or a picture of one, which no network knows well


def quoted(clause: str) -> list[str]:
    """Texts that a clause gives as written in the picture."""
    marked = [next(filter(None, found.groups()), "") for found in _QUOTED.finditer(clause)]
    bare = _QUOTED.sub(" ", clause)
    capitals = [found[0] for found in _CAPITALS.finditer(bare)]
    return [*marked, *capitals, *(found[1].strip() for found in _NAMED_TEXT.finditer(bare))]


def digits(clause: str) -> list[str]:
    """Numbers in digits outside quotes."""
    return [found[0] for found in _DIGITS.finditer(_QUOTED.sub(" ", clause))]


def without_quotes(clause: str) -> str:
    """A clause with its quoted texts taken out."""
    return _QUOTED.sub(" ", clause)


def things(clause: str, language: str) -> list[Thing]:
    """The things that a clause names, with number and colour."""
    plain = without_quotes(clause)
    return list(_things_zh(plain) if language == "zh" else _things_en(plain.lower()))


def shades(clause: str, language: str) -> set[str]:
    """Every colour that a clause names, in English."""
    plain = without_quotes(clause)
    if language == "zh":
        return {_COLOURS_ZH[found[1]] for found in _SHADE_ZH.finditer(plain)}
    return {_COLOURS[word] for word in _HEAD.findall(plain.lower()) if word in _COLOURS}


def leads_left(clause: str) -> bool | None:
    """True for "on the left", False for "on the right", None without a direction."""
    found = _DIRECTION.search(clause) or _DIRECTION_ZH.search(clause)
    return None if found is None else bool(_SIDE_LEFT.search(found[0]))


def without_direction(clause: str) -> str:
    """A clause without its directions."""
    plain = _DIRECTION_ZH.sub("", _DIRECTION.sub("", clause))
    return re.sub(r"^[\s,，]+", "", re.sub(r"\s+([,.;])", r"\1", plain))


def _things_en(plain: str) -> Iterator[Thing]:
    tokens = _HEAD.findall(plain)
    at = 0
    while at < len(tokens):
        size, meant = _longest(tokens, at)
        if size == 0:
            at += 1
            continue
        before = tokens[max(0, at - 4) : at]
        yield Thing(
            word=" ".join(tokens[at : at + size]),
            meant=meant,
            number=_number(before),
            colour=_colour(before, tokens[at + size :]),
            likeness=not _LIKENESS.isdisjoint(before[-3:]),
        )
        at += size


def _longest(tokens: list[str], at: int) -> tuple[int, frozenset[str]]:
    """How many tokens from `at` on name a thing, and which; (0, none) where they do not."""
    if tokens[at] in _COLOURS and not (at and tokens[at - 1] in ("an", "the", "of")):
        return 0, frozenset()
    for size in (3, 2, 1):
        if at + size > len(tokens):
            continue
        phrase = tokens[at : at + size]
        if size > 1 and " ".join(phrase) not in words():
            continue
        if size == 1 and (phrase[0] in _NOT_A_THING or phrase[0] in _NUMBERS):
            continue
        meant = named(" ".join(phrase))
        if meant and len(meant) <= 40:
            following = tokens[at + size] if at + size < len(tokens) else ""
            if size == 1 and following and following not in _NOT_A_THING and named(following):
                continue  # a noun before a noun: "toy truck", "traffic light"
            return size, meant
    return 0, frozenset()


def _number(before: list[str]) -> int | None:
    """The count in the words before a noun; "a man" and "the man" count nothing."""
    for word in reversed(before):
        if word in _NUMBERS and word not in ("a", "an"):
            return _NUMBERS[word]
        if word in _ENDS_A_COUNT or word in _GROUPS:
            return None
    return None


def _colour(before: list[str], after: list[str]) -> str | None:
    """A colour right before a noun ("a red wooden bench"), or said of it ("the cup is red")."""
    for word in reversed(before[-2:]):
        if word in ("a", "an", "the", "and", "of", "with", "in"):
            break
        if word in _COLOURS:
            return _COLOURS[word]
    if len(after) >= 2 and after[0] in ("is", "are", "looks") and after[1] in _COLOURS:
        return _COLOURS[after[1]]
    return None


def _things_zh(plain: str) -> Iterator[Thing]:
    at, last = 0, 0
    while at < len(plain):
        size = next((n for n in (5, 4, 3, 2, 1) if plain[at : at + n] in words()), 0)
        word = plain[at : at + size]
        if (
            size == 0
            or word.isascii()
            or (size == 1 and word in "花包桌板面球笔船山车" and at == 0)
        ):
            at += 1
            continue
        before = plain[last:at][-12:]
        count = list(_COUNT_ZH.finditer(before))
        shade = list(_COLOUR_ZH.finditer(before[-5:]))
        said = re.match(r"(?:是|都是)([^，。]{1,2})色", plain[at + size :])
        colour = _COLOURS_ZH.get(shade[-1][1]) if shade else None
        if said and said[1] in _COLOURS_ZH:
            colour = _COLOURS_ZH[said[1]]
        number = None
        if count:
            digit = count[-1][1]
            number = int(digit) if digit.isdigit() else _NUMBERS_ZH[digit]
        yield Thing(
            word=word,
            meant=named(word),
            number=number if number != 1 else None,
            colour=colour,
            likeness=bool(_LIKENESS_ZH.search(before[-4:])),
        )
        at += size
        last = at
