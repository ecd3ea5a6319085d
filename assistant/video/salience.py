"""Which statements tell most, without a language model.

Four signs, each known to help extractive summaries: a statement is near to what the others say
(centroid of sentence vectors, or of weighed words where no encoder is there; Radev et al. 2004),
it carries facts (numbers and names), its speaker marks it (cue phrases and place; Edmundson
1969), and it is no greeting and no fragment.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from assistant.interfaces import TextEncoder
from assistant.languages import base
from assistant.library.words import meaningful
from assistant.safety.number_words import normal, values
from assistant.video.statements import Statement

_CUES: Final = re.compile(
    r"\b(?:in (?:summary|conclusion|short)|to (?:sum up|conclude)|finally|most important(?:ly)?|"
    r"the (?:main|key|biggest|most|best|first|second|third|last|only|result|problem|reason)|"
    r"important|remember|never|always|must|because|since|so that|therefore|(?:that|which) is why|"
    r"first|second|third|fourth|fifth|then|as a result|we (?:found|learned|built|made|plan)|"
    r"called|known as|means|shows?|until|only)\b|"
    r"总之|综上|最后|重点|关键|首先|其次|然后|因为|所以|因此|一共|总共|必须|不要|不能|一定|最大|最重要|"
    r"主要|结果|问题|原因|打算|发现|第[一二三四五六七八九十]|叫做?|只有",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"\b(?:this|the|our|today's|my) (?:talk|video|lesson|film|lecture|course|episode|presentation|"
    r"guide|tutorial|report|story|tour|clip|recording) |"
    r"\b(?:is|are|talk|speak|learn|tell you|hear|know|look(?:ing)?) (?:all )?(?:about|at how)\b|"
    r"\b(?:today|now|here),? (?:we|i)\b|"
    r"\b(?:i|we)(?: am|'m| are|'re|'ll| will| want to| would like to)(?: going to)?"
    r" (?:show|talk|explain|present|introduce|tell|look|teach|learn)|"
    r"\bhow (?:to|we|it|they) \b|"
    r"(?:今天|这次|本期|本节|下面|现在)[^，。]{0,6}(?:介绍|讲|说|聊|谈|学|看|分享|带)|(?:介绍|讲解|讲述|关于)",
    re.IGNORECASE,
)
_EMPTY: Final = re.compile(
    r"^(?:(?:hi|hello|hey|welcome|good (?:morning|afternoon|evening|day)|thank you|thanks|bye|"
    r"goodbye|okay|ok|so|well|right|yes|no|um|uh|all right|let's (?:go|begin|start)|see you)\b"
    r"(?:[\s,]+(?:everyone|everybody|all|there|back|again|guys|friends|very much|so much|for \w+ing"
    r"|to \w+(?: \w+)?|next time))*[\s,.!?]*)+$|"
    r"subscribe|like button|"
    r"^(?:(?:大家|你|您|各位)?(?:好|早|们好)|谢谢(?:大家|观看|收看|各位|你们)?|再见|欢迎(?:大家|收看|来到)?|嗯|啊|好的?|"
    r"那么|下次见|我们下次再见|各位)[，。！\s]*$|点赞|订阅",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+|[《“「][^》”」]+[》”」]")
_FRAGMENT: Final = {"en": 4, "zh": 6}  # words or characters below which a statement tells little
_CENTRAL, _FACTS, _CUE, _ENDS, _TITLED = 1.0, 0.5, 0.35, 0.25, 0.3
"""Weights of the signs; centrality counts in standard deviations of the statements at hand."""


def scores(
    chosen: Sequence[Statement],
    *,
    titles: Sequence[Statement] = (),
    encoder: TextEncoder | None = None,
) -> list[float]:
    """How much each statement tells, comparable within one call; greetings are far below zero.

    Args:
        titles: what is written on screen meanwhile; what is said of it too tells more.
        encoder: a sentence encoder; without one, weighed words are compared.
    """
    if not chosen:
        return []
    texts = [statement.text for statement in chosen]
    near = _centrality(vectors(texts, encoder))
    shown = set().union(*(set(meaningful(title.text)) for title in titles)) if titles else set()
    return [
        _CENTRAL * near[place]
        + _FACTS * min(2, facts(statement.text))
        + _CUE * bool(_CUES.search(statement.text))
        + _ENDS * (place in (0, len(chosen) - 1))
        + _TITLED * bool(shown & set(meaningful(statement.text)))
        - _emptiness(statement)
        for place, statement in enumerate(chosen)
    ]


def introduces(statement: Statement) -> bool:
    """Whether a statement says what the whole is about."""
    return not empty(statement) and bool(_SUBJECT.search(statement.text))


def empty(statement: Statement) -> bool:
    """Whether a statement is a greeting, a thank-you or a fragment."""
    short = statement.length < _FRAGMENT["zh" if base(statement.language) == "zh" else "en"]
    return short or bool(_EMPTY.search(statement.text.strip()))


def facts(text: str) -> int:
    """Numbers and names in a text."""
    return len(list(values(normal(text)))) + len(_NAME.findall(text))


def vectors(texts: Sequence[str], encoder: TextEncoder | None) -> np.ndarray:
    """One L2-normalised row a text: by the encoder, else of its words weighed by rarity."""
    if encoder is not None:
        return encoder.texts(list(texts), query=False)
    words = [Counter(meaningful(text)) for text in texts]
    spread = Counter(word for text in words for word in text)
    places = {word: place for place, word in enumerate(spread)}
    made = np.zeros((len(texts), max(1, len(places))), np.float32)
    for row, text in enumerate(words):
        for word, count in text.items():
            rarity = math.log(1 + len(texts) / spread[word])
            made[row, places[word]] = (1 + math.log(count)) * rarity
    norms = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / np.maximum(norms, 1e-9), np.float32)


def _centrality(rows: np.ndarray) -> list[float]:
    """Cosine to the mean of all, in standard deviations."""
    if len(rows) < 3:
        return [0.0] * len(rows)
    near = rows @ rows.mean(axis=0)
    spread = float(near.std())
    if spread < 1e-6:
        return [0.0] * len(rows)
    return [float(value) for value in np.clip((near - near.mean()) / spread, -2, 2)]


def _emptiness(statement: Statement) -> float:
    if empty(statement):
        return 5.0
    return 0.5 if statement.text.rstrip('"”’').endswith(("?", "？")) else 0.0
