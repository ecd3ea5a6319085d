"""What a question about a video asks for, by closed patterns in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeGuard

from assistant.languages import language_of
from assistant.library.words import plain
from assistant.safety.number_words import in_digits, normal
from assistant.video import kinds, quantities
from assistant.video.citing import FREE, FREE_ZH, HAN, WORD, same
from assistant.video.lemmas import lemma
from assistant.video.quantities import Quantity

Wanted = Literal["price", "number", "person"] | Quantity
Edge = Literal["start", "end"]
Step = Literal["after", "before"]

_PLAY: Final = re.compile(
    r"\b(?:play|replay|show me|let me (?:hear|see)|jump to|go to|skip to)\b.{0,24}"
    r"\b(?:parts?|bits?|scenes?|sections?|passages?|moments?|clips?|place|that|it)\b|"
    r"(?:播放?|放|重放|跳到|回到|给我[看听])[^，。]{0,12}(?:段|部分|片段|地方|那里|这里|处)",
    re.IGNORECASE,
)
_PLAY_WORDS: Final = re.compile(
    r"\b(?:play|replay|show me|let me (?:hear|see)|jump to|go to|skip to|parts?|bits?|scenes?|"
    r"sections?|passages?|moments?|clips?|place)\b|"
    r"播放|重放|跳到|回到|给我[看听]|放|听|那?一?(?:段|部分|片段|地方)|那里|这里",
    re.IGNORECASE,
)
_LENGTH: Final = re.compile(
    r"\bhow long (?:is|does) (?:it|this|that|the) ?(?:whole |entire )?"
    r"(?:video|film|movie|clip|recording|footage|last|take)?(?: (?:last|take|go on))?\W*$|"
    r"\b(?:length|duration) of (?:the|this) (?:video|film|movie|clip)|"
    r"(?:视频|影片|录像|片子|它)(?:有|是)?(?:多长|多久|几分钟)|(?:视频|影片)的?(?:时长|长度)",
    re.IGNORECASE,
)
_START: Final = re.compile(
    r"\b(?:at the (?:very )?(?:beginning|start)|(?:how|what) .{0,20}\b(?:begins?|starts?)\W*$|"
    r"first (?:scene|shot|thing|sentence|words?))\b|"
    r"开头|一开始|刚开始|最开始|第一个(?:镜头|画面)|第一句",
    re.IGNORECASE,
)
_END: Final = re.compile(
    r"\b(?:at the (?:very )?end\b|how .{0,20}\bends?\W*$|"
    r"(?:last|final) (?:scene|shot|thing|sentence|words?|minute)|ending)|"
    r"结尾|结局|最后(?:一个|一句|说|讲|出现|怎么|的)?(?:镜头|画面)?|末尾|结束(?:时|的时候)",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\b(?:after (?:that|this|it)|what (?:happens |comes |is )?next|and then|then what|"
    r"afterwards)\b|"
    r"^(?:那)?(?:之后|然后|接下来|后来|再后来)|(?:那|这)(?:之|以)?后",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"\bbefore (?:that|this|it)\b|^(?:在)?(?:那|这)?之前|(?:那|这)(?:之|以)?前", re.IGNORECASE
)
_POINTS: Final = re.compile(
    r"\b(?:it|that|this|there|then|they|them|he|him|his|she|her|those|these|one)\b|"
    r"它|他|她|那(?:个|里|儿|时|段)?|这(?:个|里|儿|时|段)?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"(?<![\d:])(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,3}):(?P<s>\d{2})\b|"
    r"(?:\b(?P<h_2>\d+(?:\.\d+)?) ?(?:hours?|hrs?)(?: and)? ?)?"
    r"(?:\b(?P<m_2>\d+(?:\.\d+)?) ?(?:minutes?|mins?)(?: and)? ?)?"
    r"(?:\b(?P<s_2>\d+(?:\.\d+)?) ?(?:seconds?|secs?)\b)?|"
    r"\b(?:minute|min) (?P<m_3>\d+)|\bsecond (?P<s_3>\d+)"
)
_NTH_ZH: Final = re.compile(r"第(?P<nth>\d+)分钟")
_CLOCK_ZH: Final = re.compile(
    r"第?(?:(?P<h>\d+)(?:个)?小时)?(?:(?P<m>\d+(?:\.\d+)?)分钟?(?P<half>半)?)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)秒)?"
)
_ASKS_TIME: Final = re.compile(
    r"^\W*(?:when|at (?:what|which) (?:time|point|minute|second|moment)|where in)\b|"
    r"什么时候|几分几秒|第?几(?:分钟|秒|分)|哪(?:里|儿|一?段)(?:提到|出现|讲|说)",
    re.IGNORECASE,
)
_SEEN: Final = re.compile(
    r"\b(?:is|are|was|were) there\b|\b(?:do|can|could) (?:you|we|i) see\b|\b(?:see|seen|visible|"
    r"appears?|shown?|shows?|looks?|wear(?:s|ing)?|holds?|holding|carr(?:y|ies|ying)|colou?rs?|"
    r"how many .* (?:in|on|are)|any(?:one|body|thing)?|picture|scene|shot)\b|"
    r"有没有|有.{1,8}吗|看[到见]|出现|画面|镜头|颜色|穿|戴|拿着|几[个只条辆人]",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"\b(?:say|says|said|mention\w*|talk\w*|tell\w*|told|explain\w*|speak\w*|spoken|discuss\w*|"
    r"written|write|read|slide|caption|text|according|teach\w*|answer\w*|ask\w*|describe[ds]?)\b|"
    r"说|讲|提到|谈|介绍|解释|写|字|幕|回答|问",
    re.IGNORECASE,
)
# Who says it is seldom named in what is said: "what does the man say about Sunday".
_SPEAKER: Final = re.compile(
    r"\b(?:the |this |that |a |an )?(?:m[ae]n|wom[ae]n|guy|lady|person|people|speakers?|narrator|"
    r"voice|presenter|teacher|lecturer|host|professor)\b"
    r"(?=(?:'s)?(?: \w+){0,2}? (?:say|said|saying|mention|talk|tell|told|explain|speak|discuss))|"
    r"(?:[这那][个位名]|一[个位名])?(?:男人|女人|男士|女士|男的|女的|人|老师|讲者|演讲者|主持人|旁白|教授)"
    r"(?=.{0,3}(?:说|讲|提到|谈|介绍|解释))",
    re.IGNORECASE,
)
_PRESENCE: Final = re.compile(
    r"^\W*(?:and |so |but )?(?:is|are|was|were) there\b|\b(?:do|does|can|did) (?:you|we|i) see\b|"
    r"^\W*(?:and |so |but )?(?:is|are|does|do|did) (?:any\w*|some\w*|an?)\b|"
    r"有没有|有.{1,10}[吗么]|(?:看到|看见|出现).{0,10}[吗么]",
    re.IGNORECASE,
)
_PRICE: Final = re.compile(
    r"\bhow much (?:is|are|does|do|did|was|were|money)\b|\b(?:price|cost)s?\b|"
    r"多少钱|价格|价钱|几块钱|什么价",
    re.IGNORECASE,
)
_COST: Final = re.compile(r"(?:cost|price|pay|paid)s?|价格|价钱", re.IGNORECASE)
_MONEY: Final = re.compile(
    r"[$€£¥￥]|\b(?:dollars?|euros?|pounds?|cents?|yuan|francs?|free|costs?|price[ds]?|paid|pay)\b|"
    r"元|块钱|块|美元|欧元|免费|价",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"\bhow (?:many|often|far|long|old|tall|big|high|heavy|much)\b|多少|几|多[远长久大高重]",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(r"\bwho(?:'s|se|m)?\b|谁|哪位|什么人", re.IGNORECASE)
_ASKING: Final = frozenset(
    re.findall(
        r"\S+",
        "when where which whose whom why how many much long far often old video film movie clip "
        "recording footage talk lesson minute minutes second seconds moment part parts point "
        "there any anyone anybody anything someone something you i me we us my please tell find "
        "kind sort type see seen appear appears happen happens happened happening exactly really "
        "ever thing things not no he she him her his hers should must might may need needs "
        "ought shall",
    )
)
_ASKING_ZH: Final = re.compile(
    r"请问|告诉我|关于|的事情?(?=\W*$)|什么时候|几分几秒|第几(?:分钟|秒|分)|为什么|什么|哪[里儿个些位天年一]?|谁|多少钱|多少|"
    r"多[远长久大高重]|几[个只条辆次人户家天年月]?|怎么样?|有没有|是不是|能不能|会不会|可以|出现|发生|"
    r"视频|录像|影片|里面|她|他|它|吗|呢|吧|啊|么|我|你|您|请|看到|看见|时候|用|来|去|给|有"
)


_CATEGORY: Final = re.compile(
    r"\b(?:which|what)\s+(?:days?|date|month|year|season|hour|time|city|town|country|place|street)\b",
    re.IGNORECASE,
)
"""What an answer is to name; it need not say the word: "which day", "Sunday"."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a video, understood."""

    text: str
    language: str  # of the question
    words: tuple[str, ...]  # English words, or runs of Chinese, that carry its meaning
    play: bool = False  # a part is to be played
    length: bool = False  # how long the video is
    edge: Edge | None = None
    at: float | None = None  # s, a time that it names
    step: Step | None = None  # from the last answer
    points: bool = False  # it has a pronoun
    presence: bool = False  # whether something is there
    seen: bool = False  # about what is seen
    said: bool = False  # about what is said or written
    when: bool = False  # for a time
    wanted: Wanted | None = None  # what an answer has to hold

    @cached_property
    def category(self) -> str | None:
        """The word of which an answer may name a kind; WordNet is read for it at first."""
        return kinds.category(self.text)


