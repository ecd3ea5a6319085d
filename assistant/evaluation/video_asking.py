"""What is answered about talks: questions about what is there, and about what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from assistant.evaluation.video_scoring import told
from assistant.evaluation.video_talks import Made
from assistant.registry import Engines
from assistant.video.asking import ask
from assistant.video.understood import Understood

_NEAR_S: Final = 2.0
_FLAT_NO: Final = re.compile(r"\s*(?:no[,. ]|there (?:is|are) no\b|没有|不是|无)", re.IGNORECASE)


def asked(made: Made, understood: Understood, engines: Engines) -> Iterator[dict[str, Any]]:
    """A row for each question of a talk, each asked by itself.

    `absent`: `claim` is whether something was claimed, a flat no among it. `present`: `right`
    is whether the answer has the words, `in_time` whether it points at the part.
    """
    talk = made.talk
    for absent in talk.absent:
        answer = ask(understood, absent.ask, language=talk.language, engines=engines)
        claim = answer.found or bool(_FLAT_NO.match(answer.text))
        yield {"kind": "absent", "ask": absent.ask, "answer": answer.text, "claim": claim}
    for present in talk.present:
        answer = ask(understood, present.ask, language=talk.language, engines=engines)
        part = made.stretches[present.part - 1]
        yield {
            "kind": "present",
            "ask": present.ask,
            "answer": answer.text,
            "right": answer.found and told(answer.text, present.words, talk.language),
            "in_time": any(
                start <= part.end + _NEAR_S and end >= part.start - _NEAR_S
                for start, end in answer.evidence
            ),
        }