def parse(text: str) -> Question:
    """What a question asks for."""
    language = language_of(text)
    step: Step | None = None
    if _AFTER.search(text):
        step = "after"
    elif _BEFORE.search(text):
        step = "before"
    at, bare = clock_in(text)
    play = bool(_PLAY.search(text))
    for placed in (_START, _END, _AFTER, _BEFORE, *((_PLAY_WORDS,) if play else ())):
        bare = placed.sub(" ", bare)
    wanted = _wanted(text)
    words = tuple(
        word for word in content(_SPEAKER.sub(" ", bare), language) if not _needless(wanted, word)
    )
    edge: Edge | None = "start" if _START.search(text) else "end" if _END.search(text) else None
    return Question(
        text=text,
        language=language,
        words=words,
        play=play,
        length=bool(_LENGTH.search(text)),
        edge=edge,
        at=at,
        step=step,
        points=bool(_POINTS.search(text)),
        presence=bool(_PRESENCE.search(text)),
        seen=bool(_SEEN.search(text)),
        said=bool(_SAID.search(text)),
        when=bool(_ASKS_TIME.search(text)),
        wanted=wanted,
    )


def content(text: str, language: str) -> list[str]:
    """The words of a question that have to be in what answers it."""
    if language == "zh":
        bare = FREE_ZH.sub(" ", _ASKING_ZH.sub(" ", plain(text)))
        latin = [word for word in WORD.findall(bare) if not HAN.search(word)]
        return [*HAN.findall(bare), *latin]
    return _content(_CATEGORY.sub(" ", text)) or _content(text)


def _content(text: str) -> list[str]:
    words = WORD.findall(plain(text).replace("’", "'"))
    kept = [word.removesuffix("'s") for word in words]
    return [word for word in dict.fromkeys(kept) if word not in FREE and word not in _ASKING]


def measures(wanted: Wanted | None) -> TypeGuard[Quantity]:
    """Whether a measure is wanted."""
    return wanted is not None and wanted not in ("price", "number", "person")


def _needless(wanted: Wanted | None, word: str) -> bool:
    """Whether a word only says which measure is wanted, or that money is."""
    if wanted == "price":
        return bool(_COST.fullmatch(word))
    return measures(wanted) and quantities.needless(wanted, word)


def holds(wanted: Wanted | None, text: str) -> bool:
    """Whether a text has what an answer must have: money, a number."""
    if wanted == "price":
        return bool(_MONEY.search(text))
    if measures(wanted):
        return quantities.told(wanted, text)
    return wanted != "number" or bool(re.search(r"\d", in_digits(normal(text))))


def in_text(word: str, text: str, language: str) -> float:
    """How much of a question's word stands in a text, 0 to 1; of Chinese by its characters."""
    if language != "zh" or not HAN.search(word):
        wanted = lemma(word)
        return float(any(same(wanted, lemma(other)) for other in WORD.findall(plain(text))))
    given, at, held = plain(text), 0, 0
    if len(word) == 1:
        return float(word in given)
    while at < len(word):
        size = next((n for n in range(len(word) - at, 1, -1) if word[at : at + n] in given), 0)
        held += size
        at += size or 1
    return held / len(word)


def clock_in(text: str) -> tuple[float | None, str]:
    """The time of a video that a question names, s, and the question without it."""
    digits = in_digits(normal(text))
    patterns = (_NTH_ZH, _CLOCK_ZH, _CLOCK) if language_of(text) == "zh" else (_CLOCK,)
    for pattern in patterns:
        for found in pattern.finditer(digits):
            given = {name: _value(value) for name, value in found.groupdict().items() if value}
            if given:
                rest = f"{digits[: found.start()]} {digits[found.end() :]}"
                return _seconds(given), rest
    return None, text


def _value(text: str) -> float:
    return 1.0 if text == "半" else float(text)


def _seconds(given: dict[str, float]) -> float:
    if "nth" in given:  # the third minute lies before 3:00
        return 60 * given["nth"] - 30
    unit = {"h": 3600, "m": 60, "s": 1}
    half = 30.0 if given.pop("half", None) else 0.0
    return half + sum(value * unit[name[0]] for name, value in given.items())


def _wanted(text: str) -> Wanted | None:
    asked = quantities.quantity(text)
    if asked is not None and not _LENGTH.search(text):
        return asked
    if _PRICE.search(text):
        return "price"
    if _NUMBER.search(text) and not _LENGTH.search(text):
        return "number"
    return "person" if _PERSON.search(text) else None
